/** Finding recordings: further pages, columns that stay as chosen, rows by keyboard; forms of dialogs that close. */
import htmx from "../common/htmx";
import { isWriting } from "../common/page";

const KEPT = "kring-review-columns"; // names of columns that are shown; no more than that stays in the browser

let asked: Record<string, unknown> | undefined; // the last search; its further pages ask the same

document.addEventListener("htmx:configRequest", (event) => {
  const { verb, path, parameters } = (event as CustomEvent<{ verb: string; path: string; parameters: Record<string, string> }>).detail;
  if (verb === "post" && path === "/api/recordings/search" && parameters["before"] === undefined) asked = { ...parameters };
});

document.addEventListener("click", (event) => {
  const place = event.target instanceof Element ? event.target.closest("[data-next]")?.closest<HTMLElement>("[data-more]") : null;
  if (!place || asked === undefined) return;
  const values = { ...asked, before: place.dataset["more"] ?? "" };
  void htmx.ajax("post", "/api/recordings/search", { source: place, target: place, swap: "outerHTML", values });
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = (event as CustomEvent<{ elt: HTMLElement; successful: boolean }>).detail;
  if (successful && elt.matches("form[data-closes-after]")) elt.closest("dialog")?.close();
});

/** Arrows go from row to row once a row has the focus; j and k do so from anywhere. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || isWriting(event.target)) return;
  const rows = [...document.querySelectorAll<HTMLElement>("a[data-row]")];
  const here = rows.indexOf(document.activeElement as HTMLElement);
  const step = { j: 1, k: -1, ...(here >= 0 ? { ArrowDown: 1, ArrowUp: -1 } : {}) }[event.key];
  const next = step === undefined ? undefined : rows[Math.min(rows.length - 1, Math.max(0, here + step))];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
});

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("input[data-column]")];
}

/** Show the chosen columns: the table has a class for each that is hidden. */
function showColumns(): void {
  const place = document.getElementById("found");
  for (const box of boxes()) place?.classList.toggle(`without-${box.dataset["column"] ?? ""}`, !box.checked);
}

const kept = localStorage.getItem(KEPT);
if (kept !== null) {
  const shown = new Set(kept.split(" "));
  for (const box of boxes()) box.checked = shown.has(box.dataset["column"] ?? "");
}
for (const box of boxes()) {
  box.addEventListener("change", () => {
    const shown = boxes().filter((one) => one.checked).map((one) => one.dataset["column"] ?? "");
    localStorage.setItem(KEPT, shown.join(" "));
    showColumns();
  });
}
showColumns();
