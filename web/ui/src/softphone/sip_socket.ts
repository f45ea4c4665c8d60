/** The WebSocket to the service, as JsSIP wants it, with a pulse: a dead network shows within seconds. */
import type { Socket } from "jssip/lib/Socket";

/** Codes with which the service closes for good (web/sip_socket.py). */
export const CLOSED_FOR_GOOD: Readonly<Record<number, "taken_over" | "session_over" | "no_account">> = {
  4001: "taken_over",
  4003: "session_over",
  4004: "no_account",
};

const QUIET = 5_000; // milliseconds without a word after which the service is asked whether it is there
const ANSWER = 5_000; // milliseconds that it has to answer
const PING = "\r\n\r\n"; // RFC 7118 section 5.5, RFC 5626 section 3.5.1

type Closed = (error: boolean, code?: number, reason?: string) => void;

export class SipSocket implements Socket {
  via_transport = "WS"; // as Asterisk sees it, whatever the browser's side is
  onconnect: () => void = () => {};
  ondisconnect: Closed = () => {};
  ondata: <T>(event: T) => void = () => {};
  readonly url: string;
  readonly sip_uri: string;
  #socket: WebSocket | undefined;
  #pulse: ReturnType<typeof setTimeout> | undefined;

  constructor(address: string) {
    const url = new URL(address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.url = url.href;
    this.sip_uri = `sip:${url.host};transport=ws`;
  }

  connect(): void {
    if (this.isConnected() || this.isConnecting()) return;
    const socket = new WebSocket(this.url, "sip");
    this.#socket = socket;
    socket.onopen = () => {
      this.#heard();
      this.onconnect();
    };
    socket.onmessage = ({ data }) => {
      this.#heard();
      if (typeof data === "string" && data.trim() !== "") this.ondata(data);
    };
    socket.onclose = ({ wasClean, code, reason }) => this.#lost(socket, !wasClean, code, reason);
  }

  disconnect(): void {
    clearTimeout(this.#pulse);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** Break the connection as a lost network does; JsSIP connects again. */
  drop(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#lost(socket, true, 1006, "no answer");
    socket.close();
  }

  send(message: string | ArrayBufferLike | Blob | ArrayBufferView): boolean {
    if (!this.isConnected()) return false;
    this.#socket?.send(message as string);
    return true;
  }

  isConnected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.#socket?.readyState === WebSocket.CONNECTING;
  }

  #heard(): void {
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(() => {
      this.send(PING);
      this.#pulse = setTimeout(() => this.drop(), ANSWER);
    }, QUIET);
  }

  #lost(socket: WebSocket, error: boolean, code: number, reason: string): void {
    if (socket !== this.#socket) return; // told already
    clearTimeout(this.#pulse);
    this.#socket = undefined;
    this.ondisconnect(error, code, reason);
  }
}
