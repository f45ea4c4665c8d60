/** Interaction notes: every form of the page is kept while it is typed, and nothing typed is lost. */
import { shortcut } from "../common/keys";
import { notice } from "../common/notices";
import { say } from "../common/texts";
import { read } from "./fields";
import { NoteForm } from "./form";
import { Safe } from "./safe";
import { Writing } from "./writing";

/** Look after the notes of this page, those that are loaded later too. Once per page. */
export function startNote(): void {
  const notes = new Notes(new Safe());
  document.addEventListener("htmx:load", () => notes.look());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") notes.flush();
  });
  addEventListener("pagehide", () => notes.flush());
  shortcut("Alt+N", say("note.jump"), () => notes.jump());
  notes.look();
}

class Notes {
  readonly #writings = new Map<string, Writing>();
  #form: HTMLFormElement | undefined;
  #shown: NoteForm | undefined;

  constructor(private readonly safe: Safe) {}

  /** Take up the form that is on the page now. */
  look(): void {
    const form = document.querySelector<HTMLFormElement>("form[data-note]") ?? undefined;
    if (form === this.#form) return;
    this.#shown?.leave();
    this.#form = form;
    this.#shown = undefined;
    for (const [name, writing] of this.#writings) {
      if (writing.finished || !writing.unsent) this.#writings.delete(name);
      else void writing.flush();
    }
    if (form !== undefined) this.#take(form);
  }

  flush(): void {
    for (const writing of this.#writings.values()) void writing.flush();
  }

  jump(): void {
    this.#shown?.jump();
  }

  #take(form: HTMLFormElement): void {
    const { call: callId = "", slot = "new", noteId = "", version, noteVersion } = form.dataset;
    const known = this.#writings.get(`${callId}:${slot}`);
    const writing =
      known ?? new Writing({ callId, slot }, read(form), noteId, Number(version), Number(noteVersion), this.safe);
    this.#writings.set(writing.name, writing);
    const shown = new NoteForm(form, writing);
    this.#shown = shown;
    if (known !== undefined) {
      shown.refill(); // it was typed on after the service had answered this piece
      return;
    }
    void writing.restore().then((restored) => {
      if (!restored || this.#shown !== shown) return;
      shown.refill();
      notice(say("note.restored"));
    });
  }
}
