/**
 * The player: an audio element that fetches the sound by ranges, the waveform above it, and what is told of what was
 * heard. A link that has ended is asked for anew, for the same purpose, when somebody plays on.
 */
import { ApiError, call } from "../common/api";
import { notice } from "../common/notices";
import { byId } from "../common/page";
import { asPlace, servePlayer } from "../common/player";
import { say } from "../common/texts";
import { Heard } from "./heard";
import { Sides } from "./sides";
import { Wave } from "./wave";

export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2] as const;

interface Begun {
  readonly playback_id: string;
  readonly address: string;
}

/** One opened recording on the page. */
export class Playing {
  readonly #panel: HTMLElement;
  readonly #sound = byId<HTMLAudioElement>("sound");
  readonly #position = byId<HTMLInputElement>("position");
  readonly #button = byId<HTMLButtonElement>("play");
  readonly #speed = byId<HTMLSelectElement>("speed");
  readonly #length: number; // seconds
  readonly #sides: Sides;
  readonly #wave: Wave;
  readonly #heard: Heard;
  readonly #ended = new AbortController();
  #renewing: Promise<void> | undefined;
  #wantsToPlay = false;
  #goal: number | undefined; // seconds: where somebody went, until it is reached
  #lapsed = false; // the link has ended; nobody has wanted anything of it since

  constructor(panel: HTMLElement, nonce: string) {
    this.#panel = panel;
    this.#length = Number(panel.dataset["length"]) / 1000;
    this.#sound.src = panel.dataset["address"] ?? "";
    this.#sides = new Sides(this.#sound);
    this.#heard = new Heard(this.#sound, () => this.#api(`playbacks/${this.#playback}/heard`));
    this.#wave = new Wave(this.#sound, this.#length, nonce);
    void this.#wave.load(this.#api(`peaks?playback=${this.#playback}`));
    this.#listen();
    const unserve = servePlayer({ time: () => this.time * 1000, seek: (ms) => this.seek(ms / 1000), toggle: () => this.toggle() });
    this.#ended.signal.addEventListener("abort", unserve);
  }

  /** Seconds from the beginning. */
  get time(): number {
    return this.#sound.currentTime;
  }

  /** Let it go: another playback takes its place. */
  end(): void {
    this.#ended.abort();
    this.#heard.end();
    this.#sides.end();
    this.#wave.end();
    this.#sound.removeAttribute("src");
    this.#sound.load();
  }

