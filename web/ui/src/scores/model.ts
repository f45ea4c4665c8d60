/** Scores as the API takes and gives them (web/score_models.py). */

export type Answer = "yes" | "no" | "na";

/** What a reviewer says of one item. */
export interface Given {
  readonly answer: Answer | ""; // empty: a note or a place, and no answer yet
  readonly note: string;
  readonly at_ms: number | null;
}

/** What a reviewer fills in. */
export interface Content {
  readonly answers: Readonly<Record<string, Given>>; // by item
  readonly facts: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** Which score is written, beside its content: the head of every request. */
export interface Place {
  readonly recording_id: string;
  readonly person: number; // whose work: a place among the agents of the call, from 0
  readonly kind: string;
  readonly form: string;
  readonly form_version: number;
}

/** A draft as the service keeps it. */
export interface Draft extends Content {
  readonly score_id: string;
  readonly count: number; // grows with each time it is kept
  readonly at: string;
}

/** One line of how a total came about. */
export interface Line {
  readonly criterion: string;
  readonly item: string; // empty: the criterion's own line
  readonly most: string;
  readonly points: string;
  readonly reason: string;
  readonly words: string; // why, for people
  readonly effect: string;
}

/** What answers are worth. */
export interface Result {
  readonly total: string;
  readonly reachable: string; // if all that is not answered yet were answered yes
  readonly lines: readonly Line[];
  readonly effects: readonly { readonly code: string; readonly words: string }[];
  readonly missing: readonly string[];
  readonly answered: number;
  readonly items: number;
}

/** The body of a 409. */
export interface Conflict {
  readonly message: string;
  readonly refusal: string;
  readonly current: Draft | null;
}

/** Whether a body of a 409 tells what is kept. */
export function isConflict(body: unknown): body is Conflict {
  return typeof body === "object" && body !== null && "refusal" in body && "current" in body;
}

/** Whether two contents are the same to the service, which keeps notes and places with an answer only. */
export function same(one: Content, other: Content): boolean {
  return canonical(one, answered) === canonical(other, answered);
}

/** A content in one shape, to be compared. */
export function whole(content: Content): string {
  return canonical(content, filled);
}

/** Whether there is a note or place without an answer: this page alone keeps it. */
export function loose(content: Content): boolean {
  return Object.values(content.answers).some((given) => filled(given) && !answered(given));
}

/** What is filled in and nothing else. */
export function contentOf(from: Content): Content {
  return { answers: from.answers, facts: from.facts, summary: from.summary };
}

/** Answers alone, as the service takes them. */
export function answeredOf(content: Content): Readonly<Record<string, Given>> {
  return Object.fromEntries(Object.entries(content.answers).filter(([, given]) => answered(given)));
}

function answered(given: Given): boolean {
  return given.answer !== "";
}

function filled(given: Given): boolean {
  return given.answer !== "" || given.note.trim() !== "" || given.at_ms !== null;
}

function canonical({ answers, facts, summary }: Content, counts: (given: Given) => boolean): string {
  const rows = Object.entries(answers)
    .filter(([, given]) => counts(given))
    .map(([item, given]) => [item, given.answer, given.note.trim(), given.at_ms] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const said = Object.entries(facts).filter(([, value]) => value !== "").sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([rows, said, summary.trim()]);
}
