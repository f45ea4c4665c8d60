/** The SIP side of the softphone: registration, one call at a time, and coming back after a break. */
import { UA } from "jssip";
import type { DTMF_TRANSPORT } from "jssip/lib/Constants";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRequest } from "jssip/lib/SIPMessage";
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent } from "jssip/lib/UA";
import type { PhoneConfig, PhoneTrouble } from "./news";
import { withCodecs } from "./sdp";
import { CLOSED_FOR_GOOD, SipSocket } from "./sip_socket";

const DOMAIN = "kring.invalid"; // Asterisk knows a phone by its account, whatever stands behind the @
const REGISTER_EVERY = 60; // seconds
const RECONNECT = { least: 1, most: 8 }; // seconds between two tries
const REFUSED_AGAIN = [1, 2, 4, 8, 15]; // seconds until the next try to register; the last one for ever
const ICE_WITHIN = 500; // milliseconds for candidates beyond the first, e.g. of a STUN server that is away
const BUSY = 486;
const LINE_DIED = "Reason: Q.850;cause=41"; // RFC 3326; without it the floor takes it as: the agent ended the talk
const RFC4733 = "RFC2833" as DTMF_TRANSPORT.RFC2833; // JsSIP calls it by the older RFC

/** Who is told what happens on the line. */
export interface LineEar {
  registered(): void;
  /** The line is away; it goes on trying unless `forGood`. */
  away(trouble: PhoneTrouble, forGood: boolean): void;
  /** A call rings that asks the phone to answer by itself. Told before it is told to ring. */
  quick(): void;
  /** `test`: a call to oneself. */
  call(state: "ringing" | "talking" | "none", test: boolean): void;
  connection(connection: RTCPeerConnection): void;
  heard(stream: MediaStream): void;
}

/** A session, with what its types leave out. */
type Session = RTCSession & {
  sendRequest(method: string, options: { extraHeaders: string[]; eventHandlers: Record<string, () => void> }): void;
};
type Told = IncomingRTCSessionEvent | OutgoingRTCSessionEvent;

const BY_ITSELF = /;\s*answer-after=0\s*(;|$)/; // in Call-Info, as desk phones know it

