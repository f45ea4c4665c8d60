/**
 * A note that is being written. It lives on when its form leaves the page, until everything is with the service.
 * Dispatches "changed".
 */
import { ApiError, call, NetworkLost } from "../common/api";
import { connection } from "../common/connection";
import { contentOf, freshId, same, type Conflict, type Content, type Draft, type Note, type Place } from "./model";
import type { Safe } from "./safe";

export type Status = "" | "typing" | "sending" | "kept" | "waiting" | "saving" | "refused";

const PAUSE = 1_000; // milliseconds after the last key
const AGAIN = 3_000; // milliseconds after a try in vain

/** What the safe holds. */
interface Kept {
  readonly content: Content;
  readonly version: number;
  readonly noteId: string;
}

export class Writing extends EventTarget {
  status: Status = "";
  keptAt: Date | undefined;
  conflict: Conflict | undefined;
  trouble = ""; // why the service refused, for people
  finished = false; // saved or thrown away
  #unsent = false;
  #sending: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly place: Place,
    public content: Content,
    public noteId: string,
    public version: number, // of the draft; 0: none yet
    public noteVersion: number, // of the note that is corrected
    private readonly safe: Safe,
  ) {
    super();
    connection.addEventListener("reached", this.#reached);
  }

  get name(): string {
    return `${this.place.callId}:${this.place.slot}`;
  }

  /** Whether something was typed that the service does not have yet. */
  get unsent(): boolean {
    return this.#unsent;
  }

  /** Take what was typed. */
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
    const kept = await this.safe.get<Kept>(this.name);
    if (kept === undefined || this.#unsent || this.finished) return false;
    if (same(kept.content, this.content)) {
      this.safe.drop(this.name);
      return false;
    }
    this.content = kept.content;
    this.version = kept.version;
    this.noteId = kept.noteId;
    this.#unsent = true;
    void this.flush();
    return true;
  }

  /** Send what is not sent yet. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    if (!this.#unsent || this.finished || this.conflict !== undefined || this.status === "saving") return;
    this.#sending = this.#send();
    await this.#sending;
    this.#sending = undefined;
  }

  /** Save the note; tried again until the service answers. Throws ApiError: refused. */
  async save(): Promise<Note | undefined> {
    clearTimeout(this.#timer);
    await this.#sending;
    this.#become("saving");
    for (;;) {
      try {
        const note = await this.#saveOnce();
        this.#end();
        return note;
      } catch (error) {
        if (error instanceof NetworkLost || (error instanceof ApiError && error.status >= 500)) {
          this.#keepHere();
          this.#become("waiting");
          await new Promise((resolve) => setTimeout(resolve, AGAIN));
          continue;
        }
        this.#unsent = true;
        this.#become("typing");
        if (error instanceof ApiError && error.status === 409) {
          this.#meet(error.body as Conflict);
          return undefined;
        }
        this.#later(PAUSE);
        throw error;
      }
    }
  }

  /** Throw the draft away. */
  async drop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    if (this.version > 0) {
      const body = { slot: this.place.slot, version: this.version };
      try {
        await call("DELETE", this.#path(), body);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 409) throw error;
        this.#meet(error.body as Conflict);
        return;
      }
    }
    this.#end();
  }

  /** After a conflict: go on with what is on this page. */
  keepMine(): void {
    const { current, saved } = this.conflict ?? { current: null, saved: null };
    if (current !== null) {
      this.noteId = current.note_id;
      this.version = current.version;
    } else {
      this.version = 0;
      if (saved !== null) this.noteVersion = saved.version;
    }
    this.#goOn();
  }

  /** After a conflict: keep what is on this page as a note of its own. */
  asFurther(): void {
    this.noteId = freshId();
    this.version = 0;
    this.#goOn();
  }

  /** After a conflict: take what is kept. True: it is a draft that goes on; false: there is nothing to write. */
  takeTheirs(): boolean {
    const current = this.conflict?.current ?? null;
    this.conflict = undefined;
    this.#unsent = false;
    this.safe.drop(this.name);
    if (current === null) {
      this.#end();
      return false;
    }
    this.content = contentOf(current);
    this.noteId = current.note_id;
    this.version = current.version;
    this.#become("kept");
    return true;
  }

  async #send(): Promise<void> {
    this.#unsent = false;
    this.#become("sending");
    const body = { ...this.content, note_id: this.noteId, slot: this.place.slot, version: this.version };
    try {
      const draft = await call<Draft>("PUT", this.#path(), body);
      this.version = draft.version;
      this.keptAt = new Date(draft.at);
      this.trouble = "";
      if (!this.#unsent) this.safe.drop(this.name);
      this.#become(this.#unsent ? "typing" : "kept");
      if (this.#unsent) this.#later(PAUSE);
    } catch (error) {
      this.#unsent = true;
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof ApiError && error.status === 409) {
      this.#meet(error.body as Conflict);
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
    const { current, saved } = conflict;
    if (saved !== null && current === null && same(saved, this.content)) {
      this.#end();
      return;
    }
    if (current !== null && same(current, this.content)) {
      this.noteId = current.note_id;
      this.version = current.version;
      this.#unsent = false;
      this.safe.drop(this.name);
      this.#become("kept");
      return;
    }
    this.conflict = conflict;
    this.#become("typing");
  }

  #saveOnce(): Promise<Note> {
    const { callId, slot } = this.place;
    if (slot === "new") return call<Note>("POST", `/api/calls/${callId}/notes`, { ...this.content, note_id: this.noteId });
    return call<Note>("PUT", `/api/notes/${slot}`, { ...this.content, version: this.noteVersion });
  }

  #goOn(): void {
    this.conflict = undefined;
    this.#unsent = true;
    void this.flush();
  }

  #end(): void {
    this.finished = true;
    this.#unsent = false;
    clearTimeout(this.#timer);
    connection.removeEventListener("reached", this.#reached);
    this.safe.drop(this.name);
    this.#become("");
  }

  #keepHere(): void {
    this.safe.put(this.name, { content: this.content, version: this.version, noteId: this.noteId } satisfies Kept);
  }

  #later(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), wait);
  }

  #path(): string {
    return `/api/calls/${this.place.callId}/note/draft`;
  }

  readonly #reached = (): void => void this.flush();

  #become(status: Status): void {
    this.status = status;
    this.dispatchEvent(new Event("changed"));
  }
}
