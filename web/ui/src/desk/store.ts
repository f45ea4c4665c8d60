/** The newest state that the service told, whoever brought it: the feed, or the answer to a request. */
import type { OwnState } from "./model";

/** Of two states, whether the second is newer. A service that was started anew begins to count anew. */
export function isNewer(known: OwnState, told: OwnState): boolean {
  return told.run !== known.run || told.number > known.number;
}

/** Dispatches "changed" after each state that is newer than the one before. */
export class Store extends EventTarget {
  #state: OwnState;
  #before: OwnState | undefined;

  constructor(state: OwnState) {
    super();
    this.#state = state;
  }

  get state(): OwnState {
    return this.#state;
  }

  /** The state before the newest one. */
  get before(): OwnState | undefined {
    return this.#before;
  }

  /** Take a state, unless a newer one is known. */
  accept(told: OwnState): void {
    if (!isNewer(this.#state, told)) return;
    this.#before = this.#state;
    this.#state = told;
    this.dispatchEvent(new Event("changed"));
  }
}
