/** The script of a call: ticks are shown at once, sent in order, and sent again until the service has them. */
import { ApiError, call } from "../common/api";
import { connection } from "../common/connection";
import htmx from "../common/htmx";
import { notice } from "../common/notices";
import { bringIntoSight } from "../common/sight";
import { say } from "../common/texts";

interface Tick {
  readonly callId: string;
  readonly body: { readonly script: string; readonly step: string; readonly done: boolean; readonly answer: string };
}

const AGAIN = 3_000; // milliseconds after a try in vain

/** Look after the scripts of this page, those that are loaded later too. Once per page. */
export function startScript(): void {
  const ticks = new Ticks();
  let focused = false; // the piece that is being replaced had the focus
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest<HTMLElement>("[data-script] [data-tick]");
    if (button !== null) ticks.press(button);
    const deed = event.target.closest<HTMLElement>("[data-request=hold], [data-request=unhold]");
    if (deed !== null) point(deed.dataset["request"] ?? "");
  });
  document.addEventListener("note:caller", (event) => {
    caller = (event as CustomEvent<{ callId: string; name: string }>).detail;
    fillCaller();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const piece = event.target instanceof Element ? event.target.closest("[data-script]") : null;
    focused = piece?.contains(document.activeElement) ?? false;
  });
  document.addEventListener("htmx:load", (event) => {
    fillCaller();
    const piece = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-script]") : null;
    if (piece === null) return;
    bringIntoSight(piece.querySelector<HTMLElement>("[aria-current=step]"));
    if (!focused) return;
    focused = false;
    // The button that was pressed may be gone: the next step is where the agent goes on.
    if (document.activeElement !== document.body) return;
    piece.querySelector<HTMLElement>("[aria-current=step] [data-tick]")?.focus();
  });
}

/** What is said with a deed ("hold", "unhold") in the call whose script is shown; empty: not known. */
export function phraseOf(deed: string): string {
  return document.querySelector(`[data-script] [data-deed-text="${CSS.escape(deed)}"]`)?.textContent ?? "";
}

let caller = { callId: "", name: "" };

/** Fill in the name that the caller gave, until the proof gives the registered one. */
function fillCaller(): void {
  for (const script of document.querySelectorAll<HTMLElement>("[data-script]")) {
    if (script.dataset["call"] !== caller.callId) continue;
    for (const blank of script.querySelectorAll<HTMLElement>("[data-blank=penelepon]")) {
      blank.dataset["registered"] ??= blank.textContent;
      const registered = blank.dataset["registered"];
      blank.textContent = registered !== "…" || caller.name === "" ? registered : caller.name;
    }
  }
}

/** Point at the step that goes with a deed. */
function point(deed: string): void {
  const step = document.querySelector<HTMLElement>(`[data-script] [data-deed="${CSS.escape(deed)}"]`);
  if (step === null) return;
  for (const other of step.parentElement?.children ?? []) other.removeAttribute("aria-current");
  step.setAttribute("aria-current", "step");
  bringIntoSight(step);
}

class Ticks {
  readonly #waiting: Tick[] = [];
  #sending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    connection.addEventListener("reached", () => void this.#send());
  }

  press(button: HTMLElement): void {
    const piece = button.closest<HTMLElement>("[data-script]");
    const step = button.closest<HTMLElement>("[data-step]");
    if (piece === null || step === null) return;
    const done = button instanceof HTMLInputElement ? button.checked : true;
    const body = {
      script: piece.dataset["script"] ?? "",
      step: step.dataset["step"] ?? "",
      done,
      answer: button.dataset["answer"] ?? "",
    };
    step.classList.toggle("done", done);
    this.#waiting.push({ callId: piece.dataset["call"] ?? "", body });
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#sending) return;
    clearTimeout(this.#timer);
    this.#sending = true;
    const told = new Set<string>();
    try {
      for (let tick = this.#waiting[0]; tick !== undefined; tick = this.#waiting[0]) {
        await this.#sendOne(tick);
        this.#waiting.shift();
        told.add(tick.callId);
      }
    } catch {
      this.#say(say("script.not_sent"));
      this.#timer = setTimeout(() => void this.#send(), AGAIN);
    } finally {
      this.#sending = false;
    }
    for (const piece of document.querySelectorAll<HTMLElement>("[data-script]")) {
      if (told.has(piece.dataset["call"] ?? "")) htmx.trigger(piece, "scriptstale");
    }
  }

  /** Throws NetworkLost, or ApiError of a service that will answer later. */
  async #sendOne(tick: Tick): Promise<void> {
    try {
      await call("POST", `/api/calls/${tick.callId}/script/ticks`, tick.body);
    } catch (error) {
      const final = error instanceof ApiError && error.status < 500 && error.status !== 429;
      if (!final) throw error;
      notice(error.message, "bad");
    }
  }

  #say(text: string): void {
    const status = document.querySelector<HTMLElement>("[data-script-status]");
    if (status !== null) status.textContent = text;
  }
}
