/** Queues, tiers, campaigns, trunks, alarms and the figures above them. */
import { make } from "../common/page";
import { say } from "../common/texts";
import { clock } from "../common/timers";
import { cell, count, mark, percent, queueName, timer, timerCell, write } from "./figures";
import type { CampaignRow, Counted, QueueRow, RecordingsRow, TierRow, TotalRow, TrunkRow, Words } from "./model";
import type { WallStore } from "./store";

const RANK: Readonly<Record<string, number>> = { alarm: 2, warn: 1 };

/** Write the figures of the whole floor into their tiles. */
export function showTotal(store: WallStore, page: HTMLElement): void {
  const total = store.row<TotalRow>("total");
  if (total === undefined) return;
  for (const name of ["waiting", "incoming", "answered", "abandoned", "talking", "free", "at_work"] as const) {
    tile(page, name, count(total[name]), total);
  }
  for (const name of ["service_level_now", "service_level_today", "abandonment_today"] as const) {
    tile(page, name, percent(total[name]), total);
  }
  const longest = page.querySelector<HTMLElement>('[data-wall="total.longest"]');
  if (longest !== null && (store.fresh.has("total") || longest.dataset["wall"] === undefined)) {
    if (total.longest === null) longest.replaceChildren("–");
    else longest.replaceChildren(timer(store.since("total", total.longest)));
  }
  const place = page.querySelector<HTMLElement>('[data-wall-tile="longest"]');
  if (place !== null) markTile(place, total.levels["longest"] ?? "");
}

function tile(page: HTMLElement, name: string, text: string, total: TotalRow): void {
  const place = page.querySelector<HTMLElement>(`[data-wall-tile="${name}"]`);
  const figure = place?.querySelector(`[data-wall="total.${name}"]`);
  if (place === null || figure === null || figure === undefined) return;
  write(figure, text);
  if (name.startsWith("service_level_today")) place.title = levelTitle(total);
  markTile(place, total.levels[name] ?? "");
}

function markTile(place: HTMLElement, level: string): void {
  const sign = place.querySelector<HTMLElement>("[data-wall-sign]");
  if (sign !== null) mark(sign, level);
  if (place.dataset["level"] !== level) place.dataset["level"] = level;
}

function levelTitle(row: Counted): string {
  return say("wall.level_about", { part: count(row.in_time), all: count(row.incoming) });
}

/** Fill the table of queues: what calls for action first, then the longest wait. */
export function showQueues(store: WallStore, page: HTMLElement, words: Words): void {
  const rows = store.of<QueueRow>("queue");
  toggle(page, "no_queues", rows.length === 0);
  if (!touches(store, "queue ")) return;
  rows.sort(([, one], [, other]) => rank(other) - rank(one) || other.waiting - one.waiting || one.queue.localeCompare(other.queue));
  fill(page, "[data-wall-queues]", rows.map(([key, row]) => queue(store, `queue ${key}`, row, words)));
}

function queue(store: WallStore, key: string, row: QueueRow, words: Words): HTMLElement {
  const level = (name: string): string => row.levels[name] ?? "";
  const made = make("tr");
  const head = make("th", "", queueName(words.queues, row.queue), { scope: "row" });
  if (row.tier) head.append(" ", make("span", "tag", row.tier));
  const longest = row.longest === null ? null : store.since(key, row.longest);
  made.append(
    head,
    cell(count(row.waiting), level("waiting")),
    timerCell(longest, level("longest")),
    cell(row.expected === null ? "–" : clock(row.expected), level("expected")),
    cell(count(row.free), level("free")),
    cell(count(row.serving)),
    cell(count(row.talking)),
    cell(count(row.answered), "", say("wall.of", { part: count(row.answered), all: count(row.incoming) })),
    cell(count(row.abandoned), "", say("wall.of", { part: count(row.abandoned), all: count(row.incoming) })),
    cell(percent(row.service_level_now), level("service_level_now")),
    cell(percent(row.service_level_today), level("service_level_today"), levelTitle(row)),
    cell(percent(row.abandonment_today), level("abandonment_today")),
  );
  return made;
}

