/** Lines that go on while one looks: the same looks as `web/charts.py` draws. A table beside says it in figures. */
import { nice, shape, words } from "./svg";

const [HEIGHT, BOTTOM, TOP, RIGHT, LETTER] = [220, 28, 12, 10, 7];
const LOOKS = 6;

/** A line: one value for each label; null: there is none, and the line has a gap. */
export interface Course {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** What is drawn. Values are at least 0; `say` writes one as the reader reads it. */
export interface Lines {
  readonly title: string;
  readonly labels: readonly string[];
  readonly courses: readonly Course[];
  readonly say: (value: number) => string;
}

/** Draw lines into a place, in place of what was there: at most six courses; nothing without labels. */
export function drawLines(place: HTMLElement, chart: Lines): void {
  const courses = chart.courses.slice(0, LOOKS);
  const known = courses.flatMap((one) => one.values.filter((value) => value !== null));
  if (chart.labels.length === 0 || known.length === 0) {
    place.replaceChildren();
    return;
  }
  const width = Math.max(320, Math.round(place.clientWidth)) || 720;
  const most = nice(Math.max(...known));
  const left = LETTER * Math.max(chart.say(most).length, chart.say(most / 2).length) + 10;
  const slot = (width - left - RIGHT) / chart.labels.length;
  const x = (at: number): number => left + (at + 0.5) * slot;
  const y = (value: number): number => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart-svg", role: "img" });
  svg.setAttribute("aria-label", `${chart.title}: ${chart.say(Math.min(...known))} – ${chart.say(Math.max(...known))}`);
  for (const mark of [0, most / 2, most]) {
    svg.append(shape("line", { x1: left, x2: width, y1: y(mark), y2: y(mark), class: "chart-line" }));
    svg.append(words(chart.say(mark), left - 6, y(mark) + 4, "end"));
  }
  const every = Math.max(1, Math.ceil((LETTER * (Math.max(...chart.labels.map((one) => one.length)) + 2)) / slot));
  chart.labels.forEach((label, at) => {
    if (at % every === 0 && label !== chart.labels[at - every]) svg.append(words(label, x(at), HEIGHT - 8, "middle"));
  });
  courses.forEach((one, look) => {
    svg.append(shape("path", { class: `chart-course-${look + 1}`, d: path(one.values, x, y) }));
  });
  place.replaceChildren(svg, legend(courses));
}

function path(values: readonly (number | null)[], x: (at: number) => number, y: (value: number) => number): string {
  let drawn = "";
  values.forEach((value, at) => {
    if (value === null) return;
    const goesOn = at > 0 && values[at - 1] !== null;
    drawn += `${goesOn ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    if (!goesOn) drawn += "h0.1"; // one that stands alone is a point
  });
  return drawn;
}

function legend(courses: readonly Course[]): HTMLElement {
  const made = document.createElement("figcaption");
  made.className = "cluster";
  courses.forEach((one, look) => {
    const sign = shape("svg", { viewBox: "0 0 28 12", class: "chart-sign", "aria-hidden": "true" });
    sign.append(shape("path", { class: `chart-course-${look + 1}`, d: "M0 6H28" }));
    const key = document.createElement("span");
    key.className = "chart-key-of";
    key.append(sign, ` ${one.name}`);
    made.append(key);
  });
  return made;
}
