/** The agent's phone in the page: registers, rings, talks, and says what is wrong. It keeps no secret anywhere. */
import * as devices from "./devices";
import { Line, type LineEar } from "./line";
import type { PhoneConfig, PhoneNews, PhoneState, PhoneTrouble, Quality } from "./news";
import { QualityWatch } from "./quality";
import { Sound } from "./sound";

export type { PhoneConfig, PhoneNews } from "./news";

const LEVELS_EVERY = 100; // milliseconds
const QUALITY_EVERY = 2_000;
const TEST_LASTS = 15_000;

type CallState = "ringing" | "talking" | "none";
type Change = Partial<Omit<PhoneNews, "trouble" | "quality">> & {
  readonly trouble?: PhoneTrouble | undefined;
  readonly quality?: Quality | undefined;
};

/**
 * Events: "changed" when anything but the levels changed, "levels" at most ten times a second while the
 * phone is on. `news` is a snapshot; a new object each time.
 */
export class Softphone extends EventTarget {
  #news: PhoneNews = { state: "off", muted: false, levelIn: 0, levelOut: 0, test: false };
  #line: Line | undefined;
  #sound: Sound | undefined;
  #microphone: MediaStream | undefined;
  #call: CallState = "none";
  #registered = false;
  #quick = false; // what rings next is answered here
  #watch: QualityWatch | undefined;
  #timers: ReturnType<typeof setInterval>[] = [];
  #testEnds: ReturnType<typeof setTimeout> | undefined;
  #started = false;
  readonly #deviceChange = (): void => void this.#devicesChanged();

  constructor(private readonly config: PhoneConfig) {
    super();
  }

  get news(): PhoneNews {
    return this.#news;
  }

  /** Open the microphone and register. Without a microphone no call may ring here: see `news.trouble`. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    this.#change({ state: "connecting", trouble: undefined });
    const microphone = await this.#open();
    if (microphone === undefined) return;
    if (!this.#started) {
      stopTracks(microphone);
      return;
    }
    this.#sound = new Sound();
    this.#take(microphone);
    navigator.mediaDevices.addEventListener("devicechange", this.#deviceChange);
    this.#timers = [
      setInterval(() => this.#levels(), LEVELS_EVERY),
      setInterval(() => void this.#quality(), QUALITY_EVERY),
    ];
    this.#line = new Line(this.config, this.#ear(), () => this.#microphone ?? new MediaStream());
    this.#line.start();
  }

  /**
   * Sign off and let go of the microphone. A talk that is on is not ended by that for its caller, who gets the
   * agent back on the next phone, or another agent: to end it, `hangUp` first. May be started again.
   */
  stop(): void {
    this.#close();
    this.#change({ state: "off", trouble: undefined });
  }

  answer(): void {
    this.#line?.answer();
  }

  /** Hang up, or refuse what rings. */
  hangUp(): void {
    this.#line?.hangUp();
  }

