/** Shapes of SVG. Their looks are classes of `css/charts.css`; nothing is inline. */
const NS = "http://www.w3.org/2000/svg";

/** Return an element with its attributes. */
export function shape(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** Return a text; `anchor` is start, middle or end. */
export function words(text: string, x: number, y: number, anchor: string): SVGElement {
  const made = shape("text", { x, y, "text-anchor": anchor, class: "chart-text" });
  made.textContent = text;
  return made;
}

/** The next figure that is read easily: 1, 2 or 5 and noughts; at least 2. */
export function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const step = [1, 2, 5, 10].find((one) => one * power >= value) ?? 10;
  return Math.max(2, step * power);
}
