/** Writing about a part: its beginning and end are set by where the player is. */
import { byId } from "../common/page";
import type { Playing } from "./playing";

export function setUpComments(playing: Playing): void {
  const { signal } = playing;
  byId("comments").addEventListener("htmx:afterSwap", () => playing.drawMarks(), { signal });
  const form = document.getElementById("comment-form");
  if (!(form instanceof HTMLFormElement)) return;
  for (const button of form.querySelectorAll<HTMLElement>("[data-set]")) {
    button.addEventListener("click", () => set(button.dataset["set"] ?? "", playing.time), { signal });
  }
  byId("comment-here").addEventListener("click", () => {
    set("comment-from", playing.time);
    byId<HTMLInputElement>("comment-until").value = "";
    byId("comment-text").focus();
  }, { signal });
  form.addEventListener("htmx:afterRequest", (event) => {
    if ((event as CustomEvent<{ successful: boolean }>).detail.successful) form.reset();
  }, { signal });
}

function set(id: string, seconds: number): void {
  byId<HTMLInputElement>(id).value = seconds.toFixed(1);
}
