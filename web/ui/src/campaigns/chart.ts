/** Bars by hour as SVG: dialled, of them answered, of them abandoned. The table below says the same in figures. */
import { nice, shape, words } from "../charts/svg";
import { say } from "../common/texts";
import type { Hour } from "./look";

const [WIDTH, HEIGHT, BOTTOM, TOP, LEFT] = [720, 220, 28, 12, 44];
const SERIES = ["dialled", "answered", "abandoned"] as const;
const LEAST_HOURS = 8; // a day's hours stand in their places from its beginning

/** Draw the hours of a day; nothing while there are none. */
export function drawChart(place: HTMLElement, hours: readonly Hour[]): void {
  if (hours.length === 0) {
    place.replaceChildren();
    return;
  }
  const first = Math.min(...hours.map((one) => one.hour));
  const last = Math.max(...hours.map((one) => one.hour), first + LEAST_HOURS - 1);
  const most = nice(Math.max(1, ...hours.map((one) => one.dialled)));
  const slot = (WIDTH - LEFT) / (last - first + 1);
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart-svg", role: "presentation" });
  for (const mark of [0, most / 2, most]) svg.append(...line(height(mark, most), mark));
  for (let hour = first; hour <= last; hour += 1) {
    const x = LEFT + (hour - first) * slot;
    svg.append(words(`${hour}`, x + slot / 2, HEIGHT - 8, "middle"));
    const found = hours.find((one) => one.hour === hour);
    if (found === undefined) continue;
    SERIES.forEach((name, at) => {
      const top = height(found[name], most);
      const width = slot * (0.72 - at * 0.2);
      const bar = { x: x + (slot - width) / 2, y: top, width, height: HEIGHT - BOTTOM - top, class: `bar bar-${name}` };
      svg.append(shape("rect", bar));
    });
  }
  place.replaceChildren(svg, legend());
}

function height(value: number, most: number): number {
  return HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
}

function line(y: number, mark: number): SVGElement[] {
  const drawn = shape("line", { x1: LEFT, x2: WIDTH, y1: y, y2: y, class: "chart-line" });
  return [drawn, words(String(mark), LEFT - 6, y + 4, "end")];
}

function legend(): HTMLElement {
  const made = document.createElement("figcaption");
  made.className = "cluster";
  for (const name of SERIES) {
    const one = document.createElement("span");
    one.className = `chart-key key-${name}`;
    one.textContent = say(`campaigns.chart_${name}`);
    made.append(one);
  }
  return made;
}
