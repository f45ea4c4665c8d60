/** Which buttons there are in a state: those, and only those, that the service could grant now. Pure. */
import type { PhoneState } from "../softphone/news";
import type { OwnState } from "./model";

/** Buttons that ask the service, by their request. */
export function requests(state: OwnState): ReadonlySet<string> {
  const found = new Set<string>();
  const { declared, observed, call } = state;
  if (declared !== "signed_out") {
    if (declared !== "ready" || observed === "wrap_up") found.add("ready");
    if (declared !== "leaving") found.add("sign_out");
    if (observed === "wrap_up") found.add("end_wrap_up").add("extend_wrap_up");
  }
  if (call === null) return found;
  const { phase, part, third } = call;
  const talks = phase === "talking" || phase === "holding" || phase === "consulting" || phase === "conference";
  if (talks) found.add("end_call");
  if (part === "third") return found;
  if (phase === "talking" && third === "") found.add("hold");
  if (phase === "holding") found.add("unhold");
  if (phase === "consulting" || phase === "conference") {
    found.add("cancel_consult");
    if (third === "talking") found.add("complete_transfer");
    if (third === "talking" && phase === "consulting") found.add("conference");
  }
  return found;
}

/** What the page does itself. */
export interface PhoneHere {
  readonly state: PhoneState;
  readonly test: boolean;
  readonly mayStart: boolean; // nobody works yet, and this page may have the phone
  readonly deskPhone: boolean; // there is one on the desk that can be reached
  readonly elsewhere: boolean; // another page has the phone
  readonly again: boolean; // the phone failed, and a new try may help
  readonly onDesk: boolean; // the phone on the desk was chosen
}

export function actions(state: OwnState, phone: PhoneHere): ReadonlySet<string> {
  const found = new Set<string>();
  if (phone.mayStart) found.add("start");
  if (phone.deskPhone && !phone.onDesk && state.call === null) found.add("start-desk-phone");
  if (phone.onDesk && state.call === null) found.add("browser-phone");
  if (phone.elsewhere) found.add("take-over");
  if (phone.again) found.add("phone-again");
  if (state.declared !== "signed_out") found.add("pause");
  if (phone.state === "ringing" && state.observed !== "rejoining") found.add("answer");
  if (phone.state === "talking" && !phone.test) found.add("mute").add("keypad");
  if (phone.state === "talking" && !phone.test && state.call === null) found.add("hang-up");
  if (phone.state === "talking" && phone.test) found.add("test-end");
  if (phone.state === "ready") found.add("test-call");
  const { call } = state;
  const free = call !== null && call.part === "own" && call.third === "";
  if (free && (call.phase === "talking" || call.phase === "holding")) found.add("transfer").add("consult");
  return found;
}
