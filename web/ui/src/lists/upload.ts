/** Sending a file in pieces. A cut connection is waited for, and sending goes on where the service's copy ends. */
import { ApiError, call, NetworkLost } from "../common/api";
import { connection, lostNow, reachedNow } from "../common/connection";
import { csrf, toSignIn } from "../common/page";
import { say } from "../common/texts";

/** A file on its way, as the service has it. */
export interface Upload {
  readonly upload_id: string;
  readonly size: number;
  readonly received: number;
  readonly piece: number;
  readonly complete: boolean;
}

export interface Ears {
  /** Bytes that the service has. */
  sent(received: number, size: number): void;
  /** The connection is cut; sending goes on by itself. */
  waits(received: number, size: number): void;
}

const KINDS: Readonly<Record<string, string>> = {
  csv: "csv", txt: "csv", tsv: "csv", xlsx: "xlsx", xls: "xls", ods: "ods",
};
const PIECE_WITHIN = 60_000; // milliseconds: half a megabyte on a slow line
const AGAIN_AFTER = 3_000; // milliseconds

/** What kind of file a name says; undefined for one that is not read. */
export function kindOf(name: string): string | undefined {
  return KINDS[name.slice(name.lastIndexOf(".") + 1).toLowerCase()];
}

/** Send a whole file; the name stays here. Throws ApiError, and an AbortError when `signal` says so. */
export async function send(file: File, kind: string, ears: Ears, signal: AbortSignal): Promise<Upload> {
  let upload = await call<Upload>("POST", "/api/lists/uploads", { kind, size: file.size }, { signal });
  const path = `/api/lists/uploads/${upload.upload_id}`;
  try {
    while (!upload.complete) {
      ears.sent(upload.received, upload.size);
      try {
        const end = Math.min(upload.received + upload.piece, file.size);
        upload = await sendPiece(`${path}/pieces?at=${upload.received}`, file.slice(upload.received, end), signal);
      } catch (error) {
        if (!mayGoOn(error)) throw error;
        ears.waits(upload.received, upload.size);
        if (error instanceof NetworkLost) await reached(signal);
        upload = await lookAgain(path, upload, signal);
      }
    }
  } catch (error) {
    if (signal.aborted) void call("DELETE", path).catch(() => undefined);
    throw error;
  }
  ears.sent(upload.received, upload.size);
  return upload;
}

/** A piece that was cut, or came twice, is no reason to give up: the service says where its copy ends. */
function mayGoOn(error: unknown): boolean {
  if (error instanceof NetworkLost) return true;
  if (!(error instanceof ApiError) || error.status !== 409) return false;
  return typeof (error.body as { received?: unknown } | undefined)?.received === "number";
}

async function lookAgain(path: string, before: Upload, signal: AbortSignal): Promise<Upload> {
  try {
    return await call<Upload>("GET", path, undefined, { signal });
  } catch (error) {
    if (error instanceof NetworkLost) return before;
    throw error;
  }
}

async function sendPiece(path: string, piece: Blob, signal: AbortSignal): Promise<Upload> {
  const late = AbortSignal.timeout(PIECE_WITHIN);
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: "PUT",
      headers: { accept: "application/json", "content-type": "application/octet-stream", "x-csrf-token": csrf() },
      body: piece,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.any([late, signal]),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    lostNow();
    throw new NetworkLost(say("common.lost"));
  }
  reachedNow();
  const found = (await answer.json().catch(() => undefined)) as unknown;
  if (answer.ok) return found as Upload;
  if (answer.status === 401) toSignIn();
  const message = (found as { message?: string } | undefined)?.message ?? say("error.status_500");
  throw new ApiError(answer.status, message, [], found);
}

/** Wait until the service answers again, or for a while. */
function reached(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, AGAIN_AFTER);
    connection.addEventListener("reached", () => resolve(), { once: true, signal });
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
