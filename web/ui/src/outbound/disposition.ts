/** The form of a disposition: a digit chooses, and what a choice needs is shown. Enter saves, as in every form. */
import { shortcut } from "../common/keys";
import { byId, isWriting } from "../common/page";
import { say } from "../common/texts";

const REGION = "disposition";

/** Listen to the form, whichever is there. */
export function setUpDispositions(): void {
  const region = byId(REGION);
  shortcut("Alt+C", say("outbound.disposition"), () => radios(region)[0]?.focus());
  region.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.name === "code") showNeeds(event.target);
  });
  region.addEventListener("keydown", (event) => {
    if (isWriting(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
    const chosen = radios(region).find((one) => one.dataset["digit"] === event.key);
    if (chosen === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // digits choose nothing else while the form has the focus
    chosen.checked = true;
    chosen.focus();
    showNeeds(chosen);
  });
}

function radios(region: HTMLElement): HTMLInputElement[] {
  return [...region.querySelectorAll<HTMLInputElement>("input[type=radio][name=code]")];
}

/** Show the fields that a choice needs; the others are neither seen nor sent. */
function showNeeds(chosen: HTMLInputElement): void {
  const flags = new Set((chosen.dataset["flags"] ?? "").split(" "));
  for (const part of chosen.form?.querySelectorAll<HTMLFieldSetElement>("fieldset[data-for]") ?? []) {
    const needed = flags.has(part.dataset["for"] ?? "");
    part.hidden = !needed;
    part.disabled = !needed;
  }
  chosen.form?.querySelector("[data-save]")?.scrollIntoView({ block: "nearest" });
}
