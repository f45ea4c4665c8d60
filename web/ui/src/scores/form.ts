/** The form of a score on the page: shows a `ScoreWriting`, takes what is filled in, obeys the keyboard. */
import { ApiError, NetworkLost } from "../common/api";
import { confirmed } from "../common/dialogs";
import htmx from "../common/htmx";
import { notice } from "../common/notices";
import { isWriting, make } from "../common/page";
import { playerTime, togglePlayer } from "../common/player";
import { language, say } from "../common/texts";
import { answer, asText, fill, goTo, itemAt, itemsOf, noteOf, place, read } from "./fields";
import type { Answer, Content, Result } from "./model";
import { number, Total } from "./total";
import type { ScoreWriting } from "./writing";

const KEYS: Readonly<Record<string, Answer>> = { "1": "yes", "0": "no", n: "na" };

export class ScoreForm {
  readonly #piece: HTMLElement;
  readonly #gone = new AbortController();
  readonly #total: Total;
  #asking = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly writing: ScoreWriting | undefined, // undefined: tried out, nothing is kept
    total: Total,
  ) {
    this.#piece = form.closest<HTMLElement>("[data-score-piece]") ?? form;
    this.#total = total;
    const { signal } = this.#gone;
    form.addEventListener("input", () => this.#changed(), { signal });
    form.addEventListener("focusout", () => void writing?.flush(), { signal });
    form.addEventListener("keydown", (event) => this.#key(event), { signal });
    form.addEventListener("click", (event) => this.#clicked(event), { signal });
    form.addEventListener("reset", () => setTimeout(() => this.#changed()), { signal });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#finish();
    }, { signal });
    writing?.addEventListener("changed", () => this.#show(), { signal });
    this.#show();
    void this.#total.now(read(form));
  }

  /** The page shows something else; the writing goes on without a form. */
  leave(): void {
    this.#gone.abort();
    this.#total.stop();
  }

  /** Put what is written into the form. */
  refill(): void {
    if (this.writing === undefined) return;
    fill(this.form, this.writing.content);
    this.#showOffers(this.writing.content);
    void this.#total.now(this.writing.content);
  }

  /** To the first item without an answer. */
  jump(): void {
    const all = itemsOf(this.form);
    goTo(all.find((item) => item.querySelector("input:checked") === null) ?? all[0]);
  }

  #changed(): void {
    const content = read(this.form);
    this.writing?.edit(content);
    this.#showOffers(content);
    this.#total.later(content);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const item = itemAt(event.target);
    if (item === null) return;
    if (isWriting(event.target)) {
      if (event.key === "Escape") this.#handled(event, () => goTo(item));
      return;
    }
    const key = event.key.toLowerCase();
    const given = KEYS[key];
    if (given !== undefined) this.#handled(event, () => this.#answer(item, given));
    else if (key === "arrowdown") this.#handled(event, () => goTo(this.#beside(item, 1)));
    else if (key === "arrowup") this.#handled(event, () => goTo(this.#beside(item, -1)));
    else if (key === "t") this.#handled(event, () => this.#placeNow(item));
    else if (key === "p") this.#handled(event, togglePlayer);
    else if (key === "c") this.#handled(event, () => openNote(item));
  }

  /** Do it, and let nobody else take the key: the player of the page has keys too. */
  #handled(event: KeyboardEvent, run: () => void): void {
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  #answer(item: HTMLElement, value: Answer): void {
    if (!answer(item, value)) {
      notice(say("scores.no_such_answer"));
      return;
    }
    this.#changed();
    goTo(this.#beside(item, 1) ?? item);
  }

  #beside(item: HTMLElement, by: number): HTMLElement | undefined {
    const all = itemsOf(this.form);
    return all[all.indexOf(item) + by];
  }

  #placeNow(item: HTMLElement): void {
    const ms = playerTime();
    if (ms === null) {
      notice(say("scores.no_player"));
      return;
    }
    place(item, ms);
    this.#changed();
  }

  #clicked(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const item = itemAt(target);
    if (item !== null && target?.closest("[data-place-now]")) this.#placeNow(item);
    if (item !== null && target?.closest("[data-place-drop]")) {
      place(item, null);
      this.#changed();
      goTo(item);
    }
    const offered = target?.closest<HTMLElement>("[data-offer]");
    if (offered) this.#take(offered);
    if (target?.closest("[data-offer-all]")) {
      for (const one of this.#offers()) this.#put(one);
      this.#changed();
      this.jump();
    }
    if (target?.closest("[data-score-drop]")) void this.#drop();
    const wanted = target?.closest<HTMLElement>("[data-go-to]")?.dataset["goTo"];
    if (wanted !== undefined) this.#goToName(wanted);
  }

  /** Take over what the record suggests. */
  #take(offered: HTMLElement): void {
    const goal = this.#put(offered);
    this.#changed();
    if (goal?.matches("[data-item]")) goTo(goal);
    else goal?.focus();
  }

  #put(offered: HTMLElement): HTMLElement | undefined {
    const { offerItem = "", offer = "", offerFact = "" } = offered.dataset;
    const item = itemsOf(this.form).find((one) => one.dataset["item"] === offerItem);
    if (item !== undefined) answer(item, offer as Answer);
    const fact = this.form.querySelector<HTMLSelectElement>(`[data-fact="${CSS.escape(offerFact)}"]`);
    if (fact !== null) fact.value = offer;
    return item ?? fact ?? undefined;
  }

  #offers(): HTMLElement[] {
    return [...this.form.querySelectorAll<HTMLElement>("[data-offer]")];
  }

  /** What was taken over, or said anyway, is no suggestion any more. */
  #showOffers(content: Content): void {
    const offers = this.#offers();
    for (const one of offers) {
      const { offerItem = "", offer = "", offerFact = "" } = one.dataset;
      const line = one.closest<HTMLElement>("li");
      if (line !== null) line.hidden = content.answers[offerItem]?.answer === offer || content.facts[offerFact] === offer;
    }
    const box = this.form.querySelector<HTMLElement>("[data-offers]");
    if (box !== null) box.hidden = offers.every((one) => one.closest("li")?.hidden ?? false);
  }

  #goToName(name: string): void {
    const item = itemsOf(this.form).find((one) => one.dataset["item"] === name);
    if (item !== undefined) goTo(item);
    else this.form.querySelector<HTMLElement>(`[data-fact="${CSS.escape(name)}"]`)?.focus();
  }

  async #finish(): Promise<void> {
    const { writing } = this;
    if (writing === undefined || writing.status === "finishing") return;
    writing.content = read(this.form);
    const result = await this.#total.now(writing.content);
    if (writing.conflict !== undefined) return; // it asks first which one is meant
    if (result === undefined) {
      notice(say("scores.not_now"), "bad");
      return;
    }
    this.#showMissing(result);
    if (result.missing.length > 0) return;
    if (!(await confirmed(say("scores.finish_sure", { total: number(result.total) })))) return;
    try {
      await writing.finish();
      notice(say("scores.finished"), "good");
      this.#reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notice(error.fields[0]?.problem ?? error.message, "bad");
    }
  }

  async #drop(): Promise<void> {
    if (this.writing === undefined || !(await confirmed(say("scores.drop_sure")))) return;
    try {
      await this.writing.drop();
      this.#reload();
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof NetworkLost)) throw error;
      notice(error.message, "bad");
    }
  }

  /** Name what has no answer yet, each a way there. */
  #showMissing(result: Result): void {
    const box = this.form.querySelector<HTMLElement>("[data-missing]");
    const list = box?.querySelector("ul");
    if (!box || !list) return;
    box.hidden = result.missing.length === 0;
    list.replaceChildren(...result.missing.map((name) => {
      const line = make("li");
      line.append(make("button", "button button-quiet", this.#titleOf(name), { type: "button", "data-go-to": name }));
      return line;
    }));
    if (result.missing.length > 0) box.querySelector<HTMLElement>("button")?.focus();
  }

  #titleOf(name: string): string {
    const item = itemsOf(this.form).find((one) => one.dataset["item"] === name);
    const fact = this.form.querySelector<HTMLSelectElement>(`[data-fact="${CSS.escape(name)}"]`);
    return item?.querySelector("[data-item-title]")?.textContent?.trim() ?? fact?.labels[0]?.textContent.trim() ?? name;
  }

  #reload(): void {
    if (!this.#piece.isConnected) return;
    const path = this.#piece.dataset["scorePiece"] ?? "";
    void htmx.ajax("get", path, { target: this.#piece, swap: "outerHTML", source: this.#piece });
  }

  #show(): void {
    const { writing } = this;
    if (writing === undefined) return;
    const status = this.form.querySelector<HTMLElement>("[data-score-status]");
    const text = words(writing);
    if (status !== null && text !== undefined && status.textContent !== text) status.textContent = text;
    const drop = this.form.querySelector<HTMLElement>("[data-score-drop]");
    if (drop !== null) drop.hidden = writing.count === 0;
    this.form.querySelector("[data-finish]")?.toggleAttribute("aria-busy", writing.status === "finishing");
    if (writing.conflict !== undefined && this.form.isConnected) void this.#settle(writing);
  }

  /** Show how much each has, and ask which one is meant. Until then nothing is sent and nothing is lost. */
  async #settle(writing: ScoreWriting): Promise<void> {
    const { conflict } = writing;
    const dialog = this.#piece.querySelector<HTMLDialogElement>("[data-score-conflict]");
    if (this.#asking || dialog === null || conflict === undefined) return;
    this.#asking = true;
    dialog.querySelector("[data-conflict-message]")?.replaceChildren(document.createTextNode(conflict.message));
    const { current } = conflict;
    dialog.querySelector("[data-conflict-mine]")?.replaceChildren(asText(writing.content));
    dialog.querySelector("[data-conflict-theirs]")?.replaceChildren(current === null ? make("p", "", "…") : asText(current));
    const mine = dialog.querySelector<HTMLElement>("button[value=mine]");
    if (mine !== null) mine.hidden = current === null; // a final score is not written over
    dialog.returnValue = "";
    dialog.showModal();
    const choice = await new Promise<string>((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    });
    this.#asking = false;
    if (choice === "mine") writing.keepMine();
    else if (choice === "theirs" && writing.takeTheirs()) this.refill();
    else if (choice === "theirs") this.#reload();
  }
}

function openNote(item: HTMLElement): void {
  item.querySelector<HTMLDetailsElement>("details")?.setAttribute("open", "");
  noteOf(item)?.focus();
}

function words({ status, keptAt, trouble, count }: ScoreWriting): string | undefined {
  switch (status) {
    case "sending":
    case "finishing":
      return say("scores.saving");
    case "waiting":
      return say("scores.not_sent");
    case "refused":
      return trouble;
    case "kept":
      return keptAt === undefined ? undefined : say("scores.saved_at", { time: inWib(keptAt), count });
    default:
      return undefined;
  }
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
