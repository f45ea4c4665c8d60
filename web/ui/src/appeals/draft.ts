/**
 * What was written into an appeal and not sent yet. Listening to the call leads away from its form: what was
 * written is kept in this tab, sealed, and stands there again when somebody comes back.
 */
import { notice } from "../common/notices";
import { say } from "../common/texts";
import { Safe } from "../note/safe";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export function keepDraft(form: HTMLFormElement, shown: (box: HTMLInputElement) => void): void {
  const name = form.dataset["draft"] ?? "";
  const safe = new Safe("kring-appeal:");
  let written = false;
  form.addEventListener("input", () => {
    written = true;
    safe.put(name, content(form));
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if ((event as CustomEvent<{ successful: boolean }>).detail.successful) safe.drop(name);
  });
  void safe.get<Record<string, string | boolean>>(name).then((kept) => {
    if (kept === undefined || written || !form.isConnected) return;
    for (const field of fieldsOf(form)) put(field, kept[field.name], shown);
    notice(say("appeals.restored"));
  });
}

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<Field>("input:not([type=hidden]), textarea, select")];
}

function isBox(field: Field): field is HTMLInputElement {
  return field instanceof HTMLInputElement && field.type === "checkbox";
}

function content(form: HTMLFormElement): Record<string, string | boolean> {
  return Object.fromEntries(fieldsOf(form).map((field) => [field.name, isBox(field) ? field.checked : field.value]));
}

function put(field: Field, value: string | boolean | undefined, shown: (box: HTMLInputElement) => void): void {
  if (isBox(field)) {
    field.checked = value === true;
    shown(field);
  } else if (typeof value === "string") field.value = value;
}
