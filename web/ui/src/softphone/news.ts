/** What the softphone tells the page. Words for people: `softphone.…` in the catalogue of texts. */

export type PhoneState = "off" | "connecting" | "ready" | "ringing" | "talking" | "failed";

export type PhoneTrouble =
  | "microphone_refused" // the person, or a rule of their organisation, said no
  | "microphone_missing"
  | "microphone_busy" // another program holds it
  | "network" // the service, or the network between, is away: the phone goes on trying
  | "refused" // the account is not taken: the phone goes on trying
  | "taken_over" // another page is the phone now
  | "session_over" // signed out
  | "no_account"; // the account was revoked: ask for another

export type Grade = "good" | "fair" | "poor";

/** How well sound gets through at the moment. */
export interface Quality {
  readonly grade: Grade;
  readonly loss: number; // share of packets from the far end that were lost lately, 0–1
  readonly jitter: number; // seconds
  readonly roundTrip: number | undefined; // seconds
  readonly codec: string; // "PCMA", "opus" …
}

export interface PhoneNews {
  readonly state: PhoneState;
  readonly trouble?: PhoneTrouble;
  readonly muted: boolean;
  readonly levelIn: number; // the microphone, 0–1
  readonly levelOut: number; // the far end, 0–1
  readonly test: boolean; // the call is a test call to oneself
  readonly quality?: Quality; // during a talk
}

export interface PhoneConfig {
  readonly socket: string; // address, or a path on this page's origin, of SIP over WebSockets
  readonly account: string;
  readonly secret: string;
  readonly language: string;
  readonly testNumber?: string;
  readonly codecs?: readonly string[]; // in this order; the others are not spoken
  readonly iceServers?: readonly RTCIceServer[];
  /** Whether the person takes calls now: then a call that asks for it is answered without them. Default: no. */
  readonly takesCalls?: () => boolean;
}
