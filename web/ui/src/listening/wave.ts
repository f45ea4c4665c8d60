/** The waveform of both sides, out of the levels that were computed when the recording was sealed. */
import WaveSurfer from "wavesurfer.js";
import RegionsPlugin from "wavesurfer.js/dist/plugins/regions.js";
import { call } from "../common/api";
import { byId, make } from "../common/page";

interface Peaks {
  readonly caller: string; // base64 of a byte per level
  readonly agent: string;
}

const HEIGHT = 56; // pixels of one side
const CLOSEST = 100; // pixels per second, at the largest

export class Wave {
  readonly #sound: HTMLAudioElement;
  readonly #length: number;
  readonly #nonce: string;
  readonly #marks = RegionsPlugin.create();
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  readonly #repaint = (): void => this.#paint();
  readonly #themes = new MutationObserver(this.#repaint);
  #surfer: WaveSurfer | undefined;

  constructor(sound: HTMLAudioElement, length: number, nonce: string) {
    this.#sound = sound;
    this.#length = length;
    this.#nonce = nonce;
  }

  /** Draw it. Without levels the sound can still be heard. */
  async load(address: string): Promise<void> {
    let peaks: Peaks;
    try {
      peaks = await call<Peaks>("GET", address);
    } catch {
      byId("wave-trouble").hidden = false;
      return;
    }
    this.#surfer = WaveSurfer.create({
      container: byId("wave"),
      media: this.#sound,
      peaks: [levels(peaks.caller), levels(peaks.agent)],
      duration: this.#length,
      splitChannels: [{ overlay: false }, { overlay: false }],
      height: HEIGHT,
      cursorWidth: 2,
      dragToSeek: true,
      cspNonce: this.#nonce,
      plugins: [this.#marks],
      ...this.#colours(),
    });
    this.#surfer.on("ready", () => this.drawMarks());
    this.#dark.addEventListener("change", this.#repaint);
    this.#themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /** Show more of less: 0 all of it, 1 the closest. */
  zoom(share: number): void {
    const all = byId("wave").clientWidth / this.#length;
    // By equal ratios, so that each step of the slider looks alike.
    this.#surfer?.zoom(share === 0 ? 0 : all * Math.max(1, CLOSEST / all) ** share);
  }

  /** Show the marks and comments that the page has as text. */
  drawMarks(): void {
    if (this.#surfer === undefined) return;
    this.#marks.clearRegions();
    for (const row of document.querySelectorAll<HTMLElement>("[data-mark], [data-comment]")) {
      const kind = row.dataset["mark"] ?? "comment";
      const sign = row.dataset["sign"] ?? row.dataset["comment"] ?? "";
      const [start, end] = [Number(row.dataset["from"]) / 1000, Number(row.dataset["until"]) / 1000];
      // The id becomes the name by which the style sheet reaches into the shadow tree.
      const region = this.#marks.addRegion({
        id: `mark-${kind}`,
        start,
        ...(end > start ? { end } : {}),
        content: make("span", "", sign),
        drag: false,
        resize: false,
        color: "transparent",
      });
      if (kind === "comment") region.content?.part.add("comment-sign");
    }
  }

  end(): void {
    this.#themes.disconnect();
    this.#dark.removeEventListener("change", this.#repaint);
    this.#surfer?.destroy();
  }

  #paint(): void {
    this.#surfer?.setOptions(this.#colours());
  }

  #colours(): { waveColor: string; progressColor: string; cursorColor: string } {
    return { waveColor: colour("--line-strong"), progressColor: colour("--accent"), cursorColor: colour("--ink") };
  }
}

/** A colour of the design as a canvas understands it. */
function colour(token: string): string {
  const probe = make("span", "hidden");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Levels 0–255 as the waveform takes them. */
function levels(base64: string): Float32Array {
  return Float32Array.from(atob(base64), (sign) => sign.charCodeAt(0) / 255);
}
