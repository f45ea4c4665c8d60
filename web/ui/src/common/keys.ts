/**
 * Shortcuts. An element declares its own: `aria-keyshortcuts="Alt+N"` presses a button or link, or takes the focus
 * to an input. Code registers others. `?` shows all that are there at the moment.
 */
import { byId, isWriting, make } from "./page";
import { say } from "./texts";

export interface Shortcut {
  readonly key: string; // as in aria-keyshortcuts: "F2", "Alt+N", "Escape", "?"
  readonly text: string; // what it does, for the overlay
  readonly run: () => void;
}

const registered = new Map<string, Shortcut>();

/** Add a shortcut; returns what takes it away. A key that is taken is replaced. */
export function shortcut(key: string, text: string, run: () => void): () => void {
  const added = { key, text, run };
  registered.set(key, added);
  return () => {
    if (registered.get(key) === added) registered.delete(key);
  };
}

/** The name of what was pressed: modifiers in the order Control, Alt, Shift, Meta. */
export function nameOf(event: KeyboardEvent): string {
  // With Alt a layout may write another sign (ñ, €): the place of the key counts there.
  const place = /^Key([A-Z])$|^Digit(\d)$/.exec(event.code);
  const byPlace = event.altKey || event.ctrlKey ? (place?.[1] ?? place?.[2]) : undefined;
  const key = byPlace ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const sign = event.key.length === 1 && byPlace === undefined;
  const parts = [
    event.ctrlKey ? "Control" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey && !sign ? "Shift" : "",
    event.metaKey ? "Meta" : "",
    key === " " ? "Space" : key,
  ];
  return parts.filter((part) => part !== "").join("+");
}

/** Listen to the keyboard. */
export function setUpKeys(): void {
  shortcut("?", say("common.keys_help"), showKeys);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const name = nameOf(event);
    const single = !/^(Control|Alt|Meta)\+/.test(name) && !/^(Shift\+)?F\d+$/.test(name);
    if (single && isWriting(event.target)) return;
    const inDialog = document.querySelector("dialog:modal");
    const element = declared(inDialog ?? document).get(name);
    const known = inDialog === null ? registered.get(name) : undefined;
    if (element === undefined && known === undefined) return;
    event.preventDefault();
    if (element !== undefined) press(element);
    else known?.run();
  });
}

function declared(within: ParentNode): Map<string, HTMLElement> {
  const found = new Map<string, HTMLElement>();
  for (const element of within.querySelectorAll<HTMLElement>("[aria-keyshortcuts]")) {
    if (!element.checkVisibility() || element.matches(":disabled")) continue;
    for (const name of (element.getAttribute("aria-keyshortcuts") ?? "").split(" ")) {
      if (name !== "" && !found.has(name)) found.set(name, element);
    }
  }
  return found;
}

function press(element: HTMLElement): void {
  if (element.matches("button, a, summary, [role=tab], input[type=checkbox], input[type=radio]")) element.click();
  else element.focus();
}

function showKeys(): void {
  const list = make("dl", "keys-list");
  const lines = [...declared(document)].map(([key, element]): [string, string] => [key, wordsOf(element)]);
  for (const { key, text } of registered.values()) lines.push([key, text]);
  for (const [key, text] of lines) {
    const term = make("dt");
    key.split("+").forEach((part, place) => {
      if (place > 0) term.append("+");
      term.append(make("kbd", "kbd", part === "Control" ? "Ctrl" : part));
    });
    list.append(term, make("dd", "", text));
  }
  const dialog = byId<HTMLDialogElement>("keys");
  dialog.querySelector("[data-keys-list]")?.replaceChildren(list);
  if (!dialog.open) dialog.showModal();
}

function wordsOf(element: HTMLElement): string {
  const labels = (element as HTMLInputElement).labels;
  const copy = (labels?.[0] ?? element).cloneNode(true) as HTMLElement;
  for (const sign of copy.querySelectorAll("kbd, [aria-hidden=true]")) sign.remove();
  return element.dataset["keyText"] ?? element.getAttribute("aria-label") ?? copy.textContent.trim();
}
