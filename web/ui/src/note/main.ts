/** The page of notes: search, further pages, corrections. */
import htmx from "../common/htmx";
import { startNote } from "./note";

startNote();

let body: Record<string, unknown> | undefined; // of the last search; its further pages ask the same

document.addEventListener("htmx:configRequest", (event) => {
  const { verb, path, parameters } = (event as CustomEvent<{ verb: string; path: string; parameters: Record<string, string> }>).detail;
  if (verb !== "post" || path !== "/api/notes/search") return;
  if (parameters["before"] === undefined) body = { ...parameters };
});

document.addEventListener("click", (event) => {
  const next = event.target instanceof Element ? event.target.closest("[data-note-next]") : null;
  const place = next?.closest<HTMLElement>("[data-note-more]");
  if (!place) return;
  const before = place.dataset["noteMore"] ?? "";
  const options = { target: place, swap: "outerHTML", source: place } as const;
  if (body === undefined) void htmx.ajax("get", `/api/notes?before=${before}`, options);
  else void htmx.ajax("post", "/api/notes/search", { ...options, values: { ...body, before } });
});
