/** Dialogs: `data-opens="ID"` opens a <dialog>, `data-closes` closes the one it is in; and one that asks. */
import { byId } from "./page";

/** Listen to the buttons that open and close dialogs. */
export function setUpDialogs(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const opener = event.target.closest<HTMLElement>("[data-opens]");
    if (opener !== null) open(opener.dataset["opens"] ?? "");
    event.target.closest("[data-closes]")?.closest("dialog")?.close();
  });
}

/** Open the dialog with this id. */
export function open(id: string): void {
  const dialog = byId<HTMLDialogElement>(id);
  if (!dialog.open) dialog.showModal();
}

/** Ask a yes-or-no question; Escape is no. */
export function confirmed(question: string): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>("confirm");
  byId("confirm-text").textContent = question;
  dialog.returnValue = "";
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
