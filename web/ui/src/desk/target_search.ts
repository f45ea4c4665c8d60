/** Which targets fit what was typed, and in which order. Pure. */
import type { TransferTarget } from "./model";

/** A target that was used; no name of anybody is kept. */
export interface Remembered {
  readonly target: string;
}

/** Return the targets that have every typed word in label, detail or kind; used ones first, the newest first. */
export function fitting(
  all: readonly TransferTarget[],
  typed: string,
  used: readonly Remembered[],
): readonly TransferTarget[] {
  const words = plain(typed).split(/\s+/).filter((word) => word !== "");
  const found = all.filter((target) => {
    const parts = plain(`${target.label} ${target.detail}`).split(/[\s,·/]+/);
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  });
  const places = new Map(used.map((one, place) => [one.target, place]));
  const place = (target: TransferTarget): number => places.get(target.target) ?? places.size;
  return found.map((target, order) => ({ target, order })).sort((one, other) => {
    return place(one.target) - place(other.target) || one.order - other.order;
  }).map(({ target }) => target);
}

/** Return what was used, with this target as the newest. */
export function remembered(used: readonly Remembered[], target: Remembered, most: number): Remembered[] {
  const others = used.filter((one) => one.target !== target.target);
  return [{ target: target.target }, ...others].slice(0, most);
}

/** Lower case, without accents. */
function plain(text: string): string {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}
