/** What the service tells the agent's page (web/desk_state.py, web/desk_models.py). Times in seconds. */

export type Observed =
  | "phone_gone"
  | "idle"
  | "offered"
  | "joining"
  | "talking"
  | "holding"
  | "consulting"
  | "rejoining"
  | "wrap_up"
  | "busy_otherwise";

export type Declared = "signed_out" | "paused" | "ready" | "leaving";

export interface OwnCall {
  readonly call_id: string;
  readonly queue: string;
  readonly language: string; // empty until an agent has answered
  readonly phase: Observed | "conference";
  readonly part: "own" | "third";
  readonly seconds: number;
  readonly third: "" | "wanted" | "ringing" | "talking";
}

export interface OwnState {
  readonly run: string;
  readonly number: number;
  readonly declared: Declared;
  readonly observed: Observed;
  readonly reason: string;
  readonly seconds: number;
  readonly limit_seconds: number | null;
  readonly over_limit: boolean;
  readonly wrap_up_left: number | null;
  readonly rejoin_left: number | null;
  readonly account: string;
  readonly phones: readonly string[];
  readonly call: OwnCall | null;
}

export interface Desk {
  readonly state: OwnState;
  readonly reasons: Readonly<Record<string, string>>; // of pauses: what they are called
  readonly phones: readonly { readonly account: string; readonly kind: "browser" | "desk" | null }[];
  readonly phone_tab: string;
}

export interface TransferTarget {
  readonly target: string;
  readonly kind: "skill" | "queue" | "colleague";
  readonly label: string;
  readonly detail: string;
  readonly free: number;
}
