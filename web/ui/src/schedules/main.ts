/** The form that sends a file of shifts: checked first, taken in after a look at what would come of it. */
import { lostNow, reachedNow } from "../common/connection";
import htmx from "../common/htmx";
import { notice } from "../common/notices";
import { byId, csrf, toSignIn } from "../common/page";
import { language, say } from "../common/texts";

const LARGEST = 1_000_000; // bytes, as the service takes them
const form = byId<HTMLFormElement>("schedule-file");
const chosen = form.querySelector<HTMLInputElement>("input[type=file]");
const keeps = form.querySelector<HTMLButtonElement>("[data-keeps]");

chosen?.addEventListener("change", () => mayKeep(false));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const keep = event.submitter instanceof HTMLButtonElement && event.submitter === keeps;
  void send(keep);
});

async function send(keep: boolean): Promise<void> {
  const file = chosen?.files?.[0];
  wrong("");
  if (file === undefined || file.size === 0) return wrong(say("schedules.choose_file"));
  if (file.size > LARGEST) return wrong(say("lists_fault.too_large"));
  mayKeep(false);
  const query = new URLSearchParams({ name: file.name, keep: String(keep) });
  const headers = {
    "content-type": "application/octet-stream",
    "hx-request": "true",
    "x-csrf-token": csrf(),
    "accept-language": language(),
  };
  let answer: Response;
  try {
    answer = await fetch(`/api/schedules/import?${query.toString()}`, { method: "POST", headers, body: file });
  } catch {
    lostNow();
    return wrong(say("common.lost"));
  }
  reachedNow();
  if (answer.status === 401) return toSignIn();
  const plan = byId("plan");
  htmx.swap(plan, await answer.text(), { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 20 });
  const state = plan.querySelector<HTMLElement>("[data-plan]")?.dataset["plan"];
  mayKeep(state === "proposed");
  if (state === "kept") notice(say("schedules.plan_kept"), "good");
}

function mayKeep(may: boolean): void {
  if (keeps) keeps.disabled = !may;
}

function wrong(problem: string): void {
  const place = form.querySelector<HTMLElement>('[data-field="file"] .error');
  if (!place) return;
  place.textContent = problem;
  place.hidden = problem === "";
  if (problem !== "") chosen?.focus();
}
