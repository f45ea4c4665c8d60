/** The rows as last told, and when: times are counted on from there. */
import type { Changes, Everything, Sample } from "./model";

const MOST_SAMPLES = 240;

interface Told {
  readonly row: unknown;
  readonly at: number; // of the page's own clock, milliseconds
}

/** Dispatches "changed" after every message; `fresh` names the keys that are new or differ. */
export class WallStore extends EventTarget {
  readonly #rows = new Map<string, Told>();
  fresh: ReadonlySet<string> = new Set();
  gone: readonly string[] = [];
  course: Sample[] = [];
  at = "";

  everything(told: Everything): void {
    const gone = [...this.#rows.keys()].filter((key) => !(key in told.rows));
    this.course = [...told.course];
    this.#take(told.at, told.rows, gone);
  }

  changes(told: Changes): void {
    if (told.sample !== undefined) this.course = [...this.course, told.sample].slice(-MOST_SAMPLES);
    this.#take(told.at, told.rows, told.gone);
  }

  row<T>(key: string): T | undefined {
    return this.#rows.get(key)?.row as T | undefined;
  }

  /** Rows whose key begins so, with the rest of their keys, in the order of their keys. */
  of<T>(kind: string): [string, T][] {
    const start = `${kind} `;
    const found = [...this.#rows].filter(([key]) => key.startsWith(start));
    found.sort(([one], [other]) => (one < other ? -1 : 1));
    return found.map(([key, told]) => [key.slice(start.length), told.row as T]);
  }

  /** Seconds now, of a time that was so long when the row was told. */
  since(key: string, seconds: number): number {
    const told = this.#rows.get(key);
    return told === undefined ? seconds : seconds + (performance.now() - told.at) / 1000;
  }

  #take(at: string, rows: Readonly<Record<string, unknown>>, gone: readonly string[]): void {
    const now = performance.now();
    for (const key of gone) this.#rows.delete(key);
    for (const [key, row] of Object.entries(rows)) this.#rows.set(key, { row, at: now });
    this.fresh = new Set(Object.keys(rows));
    this.gone = gone;
    this.at = at;
    this.dispatchEvent(new Event("changed"));
  }
}
