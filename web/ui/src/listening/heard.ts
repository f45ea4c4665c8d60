/** Which parts were really played: told now and then, at each pause, and when the page is left. */
import { call } from "../common/api";
import { csrf } from "../common/page";

const EVERY = 15_000; // milliseconds
const JUMP = 1.5; // seconds between two ticks that are no longer one piece, at twice the speed

export class Heard {
  readonly #sound: HTMLAudioElement;
  readonly #address: () => string;
  readonly #ended = new AbortController();
  readonly #clock: number;
  #parts: [number, number][] = []; // milliseconds
  #from: number | undefined; // seconds: where the present piece began
  #last = 0;

  constructor(sound: HTMLAudioElement, address: () => string) {
    this.#sound = sound;
    this.#address = address;
    const { signal } = this.#ended;
    sound.addEventListener("playing", () => this.#begin(), { signal });
    sound.addEventListener("timeupdate", () => this.#tick(), { signal });
    for (const name of ["pause", "ended"]) {
      sound.addEventListener(name, () => {
        this.#piece();
        void this.#tell();
      }, { signal });
    }
    addEventListener("pagehide", () => this.#leave(), { signal });
    this.#clock = window.setInterval(() => {
      this.#piece();
      void this.#tell();
    }, EVERY);
  }

  /** Tell what is left, and listen no more. */
  end(): void {
    this.#leave();
    this.#ended.abort();
    clearInterval(this.#clock);
  }

  #begin(): void {
    this.#from = this.#last = this.#sound.currentTime;
  }

  #tick(): void {
    const now = this.#sound.currentTime;
    if (this.#from !== undefined && (now < this.#last || now - this.#last > JUMP)) {
      this.#piece();
      this.#from = now;
    }
    this.#last = now;
  }

  /** Close the piece that is being played, and begin the next one where it ended. */
  #piece(): void {
    if (this.#from === undefined) return;
    const part: [number, number] = [Math.round(this.#from * 1000), Math.round(this.#last * 1000)];
    if (part[1] > part[0]) this.#parts.push(part);
    this.#from = this.#sound.paused ? undefined : this.#last;
  }

  async #tell(): Promise<void> {
    if (this.#parts.length === 0) return;
    const parts = this.#parts.splice(0);
    try {
      await call("POST", this.#address(), { parts });
    } catch {
      // The service has the ranges of bytes that were given; a playback that has ended takes no more.
    }
  }

  #leave(): void {
    this.#piece();
    // Not a beacon: it could not bring the session's token.
    void fetch(this.#address(), {
      method: "POST",
      keepalive: true,
      headers: { "content-type": "application/json", "x-csrf-token": csrf() },
      body: JSON.stringify({ parts: this.#parts.splice(0), close: true }),
    }).catch(() => undefined);
  }
}
