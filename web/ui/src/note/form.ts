/** The form of a note on the page: shows a `Writing`, and takes what is typed. */
import { ApiError } from "../common/api";
import { confirmed } from "../common/dialogs";
import htmx from "../common/htmx";
import { notice } from "../common/notices";
import { language, say } from "../common/texts";
import { asText, clearProblems, fill, read, showProblems } from "./fields";
import type { Writing } from "./writing";

export class NoteForm {
  readonly #piece: HTMLElement;
  readonly #gone = new AbortController();
  #asking = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly writing: Writing,
  ) {
    this.#piece = form.closest<HTMLElement>("[data-note-piece]") ?? form;
    const { signal } = this.#gone;
    form.addEventListener("input", () => this.#typed(), { signal });
    form.addEventListener("focusout", () => void writing.flush(), { signal });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    }, { signal });
    form.querySelector("[data-note-drop]")?.addEventListener("click", () => void this.#drop(), { signal });
    this.#results()?.addEventListener("keydown", (event) => this.#digit(event), { signal });
    writing.addEventListener("changed", () => this.#show(), { signal });
    this.#show();
    this.tellCaller();
  }

  /** The page shows something else; the writing goes on without a form. */
  leave(): void {
    this.#gone.abort();
  }

  /** Put what is written into the form. */
  refill(): void {
    fill(this.form, this.writing.content);
    this.tellCaller();
  }

  /** To the results; from there to the question. */
  jump(): void {
    const results = this.#results();
    const inside = results?.contains(document.activeElement) ?? false;
    const goal = inside ? this.form.querySelector<HTMLElement>("[name=question]") : results;
    goal?.focus();
    goal?.scrollIntoView({ block: "nearest" });
  }

  /** Tell the script the name that the caller gave. */
  tellCaller(): void {
    const detail = { callId: this.writing.place.callId, name: this.writing.content.caller.trim() };
    document.dispatchEvent(new CustomEvent("note:caller", { detail }));
  }

  #typed(): void {
    this.writing.edit(read(this.form));
    this.tellCaller();
  }

  #digit(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
    const radio = this.form.querySelector<HTMLInputElement>(`input[name=result][data-digit="${event.key}"]`);
    if (radio === null) return;
    event.preventDefault();
    radio.checked = true;
    radio.focus();
    this.#typed();
  }

  async #save(): Promise<void> {
    if (this.writing.status === "saving") return;
    clearProblems(this.form);
    this.writing.content = read(this.form);
    try {
      const note = await this.writing.save();
      if (note === undefined) return;
      notice(say("note.done"), "good");
      const { callId } = this.writing.place;
      document.dispatchEvent(new CustomEvent("note:saved", { detail: { callId, noteId: note.note_id } }));
      this.#reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.fields.length > 0) showProblems(this.form, error.fields);
      else notice(error.message, "bad");
    }
  }

  async #drop(): Promise<void> {
    if (!(await confirmed(say("note.drop_sure")))) return;
    await this.writing.drop();
    if (this.writing.finished) this.#reload();
  }

  #reload(): void {
    if (!this.#piece.isConnected) return;
    const path = `/api/calls/${this.writing.place.callId}/note`;
    void htmx.ajax("get", path, { target: this.#piece, swap: "outerHTML", source: this.#piece });
  }

  #show(): void {
    const status = this.#piece.querySelector<HTMLElement>("[data-note-status]");
    const text = this.#words();
    if (status !== null && text !== undefined && status.textContent !== text) status.textContent = text;
    const save = this.form.querySelector<HTMLButtonElement>("[data-note-save]");
    save?.toggleAttribute("aria-busy", this.writing.status === "saving");
    const drop = this.form.querySelector<HTMLElement>("[data-note-drop]");
    if (drop !== null) drop.hidden = this.writing.version === 0 && !this.writing.unsent;
    if (this.writing.conflict !== undefined && this.form.isConnected) void this.#settle();
  }

  #words(): string | undefined {
    const { status, keptAt, trouble } = this.writing;
    switch (status) {
      case "sending":
      case "saving":
        return say("note.saving");
      case "waiting":
        return say("note.not_sent");
      case "refused":
        return trouble;
      case "kept":
        return keptAt === undefined ? undefined : say("note.saved_at", { time: inWib(keptAt) });
      default:
        return undefined;
    }
  }

  /** Show both texts, and ask which one is meant. Until then nothing is sent and nothing is lost. */
  async #settle(): Promise<void> {
    const dialog = this.#piece.querySelector<HTMLDialogElement>("[data-note-conflict]");
    const { conflict } = this.writing;
    if (this.#asking || dialog === null || conflict === undefined) return;
    this.#asking = true;
    const theirs = conflict.current ?? conflict.saved;
    place(dialog, "[data-conflict-message]", document.createTextNode(conflict.message));
    place(dialog, "[data-conflict-mine]", asText(this.form, this.writing.content));
    place(dialog, "[data-conflict-theirs]", theirs === null ? document.createTextNode("…") : asText(this.form, theirs));
    // Of a draft there is one; what was saved already can be followed by a further note, or be corrected.
    const saved = conflict.saved !== null && conflict.current === null;
    const isNew = this.writing.place.slot === "new";
    hide(dialog, "further", !(saved && isNew));
    hide(dialog, "mine", saved && isNew);
    dialog.returnValue = "";
    dialog.showModal();
    const choice = await new Promise<string>((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    });
    this.#asking = false;
    if (choice === "mine") this.writing.keepMine();
    else if (choice === "further") this.writing.asFurther();
    else if (choice === "theirs" && this.writing.takeTheirs()) this.refill();
    else if (choice === "theirs") this.#reload();
  }

  #results(): HTMLElement | null {
    return this.form.querySelector<HTMLElement>("[data-note-results]");
  }
}

function place(dialog: HTMLElement, selector: string, node: Node): void {
  dialog.querySelector(selector)?.replaceChildren(node);
}

function hide(dialog: HTMLElement, choice: string, hidden: boolean): void {
  const button = dialog.querySelector<HTMLElement>(`button[value=${choice}]`);
  if (button !== null) button.hidden = hidden;
}

function inWib(at: Date): string {
  const shown = new Intl.DateTimeFormat(language() === "en" ? "en-GB" : "id-ID", {
    timeZone: "Asia/Jakarta",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return shown.format(at).replaceAll(":", ".");
}
