/** The page that leads from a file to a list: it sends the file, then shows what was found in it. */
import { ApiError, NetworkLost } from "../common/api";
import htmx from "../common/htmx";
import { byId } from "../common/page";
import { say } from "../common/texts";
import { kindOf, send } from "./upload";

const MEGABYTE = 1_048_576;

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
  if (file === undefined || file.size === 0) return wrong("file", say("lists.choose_file"));
  if (kind === undefined) return wrong("file", say("lists.choose_kind"));
  if (!source.checkValidity()) return wrong("source", say("lists_order.source"));
  byId("found").replaceChildren();
  sending = new AbortController();
  busy(true);
  try {
    const upload = await send(file, kind, { sent: show("lists.sent_so_far"), waits: show("lists.sent_waits") }, sending.signal);
    told.textContent = say("lists.looking");
    await look(upload.upload_id);
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

function look(uploadId: string): Promise<void> {
  return htmx.ajax("post", `/api/lists/uploads/${uploadId}/inspect`, {
    source: byId("found"),
    target: "#found",
    values: { source: source.value.trim() },
  });
}

function show(text: string): (received: number, size: number) => void {
  return (received, size) => {
    bar.max = size;
    bar.value = received;
    told.textContent = say(text, { sent: megabytes(received), size: megabytes(size) });
  };
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
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
