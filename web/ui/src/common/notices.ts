/** What the page tells in passing, in a polite live region. */
import { byId, make } from "./page";
import { say } from "./texts";

export type NoticeKind = "" | "good" | "bad";

const SHOWN_FOR = 8_000; // milliseconds; what is bad stays until it is closed

/** Show a notice. The same text is shown once. */
export function notice(text: string, kind: NoticeKind = ""): void {
  for (const other of byId("notices").querySelectorAll(".notice")) {
    if (other.querySelector("p")?.textContent === text) other.remove();
  }
  const shown = make("div", kind ? `notice notice-${kind}` : "notice");
  shown.append(make("p", "", text));
  place(shown, kind !== "bad");
}

/** Show a piece that the service rendered (an error), as a notice. */
export function noticePiece(html: string): void {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const shown of holder.content.querySelectorAll<HTMLElement>(".notice")) place(shown, false);
}

/** Take all notices away. */
export function clearNotices(): void {
  byId("notices").replaceChildren();
}

function place(shown: HTMLElement, passes: boolean): void {
  const close = make("button", "button button-quiet notice-close", "×", {
    type: "button",
    "aria-label": say("common.close_notice"),
  });
  close.addEventListener("click", () => shown.remove());
  shown.append(close);
  byId("notices").append(shown);
  if (passes) setTimeout(() => shown.remove(), SHOWN_FOR);
}
