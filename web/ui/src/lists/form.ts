/** The form that sends a file: checks what was chosen, shows how far it is, and then has it read. */
import { ApiError, NetworkLost } from "../common/api";
import { byId } from "../common/page";
import { say } from "../common/texts";
import { kindOf, send } from "./upload";

const MEGABYTE = 1_048_576;

export interface Reading {
  /** What is told while the file is read. */
  readonly words: string;
  /** Whether a kind of file is read. */
  takes(kind: string): boolean;
  readonly wrongKind: string;
  readonly noFile: string;
  readonly wrongSource: string;
  /** Have the file read that was sent. */
  read(uploadId: string, source: string): Promise<void>;
}

/** Let the page's form `#upload` send a file and have it read. */
export function uploadForm(reading: Reading): void {
  const form = byId<HTMLFormElement>("upload");
  const bar = byId<HTMLProgressElement>("upload-bar");
  const told = byId("upload-told");
  const cancel = form.querySelector<HTMLButtonElement>("[data-upload-cancel]");
  const sender = form.querySelector<HTMLButtonElement>("[data-upload-send]");
  const chosen = form.querySelector<HTMLInputElement>("input[type=file]");
  const source = byId<HTMLInputElement>("upload-source");
  let sending: AbortController | undefined;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void begin();
  });
  cancel?.addEventListener("click", () => sending?.abort());
  addEventListener("beforeunload", (event) => {
    if (sending !== undefined) event.preventDefault();
  });

  async function begin(): Promise<void> {
    const file = chosen?.files?.[0];
    if (sending !== undefined) return;
    wrong("file", "");
    wrong("source", "");
    const kind = file === undefined ? undefined : kindOf(file.name);
    if (file === undefined || file.size === 0) return wrong("file", say(reading.noFile));
    if (kind === undefined || !reading.takes(kind)) return wrong("file", say(reading.wrongKind));
    if (!source.checkValidity()) return wrong("source", say(reading.wrongSource));
    byId("found").replaceChildren();
    sending = new AbortController();
    busy(true);
    try {
      const ears = { sent: show("lists.sent_so_far"), waits: show("lists.sent_waits") };
      const upload = await send(file, kind, ears, sending.signal);
      told.textContent = say(reading.words);
      await reading.read(upload.upload_id, source.value.trim());
      told.textContent = "";
      byId("upload-progress").hidden = true;
    } catch (error) {
      if (sending.signal.aborted) told.textContent = say("lists.cancelled");
      else if (error instanceof ApiError || error instanceof NetworkLost) wrong("file", error.message);
      else throw error;
    } finally {
      sending = undefined;
      busy(false);
    }
  }

  function show(text: string): (received: number, size: number) => void {
    return (received, size) => {
      bar.max = size;
      bar.value = received;
      told.textContent = say(text, { sent: megabytes(received), size: megabytes(size) });
    };
  }

  function busy(yes: boolean): void {
    if (sender) sender.disabled = yes;
    if (cancel) cancel.hidden = !yes;
    if (yes) byId("upload-progress").hidden = false;
  }

  function wrong(name: string, problem: string): void {
    const field = form.querySelector<HTMLElement>(`[data-field="${name}"]`);
    const place = field?.querySelector<HTMLElement>(".error");
    const input = field?.querySelector<HTMLInputElement>("input");
    if (!place || !input) return;
    place.textContent = problem;
    place.hidden = problem === "";
    if (problem === "") {
      input.removeAttribute("aria-invalid");
      return;
    }
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}