  /** The far end hears silence, which is still sent: a phone that sends nothing is taken for dead. */
  setMuted(muted: boolean): void {
    for (const track of this.#microphone?.getAudioTracks() ?? []) track.enabled = !muted;
    this.#change({ muted });
  }

  /** Press a key in a talk: 0–9, * or #. */
  press(key: string): void {
    this.#line?.press(key);
  }

  inputs(): Promise<devices.Device[]> {
    return devices.inputs();
  }

  outputs(): Promise<devices.Device[]> {
    return devices.outputs();
  }

  /** Use this microphone, now and in this browser from now on. */
  async setInput(id: string): Promise<void> {
    devices.chooseInput(id);
    await this.#replaceMicrophone();
  }

  /** Use this loudspeaker, now and in this browser from now on. */
  async setOutput(id: string): Promise<void> {
    devices.chooseOutput(id);
    await this.#sound?.useOutput();
    this.dispatchEvent(new Event("changed"));
  }

  /** Call oneself: what is said is heard again. It ends by itself, and when a call comes. */
  testCall(): void {
    if (this.#news.state !== "ready") return;
    this.#line?.test();
    clearTimeout(this.#testEnds);
    this.#testEnds = setTimeout(() => {
      if (this.#news.test) this.hangUp();
    }, TEST_LASTS);
  }

  #ear(): LineEar {
    return {
      registered: () => {
        this.#registered = true;
        this.#change({ state: this.#state(), trouble: undefined });
      },
      away: (trouble, forGood) => {
        this.#registered = false;
        if (forGood) this.#close();
        this.#change({ state: forGood ? "failed" : this.#state(), trouble });
      },
      quick: () => {
        this.#quick = this.config.takesCalls?.() ?? false;
      },
      call: (state, test) => this.#callIs(state, test),
      connection: (connection) => {
        this.#watch = new QualityWatch(connection);
      },
      heard: (stream) => this.#sound?.far(stream),
    };
  }

  /** A call that is on counts more than a line that is away: the talk goes on without it. */
  #state(): PhoneState {
    if (this.#call !== "none") return this.#call;
    return this.#registered ? "ready" : "connecting";
  }

  #callIs(state: CallState, test: boolean): void {
    this.#call = state;
    const quick = this.#quick && state === "ringing";
    this.#quick = false;
    this.#sound?.ring(state === "ringing" && !quick);
    if (state === "none") {
      this.#sound?.far(undefined);
      this.#watch = undefined;
      if (this.#news.muted) this.setMuted(false); // the next caller is to be heard
    }
    if (this.#started) this.#change({ state: this.#state(), test, quality: undefined });
    if (quick) {
      this.#sound?.chime(); // whoever is spoken to in a moment is not startled
      this.answer();
    }
  }

  async #open(): Promise<MediaStream | undefined> {
    try {
      return await devices.openMicrophone();
    } catch (error) {
      if (!(error instanceof devices.NoMicrophone)) throw error;
      this.#close();
      this.#change({ state: "failed", trouble: error.trouble });
      return undefined;
    }
  }

  #take(microphone: MediaStream): void {
    const before = this.#microphone;
    this.#microphone = microphone;
    for (const track of microphone.getAudioTracks()) {
      track.enabled = !this.#news.muted;
      track.addEventListener("ended", () => void this.#replaceMicrophone()); // unplugged
    }
    this.#sound?.microphone(microphone);
    if (before) stopTracks(before);
  }

  async #replaceMicrophone(): Promise<void> {
    if (this.#sound === undefined) return;
    const microphone = await this.#open();
    if (microphone === undefined) return;
    this.#take(microphone);
    await this.#line?.replaceMicrophone();
    this.dispatchEvent(new Event("changed"));
  }

  async #devicesChanged(): Promise<void> {
    await this.#sound?.useOutput();
    this.dispatchEvent(new Event("changed")); // the lists are others
  }

  #levels(): void {
    if (this.#sound === undefined) return;
    const { levelIn, levelOut } = this.#sound.levels();
    this.#news = { ...this.#news, levelIn: this.#news.muted ? 0 : levelIn, levelOut };
    this.dispatchEvent(new Event("levels"));
  }

  async #quality(): Promise<void> {
    const watch = this.#call === "talking" ? this.#watch : undefined;
    const quality = await watch?.look();
    if (quality !== undefined && watch === this.#watch) this.#change({ quality });
  }

  #close(): void {
    this.#started = false;
    this.#registered = false;
    this.#call = "none";
    clearTimeout(this.#testEnds);
    this.#timers.forEach(clearInterval);
    this.#timers = [];
    navigator.mediaDevices?.removeEventListener("devicechange", this.#deviceChange);
    this.#line?.stop();
    this.#line = undefined;
    this.#sound?.close();
    this.#sound = undefined;
    if (this.#microphone) stopTracks(this.#microphone);
    this.#microphone = undefined;
    this.#watch = undefined;
    this.#change({ levelIn: 0, levelOut: 0, test: false, muted: false, quality: undefined });
  }

  /** Take over what changed; `trouble` and `quality` go away when they are given as undefined. */
  #change(part: Change): void {
    const { trouble, quality, ...rest } = { ...this.#news, ...part };
    this.#news = { ...rest, ...(trouble && { trouble }), ...(quality && { quality }) };
    this.dispatchEvent(new Event("changed"));
  }
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
