/** Whether the service is reached; a calm banner says when it is not. */
import { notice } from "./notices";
import { byId } from "./page";
import { say } from "./texts";

const ASK_EVERY = 3_000; // milliseconds between two tries to reach the service again

let lost = false;
let asking: ReturnType<typeof setTimeout> | undefined;

/** Dispatches "lost" and "reached". */
export const connection = new EventTarget();

/** A request did not arrive. */
export function lostNow(): void {
  if (lost) return;
  lost = true;
  const banner = byId("lost");
  banner.textContent = say("common.lost");
  banner.hidden = false;
  connection.dispatchEvent(new Event("lost"));
  ask();
}

/** A request was answered. */
export function reachedNow(): void {
  if (!lost) return;
  lost = false;
  clearTimeout(asking);
  byId("lost").hidden = true;
  notice(say("common.back_again"), "good");
  connection.dispatchEvent(new Event("reached"));
}

/** Whether the service is out of reach. */
export function isLost(): boolean {
  return lost;
}

function ask(): void {
  clearTimeout(asking);
  asking = setTimeout(() => {
    fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ASK_EVERY) }).then(
      (answer) => (answer.ok ? reachedNow() : ask()),
      () => ask(),
    );
  }, ASK_EVERY);
}

/** Believe the browser when it says that there is no network, and ask when it says that there is one. */
export function setUpConnection(): void {
  addEventListener("offline", () => lostNow());
  addEventListener("online", () => {
    if (lost) ask();
  });
}
