/** The dialog of transfer and consultation: search, choose with the arrows, Enter. Recent ones come first. */
import { call } from "../common/api";
import { byId, make } from "../common/page";
import { say } from "../common/texts";
import type { Asking } from "./asking";
import type { TransferTarget } from "./model";
import { fitting, remembered, type Remembered } from "./target_search";

const KEPT = "kring.desk.targets"; // in this tab only: targets used lately, the newest first
const MOST_RECENT = 5;

type Use = "transfer" | "consult";

export class TargetDialog {
  readonly #dialog = byId<HTMLDialogElement>("target-dialog");
  readonly #search = byId<HTMLInputElement>("target-search");
  readonly #list = byId("target-list");
  #use: Use = "transfer";
  #all: readonly TransferTarget[] = [];
  #shown: readonly TransferTarget[] = [];
  #chosen = 0;

  constructor(private readonly asking: Asking) {
    this.#search.addEventListener("input", () => this.#filter());
    this.#search.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("click", (event) => this.#clicked(event));
    byId("target-go").addEventListener("click", () => void this.#go());
    this.#dialog.addEventListener("close", () => byId("target-error").replaceChildren());
  }

  /** Open the dialog; what is free is asked anew each time. */
  async open(use: Use): Promise<void> {
    this.#use = use;
    byId("target-title").textContent = say(`desk.${use}_title`);
    byId("target-go").textContent = say(`desk.${use}`);
    this.#search.value = "";
    this.#fault("");
    this.#all = [];
    this.#filter();
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#search.focus();
    byId("target-none").textContent = say("desk.targets_loading");
    try {
      this.#all = (await call<{ targets: TransferTarget[] }>("GET", "/api/desk/targets")).targets;
    } catch (error) {
      this.#fault(error instanceof Error ? error.message : "");
    }
    byId("target-none").textContent = say("desk.no_targets");
    this.#filter();
  }

  /** Close it, e.g. because the call is over. */
  close(): void {
    this.#dialog.close();
  }

  #filter(): void {
    this.#shown = fitting(this.#all, this.#search.value, recent());
    this.#chosen = 0;
    const used = new Set(recent().map((one) => one.target));
    this.#list.replaceChildren(...this.#shown.map((target, place) => row(target, place, used.has(target.target))));
    byId("target-none").hidden = this.#shown.length > 0;
    this.#mark();
  }

  #key(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      this.#chosen = Math.min(Math.max(this.#chosen + step, 0), Math.max(this.#shown.length - 1, 0));
      this.#mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      void this.#go();
    }
  }

  #clicked(event: MouseEvent): void {
    const clicked = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
    if (clicked === null) return;
    this.#chosen = Number(clicked.dataset["place"]);
    this.#mark();
    this.#search.focus();
    if (event.detail === 2) void this.#go();
  }

  #mark(): void {
    let marked = "";
    for (const option of this.#list.querySelectorAll<HTMLElement>("[role=option]")) {
      const is = Number(option.dataset["place"]) === this.#chosen;
      option.setAttribute("aria-selected", String(is));
      if (!is) continue;
      marked = option.id;
      option.scrollIntoView({ block: "nearest" });
    }
    this.#search.setAttribute("aria-activedescendant", marked);
    this.#search.setAttribute("aria-expanded", String(marked !== ""));
  }

  async #go(): Promise<void> {
    const target = this.#shown[this.#chosen];
    if (target === undefined || this.asking.pending !== "") return;
    if (target.kind === "colleague" && target.free === 0) {
      this.#fault(say("desk.not_free_now"));
      return;
    }
    const go = byId("target-go");
    go.setAttribute("aria-disabled", "true");
    const granted = await this.asking.request({ request: this.#use, target: target.target }, true);
    go.removeAttribute("aria-disabled");
    if (granted) {
      keep(remembered(recent(), target, MOST_RECENT));
      this.#dialog.close();
    } else {
      this.#fault(this.asking.refusal);
    }
  }

  #fault(text: string): void {
    byId("target-error").textContent = text;
    byId("target-error").hidden = text === "";
  }
}

function row(target: TransferTarget, place: number, recently: boolean): HTMLElement {
  const free = target.free > 0;
  const attributes = { role: "option", id: `target-${place}`, "data-place": String(place), "aria-selected": "false" };
  const found = make("li", "row option", "", attributes);
  const what = make("span", "cluster");
  what.append(make("strong", "", target.label), make("span", "muted", target.detail));
  if (recently) what.append(make("span", "tag", say("desk.recent")));
  const count = free ? say("desk.free_count", { count: target.free }) : say("desk.none_free");
  found.append(what);
  if (target.kind !== "queue") found.append(make("span", free ? "tag tag-good" : "tag", count));
  return found;
}

function recent(): Remembered[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(kept) ? (kept as Remembered[]).filter((one) => typeof one?.target === "string") : [];
  } catch {
    return [];
  }
}

function keep(used: readonly Remembered[]): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(used));
  } catch {
    return; // a browser that keeps nothing
  }
}
