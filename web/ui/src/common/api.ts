/** The service's API: JSON in, JSON out, the session's token with every change. */
import { lostNow, reachedNow } from "./connection";
import { csrf, toSignIn } from "./page";
import { language, say } from "./texts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What is wrong with one field. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

/** The service said no, or failed. `message` is for people, in the page's language. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    message: string,
    readonly fields: readonly FieldProblem[] = [],
    readonly body: unknown = undefined,
  ) {
    super(message);
  }
}

/** The service was not reached: nothing is known of the outcome. */
export class NetworkLost extends Error {
  override readonly name = "NetworkLost";
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeout?: number; // milliseconds, 15,000 unless told
}

/**
 * Ask the API. `body` goes as JSON. Returns the answer's JSON, undefined for an empty one.
 * Throws ApiError or NetworkLost; without a session it leaves for the sign-in page.
 */
export async function call<T>(method: Method, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
  const headers = new Headers({ accept: "application/json", "accept-language": language() });
  if (method !== "GET") headers.set("x-csrf-token", csrf());
  if (body !== undefined) headers.set("content-type", "application/json");
  const late = AbortSignal.timeout(options.timeout ?? 15_000);
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: options.signal === undefined ? late : AbortSignal.any([late, options.signal]),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (!late.aborted) lostNow();
    throw new NetworkLost(say(late.aborted ? "common.too_slow" : "common.lost"));
  }
  reachedNow();
  const found = await readJson(answer);
  if (answer.ok) return found as T;
  if (answer.status === 401) toSignIn();
  throw errorOf(answer.status, found);
}

async function readJson(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function errorOf(status: number, body: unknown): ApiError {
  const found = (typeof body === "object" && body !== null ? body : {}) as {
    message?: unknown;
    fields?: readonly FieldProblem[];
  };
  const message = typeof found.message === "string" ? found.message : say("error.status_500");
  return new ApiError(status, message, Array.isArray(found.fields) ? found.fields : [], body);
}
