/** What is heard and how loud: loudspeaker, ring tone, level meters. */
import { chosenOutput } from "./devices";

const RING = { hertz: [523.25, 659.25], pulses: [0, 0.5], pulse: 0.35, every: 3, loudness: 0.12 } as const; // seconds

const GESTURES = ["pointerdown", "keydown"] as const;

type WithSink = { setSinkId?: (id: string) => Promise<void> };

/** Measures the level of a stream: 0 silence, 1 full scale. */
class Meter {
  readonly #source: MediaStreamAudioSourceNode;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(context: AudioContext, stream: MediaStream) {
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return Math.min(1, Math.sqrt((2 * sum) / this.#samples.length)); // a full sine is 1
  }

  close(): void {
    this.#source.disconnect();
  }
}

/** Plays the far end and the ring tone on the chosen loudspeaker. */
export class Sound {
  readonly #context = new AudioContext();
  readonly #speaker = new Audio();
  #microphone: Meter | undefined;
  #far: Meter | undefined;
  #ringing: ReturnType<typeof setInterval> | undefined;

  readonly #gesture = (): void => this.#wake();

  constructor() {
    this.#speaker.autoplay = true;
    // A page that nobody has touched yet may be silent: the first touch wakes it.
    for (const name of GESTURES) addEventListener(name, this.#gesture, { capture: true, passive: true });
    void this.useOutput();
  }

  #wake(): void {
    if (this.#context.state === "suspended") void this.#context.resume();
    if (this.#speaker.srcObject !== null && this.#speaker.paused) void this.#speaker.play().catch(() => undefined);
  }

  /** Measure this microphone, or none. */
  microphone(stream: MediaStream | undefined): void {
    this.#microphone?.close();
    this.#microphone = stream && new Meter(this.#context, stream);
    this.#wake();
  }

  /** Let the far end be heard, or nobody. */
  far(stream: MediaStream | undefined): void {
    this.#far?.close();
    // Chromium gives a remote stream to WebAudio only while an element plays it.
    this.#speaker.srcObject = stream ?? null;
    this.#far = stream && new Meter(this.#context, stream);
    this.#wake();
  }

  levels(): { readonly levelIn: number; readonly levelOut: number } {
    return { levelIn: this.#microphone?.level() ?? 0, levelOut: this.#far?.level() ?? 0 };
  }

  ring(on: boolean): void {
    clearInterval(this.#ringing);
    this.#ringing = undefined;
    if (!on) return;
    this.#wake();
    this.#ringOnce();
    this.#ringing = setInterval(() => this.#ringOnce(), RING.every * 1000);
  }

  /** Play a short tone: a call is on the line. */
  chime(): void {
    this.#wake();
    this.#pulse(0);
  }

  #ringOnce(): void {
    for (const pulse of RING.pulses) this.#pulse(pulse);
  }

  #pulse(after: number): void {
    const begin = this.#context.currentTime + after;
    const gain = this.#context.createGain();
    gain.gain.setValueAtTime(0, begin);
    gain.gain.linearRampToValueAtTime(RING.loudness, begin + 0.03);
    gain.gain.setTargetAtTime(0, begin + RING.pulse - 0.1, 0.05);
    gain.connect(this.#context.destination);
    for (const hertz of RING.hertz) {
      const tone = new OscillatorNode(this.#context, { frequency: hertz });
      tone.connect(gain);
      tone.start(begin);
      tone.stop(begin + RING.pulse + 0.2);
    }
  }

  /** Use the chosen loudspeaker; one that is gone leaves the browser's own. */
  async useOutput(): Promise<void> {
    const id = chosenOutput();
    for (const sink of [this.#speaker, this.#context] as WithSink[]) {
      try {
        await sink.setSinkId?.(id);
      } catch {
        await sink.setSinkId?.("").catch(() => undefined);
      }
    }
  }

  close(): void {
    for (const name of GESTURES) removeEventListener(name, this.#gesture, { capture: true });
    this.ring(false);
    this.microphone(undefined);
    this.far(undefined);
    void this.#context.close();
  }
}
