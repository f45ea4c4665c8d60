/** A campaign at a moment, as the service tells it (`web.campaign_models.LookView`). */
export interface Figures {
  readonly dialled: number;
  readonly answered: number;
  readonly live: number;
  readonly abandoned: number;
  readonly contacts: number;
  readonly promises: number;
  readonly answer_rate: number | null;
  readonly abandon_rate: number | null;
  readonly contact_rate: number | null;
  readonly promise_rate: number | null;
}

export interface Hour extends Figures {
  readonly hour: number;
}

export interface Look {
  readonly at: string;
  readonly state: string;
  readonly ringing: number;
  readonly waiting: number;
  readonly talking: number;
  readonly most_lines: number;
  readonly agents: readonly { readonly state: string; readonly words: string; readonly agents: number }[];
  readonly borrowed: number;
  readonly today: Figures;
  readonly abandon_upper: number;
  readonly abandon_limit: number;
  readonly over_limit: boolean;
  readonly leads: { readonly ready: number; readonly done: number; readonly control: number; readonly share: number };
  readonly forecast: string;
  readonly reasons: readonly { readonly reason: string; readonly words: string; readonly leads: number }[];
  readonly hours: readonly Hour[];
  readonly why_idle: string;
  readonly pacing: string;
  readonly thrown: boolean;
}
