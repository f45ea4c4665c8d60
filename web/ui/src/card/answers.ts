/**
 * What a caller answered is gone from the page as soon as it is sent, whatever comes back: a form marked
 * `data-answers` is emptied when its request leaves, with the values already in it.
 */

interface Sent {
  readonly elt: HTMLElement;
}

export function setUpAnswers(): void {
  document.addEventListener("htmx:beforeSend", (event) => {
    const form = (event as CustomEvent<Sent>).detail.elt.closest<HTMLFormElement>("form[data-answers]");
    if (form !== null) clear(form);
  });
}

function clear(form: HTMLFormElement): void {
  for (const input of form.querySelectorAll<HTMLInputElement>("input:not([type=hidden])")) {
    input.value = "";
    input.defaultValue = "";
  }
}