  /** What ends together with this playback. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Play, or pause. */
  toggle(): void {
    this.#wantsToPlay = this.#sound.paused;
    if (this.#wantsToPlay) void this.#play();
    else this.#sound.pause();
  }

  /** Go to a place, in seconds. */
  seek(seconds: number): void {
    this.#goal = Math.min(Math.max(0, seconds), Math.max(0, this.#length - 0.01));
    if (this.#lapsed || this.#renewing !== undefined) void this.#renew();
    else this.#sound.currentTime = this.#goal;
    this.#show();
  }

  /** The next faster (1) or slower (-1) of the speeds. */
  pace(step: 1 | -1): void {
    const all: readonly number[] = SPEEDS;
    const next = all[all.indexOf(Number(this.#speed.value)) + step];
    if (next === undefined) return;
    this.#speed.value = String(next);
    this.#sound.playbackRate = next;
  }

  /** Show the marks and comments of the page on the waveform. */
  drawMarks(): void {
    this.#wave.drawMarks();
  }

  async #play(): Promise<void> {
    this.#sides.wake();
    if (this.#lapsed || this.#renewing !== undefined) return this.#renew();
    this.#sound.playbackRate = Number(this.#speed.value);
    // Refused where the sound cannot be had: its `error` event says so.
    await this.#sound.play().catch(() => undefined);
  }

  get #playback(): string {
    return this.#panel.dataset["playback"] ?? "";
  }

  #api(rest: string): string {
    return `/api/recordings/${this.#panel.dataset["recording"] ?? ""}/${rest}`;
  }

  #listen(): void {
    const { signal } = this.#ended;
    const on = (element: HTMLElement, name: string, ear: () => void): void =>
      element.addEventListener(name, ear, { signal });
    on(this.#button, "click", () => this.toggle());
    on(this.#position, "input", () => this.seek(Number(this.#position.value)));
    on(this.#speed, "change", () => (this.#sound.playbackRate = Number(this.#speed.value)));
    for (const name of ["timeupdate", "seeking", "loadedmetadata"]) on(this.#sound, name, () => this.#show());
    for (const name of ["play", "pause", "ended"]) on(this.#sound, name, () => this.#showState());
    on(this.#sound, "seeked", () => (this.#goal = undefined));
    on(this.#sound, "error", () => this.#stopped());
    for (const step of this.#panel.querySelectorAll<HTMLElement>("[data-step]")) {
      on(step, "click", () => this.seek(this.time + Number(step.dataset["step"])));
    }
    const zoom = byId<HTMLInputElement>("zoom");
    on(zoom, "input", () => this.#wave.zoom(Number(zoom.value) / 100));
    this.#show();
  }

  #show(): void {
    const now = this.time;
    if (document.activeElement !== this.#position || !this.#sound.paused) this.#position.value = now.toFixed(1);
    const said = { at: asPlace(now * 1000), length: asPlace(this.#length * 1000) };
    this.#position.setAttribute("aria-valuetext", say("listening.position_of", said));
    byId("clock").textContent = `${said.at} / ${said.length}`;
    const here = marksAt(now * 1000).join(", ");
    byId("here-now").textContent = here === "" ? "" : say("listening.here_now", { what: here });
  }

  #showState(): void {
    const words = this.#button.dataset;
    this.#button.textContent = (this.#sound.paused ? words["play"] : words["pause"]) ?? "";
  }

  /** The link has ended, or the sound cannot be had. A playback is begun anew only for who wants to hear on. */
  #stopped(): void {
    if (this.#renewing !== undefined) return; // it is told where that fails
    this.#lapsed = true;
    if (this.#wantsToPlay || this.#goal !== undefined) void this.#renew();
  }

  /** Ask for another link, and say why if there is none. */
  #renew(): Promise<void> {
    return (this.#renewing ??= this.#begin().finally(() => (this.#renewing = undefined)));
  }

  async #begin(): Promise<void> {
    const at = this.time;
    try {
      const begun = await call<Begun>("POST", this.#api("playbacks"), { purpose: this.#panel.dataset["purpose"] });
      this.#panel.dataset["playback"] = begun.playback_id;
      byId<HTMLInputElement>("playback-id").value = begun.playback_id;
      this.#sound.src = begun.address;
      await once(this.#sound, "loadedmetadata");
      this.#sound.currentTime = this.#goal ?? at;
      this.#sound.playbackRate = Number(this.#speed.value);
      this.#lapsed = false;
      notice(say("listening.renewed"));
      if (this.#wantsToPlay) await this.#sound.play().catch(() => undefined);
    } catch (error) {
      [this.#lapsed, this.#goal, this.#wantsToPlay] = [true, at, false];
      const why = error instanceof ApiError ? error.message : "";
      notice(say("listening.cannot_play", { why }), "bad");
    }
  }
}

/** Wait for an event of the sound; an error of it ends the waiting by being thrown. */
function once(sound: HTMLAudioElement, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    sound.addEventListener(name, () => resolve(), { once: true });
    sound.addEventListener("error", () => reject(new Error("the sound cannot be read")), { once: true });
  });
}

/** The names of the marks in which a place lies. */
function marksAt(ms: number): string[] {
  return [...document.querySelectorAll<HTMLElement>("[data-mark]")]
    .filter((row) => Number(row.dataset["from"]) <= ms && ms < Number(row.dataset["until"]))
    .map((row) => row.querySelector("th")?.textContent.trim().replace(/\s+/g, " ") ?? "");
}
