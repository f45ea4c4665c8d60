/** Shows and hides what the template has. */
import { byId } from "../common/page";
import { countFrom } from "../common/timers";

/** Put a text there, if it is another one: a live region is read aloud at every change. */
export function put(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/** Show an element, or hide it. */
export function show(id: string, shown: boolean): void {
  byId(id).hidden = !shown;
}

/** Let a timer count from here. */
export function count(id: string, seconds: number): void {
  countFrom(byId(id), seconds);
}

/** Show those buttons whose name is among the names, all others not. Who had the focus keeps a place near. */
export function showButtons(attribute: "request" | "act", names: ReadonlySet<string>): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>(`#desk [data-${attribute}]`)) {
    const shown = names.has(button.dataset[attribute] ?? "");
    if (button.hidden !== shown) continue;
    const focused = button === document.activeElement;
    button.hidden = !shown;
    if (focused && !shown) refocus(button);
  }
}

function refocus(gone: HTMLElement): void {
  const near = [...(gone.parentElement?.querySelectorAll<HTMLElement>("button, a") ?? [])];
  const first = near.find((one) => one.checkVisibility());
  if (first) first.focus();
  else byId("main").focus({ preventScroll: true });
}

/** Mark the buttons that wait, so that nobody presses them again; they stay reachable and keep the focus. */
export function showPending(name: string): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("#desk [data-request]")) {
    const waits = name !== "";
    if (waits) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
    button.toggleAttribute("aria-busy", false);
    if (waits && button.dataset["request"] === name) button.setAttribute("aria-busy", "true");
  }
}
