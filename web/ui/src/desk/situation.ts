/** In which of its states the page is, and which words say so. Pure. */
import type { PhoneState } from "../softphone/news";
import type { OwnState } from "./model";

export type Word =
  | "signed_out"
  | "connecting"
  | "no_phone"
  | "paused"
  | "ready"
  | "leaving"
  | "ringing"
  | "joining"
  | "talking"
  | "holding"
  | "consult_wanted"
  | "consult_ringing"
  | "consulting"
  | "conference"
  | "rejoining"
  | "wrap_up"
  | "busy_otherwise"
  | "session_over";

/** What the page knows beside the service's state. */
export interface Around {
  readonly sessionOver: boolean;
  readonly lost: boolean; // the service is out of reach
  readonly phone: PhoneState; // of the phone in this page
  readonly onDesk: boolean; // a phone on the desk rings
  readonly muted: boolean;
  readonly reason: string; // what the pause's reason is called
}

export interface Situation {
  readonly word: Word;
  readonly detail: string; // the name of a text
  readonly values: Readonly<Record<string, string | number>>;
  readonly after: "" | "pause" | "leaving"; // what is to come when the call is over
}

const IN_CALL = new Set(["offered", "joining", "talking", "holding", "consulting", "rejoining"]);

/** Return the words for a state. */
export function situation(state: OwnState, around: Around): Situation {
  const word = around.sessionOver ? "session_over" : wordOf(state, around);
  const [detail, values] = around.lost && word !== "session_over" ? ["lost", {}] : detailOf(word, state, around);
  return { word, detail: `desk.detail_${detail}`, values, after: afterOf(state) };
}

function wordOf(state: OwnState, around: Around): Word {
  const connecting = around.phone === "connecting";
  switch (state.observed) {
    case "offered":
      return "ringing";
    case "joining":
    case "holding":
    case "rejoining":
    case "wrap_up":
    case "busy_otherwise":
      return state.observed;
    case "talking":
      return state.call?.phase === "conference" ? "conference" : "talking";
    case "consulting":
      if (state.call?.third === "wanted") return "consult_wanted";
      return state.call?.third === "ringing" ? "consult_ringing" : "consulting";
    case "phone_gone":
      if (connecting) return "connecting";
      return state.declared === "signed_out" ? "signed_out" : "no_phone";
    case "idle":
      if (state.declared === "signed_out" && connecting) return "connecting";
      return state.declared;
  }
}

type Detail = readonly [string, Readonly<Record<string, string | number>>];

function detailOf(word: Word, state: OwnState, around: Around): Detail {
  const third = state.call?.part === "third";
  if (word === "paused") return pauseDetail(state, around.reason);
  if (word === "ringing") {
    if (around.onDesk) return ["ringing_desk_phone", {}];
    return [third ? "ringing_third" : "ringing", {}];
  }
  if (around.muted && around.phone === "talking" && (word === "talking" || word === "conference")) return ["muted", {}];
  if (word === "talking" && third) return ["talking_third", {}];
  return [word, {}];
}

function pauseDetail(state: OwnState, reason: string): Detail {
  if (state.reason === "") return ["paused_first", {}];
  if (state.limit_seconds === null) return ["paused", { reason }];
  const minutes = Math.round(state.limit_seconds / 60);
  return [state.over_limit ? "over_limit" : "paused_limit", { reason, minutes }];
}

function afterOf(state: OwnState): Situation["after"] {
  const busy = IN_CALL.has(state.observed) || state.observed === "wrap_up";
  if (!busy) return "";
  if (state.declared === "leaving") return "leaving";
  return state.declared === "paused" ? "pause" : "";
}
