/** Asks the service for something, once: until the answer, or for 5 s, nothing else is asked. */
import { ApiError, NetworkLost, call } from "../common/api";
import { notice } from "../common/notices";
import type { OwnState } from "./model";
import type { Store } from "./store";

const LONGEST = 5_000; // milliseconds

export interface Wish {
  readonly request: string;
  readonly reason?: string;
  readonly target?: string;
}

/** Dispatches "changed" when it begins and ends to wait for an answer. */
export class Asking extends EventTarget {
  #pending = "";
  #release: ReturnType<typeof setTimeout> | undefined;
  #serial = 0;

  constructor(private readonly store: Store) {
    super();
  }

  /** The request that waits for its answer; empty: none. */
  get pending(): string {
    return this.#pending;
  }

  /** Ask the floor. Returns whether it was granted; why not is told, unless `quiet`. */
  request(wish: Wish, quiet = false): Promise<boolean> {
    return this.#ask(wish.request, () => call<OwnState>("POST", "/api/desk/requests", wish), quiet);
  }

  /** Begin work with a phone. */
  signIn(account: string): Promise<boolean> {
    return this.#ask("sign_in", () => call<OwnState>("PUT", "/api/desk/sign-in", { account }), true);
  }

  /** Why the last request was not granted. */
  refusal = "";

  async #ask(name: string, send: () => Promise<OwnState>, quiet: boolean): Promise<boolean> {
    if (this.#pending !== "") return false;
    const serial = ++this.#serial;
    this.#wait(name);
    this.#release = setTimeout(() => this.#over(serial), LONGEST);
    this.refusal = "";
    try {
      this.store.accept(await send());
      return true;
    } catch (error) {
      this.refusal = wordsOf(error);
      if (!quiet) notice(this.refusal, "bad");
      return false;
    } finally {
      this.#over(serial);
    }
  }

  #over(serial: number): void {
    if (serial !== this.#serial) return;
    clearTimeout(this.#release);
    this.#wait("");
  }

  #wait(name: string): void {
    if (name === this.#pending) return;
    this.#pending = name;
    this.dispatchEvent(new Event("changed"));
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof ApiError) {
    const body = error.body as { text?: unknown } | undefined;
    return typeof body?.text === "string" ? body.text : error.message;
  }
  if (error instanceof NetworkLost) return error.message;
  throw error;
}
