/** Figures as people read them, and the signs that say how they are to be seen: never colour alone. */
import { make } from "../common/page";
import { language, say } from "../common/texts";
import { countFrom } from "../common/timers";

const SIGNS: Readonly<Record<string, string>> = { warn: "!", alarm: "‼" };

/** A whole number. */
export function count(value: number): string {
  return value.toLocaleString(language() === "en" ? "en" : "id");
}

/** A share from 0 to 1. */
export function percent(share: number | null): string {
  if (share === null) return "–";
  const figure = (share * 100).toLocaleString(language() === "en" ? "en" : "id", { maximumFractionDigits: 1 });
  return `${figure} %`;
}

/** The hour in WIB: 16.05.30. */
export function wib(at: string, seconds = true): string {
  const form: Intl.DateTimeFormatOptions = seconds ? { timeStyle: "medium" } : { hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat("id", { ...form, timeZone: "Asia/Jakarta" }).format(new Date(at));
}

/** What staff call a queue; one that agents chose by skill and tier is `efin/B`. */
export function queueName(known: Readonly<Record<string, string>>, queue: string): string {
  const found = known[queue];
  if (found !== undefined) return found;
  const [base = "", tier] = queue.split("/");
  const name = `desk_subject.${base}`;
  const said = say(name);
  return `${said === name ? base : said}${tier === undefined ? "" : ` · ${tier}`}`;
}

/** A text is written only if it differs: what a reader has marked stays marked. */
export function write(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

/** Mark a place by how its value is to be seen, with a sign and a word for who does not see colours. */
export function mark(place: HTMLElement, level: string): void {
  if ((place.dataset["level"] ?? "") === level) return;
  place.dataset["level"] = level;
  place.querySelector(".wall-level")?.remove();
  const sign = SIGNS[level];
  if (sign === undefined) return;
  const shown = make("span", "wall-level");
  shown.append(make("span", "", sign, { "aria-hidden": "true" }), make("span", "hidden-text", say(`wall.level_${level}`)));
  place.append(shown);
}

/** A cell of a table that counts up from so many seconds; a dash for nothing. */
export function timerCell(seconds: number | null, level = ""): HTMLElement {
  const cell = make("td", "number");
  cell.append(seconds === null ? "–" : timer(seconds));
  mark(cell, level);
  return cell;
}

/** A cell of a table with a figure. */
export function cell(text: string, level = "", title = ""): HTMLElement {
  const made = make("td", "number", "", title ? { title } : {});
  made.append(make("span", "", text));
  mark(made, level);
  return made;
}

/** A time that counts up. */
export function timer(seconds: number): HTMLElement {
  const made = make("time", "timer");
  countFrom(made, seconds);
  return made;
}
