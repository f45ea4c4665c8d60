/** The page of chat and e-mail counts: it sends a CSV file as it is and shows what became of it. */
import { lostNow, reachedNow } from "../common/connection";
import htmx from "../common/htmx";
import { noticePiece } from "../common/notices";
import { byId, csrf, toSignIn } from "../common/page";
import { say } from "../common/texts";

const MOST = 1_048_576; // bytes of a body that the service takes
const WITHIN = 60_000; // milliseconds

const form = byId<HTMLFormElement>("channels");
const found = byId("found");
const chosen = form.querySelector<HTMLInputElement>("input[type=file]");
const sender = form.querySelector<HTMLButtonElement>("button");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send();
});

async function send(): Promise<void> {
  const file = chosen?.files?.[0];
  wrong("");
  if (file === undefined || file.size === 0) return wrong(say("figures_channels.choose"));
  if (file.size > MOST) return wrong(say("figures_channels.too_large"));
  if (sender) sender.disabled = true;
  try {
    const answer = await fetch("/api/figures/channels", {
      method: "POST",
      headers: { "content-type": "text/csv", "hx-request": "true", "x-csrf-token": csrf() },
      body: file,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(WITHIN),
    });
    reachedNow();
    if (answer.status === 401) return toSignIn();
    const piece = await answer.text();
    if (answer.ok) show(piece);
    else noticePiece(piece);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    if (error instanceof TypeError) lostNow();
    wrong(say(error instanceof TypeError ? "common.lost" : "common.too_slow"));
  } finally {
    if (sender) sender.disabled = false;
  }
}

/** Show the piece that the service rendered, and the latest imports anew. */
function show(piece: string): void {
  const holder = document.createElement("template");
  holder.innerHTML = piece;
  found.replaceChildren(holder.content);
  found.focus();
  htmx.trigger(byId("imports"), "taken", {});
}

function wrong(problem: string): void {
  const place = form.querySelector<HTMLElement>('[data-field="file"] .error');
  if (place === null || chosen === null) return;
  place.textContent = problem;
  place.hidden = problem === "";
  if (problem === "") chosen.removeAttribute("aria-invalid");
  else {
    chosen.setAttribute("aria-invalid", "true");
    chosen.focus();
  }
}
