/** The pages of campaigns: the live one, dialogs that close when their form was granted, the form of a campaign. */
import { startLive } from "./live";

const live = document.getElementById("live");
if (live !== null) startLive(live);

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = (event as CustomEvent<{ elt: HTMLElement; successful: boolean }>).detail;
  if (successful && elt.matches("form[data-closes-after]")) elt.closest("dialog")?.close();
});

/** Of the dispositions only those that fit the kind of campaign are offered. */
function fitDispositions(): void {
  const kind = document.querySelector<HTMLSelectElement>("#definition select[name=kind]")?.value;
  if (kind === undefined) return;
  for (const label of document.querySelectorAll<HTMLElement>("#definition [data-kinds]")) {
    const kinds = (label.dataset["kinds"] ?? "").split(" ").filter((one) => one !== "");
    const fits = kinds.length === 0 || kinds.includes(kind);
    label.hidden = !fits;
    const box = label.querySelector("input");
    if (box) box.disabled = !fits;
  }
}

fitDispositions();
document.querySelector("#definition select[name=kind]")?.addEventListener("change", fitDispositions);
