/** Links to a moment: `#t=83.5` on this page, or in the address somebody was sent. */
import { notice } from "../common/notices";
import { byId } from "../common/page";
import { asPlace } from "../common/player";
import { say } from "../common/texts";
import type { Playing } from "./playing";

/** The seconds that an address's fragment names; undefined: it names none. */
export function timeOf(hash: string): number | undefined {
  const found = /^#t=(\d{1,6}(?:\.\d{1,3})?)$/.exec(hash);
  return found === null ? undefined : Number(found[1]);
}

export function setUpTimeLinks(playing: Playing): void {
  const { signal } = playing;
  const go = (hash: string): void => {
    const seconds = timeOf(hash);
    if (seconds !== undefined) playing.seek(seconds);
  };
  // Pressing the same link again changes no address, and goes there all the same.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href*="#t="]') : null;
    if (link !== null && link.pathname === location.pathname) go(link.hash);
  }, { signal });
  addEventListener("hashchange", () => go(location.hash), { signal });
  byId("copy-link").addEventListener("click", () => void copy(playing.time), { signal });
  byId("sound").addEventListener("loadedmetadata", () => go(location.hash), { signal, once: true });
}

async function copy(seconds: number): Promise<void> {
  const address = `${location.origin}${location.pathname}#t=${seconds.toFixed(1)}`;
  history.replaceState(null, "", `#t=${seconds.toFixed(1)}`);
  try {
    await navigator.clipboard.writeText(address);
    notice(say("listening.link_copied", { at: asPlace(seconds * 1000) }), "good");
  } catch {
    // A browser that lets nothing be copied: the link stands in the address line.
  }
}
