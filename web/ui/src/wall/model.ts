/** The wallboard's rows, as the service tells them (`reporting.wall_rows`). Times in seconds, shares 0 to 1. */
export interface AgentRow {
  readonly state: string;
  readonly declared: string;
  readonly observed: string;
  readonly reason: string;
  readonly seconds: number;
  readonly queue: string;
  readonly lent: string;
  readonly wrap_up_left: number | null;
  readonly over_limit: boolean;
  readonly level: string;
}

/** What queues and the whole floor have in common. */
export interface Counted {
  readonly waiting: number;
  readonly longest: number | null;
  readonly talking: number;
  readonly free: number;
  readonly incoming: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly in_time: number;
  readonly service_level_today: number | null;
  readonly service_level_now: number | null;
  readonly abandonment_today: number | null;
  readonly levels: Readonly<Record<string, string>>;
}

export interface QueueRow extends Counted {
  readonly queue: string;
  readonly tier: string;
  readonly expected: number | null;
  readonly serving: number;
}

export interface TotalRow extends Counted {
  readonly at_work: number;
}

export interface TierRow {
  readonly tier: string;
  readonly at_work: number;
  readonly free: number;
  readonly talking: number;
  readonly wrap_up: number;
  readonly paused: number;
  readonly waiting: number;
  readonly longest: number | null;
}

export interface CampaignRow {
  readonly title: string;
  readonly state: string;
  readonly ringing: number;
  readonly talking: number;
  readonly idle: number;
  readonly dialled: number;
  readonly abandon_rate: number | null;
  readonly over_limit: boolean;
  readonly why_idle: string;
}

export interface TrunkRow {
  readonly used: number;
  readonly most: number;
  readonly level: string;
}

export interface RecordingsRow {
  readonly alarms: number;
  readonly at_once: number;
  readonly kinds: readonly string[];
  readonly level: string;
}

export interface LineRow {
  readonly open: boolean;
  readonly shut: boolean;
  readonly ready: boolean;
}

export interface AnnouncementRow {
  readonly prompt: string;
  readonly on: boolean;
}

export interface Sample {
  readonly at: string;
  readonly waiting: number;
  readonly free: number;
  readonly talking: number;
}

export interface Everything {
  readonly at: string;
  readonly rows: Readonly<Record<string, unknown>>;
  readonly course: readonly Sample[];
}

export interface Changes {
  readonly at: string;
  readonly rows: Readonly<Record<string, unknown>>;
  readonly gone: readonly string[];
  readonly sample?: Sample;
}

/** An agent's name and number, of the own reach. */
export interface Known {
  readonly key: string;
  readonly agent: string;
  readonly on_air_name: string;
  readonly team: string;
}

/** Words of the page's language that are not in the catalogue of texts. */
export interface Words {
  readonly queues: Readonly<Record<string, string>>;
  readonly declared: Readonly<Record<string, string>>;
  readonly observed: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
  readonly own: string; // the reader's staff number
}
