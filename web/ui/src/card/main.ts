/** The card and the proof of the call: answers do not stay on the page, and each step begins in sight. */
import { setUpAnswers } from "./answers";

setUpAnswers();

document.addEventListener("htmx:afterSwap", (event) => {
  if (!(event.target instanceof HTMLElement) || event.target.id !== "proof") return;
  const panel = event.target;
  const step = panel.querySelector<HTMLElement>("[aria-current=step]");
  const under = step === null ? 0 : step.getBoundingClientRect().bottom - panel.getBoundingClientRect().top;
  // From its head, unless the present step would end below the panel.
  panel.scrollTop = Math.max(0, under + panel.scrollTop - panel.clientHeight);
});
