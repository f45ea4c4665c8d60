/** htmx as this application uses it: no eval, no injected style, nothing kept in the browser, JSON bodies. */
import htmx from "./htmx";
import { lostNow, reachedNow } from "./connection";
import { confirmed } from "./dialogs";
import { notice, noticePiece } from "./notices";
import { csrf, toSignIn } from "./page";
import { say } from "./texts";
import { showTimers } from "./timers";

interface Detail {
  readonly elt: HTMLElement;
  readonly target: HTMLElement;
  readonly verb: string;
  readonly headers: Record<string, string>;
  readonly xhr: XMLHttpRequest;
  readonly question: string | null | undefined; // undefined: below something that hands nothing down
  issueRequest(skipConfirmation: boolean): void;
}

/** Configure htmx and what happens when a request fails. */
export function setUpHtmx(): void {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    allowNestedOobSwaps: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    historyEnabled: false, // htmx would keep whole pages in the browser's storage
    historyCacheSize: 0,
    defaultSettleDelay: 0, // a piece listens as soon as it is there: news between would be lost to it
    methodsThatUseUrlParams: ["get"], // what is typed never goes into an address but for a search of our own ids
    timeout: 15_000,
  });
  on("htmx:configRequest", ({ verb, headers }) => {
    if (verb !== "get") headers["x-csrf-token"] = csrf();
  });
  on("htmx:confirm", (detail, event) => {
    const { question } = detail;
    if (!question) return;
    event.preventDefault();
    void confirmed(question).then((yes) => yes && detail.issueRequest(true));
  });
  on("htmx:beforeRequest", ({ elt }) => clearProblems(elt));
  on("htmx:afterRequest", ({ xhr }) => {
    if (xhr.status > 0) reachedNow();
  });
  on("htmx:afterSettle", () => showTimers());
  on("htmx:responseError", ({ elt, xhr }) => failed(elt, xhr));
  on("htmx:sendError", () => lostNow());
  on("htmx:timeout", () => notice(say("common.too_slow"), "bad"));
}

function on(name: string, ear: (detail: Detail, event: Event) => void): void {
  document.addEventListener(name, (event) => ear((event as CustomEvent<Detail>).detail, event));
}

function failed(elt: HTMLElement, xhr: XMLHttpRequest): void {
  if (xhr.status === 401) {
    toSignIn();
    return;
  }
  const html = xhr.getResponseHeader("content-type")?.startsWith("text/html") ?? false;
  if (!html) {
    notice(say("error.status_500"), "bad");
    return;
  }
  if (!showProblems(elt, xhr.responseText)) noticePiece(xhr.responseText);
}

/** Put what is wrong with fields beside the fields; false if some have no place in the form. */
function showProblems(elt: HTMLElement, html: string): boolean {
  const form = elt.closest("form");
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const problems = [...holder.content.querySelectorAll<HTMLElement>("[data-problem-of]")];
  if (form === null || problems.length === 0) return false;
  let first: HTMLElement | undefined;
  let all = true;
  for (const problem of problems) {
    const name = problem.dataset["problemOf"] ?? "";
    const field = form.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
    const place = field?.querySelector<HTMLElement>(".error");
    const input = field?.querySelector<HTMLElement>("input, select, textarea");
    if (!place || !input) {
      all = false;
      continue;
    }
    place.textContent = problem.dataset["problem"] ?? problem.textContent;
    place.hidden = false;
    input.setAttribute("aria-invalid", "true");
    first ??= input;
  }
  first?.focus();
  return all;
}

function clearProblems(elt: HTMLElement): void {
  const form = elt.closest("form");
  if (form === null) return;
  for (const place of form.querySelectorAll<HTMLElement>(".field > .error")) {
    place.hidden = true;
    place.textContent = "";
  }
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}
