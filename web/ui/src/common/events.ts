/** Server-sent events with reconnection and a state that can be shown. */
import { toSignIn } from "./page";

export type FeedState = "connecting" | "open" | "lost" | "over";

export interface FeedOptions {
  readonly quiet?: number; // milliseconds without a sign of life after which the line is taken for dead; 30,000
  readonly least?: number; // milliseconds before the first try to reconnect; 500
  readonly most?: number; // milliseconds between tries at most; 8,000
}

type Ear = (data: unknown) => void;

/**
 * A feed of events whose data is JSON. Dispatches "changed" when `state` changes.
 * It reconnects by itself, a little later each time; a session that is over ends it ("over") and leads to
 * the sign-in page. The service sends an event `ping` (or any other) more often than `quiet`.
 */
export class Feed extends EventTarget {
  #source: EventSource | undefined;
  #state: FeedState = "over";
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  readonly #ears = new Map<string, Ear>();

  constructor(
    private readonly path: string,
    private readonly options: FeedOptions = {},
  ) {
    super();
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Call `ear` with the data of each event of this name. Before `start`. */
  on<T>(name: string, ear: (data: T) => void): this {
    this.#ears.set(name, ear as Ear);
    return this;
  }

  start(): void {
    if (this.#state !== "over") return;
    this.#open();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    this.#source?.close();
    this.#source = undefined;
    this.#become("over");
  }

  #open(): void {
    this.#become("connecting");
    const source = new EventSource(this.path);
    this.#source = source;
    source.addEventListener("open", () => {
      this.#tries = 0;
      this.#alive();
      this.#become("open");
    });
    source.addEventListener("error", () => void this.#failed());
    source.addEventListener("ping", () => this.#alive());
    for (const [name, ear] of this.#ears) {
      source.addEventListener(name, (event) => {
        this.#alive();
        ear(JSON.parse((event as MessageEvent<string>).data));
      });
    }
  }

  #alive(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => void this.#failed(), this.options.quiet ?? 30_000);
  }

  async #failed(): Promise<void> {
    clearTimeout(this.#watch);
    this.#source?.close();
    if (this.#state === "over" || this.#state === "lost") return;
    this.#become("lost");
    // EventSource hides the status: a HEAD-like question tells an ended session from a lost network.
    const status = await statusOf("/api/session");
    if ((this.#state as FeedState) !== "lost") return;
    if (status === 401) {
      this.stop();
      toSignIn();
      return;
    }
    const wait = Math.min((this.options.least ?? 500) * 2 ** this.#tries, this.options.most ?? 8_000);
    this.#tries += 1;
    this.#timer = setTimeout(() => this.#open(), wait * (0.75 + Math.random() / 2));
  }

  #become(state: FeedState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new Event("changed"));
  }
}

async function statusOf(path: string): Promise<number> {
  try {
    const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(5_000) });
    return answer.status;
  } catch {
    return 0;
  }
}
