/** Scores on a page: its form is kept while it is filled in, and its places lead into the recording. */
import { shortcut } from "../common/keys";
import { notice } from "../common/notices";
import { seekTo } from "../common/player";
import { say } from "../common/texts";
import { Safe } from "../note/safe";
import { read } from "./fields";
import { ScoreForm } from "./form";
import type { Place } from "./model";
import { Total } from "./total";
import { ScoreWriting } from "./writing";

/** Look after the scores of this page, those that are loaded later too. Once per page. */
export function startScores(): void {
  const scores = new Scores();
  document.addEventListener("htmx:load", () => scores.look());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") scores.flush();
  });
  addEventListener("pagehide", () => scores.flush());
  document.addEventListener("click", (event) => {
    const place = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-score-piece] [data-seek]") : null;
    if (place !== null) seekTo(Number(place.dataset["seek"]));
  });
  scores.look();
}

class Scores {
  readonly #writings = new Map<string, ScoreWriting>();
  #safe: Safe | undefined; // asked for with the first form: who only reads needs no key
  #form: HTMLFormElement | undefined;
  #shown: ScoreForm | undefined;

  /** Take up the form that is on the page now. */
  look(): void {
    const form = document.querySelector<HTMLFormElement>("form[data-score]") ?? undefined;
    if (form === this.#form) return;
    this.#shown?.leave();
    this.#form = form;
    this.#shown = undefined;
    for (const [name, writing] of this.#writings) {
      if (writing.finished || !writing.unsent) this.#writings.delete(name);
      else void writing.flush();
    }
    if (form === undefined) return;
    shortcut("Alt+P", say("scores.jump"), () => this.#shown?.jump());
    this.#take(form);
  }

  flush(): void {
    for (const writing of this.#writings.values()) void writing.flush();
  }

  #take(form: HTMLFormElement): void {
    const place = placeOf(form);
    const total = new Total(form, place);
    if (form.dataset["tried"] !== undefined) {
      this.#shown = new ScoreForm(form, undefined, total);
      return;
    }
    this.#safe ??= new Safe("kring-score:", "/api/scores/safe");
    const { scoreId = "", count } = form.dataset;
    const known = this.#writings.get(scoreId);
    const writing = known ?? new ScoreWriting(place, read(form), scoreId, Number(count), this.#safe);
    this.#writings.set(scoreId, writing);
    const shown = new ScoreForm(form, writing, total);
    this.#shown = shown;
    if (known !== undefined) {
      shown.refill(); // it was filled in further after the service had answered this piece
      return;
    }
    void writing.restore().then((restored) => {
      if (!restored || this.#shown !== shown) return;
      shown.refill();
      notice(say("scores.restored"));
    });
  }
}

function placeOf(form: HTMLFormElement): Place {
  const { recording = "", person, kind = "", form: name = "", version } = form.dataset;
  return { recording_id: recording, person: Number(person), kind, form: name, form_version: Number(version) };
}
