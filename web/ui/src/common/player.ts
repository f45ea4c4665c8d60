/**
 * The recording that the page plays, for pieces of the page that know no player: they ask where it is and let it go
 * somewhere, by events of the document.
 */

const TIME = "kring:player-time";
const SEEK = "kring:seek";
const TOGGLE = "kring:player-toggle";

/** What is asked: the player writes its time into it at once. */
interface Asked {
  ms: number | null;
}

/** What a player does when it is asked. */
export interface Player {
  readonly time: () => number | null; // milliseconds from the beginning; null: nothing is loaded yet
  readonly seek: (ms: number) => void;
  readonly toggle: () => void; // play, or pause
}

/** Let a player answer. Returns what ends that. */
export function servePlayer(player: Player): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  document.addEventListener(TIME, (event) => {
    (event as CustomEvent<Asked>).detail.ms = player.time();
  }, { signal });
  document.addEventListener(SEEK, (event) => {
    const { ms } = (event as CustomEvent<{ ms: number }>).detail;
    if (Number.isFinite(ms) && ms >= 0) player.seek(ms);
  }, { signal });
  document.addEventListener(TOGGLE, () => player.toggle(), { signal });
  return () => ended.abort();
}

/** Where the player is, in milliseconds; null: there is none, or nothing is loaded. */
export function playerTime(): number | null {
  const asked: Asked = { ms: null };
  document.dispatchEvent(new CustomEvent<Asked>(TIME, { detail: asked }));
  return asked.ms === null || !Number.isFinite(asked.ms) ? null : Math.max(0, Math.round(asked.ms));
}

/** Let the player go to a place. */
export function seekTo(ms: number): void {
  document.dispatchEvent(new CustomEvent(SEEK, { detail: { ms } }));
}

/** Let the player play, or pause. */
export function togglePlayer(): void {
  document.dispatchEvent(new CustomEvent(TOGGLE));
}

/** A place in a recording as people read it: 4:05. */
export function asPlace(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
