/** Caller left, agent right: each with its own volume, or both in both ears. */
import { byId } from "../common/page";
import { say } from "../common/texts";

const SIDES = ["volume-caller", "volume-agent"] as const;

export class Sides {
  readonly #sound: HTMLAudioElement;
  readonly #both = byId<HTMLInputElement>("both-ears");
  #context: AudioContext | undefined;
  #gains: GainNode[] = []; // of each side, to the left and to the right ear: caller left, right, agent left, right

  constructor(sound: HTMLAudioElement) {
    this.#sound = sound;
    for (const id of SIDES) byId(id).addEventListener("input", () => this.#set());
    this.#both.addEventListener("change", () => this.#set());
    this.#set();
  }

  /** A browser lets sound be mixed only once somebody has pressed something. */
  wake(): void {
    if (this.#context === undefined) this.#mix();
    void this.#context?.resume();
  }

  end(): void {
    void this.#context?.close();
  }

  #mix(): void {
    const context = new AudioContext();
    const splitter = context.createChannelSplitter(2);
    const merger = context.createChannelMerger(2);
    context.createMediaElementSource(this.#sound).connect(splitter);
    this.#gains = [0, 1].flatMap((side) =>
      [0, 1].map((ear) => {
        const gain = context.createGain();
        splitter.connect(gain, side);
        gain.connect(merger, 0, ear);
        return gain;
      }),
    );
    merger.connect(context.destination);
    this.#context = context;
    this.#set();
  }

  #set(): void {
    SIDES.forEach((id, side) => {
      const slider = byId<HTMLInputElement>(id);
      slider.setAttribute("aria-valuetext", say("listening.volume_of", { percent: slider.value }));
      [0, 1].forEach((ear) => {
        const gain = this.#gains[side * 2 + ear];
        if (gain === undefined) return;
        gain.gain.value = side === ear || this.#both.checked ? Number(slider.value) / 100 : 0;
      });
    });
  }
}
