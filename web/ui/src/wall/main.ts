/** The wallboard: everything once, then what changes, within a second. */
import { drawLines } from "../charts/lines";
import { Feed } from "../common/events";
import htmx from "../common/htmx";
import { byId, make, toSignIn } from "../common/page";
import { say } from "../common/texts";
import { setUpActs } from "./acts";
import { Agents } from "./agents";
import { count, wib, write } from "./figures";
import type { AnnouncementRow, Changes, Everything, LineRow, Sample, Words } from "./model";
import { WallStore } from "./store";
import { showCampaigns, showQueues, showRecordings, showTiers, showTotal, showTrunks, toggle, touches } from "./tables";

const QUIET = 15_000; // milliseconds without an event after which the line is taken for dead

function begin(): void {
  const page = byId("wall");
  const words = JSON.parse(page.dataset["words"] ?? "{}") as Words;
  const store = new WallStore();
  const agents = new Agents(store, page, words, page.dataset["acts"] === "yes");
  setUpActs(agents, words);
  setUpScreen();
  byIdOrNothing("wall-team")?.addEventListener("change", (event) => {
    agents.narrow((event.target as HTMLSelectElement).value);
  });
  store.addEventListener("changed", () => show(store, page, words, agents));
  addEventListener("resize", () => showCourse(store, page));
  const feed = new Feed("/api/wall/events", { quiet: QUIET })
    .on<Everything>("everything", (told) => store.everything(told))
    .on<Changes>("changes", (told) => store.changes(told))
    .on("session", () => toSignIn());
  feed.addEventListener("changed", () => toggle(page, "away", feed.state === "lost"));
  feed.start();
}

function show(store: WallStore, page: HTMLElement, words: Words, agents: Agents): void {
  for (const place of page.querySelectorAll('[data-wall="at"]')) write(place, say("wall.as_of", { time: wib(store.at) }));
  showTotal(store, page);
  showQueues(store, page, words);
  showTiers(store, page);
  showCampaigns(store, page);
  showTrunks(store, page);
  showRecordings(store, page);
  showLine(store, page);
  showCourse(store, page);
  agents.show();
  toggle(page, "lacking", store.row("lacking") !== undefined);
  const announced = store.of<AnnouncementRow>("announcement");
  toggle(page, "announcing", announced.some(([, row]) => row.on));
  for (const place of page.querySelectorAll('[data-wall="announcing"]')) {
    write(place, announced.filter(([, row]) => row.on).map(([, row]) => name(row.prompt)).join(", "));
  }
  // What others did is told as well; pieces are asked for anew only then.
  if (touches(store, "announcement ") && byIdOrNothing("announcements")) htmx.trigger("#announcements", "wall:announcements");
  if (touches(store, "message ") && byIdOrNothing("sent")) htmx.trigger("#sent", "wall:messages");
}

function showLine(store: WallStore, page: HTMLElement): void {
  const row = store.row<LineRow>("line");
  if (row === undefined || !store.fresh.has("line")) return;
  const word = row.shut ? "shut" : row.open ? "open" : "closed";
  const looks = { open: "tag tag-good", closed: "tag", shut: "tag tag-warn" }[word];
  for (const place of page.querySelectorAll('[data-wall="line"]')) {
    place.replaceChildren(make("span", looks, say(`wall.line_${word}`)));
  }
  toggle(page, "not_ready", !row.ready);
  for (const button of page.querySelectorAll<HTMLElement>("[data-line]")) {
    button.hidden = (button.dataset["line"] === "close") === row.shut;
  }
}

function showCourse(store: WallStore, page: HTMLElement): void {
  const place = page.querySelector<HTMLElement>("[data-wall-course]");
  const newest = store.course.at(-1);
  if (place === null || newest === undefined || store.course.length < 2) return;
  if (!place.hasChildNodes()) place.append("\u00a0"); // an empty chart has no width
  const drawn = `${newest.at} ${place.clientWidth}`;
  if (place.dataset["drawn"] === drawn) return;
  place.dataset["drawn"] = drawn;
  const line = (of: (one: Sample) => number): number[] => store.course.map(of);
  drawLines(place, {
    title: say("wall.course"),
    labels: store.course.map((one) => wib(one.at, false)),
    courses: [
      { name: say("wall.waiting"), values: line((one) => one.waiting) },
      { name: say("wall.talking"), values: line((one) => one.talking) },
      { name: say("wall.free"), values: line((one) => one.free) },
    ],
    say: count,
  });
  const most = Math.max(...line((one) => one.waiting));
  const figures = { waiting: newest.waiting, talking: newest.talking, free: newest.free, most };
  const summary = page.querySelector('[data-wall="course"]');
  if (summary !== null) write(summary, say("wall.course_summary", figures));
}

/** A prompt by its text, as far as the page has it. */
function name(prompt: string): string {
  const option = document.querySelector<HTMLOptionElement>(`#announcement-prompt option[value="${prompt}"]`);
  return option?.textContent ?? prompt.replace(/^announce_/, "").replaceAll("_", " ");
}

function setUpScreen(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-full-screen]");
  if (button === null) return;
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => void document.documentElement.requestFullscreen());
  document.addEventListener("fullscreenchange", () => {
    button.hidden = document.fullscreenElement !== null;
  });
}

function byIdOrNothing(id: string): HTMLElement | null {
  return document.getElementById(id);
}

begin();
