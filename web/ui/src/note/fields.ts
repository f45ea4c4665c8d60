/** The fields of a note's form, and what is wrong with them. */
import type { FieldProblem } from "../common/api";
import { make } from "../common/page";
import type { Content } from "./model";

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** What stands in the form. */
export function read(form: HTMLFormElement): Content {
  const [branch = "", category = ""] = value(form, "subject").split("/");
  const result = form.querySelector<HTMLInputElement>("input[name=result]:checked")?.value ?? "";
  return {
    branch,
    category,
    result,
    language: value(form, "language"),
    caller: value(form, "caller"),
    question: value(form, "question"),
    answer: value(form, "answer"),
  };
}

/** Put a content into the form. */
export function fill(form: HTMLFormElement, content: Content): void {
  const { branch, category, result } = content;
  input(form, "subject").value = category === "" ? "" : `${branch}/${category}`;
  for (const radio of form.querySelectorAll<HTMLInputElement>("input[name=result]")) radio.checked = radio.value === result;
  for (const name of ["language", "caller", "question", "answer"] as const) input(form, name).value = content[name];
}

/** Put what is wrong beside the fields; the first one gets the focus. */
export function showProblems(form: HTMLFormElement, problems: readonly FieldProblem[]): void {
  clearProblems(form);
  let first: HTMLElement | undefined;
  for (const { field, problem } of problems) {
    const name = field === "branch" ? "category" : field;
    const box = form.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
    const place = box?.querySelector<HTMLElement>(".error");
    if (!box || !place || !place.hidden) continue;
    place.textContent = problem;
    place.hidden = false;
    const target = box.matches("fieldset") ? box : (box.querySelector<HTMLElement>("input, select, textarea") ?? box);
    target.setAttribute("aria-invalid", "true");
    first ??= target;
  }
  first?.focus();
}

/** Nothing is wrong. */
export function clearProblems(form: HTMLFormElement): void {
  for (const place of form.querySelectorAll<HTMLElement>(".error")) place.hidden = true;
  for (const wrong of form.querySelectorAll("[aria-invalid=true]")) wrong.setAttribute("aria-invalid", "false");
}

/** A content to be read and compared. */
export function asText(form: HTMLFormElement, content: Content): HTMLElement {
  const shown = make("div", "stack");
  const option = [...form.querySelectorAll("option")].find((one) => one.value === `${content.branch}/${content.category}`);
  const radio = [...form.querySelectorAll<HTMLInputElement>("input[name=result]")].find((one) => one.value === content.result);
  const result = radio?.labels?.[0]?.querySelector("span")?.textContent.trim() ?? "";
  for (const text of [option?.textContent ?? "", content.caller, content.question, content.answer, result]) {
    if (text.trim() !== "") shown.append(make("p", "", text));
  }
  return shown;
}

function input(form: HTMLFormElement, name: string): Input {
  return form.elements.namedItem(name) as Input;
}

function value(form: HTMLFormElement, name: string): string {
  return input(form, name).value;
}
