/**
 * The agent's outbound work: the panel between calls, the contact and the disposition beside a call. The pieces are
 * loaded when the service says that they changed; nothing typed in a disposition is lost while its call lasts.
 */
import htmx from "../common/htmx";
import { byId } from "../common/page";
import type { Feed } from "../common/events";
import type { Store } from "../desk/store";
import { setUpDispositions } from "./disposition";

const PANEL = "outbound";
const FORM = "disposition";
const LOOKS_EVERY = 30_000; // milliseconds: a campaign that began, a promise that is due, a contact that may be called

/** Follow the agent's state and the feed, where there is outbound work. Before the feed is started. */
export function setUpOutbound(store: Store, feed: Feed): void {
  if (document.getElementById(PANEL) === null) return;
  const work = new OutboundWork(store);
  feed.on("outbound", () => work.news());
  store.addEventListener("changed", () => work.follow());
  document.addEventListener("htmx:afterSwap", (event) => tidy(event.target));
  setUpDispositions();
  setInterval(() => work.look(), LOOKS_EVERY);
  work.follow();
}

class OutboundWork {
  #shown: string | undefined; // what the pieces were loaded for

  constructor(private readonly store: Store) {}

  /** Load what the agent's state asks for, once for each state. */
  follow(): void {
    const { call, declared, observed } = this.store.state;
    const wanted = call === null ? `${declared} ${observed}` : call.call_id;
    if (wanted === this.#shown) return;
    const before = this.#shown;
    this.#shown = wanted;
    if (call === null) this.#between(before);
    else this.#beside(call.call_id);
  }

  /** Something of the outbound work changed. */
  news(): void {
    if (this.store.state.call === null) load(PANEL, "/api/outbound");
  }

  /** Look whether there is something to do, for who is ready and has nothing before them. */
  look(): void {
    const { call, declared, observed } = this.store.state;
    const free = call === null && declared === "ready" && observed === "idle";
    if (free && byId(PANEL).querySelector("[data-preview], dialog[open]") === null) this.news();
  }

  #between(before: string | undefined): void {
    load(PANEL, "/api/outbound");
    // The form of a call that is over; one that was opened for an earlier call stays.
    if (before !== undefined && byId(FORM).querySelector(`[data-call="${CSS.escape(before)}"]`)) empty(FORM);
  }

  #beside(callId: string): void {
    empty(FORM);
    load(PANEL, `/api/calls/${callId}/outbound`);
    load(FORM, `/api/calls/${callId}/disposition`);
  }
}

function load(region: string, path: string): void {
  const target = byId(region);
  void htmx.ajax("get", path, { target, swap: "innerHTML", source: target });
}

function empty(region: string): void {
  byId(region).replaceChildren();
}

/** A region without anything in it is not there at all. */
function tidy(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement) || (target.id !== PANEL && target.id !== FORM)) return;
  if (target.childElementCount === 0) target.replaceChildren();
}
