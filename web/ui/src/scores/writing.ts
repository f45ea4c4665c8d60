/**
 * A score that is being given. It lives on when its form leaves the page, until everything is with the service.
 * Dispatches "changed".
 */
import { ApiError, call, NetworkLost } from "../common/api";
import { connection } from "../common/connection";
import type { Safe } from "../note/safe";
import { answeredOf, contentOf, isConflict, loose, same, whole, type Conflict, type Content, type Draft, type Place } from "./model";

export type Status = "" | "typing" | "sending" | "kept" | "waiting" | "finishing" | "refused";

const PAUSE = 1_000; // milliseconds after the last change
const AGAIN = 3_000; // milliseconds after a try in vain

/** What the safe holds. */
interface Kept {
  readonly content: Content;
  readonly count: number;
}

export class ScoreWriting extends EventTarget {
  status: Status = "";
  keptAt: Date | undefined;
  conflict: Conflict | undefined;
  trouble = ""; // why the service refused, for people
  finished = false; // final, or thrown away
  #unsent = false;
  #sending: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly place: Place,
    public content: Content,
    readonly scoreId: string, // the same for this reviewer in every tab
    public count: number, // of the draft; 0: none yet
    private readonly safe: Safe,
  ) {
    super();
    connection.addEventListener("reached", this.#reached);
  }

  /** Whether something was filled in that the service does not have yet. */
  get unsent(): boolean {
    return this.#unsent;
  }

  /** Take what was filled in. */
  edit(content: Content): void {
    if (this.finished) return;
    this.content = content;
    this.#unsent = true;
    this.#keepHere();
    if (this.status !== "waiting") this.#become("typing");
    this.#later(this.status === "waiting" ? AGAIN : PAUSE);
  }

  /** Bring back what an earlier page of this tab could not send; false: there is nothing. */
  async restore(): Promise<boolean> {
    const kept = await this.safe.get<Kept>(this.scoreId);
    if (kept === undefined || this.#unsent || this.finished) return false;
    if (whole(kept.content) === whole(this.content)) {
      this.safe.drop(this.scoreId);
      return false;
    }
    this.content = kept.content;
    this.count = kept.count;
    this.#unsent = true;
    void this.flush();
    return true;
  }

  /** Send what is not sent yet. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    if (!this.#unsent || this.finished || this.conflict !== undefined || this.status === "finishing") return;
    this.#sending = this.#send();
    await this.#sending;
    this.#sending = undefined;
  }

  /** Make the score final, once; tried again until the service answers. Throws ApiError: refused. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    this.#become("finishing");
    for (;;) {
      try {
        await call("POST", `/api/scores/${this.scoreId}/finish`, this.#body());
        this.#end();
        return;
      } catch (error) {
        if (error instanceof NetworkLost || (error instanceof ApiError && error.status >= 500)) {
          this.#keepHere();
          this.#become("waiting");
          await new Promise((resolve) => setTimeout(resolve, AGAIN));
          continue;
        }
        this.#unsent = true;
        this.#become("typing");
        this.#later(PAUSE);
        throw error;
      }
    }
  }

  /** Throw the draft away. Throws ApiError, NetworkLost. */
  async drop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    await call("DELETE", `/api/scores/${this.scoreId}/draft`);
    this.#end();
  }

  /** After a conflict: go on with what is on this page. */
  keepMine(): void {
    const current = this.conflict?.current ?? null;
    this.conflict = undefined;
    if (current !== null) this.count = current.count;
    this.#unsent = true;
    void this.flush();
  }

  /** After a conflict: take what is kept. False: there is none any more. */
  takeTheirs(): boolean {
    const current = this.conflict?.current ?? null;
    this.conflict = undefined;
    this.#unsent = false;
    this.safe.drop(this.scoreId);
    if (current === null) {
      this.#end();
      return false;
    }
    this.content = contentOf(current);
    this.count = current.count;
    this.#become("kept");
    return true;
  }

  async #send(): Promise<void> {
    this.#unsent = false;
    this.#become("sending");
    try {
      const draft = await call<Draft>("PUT", `/api/scores/${this.scoreId}/draft`, this.#body());
      this.count = draft.count;
      this.keptAt = new Date(draft.at);
      this.trouble = "";
      if (this.#unsent || loose(this.content)) this.#keepHere();
      else this.safe.drop(this.scoreId);
      this.#become(this.#unsent ? "typing" : "kept");
      if (this.#unsent) this.#later(PAUSE);
    } catch (error) {
      this.#unsent = true;
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof ApiError && error.status === 409 && isConflict(error.body)) {
      this.#meet(error.body);
    } else if (error instanceof ApiError && error.status < 500 && error.status !== 429) {
      this.trouble = error.fields[0]?.problem ?? error.message;
      this.#become("refused");
    } else {
      this.#become("waiting");
      this.#later(AGAIN);
    }
  }

  /** Another tab wrote in between. What it kept may be just this: an answer of the service that got lost. */
  #meet(conflict: Conflict): void {
    const { current } = conflict;
    if (current !== null && same(current, this.content)) {
      this.count = current.count;
      this.#unsent = false;
      this.safe.drop(this.scoreId);
      this.#become("kept");
      return;
    }
    this.conflict = conflict;
    this.#become("typing");
  }

  #body(): object {
    return { ...this.place, ...this.content, answers: answeredOf(this.content), count: this.count };
  }

  #end(): void {
    this.finished = true;
    this.#unsent = false;
    clearTimeout(this.#timer);
    connection.removeEventListener("reached", this.#reached);
    this.safe.drop(this.scoreId);
    this.#become("");
  }

  #keepHere(): void {
    this.safe.put(this.scoreId, { content: this.content, count: this.count } satisfies Kept);
  }

  #later(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), wait);
  }

  readonly #reached = (): void => void this.flush();

  #become(status: Status): void {
    this.status = status;
    this.dispatchEvent(new Event("changed"));
  }
}
