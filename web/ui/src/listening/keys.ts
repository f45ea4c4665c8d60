/** The player by keyboard. Space and arrows belong to what has the focus, if that is something they work on. */
import { isWriting } from "../common/page";
import { shortcut } from "../common/keys";
import { say } from "../common/texts";
import type { Playing } from "./playing";

const STEP = 5; // seconds
const LONG_STEP = 30;

export function setUpKeys(playing: Playing): void {
  const taken = [
    shortcut("+", say("listening.faster"), () => playing.pace(1)),
    shortcut("-", say("listening.slower"), () => playing.pace(-1)),
  ];
  const comment = document.getElementById("comment-here");
  if (comment !== null) taken.push(shortcut("M", say("listening.comment_here"), () => comment.click()));
  playing.signal.addEventListener("abort", () => taken.forEach((release) => release()));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.querySelector("dialog:modal") !== null || isWriting(event.target)) return;
    if (event.key === " " && !event.shiftKey && !presses(event.target)) playing.toggle();
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      if (moves(event.target)) return;
      const far = event.shiftKey ? LONG_STEP : STEP;
      playing.seek(playing.time + (event.key === "ArrowLeft" ? -far : far));
    } else return;
    event.preventDefault();
  }, { signal: playing.signal });
}

/** Whether space presses what has the focus. */
function presses(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("button, summary, input, select, a[role=button], [role=tab]");
}

/** Whether arrows move within what has the focus. */
function moves(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input, select, [role=tab], [role=slider], .table-scroll");
}
