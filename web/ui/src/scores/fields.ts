/** What stands in the form of a score. */
import { make } from "../common/page";
import { asPlace } from "../common/player";
import { say } from "../common/texts";
import type { Answer, Content, Given } from "./model";

/** The items of a form, top to bottom. */
export function itemsOf(form: HTMLFormElement): HTMLElement[] {
  return [...form.querySelectorAll<HTMLElement>("[data-item]")];
}

/** The item that an element belongs to. */
export function itemAt(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-item]") : null;
}

/** What stands in the form. */
export function read(form: HTMLFormElement): Content {
  const answers: Record<string, Given> = {};
  for (const item of itemsOf(form)) {
    const given = readItem(item);
    if (given.answer !== "" || given.note !== "" || given.at_ms !== null) answers[item.dataset["item"] ?? ""] = given;
  }
  const facts: Record<string, string> = {};
  for (const input of form.querySelectorAll<HTMLSelectElement>("[data-fact]")) {
    if (input.value !== "") facts[input.dataset["fact"] ?? ""] = input.value;
  }
  return { answers, facts, summary: form.querySelector<HTMLTextAreaElement>("[data-summary]")?.value ?? "" };
}

/** Put a content into the form. */
export function fill(form: HTMLFormElement, content: Content): void {
  for (const item of itemsOf(form)) {
    const given = content.answers[item.dataset["item"] ?? ""];
    for (const radio of radios(item)) radio.checked = radio.value === given?.answer;
    const note = noteOf(item);
    if (note !== null) note.value = given?.note ?? "";
    item.querySelector<HTMLDetailsElement>("details")?.toggleAttribute("open", (given?.note ?? "") !== "");
    place(item, given?.at_ms ?? null);
  }
  for (const input of form.querySelectorAll<HTMLSelectElement>("[data-fact]")) {
    input.value = content.facts[input.dataset["fact"] ?? ""] ?? "";
  }
  const summary = form.querySelector<HTMLTextAreaElement>("[data-summary]");
  if (summary !== null) summary.value = content.summary;
}

/** Answer an item. False: this item has no such answer. */
export function answer(item: HTMLElement, value: Answer): boolean {
  const radio = radios(item).find((one) => one.value === value);
  if (radio === undefined) return false;
  radio.checked = true;
  return true;
}

/** Put an item at a place of the recording; null: at none. */
export function place(item: HTMLElement, ms: number | null): void {
  if (ms === null) delete item.dataset["atMs"];
  else item.dataset["atMs"] = String(ms);
  const button = item.querySelector<HTMLElement>("[data-place]");
  const drop = item.querySelector<HTMLElement>("[data-place-drop]");
  if (button === null || drop === null) return;
  button.hidden = drop.hidden = ms === null;
  if (ms === null) return;
  button.dataset["seek"] = String(ms);
  button.textContent = `▶ ${asPlace(ms)}`;
  button.setAttribute("aria-label", say("scores.hear_at", { time: asPlace(ms) }));
}

/** The input of an item's note. */
export function noteOf(item: HTMLElement): HTMLTextAreaElement | null {
  return item.querySelector<HTMLTextAreaElement>("[data-note-text]");
}

/** Bring an item into sight, ready for keys. */
export function goTo(item: HTMLElement | undefined): void {
  if (item === undefined) return;
  const all = radios(item);
  const goal = all.find((one) => one.checked) ?? all[0];
  goal?.focus({ preventScroll: true });
  item.scrollIntoView({ block: "center" }); // above and below something stands still: the player, the total
}

/** A content to be read and compared: how much of it is there. */
export function asText(content: Content): HTMLElement {
  const shown = make("div", "stack");
  const answered = Object.values(content.answers).filter((given) => given.answer !== "");
  shown.append(make("p", "", say("scores.answered", { count: answered.length })));
  if (content.summary.trim() !== "") shown.append(make("p", "", content.summary));
  return shown;
}

function readItem(item: HTMLElement): Given {
  const chosen = radios(item).find((one) => one.checked)?.value ?? "";
  const at = item.dataset["atMs"];
  return {
    answer: chosen as Answer | "",
    note: noteOf(item)?.value ?? "",
    at_ms: at === undefined || at === "" ? null : Number(at),
  };
}

function radios(item: HTMLElement): HTMLInputElement[] {
  return [...item.querySelectorAll<HTMLInputElement>("input[type=radio]")];
}
