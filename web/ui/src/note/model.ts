/** Notes as the API gives them (web/note_models.py). */

/** What an agent writes. */
export interface Content {
  readonly branch: string;
  readonly category: string;
  readonly result: string;
  readonly language: string;
  readonly caller: string;
  readonly question: string;
  readonly answer: string;
}

/** Which note is written: of which call, and whether it is a new one or a correction. */
export interface Place {
  readonly callId: string;
  readonly slot: string; // "new", or the note that is corrected
}

export interface Draft extends Content {
  readonly note_id: string;
  readonly version: number;
  readonly at: string;
}

export interface Note extends Content {
  readonly note_id: string;
  readonly version: number;
  readonly at: string;
}

/** The body of a 409: what is in force. */
export interface Conflict {
  readonly message: string;
  readonly current: Draft | null;
  readonly saved: Note | null;
}

export const FIELDS = ["branch", "category", "result", "language", "caller", "question", "answer"] as const;

/** The fields of a note and nothing else. */
export function contentOf(from: Content): Content {
  const { branch, category, result, language, caller, question, answer } = from;
  return { branch, category, result, language, caller, question, answer };
}

/** Whether two contents are the same, but for blanks at the ends. */
export function same(one: Content, other: Content): boolean {
  return FIELDS.every((field) => one[field].trim() === other[field].trim());
}

/** A fresh id for a note: 32 hex digits. */
export function freshId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
