/**
 * The regions of the call: loaded when the call is another one, kept while it only changes its phase, so that
 * nothing typed is lost. What shows the taxpayer goes when the call is over; the note stays until the next one.
 */
import htmx from "../common/htmx";
import { byId } from "../common/page";
import { show } from "./elements";
import type { OwnCall } from "./model";
import type { Store } from "./store";

const WITH_THE_RING = ["card", "proof", "script"] as const;
const WITH_THE_TALK = ["recording", "note", "matters"] as const; // so that a call that is missed takes no note away
const BEFORE_THE_TALK = new Set(["offered", "joining"]);

/** Dispatches `desk:call` on the document when the call is another one: `{callId: string | null}`. */
export class Regions {
  #shown = ""; // the call whose card is there
  #written = ""; // the call whose note is there

  constructor(private readonly store: Store) {
    store.addEventListener("changed", () => this.follow());
  }

  follow(): void {
    const { call } = this.store.state;
    if (call === null) this.#clear();
    else this.#show(call);
    const { before, state } = this.store;
    const noteOver = before?.observed === "wrap_up" && state.observed !== "wrap_up";
    if (noteOver || (before?.call && state.call === null)) refreshFigures();
  }

  #show(call: OwnCall): void {
    const rang = call.call_id === this.#shown;
    if (!rang) {
      this.#shown = call.call_id;
      show("no-call", false);
      for (const region of WITH_THE_RING) load(region, call.call_id);
      tell(call.call_id);
    }
    const was = this.store.before?.call;
    if (was?.call_id === call.call_id && was.part === "third" && call.part === "own") this.#handedOver(call.call_id);
    if (call.call_id !== this.#written && !BEFORE_THE_TALK.has(call.phase)) {
      this.#written = call.call_id;
      for (const region of WITH_THE_TALK) load(region, call.call_id);
      if (rang) load("card", call.call_id); // how long the caller waited is known now
    }
  }

  /** A colleague left the call to this agent: what they proved and noted meanwhile is shown, unless one types. */
  #handedOver(callId: string): void {
    for (const region of [...WITH_THE_RING, ...WITH_THE_TALK]) {
      if (isUntouched(byId(region))) load(region, callId);
    }
  }

  #clear(): void {
    if (this.#shown === "") return;
    this.#shown = "";
    for (const region of WITH_THE_RING) byId(region).replaceChildren();
    show("no-call", true);
    tell(null);
  }
}

/** Whether nobody typed or chose anything there. */
function isUntouched(region: HTMLElement): boolean {
  if (region.contains(document.activeElement)) return false;
  const fields = region.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea");
  const same = [...fields].every((field) =>
    field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)
      ? field.checked === field.defaultChecked
      : field.value === field.defaultValue,
  );
  const options = [...region.querySelectorAll("option")].filter((option) => option.value !== "");
  return same && options.every((option) => option.selected === option.defaultSelected || noneChosen(option));
}

/** A list without a chosen option shows its first one. */
function noneChosen(option: HTMLOptionElement): boolean {
  const list = option.closest("select");
  return list !== null && list.selectedIndex <= 0 && ![...list.options].some((one) => one.defaultSelected);
}

function load(region: string, callId: string): void {
  const target = byId(region);
  target.dataset["call"] = callId;
  void htmx.ajax("get", `/api/calls/${callId}/${region}`, { target, swap: "innerHTML", source: target });
}

/** A piece that comes late for a call that is over is not shown. */
export function setUpLateness(store: Store): void {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, pathInfo } = (event as CustomEvent<{ target: HTMLElement; pathInfo: { requestPath: string } }>).detail;
    const region = target.id;
    if (!(WITH_THE_RING as readonly string[]).includes(region)) return;
    const callId = /^\/api\/calls\/([^/]+)\//.exec(pathInfo.requestPath)?.[1];
    if (callId !== undefined && callId !== store.state.call?.call_id) event.preventDefault();
  });
}

function tell(callId: string | null): void {
  document.dispatchEvent(new CustomEvent("desk:call", { detail: { callId } }));
}

/** The record has the phase that ended within milliseconds; the figures follow. */
function refreshFigures(): void {
  setTimeout(() => htmx.trigger(byId("figures"), "desk:figures"), 300);
}
