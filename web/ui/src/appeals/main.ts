/** The form of an appeal: the fields of an item are there once it is contested. */

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.dataset["take"] === undefined) return;
  const fields = box.closest("[data-offer]")?.querySelector<HTMLElement>("[data-taken]");
  if (!fields) return;
  fields.hidden = !box.checked;
  if (box.checked) fields.querySelector<HTMLElement>("textarea")?.focus();
});