export class Line {
  readonly #socket: SipSocket;
  readonly #agent: UA;
  #ear: LineEar | undefined; // nobody: this line was stopped
  #session: Session | undefined;
  #test = false;
  #refusals = 0;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly config: PhoneConfig,
    ear: LineEar,
    private readonly microphone: () => MediaStream,
  ) {
    this.#ear = ear;
    this.#socket = new SipSocket(config.socket);
    this.#agent = new UA({
      sockets: this.#socket,
      uri: `sip:${config.account}@${DOMAIN}`,
      // The account in Contact too: what the service lets pass is in its name.
      contact_uri: `sip:${config.account}@${DOMAIN};transport=ws`,
      password: config.secret,
      register_expires: REGISTER_EVERY,
      session_timers: false, // a refresh that meets a break would end the call
      connection_recovery_min_interval: RECONNECT.least,
      connection_recovery_max_interval: RECONNECT.most,
      user_agent: "Kring",
    });
    this.#agent.on("registered", () => this.#registered());
    this.#agent.on("registrationFailed", ({ response }) => {
      if (response as unknown) this.#refused(); // without an answer it is the network: `disconnected` tells
    });
    this.#agent.on("disconnected", ({ code }) => this.#disconnected(code));
    this.#agent.on("newRTCSession", (told: Told) => this.#rung(told));
  }

  start(): void {
    this.#agent.start();
  }

  /** Sign off. A talk that is on ends as a line that died: its caller gets the agent back, or another one. */
  stop(): void {
    clearTimeout(this.#again);
    const session = this.#session;
    this.#session = undefined;
    this.#ear = undefined; // what JsSIP tells while it signs off is nobody's business
    if (session?.isEstablished() && !this.#test) session.terminate({ extraHeaders: [LINE_DIED] });
    this.#agent.stop();
  }

  answer(): void {
    const session = this.#session;
    if (session === undefined || session.direction !== "incoming" || !session.isInProgress()) return;
    session.answer(this.#media());
    this.#listen(session);
  }

  /** Hang up, or refuse a call that rings. */
  hangUp(): void {
    const session = this.#session;
    if (session === undefined || session.isEnded()) return;
    session.terminate(session.isEstablished() ? {} : { status_code: BUSY });
  }

  /** Press one key: 0–9, * or #. */
  press(key: string): void {
    if (/^[0-9*#]$/.test(key) && this.#session?.isEstablished()) {
      this.#session.sendDTMF(key, { duration: 120, interToneGap: 80, transportType: RFC4733 });
    }
  }

  /** Call the number that lets one hear oneself. */
  test(): void {
    if (this.#session !== undefined || !this.config.testNumber) return;
    const target = `sip:${this.config.testNumber}@${DOMAIN}`;
    this.#test = true;
    const session = this.#agent.call(target, this.#media()) as Session;
    this.#follow(session);
    this.#listen(session);
  }

  /** Send another microphone's sound from now on. */
  async replaceMicrophone(): Promise<void> {
    const track = this.microphone().getAudioTracks()[0] ?? null;
    for (const sender of this.#session?.connection?.getSenders() ?? []) await sender.replaceTrack(track);
  }

  #media(): { mediaStream: MediaStream; pcConfig: RTCConfiguration } {
    const iceServers = [...(this.config.iceServers ?? [])];
    return { mediaStream: this.microphone(), pcConfig: { iceServers, bundlePolicy: "max-bundle" } };
  }

  #rung({ originator, session, request }: Told): void {
    if ((originator as string) !== "remote") return;
    if (this.#ear === undefined) {
      session.terminate();
      return;
    }
    if (this.#session !== undefined && !this.#test) {
      session.terminate({ status_code: BUSY });
      return;
    }
    if (this.#test) this.hangUp(); // a caller matters more
    this.#test = false;
    this.#follow(session as Session);
    if (BY_ITSELF.test((request as IncomingRequest).getHeader("Call-Info") ?? "")) this.#ear.quick();
    this.#ear.call("ringing", false);
  }

  #follow(session: Session): void {
    this.#session = session;
    const test = this.#test;
    const over = (): void => {
      if (this.#session !== session) return;
      this.#session = undefined;
      this.#test = false;
      this.#ear?.call("none", false);
    };
    session.on("accepted", () => {
      if (this.#session === session) this.#ear?.call("talking", test);
    });
    session.on("ended", over);
    session.on("failed", over);
    session.on("sdp", (description) => {
      const { codecs } = this.config;
      if (codecs?.length && description.type === "offer") description.sdp = withCodecs(description.sdp, codecs);
    });
    let first = true;
    session.on("icecandidate", ({ ready }) => {
      if (first) setTimeout(ready, ICE_WITHIN);
      first = false;
    });
  }

  #listen(session: Session): void {
    const { connection } = session;
    this.#ear?.connection(connection);
    connection.addEventListener("track", ({ streams, track }) => {
      this.#ear?.heard(streams[0] ?? new MediaStream([track]));
    });
  }

  #registered(): void {
    clearTimeout(this.#again);
    this.#refusals = 0;
    this.#ear?.registered();
    const session = this.#session;
    if (session?.isEstablished()) this.#takeUp(session);
  }

  /**
   * Tell Asterisk where a call's further messages go now (RFC 3311). Sound went on all the while. Not a
   * re-INVITE: JsSIP ends the call when one meets a second break, and an UPDATE leaves the sound alone.
   */
  #takeUp(session: Session): void {
    session.sendRequest("UPDATE", {
      extraHeaders: [`Contact: ${session.contact}`],
      eventHandlers: {
        // The far end was hung up meanwhile, and could not tell.
        onDialogError: () => session.terminate(),
      },
    });
  }

  #refused(): void {
    if (this.#ear === undefined) return;
    const wait = REFUSED_AGAIN[Math.min(this.#refusals, REFUSED_AGAIN.length - 1)] ?? 1;
    this.#refusals += 1;
    // Once is nothing: an Asterisk that was started anew learns its accounts within a second or two.
    if (this.#refusals > 1) this.#ear?.away("refused", false);
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#agent.register(), wait * 1000);
  }

  #disconnected(code: number | undefined): void {
    clearTimeout(this.#again);
    const over = CLOSED_FOR_GOOD[code ?? 0];
    if (over === undefined) {
      this.#ear?.away("network", false);
      return;
    }
    this.#ear?.away(over, true); // which stops this line
  }
}
