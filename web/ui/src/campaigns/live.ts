/** The live page: every second what changed is written into its place; the rest stays as it is. */
import { Feed } from "../common/events";
import { make, toSignIn } from "../common/page";
import { language, say } from "../common/texts";
import { drawChart } from "./chart";
import type { Hour, Look } from "./look";

const QUIET = 15_000; // milliseconds without an event after which the line is taken for dead

/** Keep the page of one campaign as it is. */
export function startLive(page: HTMLElement): void {
  show(page, JSON.parse(page.dataset["look"] ?? "{}") as Look);
  new Feed(`/api/campaigns/${page.dataset["campaign"] ?? ""}/events`, { quiet: QUIET })
    .on<Look>("look", (look) => show(page, look))
    .on("away", () => toggle(page, "away", true))
    .on("session", () => toSignIn())
    .start();
}

function show(page: HTMLElement, look: Look): void {
  for (const [name, text] of Object.entries(texts(look))) {
    for (const place of page.querySelectorAll<HTMLElement>(`[data-live="${name}"]`)) write(place, text);
  }
  toggle(page, "away", false);
  toggle(page, "why_idle", look.why_idle !== "");
  toggle(page, "over_limit", look.over_limit);
  toggle(page, "within_limit", !look.over_limit);
  toggle(page, "no_reasons", look.reasons.length === 0);
  const bar = page.querySelector<HTMLProgressElement>("[data-live-progress]");
  if (bar) bar.value = look.leads.share;
  rows(page, "[data-live-agents]", look.agents, (one) => {
    const row = make("div", "row");
    row.append(make("dt", "", one.words), make("dd", "number", count(one.agents)));
    return row;
  });
  rows(page, "[data-live-reasons]", look.reasons, (one) => tableRow(one.words, [count(one.leads)]));
  rows(page, "[data-live-hours]", look.hours, (one) => tableRow(hourName(one), hourCells(one)));
  chart(page, look.hours);
}

function texts(look: Look): Record<string, string> {
  const { today, leads } = look;
  return {
    state: say(`campaigns_state.${look.state}`),
    pacing: look.pacing,
    at: say("campaigns.live_at", { at: clock(look.at) }),
    why_idle: look.why_idle,
    ringing: count(look.ringing),
    talking: count(look.talking),
    waiting: count(look.waiting),
    most_lines: count(look.most_lines),
    borrowed: count(look.borrowed),
    "today.dialled": count(today.dialled),
    "today.abandoned": count(today.abandoned),
    "today.abandon_rate": percent(today.abandon_rate),
    "today.answer_rate": percent(today.answer_rate),
    "today.contact_rate": percent(today.contact_rate),
    "today.promise_rate": percent(today.promise_rate),
    abandon_upper: percent(today.live === 0 ? null : look.abandon_upper),
    abandon_limit: percent(look.abandon_limit),
    progress: say("campaigns.done_of", { done: count(leads.done), all: count(leads.done + leads.ready) }),
    forecast: look.forecast,
  };
}

function write(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

function toggle(page: HTMLElement, name: string, shown: boolean): void {
  const place = page.querySelector<HTMLElement>(`[data-live-if="${name}"]`);
  if (place) place.hidden = !shown;
}

/** Replace the rows of a list or table, unless they say the same already. */
function rows<T>(page: HTMLElement, place: string, values: readonly T[], made: (value: T) => HTMLElement): void {
  const body = page.querySelector<HTMLElement>(place);
  const told = JSON.stringify(values);
  if (body === null || body.dataset["told"] === told) return;
  body.dataset["told"] = told;
  body.replaceChildren(...values.map(made));
}

function tableRow(head: string, cells: readonly string[]): HTMLElement {
  const row = make("tr");
  row.append(make("th", "", head, { scope: "row" }), ...cells.map((cell) => make("td", "number", cell)));
  return row;
}

function hourName(one: Hour): string {
  return `${String(one.hour).padStart(2, "0")}.00`;
}

function hourCells(one: Hour): string[] {
  const counts = [one.abandoned, one.contacts, one.promises].map(count);
  return [count(one.dialled), count(one.answered), percent(one.answer_rate), ...counts];
}

function chart(page: HTMLElement, hours: readonly Hour[]): void {
  const place = page.querySelector<HTMLElement>("[data-live-chart]");
  const told = JSON.stringify(hours);
  if (place === null || place.dataset["told"] === told) return;
  place.dataset["told"] = told;
  drawChart(place, hours);
}

function count(value: number): string {
  return value.toLocaleString(language() === "en" ? "en" : "id");
}

function percent(share: number | null): string {
  if (share === null) return "–";
  const figure = (share * 100).toLocaleString(language() === "en" ? "en" : "id", { maximumFractionDigits: 1 });
  return `${figure} %`;
}

function clock(at: string): string {
  const parts = new Intl.DateTimeFormat("id", { timeStyle: "medium", timeZone: "Asia/Jakarta" });
  return parts.format(new Date(at));
}
