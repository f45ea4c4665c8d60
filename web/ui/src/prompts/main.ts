/** Changing what callers hear: recordings brought or made for each piece of a text, heard before they count. */
import { ApiError, call } from "../common/api";
import { lostNow, reachedNow } from "../common/connection";
import { csrf, toSignIn } from "../common/page";
import { language, say } from "../common/texts";

/** Audio as the service took it. */
interface Taken {
  readonly digest: string;
  readonly address: string;
  readonly seconds: number;
  readonly notes: readonly { readonly word: string; readonly message: string }[];
}

const LARGEST = 24 * 1024 * 1024; // bytes; the service takes no more
const WITHIN = 300_000; // milliseconds: making a long text takes its time

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.hasAttribute("data-prompt-file")) return;
  const file = input.files?.[0];
  if (file === undefined) return;
  if (file.size > LARGEST) {
    refuse(input, say("prompts.too_large"));
    return;
  }
  void work(input, "prompts.sending", () => bring(file, input.dataset["characters"] ?? "0"));
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button === null || !button.hasAttribute("data-prompt-render")) return;
  const body = { language: button.dataset["language"], text: button.dataset["text"] };
  void work(button, "prompts.rendering", () =>
    call<Taken>("POST", "/api/prompt-sounds/rendered", body, { timeout: WITHIN }),
  );
});

// The address of a new announcement has its name, which is written beside its texts.
document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent<{ elt: Element; path: string }>).detail;
  const name = document.querySelector<HTMLInputElement>("[data-prompt-name]");
  if (name === null || !detail.elt.hasAttribute("data-prompt-texts")) return;
  if (!name.reportValidity()) {
    event.preventDefault();
    return;
  }
  detail.path = `/api/prompts/announce_${name.value}/check`;
});

/** Have audio made for the piece that an element belongs to; say how it went beside it. */
async function work(from: HTMLElement, says: string, make: () => Promise<Taken>): Promise<void> {
  const controls = piece(from).querySelectorAll<HTMLInputElement | HTMLButtonElement>("button, input[type=file]");
  tell(from, say(says));
  refuse(from, "");
  for (const one of controls) one.disabled = true;
  try {
    take(from, await make());
  } catch (error) {
    tell(from, "");
    refuse(from, error instanceof Error ? error.message : say("error.status_500"));
  } finally {
    for (const one of controls) one.disabled = false;
  }
}

function take(from: HTMLElement, taken: Taken): void {
  const place = piece(from);
  const sound = place.querySelector<HTMLInputElement>("[data-prompt-sound]");
  const audio = place.querySelector<HTMLAudioElement>("[data-prompt-audio]");
  if (sound !== null) sound.value = taken.digest;
  if (audio !== null) {
    audio.src = taken.address;
    audio.hidden = false;
  }
  const seconds = taken.seconds.toLocaleString(language(), { maximumFractionDigits: 1 });
  tell(from, [say("prompts.ready", { seconds }), ...taken.notes.map((one) => one.message)].join(" "));
}

/** Send a recording whole. The file's name stays here. */
async function bring(file: File, characters: string): Promise<Taken> {
  let answer: Response;
  try {
    answer = await fetch(`/api/prompt-sounds?characters=${encodeURIComponent(characters)}`, {
      method: "POST",
      headers: {
        accept: "application/json",
        "accept-language": language(),
        "content-type": "application/octet-stream",
        "x-csrf-token": csrf(),
      },
      body: file,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(WITHIN),
    });
  } catch {
    lostNow();
    throw new Error(say("common.lost"));
  }
  reachedNow();
  const found = (await answer.json().catch(() => undefined)) as unknown;
  if (answer.ok) return found as Taken;
  if (answer.status === 401) toSignIn();
  const tooLarge = answer.status === 413 ? say("prompts.too_large") : say("error.status_500");
  throw new ApiError(answer.status, (found as { message?: string } | undefined)?.message ?? tooLarge);
}

function piece(from: HTMLElement): HTMLElement {
  return from.closest<HTMLElement>("[data-prompt-piece]") ?? from;
}

function tell(from: HTMLElement, text: string): void {
  const place = piece(from).querySelector("[data-prompt-told]");
  if (place !== null) place.textContent = text;
}

function refuse(from: HTMLElement, text: string): void {
  const place = piece(from).querySelector<HTMLElement>(".error");
  if (place === null) return;
  place.textContent = text;
  place.hidden = text === "";
}
