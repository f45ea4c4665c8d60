/** The form of an appeal: the fields of an item are there once it is contested, and what is written is kept. */
import { keepDraft } from "./draft";

/** Show the fields of an item that is contested; return them. */
function show(box: HTMLInputElement): HTMLElement | undefined {
  const fields = box.closest("[data-offer]")?.querySelector<HTMLElement>("[data-taken]") ?? undefined;
  if (fields !== undefined) fields.hidden = !box.checked;
  return fields;
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.dataset["take"] === undefined) return;
  const fields = show(box);
  if (box.checked) fields?.querySelector<HTMLElement>("textarea")?.focus();
});

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) keepDraft(form, show);
