/** What the answers are worth so far: asked of the service after each change, shown line by line. */
import { ApiError, call, NetworkLost } from "../common/api";
import { language, say } from "../common/texts";
import { answeredOf, type Content, type Line, type Place, type Result } from "./model";

const PAUSE = 150; // milliseconds after the last change

export class Total {
  result: Result | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly place: Place,
  ) {}

  /** Ask again, soon. */
  later(content: Content): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(content), PAUSE);
  }

  /** Ask, and show the answer. Undefined: it is not known. */
  async now(content: Content): Promise<Result | undefined> {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const { form, form_version, kind } = this.place;
    const body = { form, form_version, kind, answers: bare(content), facts: content.facts };
    try {
      const result = await call<Result>("POST", "/api/scores/evaluate", body, { signal: asking.signal });
      this.result = result;
      this.#show(result);
      return result;
    } catch (error) {
      if (asking.signal.aborted) return undefined;
      if (!(error instanceof NetworkLost) && !(error instanceof ApiError)) throw error;
      this.#mark(true);
      return undefined;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  #show(result: Result): void {
    this.#mark(false);
    put(this.form, "[data-total]", number(result.total));
    put(this.form, "[data-reachable]", say("scores.reachable", { points: number(result.reachable) }));
    put(this.form, "[data-progress]", say("scores.progress", { answered: result.answered, items: result.items }));
    const lines = new Map(result.lines.map((line) => [`${line.criterion}/${line.item}`, line]));
    for (const row of this.form.querySelectorAll<HTMLElement>("[data-line]")) {
      const line = lines.get(row.dataset["line"] ?? "");
      row.textContent = line === undefined ? "" : words(line);
      row.classList.toggle("score-lost", line !== undefined && isLost(line));
    }
    for (const row of this.form.querySelectorAll<HTMLElement>("[data-points]")) {
      const line = lines.get(row.dataset["points"] ?? "");
      row.textContent = line === undefined ? "" : `${number(line.points)} / ${number(line.most)}`;
    }
    const effects = this.form.querySelector<HTMLElement>("[data-effects]");
    effects?.replaceChildren(...result.effects.map(({ words: text }) => item(text)));
    if (effects !== null) effects.hidden = result.effects.length === 0;
  }

  /** Say when what is shown is older than what is filled in. */
  #mark(old: boolean): void {
    this.form.querySelector("[data-total]")?.classList.toggle("score-old", old);
    put(this.form, "[data-total-old]", old ? say("scores.total_old") : "");
  }
}

/** Whether points were lost there; what is not answered yet is not lost. */
function isLost({ points, most, reason }: Line): boolean {
  return reason !== "unanswered" && Number(points) < Number(most);
}

/** Why a line is what it is, with its points. */
function words(line: Line): string {
  return `${number(line.points)} / ${number(line.most)} · ${line.words}`;
}

/** Points as people read them: 12,5. */
export function number(points: string): string {
  const format = new Intl.NumberFormat(language() === "en" ? "en-GB" : "id-ID", { maximumFractionDigits: 2 });
  return format.format(Number(points));
}

/** Notes are personal and change nothing: they stay here. */
function bare(content: Content): Record<string, { answer: string }> {
  return Object.fromEntries(Object.entries(answeredOf(content)).map(([name, { answer }]) => [name, { answer }]));
}

function put(form: HTMLFormElement, selector: string, text: string): void {
  const place = form.querySelector<HTMLElement>(selector);
  if (place !== null && place.textContent !== text) place.textContent = text;
}

function item(text: string): HTMLElement {
  const made = document.createElement("li");
  made.textContent = text;
  return made;
}
