/** What the buttons of the page do. */
import { byId } from "../common/page";
import { open } from "../common/dialogs";
import type { Asking } from "./asking";
import type { DeskPhone } from "./phone";
import type { Store } from "./store";
import type { TargetDialog } from "./targets";

export interface Parts {
  readonly store: Store;
  readonly asking: Asking;
  readonly phone: DeskPhone;
  readonly targets: TargetDialog;
}

/** Listen to the buttons. */
export function setUpClicks(parts: Parts): void {
  const acts = actsOf(parts);
  byId("desk").addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
    if (button === null || button.getAttribute("aria-disabled") === "true") return;
    const { request, act } = button.dataset;
    if (request !== undefined) void parts.asking.request({ request });
    if (act !== undefined) acts.get(act)?.();
  });
  setUpPauses(parts);
  setUpKeypad(parts);
  parts.store.addEventListener("changed", () => closeDialogs(parts));
}

function actsOf({ phone, targets }: Parts): ReadonlyMap<string, () => void> {
  return new Map<string, () => void>([
    ["start", () => void phone.start()],
    ["start-desk-phone", () => void phone.useDeskPhone()],
    ["browser-phone", () => void phone.useThisPage()],
    ["take-over", () => void phone.start(true)],
    ["phone-again", () => void phone.start()],
    ["answer", () => phone.softphone?.answer()],
    ["mute", () => phone.softphone?.setMuted(!phone.news.muted)],
    ["keypad", () => open("keypad-dialog")],
    ["hang-up", () => phone.softphone?.hangUp()],
    ["test-call", () => phone.softphone?.testCall()],
    ["test-end", () => phone.softphone?.hangUp()],
    ["pause", () => open("pause-dialog")],
    ["transfer", () => void targets.open("transfer")],
    ["consult", () => void targets.open("consult")],
  ]);
}

function setUpPauses({ asking }: Parts): void {
  const dialog = byId<HTMLDialogElement>("pause-dialog");
  dialog.addEventListener("click", (event) => {
    const chosen = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-pause]") : null;
    if (chosen === null) return;
    dialog.close();
    void asking.request({ request: "pause", reason: chosen.dataset["pause"] ?? "" });
  });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = [...dialog.querySelectorAll<HTMLElement>("[data-pause]")];
    const here = all.indexOf(document.activeElement as HTMLElement);
    all[(here + step + all.length) % all.length]?.focus();
  });
}

function setUpKeypad({ phone }: Parts): void {
  const dialog = byId<HTMLDialogElement>("keypad-dialog");
  dialog.addEventListener("click", (event) => {
    const key = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-key]") : null;
    if (key !== null) phone.softphone?.press(key.dataset["key"] ?? "");
  });
  dialog.addEventListener("keydown", (event) => {
    if (!/^[0-9*#]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    phone.softphone?.press(event.key);
  });
}

/** A dialog about a call that is over asks for what cannot be granted. */
function closeDialogs({ store, targets }: Parts): void {
  const phase = store.state.call?.phase;
  if (phase !== "talking" && phase !== "holding") targets.close();
  if (store.state.call === null) byId<HTMLDialogElement>("keypad-dialog").close();
}
