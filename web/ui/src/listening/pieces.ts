/** What stands beside the player comes from other parts of the service: each may be missing, or not be ours to see. */
import htmx from "../common/htmx";
import { make } from "../common/page";
import { say } from "../common/texts";

/** Load every `[data-piece-of]`, with the page's own query and the purpose. */
export function loadPieces(query: string, purpose: string): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-piece-of]")) {
    const asked = new URLSearchParams(query);
    asked.set("purpose", purpose);
    const address = `${place.dataset["pieceOf"] ?? ""}?${asked.toString()}`;
    place.addEventListener("htmx:responseError", (event) => {
      const { elt, xhr } = (event as CustomEvent<{ elt: HTMLElement; xhr: XMLHttpRequest }>).detail;
      if (elt !== place) return; // a form within the piece: its own affair
      event.stopPropagation();
      if (xhr.status === 403 || xhr.status === 404) place.replaceChildren(make("p", "muted", say("listening.not_here")));
      else offerAgain(place, address);
    });
    place.addEventListener("htmx:sendError", (event) => {
      if (event.target === place) offerAgain(place, address);
    });
    load(place, address);
  }
}

function load(place: HTMLElement, address: string): void {
  void htmx.ajax("get", address, { source: place, target: place, swap: "innerHTML" });
}

function offerAgain(place: HTMLElement, address: string): void {
  const again = make("button", "button button-quiet", say("listening.again"), { type: "button" });
  again.addEventListener("click", () => load(place, address));
  place.replaceChildren(make("p", "muted", say("listening.not_loaded")), again);
}
