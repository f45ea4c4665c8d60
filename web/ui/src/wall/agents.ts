/** Agents at work by state, each with its timer. Names come by a request of their own, never with the feed. */
import { call } from "../common/api";
import { make } from "../common/page";
import { say } from "../common/texts";
import { countFrom } from "../common/timers";
import { count, mark, queueName, write } from "./figures";
import type { AgentRow, Known, Words } from "./model";
import type { WallStore } from "./store";

const ASK_AGAIN = 2_000; // milliseconds between two questions whose a new key is

/** The lists of agents. Dispatches "chosen" when one is pressed; `chosen` says whose. */
export class Agents extends EventTarget {
  readonly #items = new Map<string, HTMLElement>();
  readonly #known = new Map<string, Known>();
  #asked = -ASK_AGAIN;
  team = "";
  chosen = "";

  constructor(
    private readonly store: WallStore,
    private readonly page: HTMLElement,
    private readonly words: Words,
    private readonly acts: boolean,
  ) {
    super();
    page.addEventListener("click", (event) => {
      const item = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-agent]") : null;
      if (item === null) return;
      this.chosen = item.dataset["agent"] ?? "";
      this.dispatchEvent(new Event("chosen"));
    });
  }

  /** Whether this page shows agents at all. */
  get shown(): boolean {
    return this.page.querySelector("[data-wall-state]") !== null;
  }

  known(key: string): Known | undefined {
    return this.#known.get(key);
  }

  row(key: string): AgentRow | undefined {
    return this.store.row<AgentRow>(`agent ${key}`);
  }

  /** Everybody at work, by name. */
  everybody(): Known[] {
    const keys = this.store.of<AgentRow>("agent").map(([key]) => this.#known.get(key));
    const found = keys.filter((one) => one !== undefined);
    return found.sort((one, other) => one.on_air_name.localeCompare(other.on_air_name));
  }

  /** Show what changed. */
  show(): void {
    if (!this.shown) return;
    for (const key of this.store.gone) if (key.startsWith("agent ")) this.#remove(key.slice(6));
    for (const key of this.store.fresh) if (key.startsWith("agent ")) this.#put(key.slice(6));
    this.#tally();
    void this.#askForNames();
  }

  /** Show the agents of one team only; empty: all. */
  narrow(team: string): void {
    this.team = team;
    for (const [key, item] of this.#items) item.hidden = !this.#fits(key);
    this.#tally();
  }

  #remove(key: string): void {
    this.#items.get(key)?.remove();
    this.#items.delete(key);
  }

  #put(key: string): void {
    const row = this.row(key);
    if (row === undefined) return;
    let item = this.#items.get(key);
    if (item === undefined) {
      item = make("li", "wall-agent");
      const body = this.acts
        ? make("button", "wall-agent-body", "", { type: "button", "data-agent": key })
        : make("div", "wall-agent-body");
      body.append(make("span", "wall-agent-name"), make("span", "wall-agent-about"), make("time", "timer"), make("span", "wall-agent-sign"));
      item.append(body);
      this.#items.set(key, item);
    }
    const timer = item.querySelector<HTMLElement>(".timer");
    if (timer !== null) countFrom(timer, this.store.since(`agent ${key}`, row.seconds));
    write(item.querySelector(".wall-agent-about") ?? item, this.#about(row));
    const sign = item.querySelector<HTMLElement>(".wall-agent-sign");
    if (sign !== null) mark(sign, row.level === "good" ? "" : row.level);
    item.dataset["level"] = row.level;
    this.#name(key, item);
    const list = this.page.querySelector(`[data-wall-state="${row.state}"]`);
    if (list !== null && item.parentElement !== list) list.append(item);
  }

  #name(key: string, item: HTMLElement): void {
    const known = this.#known.get(key);
    write(item.querySelector(".wall-agent-name") ?? item, known?.on_air_name ?? "…");
    item.hidden = !this.#fits(key);
  }

  #about(row: AgentRow): string {
    const parts: string[] = [];
    if (row.state === "paused") parts.push(this.words.reasons[row.reason] ?? this.words.declared[row.declared] ?? "");
    else if (row.state === "talking" && row.observed !== "talking") parts.push(this.words.observed[row.observed] ?? "");
    else if (row.state === "away") parts.push(this.words.observed[row.observed] ?? "");
    if (row.queue) parts.push(queueName(this.words.queues, row.queue));
    if (row.declared === "leaving") parts.push(this.words.declared["leaving"] ?? "");
    return parts.filter((one) => one !== "").join(" · ");
  }

  #fits(key: string): boolean {
    return this.team === "" || this.#known.get(key)?.team === this.team;
  }

  #tally(): void {
    let all = 0;
    for (const list of this.page.querySelectorAll<HTMLElement>("[data-wall-state]")) {
      const shown = [...list.children].filter((item) => !(item as HTMLElement).hidden).length;
      all += shown;
      const place = this.page.querySelector(`[data-wall-count="${list.dataset["wallState"] ?? ""}"]`);
      if (place !== null) write(place, count(shown));
    }
    const none = this.page.querySelector<HTMLElement>('[data-wall-if="no_agents"]');
    if (none !== null) none.hidden = all > 0;
  }

  async #askForNames(): Promise<void> {
    const unknown = [...this.#items.keys()].some((key) => !this.#known.has(key));
    if (!unknown || performance.now() - this.#asked < ASK_AGAIN) return;
    this.#asked = performance.now();
    try {
      const { agents } = await call<{ agents: readonly Known[] }>("GET", "/api/wall/roster");
      for (const one of agents) this.#known.set(one.key, one);
    } catch {
      return; // the banner says that the service is away; the next change asks again
    }
    for (const [key, item] of this.#items) this.#name(key, item);
    this.#tally();
  }
}

/** What an agent does, in a sentence for the dialog. */
export function stateOf(row: AgentRow | undefined): string {
  return row === undefined ? "" : say(`wall_state.${row.state}`);
}