function rank(row: QueueRow): number {
  return Math.max(0, ...Object.values(row.levels).map((level) => RANK[level] ?? 0));
}

/** Fill the table of tiers. */
export function showTiers(store: WallStore, page: HTMLElement): void {
  if (!touches(store, "tier ")) return;
  const rows = store.of<TierRow>("tier").map(([key, row]) => {
    const made = make("tr");
    const figures = [row.at_work, row.free, row.talking, row.wrap_up, row.paused, row.waiting];
    const longest = row.longest === null ? null : store.since(`tier ${key}`, row.longest);
    made.append(make("th", "", row.tier, { scope: "row" }), ...figures.map((one) => cell(count(one))), timerCell(longest));
    return made;
  });
  fill(page, "[data-wall-tiers]", rows);
}

/** Fill the table of campaigns. */
export function showCampaigns(store: WallStore, page: HTMLElement): void {
  const found = store.of<CampaignRow>("campaign");
  toggle(page, "no_campaigns", found.length === 0);
  if (!touches(store, "campaign ")) return;
  const rows = found.map(([id, row]) => {
    const made = make("tr");
    const head = make("th", "", "", { scope: "row" });
    head.append(make("a", "", row.title, { href: `/kampanye/${id}/langsung` }));
    const figures = [row.ringing, row.talking, row.idle, row.dialled].map((one) => cell(count(one)));
    const why = row.why_idle === "" ? say(`campaigns_state.${row.state}`) : say(`outbound_why.${row.why_idle}`);
    const given = cell(percent(row.abandon_rate), row.over_limit ? "alarm" : "", row.over_limit ? say("wall.over_limit") : "");
    made.append(head, make("td", "", why), ...figures, given);
    return made;
  });
  fill(page, "[data-wall-campaigns]", rows);
}

/** Fill the list of trunks. */
export function showTrunks(store: WallStore, page: HTMLElement): void {
  if (!touches(store, "trunk ")) return;
  const rows = store.of<TrunkRow>("trunk").map(([name, row]) => {
    const made = make("div", "row");
    const value = make("dd", "number");
    const bar = make("meter", "wall-meter", "", {
      min: "0",
      max: String(Math.max(1, row.most)),
      value: String(row.used),
      "aria-label": say(`wall.trunk_${name}`),
    });
    value.append(make("span", "", say("wall.lines_used", { used: count(row.used), most: count(row.most) })), bar);
    mark(value, row.level === "good" ? "" : row.level);
    made.append(make("dt", "", say(`wall.trunk_${name}`)), value);
    return made;
  });
  fill(page, "[data-wall-trunks]", rows);
}

/** Say which alarms about recordings are open. */
export function showRecordings(store: WallStore, page: HTMLElement): void {
  const place = page.querySelector<HTMLElement>('[data-wall="recordings"]');
  const row = store.row<RecordingsRow>("recordings");
  if (place === null || row === undefined || !store.fresh.has("recordings")) return;
  if (row.alarms === 0) {
    place.replaceChildren(make("p", "muted", say("wall.no_alarms")));
    return;
  }
  const head = make("p");
  head.append(make("span", "wall-figure", count(row.alarms)));
  mark(head, row.at_once > 0 ? "alarm" : row.level === "good" ? "" : row.level);
  const list = make("ul", "list");
  list.append(...row.kinds.map((kind) => make("li", "", say(`oversight_alarm.${kind}`))));
  place.replaceChildren(head);
  if (row.at_once > 0) place.append(make("p", "", say("wall.alarms_at_once", { count: count(row.at_once) })));
  place.append(list);
}

/** Whether any row of a kind is new, differs or went. */
export function touches(store: WallStore, start: string): boolean {
  return [...store.fresh].some((key) => key.startsWith(start)) || store.gone.some((key) => key.startsWith(start));
}

/** Show or hide what stands for a state of the board. */
export function toggle(page: HTMLElement, name: string, shown: boolean): void {
  for (const place of page.querySelectorAll<HTMLElement>(`[data-wall-if="${name}"]`)) place.hidden = !shown;
}

function fill(page: HTMLElement, where: string, rows: readonly HTMLElement[]): void {
  page.querySelector(where)?.replaceChildren(...rows);
}
