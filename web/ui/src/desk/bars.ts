/** The bars of state and call: words, timers, buttons. */
import { byId } from "../common/page";
import { say } from "../common/texts";
import { actions, requests } from "./buttons";
import { count, put, show, showButtons } from "./elements";
import type { OwnState } from "./model";
import type { DeskPhone } from "./phone";
import { situation } from "./situation";
import type { Store } from "./store";

/** What the bars show beside the service's state. */
export interface Surroundings {
  sessionOver: boolean;
  lost: boolean;
}

export class Bars {
  #number = ""; // of the state whose timers run
  #language = { call: "", language: "" }; // of the call at hand: kept for its note
  readonly #title = document.title;

  constructor(
    private readonly store: Store,
    private readonly phone: DeskPhone,
    private readonly reasons: Readonly<Record<string, string>>,
    private readonly around: Surroundings,
  ) {}

  show(): void {
    const { state } = this.store;
    this.#words(state);
    this.#timers(state);
    this.#call(state);
    this.#buttons(state);
  }

  #words(state: OwnState): void {
    const { news, onDesk } = this.phone;
    const reason = this.reasons[state.reason] ?? state.reason;
    const said = situation(state, { ...this.around, phone: news.state, onDesk, muted: news.muted, reason });
    const word = say(`desk.word_${said.word}`);
    put("state-word", word);
    put("state-detail", say(said.detail, said.values));
    byId("state").dataset["word"] = said.word;
    byId("state").dataset["over"] = String(state.over_limit);
    show("state-after", said.after !== "");
    if (said.after !== "") put("state-after", say(`desk.after_${said.after}`, { reason }));
    show("sign-in-again", this.around.sessionOver);
    const title = said.word === "ringing" ? `☎ ${word}` : word;
    if (document.title !== `${title} · ${this.#title}`) document.title = `${title} · ${this.#title}`;
  }

  #timers(state: OwnState): void {
    const shown = `${state.run} ${state.number}`;
    if (shown === this.#number) return;
    this.#number = shown;
    count("state-timer", state.seconds);
    const left = state.observed === "rejoining" ? state.rejoin_left : state.wrap_up_left;
    show("wrap-up", left !== null);
    put("wrap-up-label", say(state.observed === "rejoining" ? "desk.rejoin_left" : "desk.wrap_up_left"));
    if (left !== null) count("wrap-up-timer", left);
    if (state.call) count("call-timer", state.call.seconds);
  }

  #call(state: OwnState): void {
    const { call } = state;
    const heard = this.phone.news.state === "ringing" || this.phone.news.state === "talking";
    show("call", heard || (call !== null && call.phase !== "wrap_up"));
    show("call-part", call?.part === "third");
    show("call-timer", call !== null && call.seconds > 0 && call.phase !== "wrap_up");
    put("call-who", call === null ? say("desk.call") : subject(call.queue));
    if (call !== null && (call.language !== "" || this.#language.call !== call.call_id)) {
      this.#language = { call: call.call_id, language: call.language };
    }
    const spoken = call === null ? "" : this.#language.language;
    show("call-language", spoken !== "");
    if (spoken !== "") put("call-language", say(`desk.language_${spoken}`));
    this.#phrase(state, spoken === "en" ? "en" : "id");
  }

  /** What is said with hold and unhold stands beside the buttons, in the language of the call. */
  #phrase(state: OwnState, spoken: "id" | "en"): void {
    const phase = state.call?.part === "own" ? state.call.phase : "";
    const name = phase === "talking" ? "hold" : phase === "holding" ? "unhold" : "";
    show("call-phrase", name !== "");
    if (name === "") return;
    put("call-phrase-text", say(`desk.phrase_${name}_${spoken}`));
    byId("call-phrase-text").lang = spoken;
  }

  #buttons(state: OwnState): void {
    const { phone } = this;
    if (this.around.sessionOver) {
      showButtons("request", new Set());
      showButtons("act", new Set());
      return;
    }
    const { news } = phone;
    const off = news.state === "off" || news.state === "failed";
    const mayRing = phone.onDesk ? phone.deskPhone : !phone.elsewhere;
    showButtons("request", requests(state));
    const found = actions(state, {
      state: news.state,
      test: news.test,
      mayStart: state.declared === "signed_out" && news.state === "off" && mayRing,
      deskPhone: phone.deskPhone,
      elsewhere: phone.elsewhere,
      again: off && !phone.elsewhere && !phone.onDesk && (news.state === "failed" || state.declared !== "signed_out"),
      onDesk: phone.onDesk,
    });
    showButtons("act", found);
    document.querySelector('[data-act="mute"]')?.setAttribute("aria-pressed", String(news.muted));
  }
}

/** What staff call a queue; `efin/B` with its tier. */
export function subject(queue: string): string {
  const [base = "", tier] = queue.split("/");
  const name = `desk_subject.${base}`;
  const label = say(name);
  const known = label === name ? base : label;
  return tier === undefined ? known : `${known} · ${tier}`;
}
