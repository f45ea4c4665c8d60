/** The agent's page: a view of the service's state, with a phone in it. */
import { connection, isLost } from "../common/connection";
import { Feed } from "../common/events";
import htmx from "../common/htmx";
import { notice } from "../common/notices";
import { byId } from "../common/page";
import { setUpOutbound } from "../outbound/outbound";
import { Asking } from "./asking";
import { Bars, type Surroundings } from "./bars";
import { setUpClicks } from "./clicks";
import { showPending } from "./elements";
import type { Desk, OwnState } from "./model";
import { DeskPhone } from "./phone";
import { setUpPhonePanel } from "./phone_panel";
import { Regions, setUpLateness } from "./regions";
import { Store } from "./store";
import { TargetDialog } from "./targets";

function begin(): void {
  const desk = JSON.parse(byId("desk").dataset["desk"] ?? "{}") as Desk;
  const store = new Store(desk.state);
  const asking = new Asking(store);
  const phone = new DeskPhone(store, asking);
  const around: Surroundings = { sessionOver: false, lost: isLost() };
  const bars = new Bars(store, phone, desk.reasons, around);
  const show = (): void => bars.show();

  store.addEventListener("changed", show);
  phone.addEventListener("changed", show);
  asking.addEventListener("changed", () => showPending(asking.pending));
  setUpPhonePanel(phone);
  setUpLateness(store);
  const regions = new Regions(store);
  const targets = new TargetDialog(asking);
  setUpClicks({ store, asking, phone, targets });

  const feed = new Feed(`/api/desk/events?tab=${phone.tab}`);
  feed.on<OwnState | null>("state", (state) => {
    if (state === null) location.reload(); // the tables no longer have this agent: the page says so
    else store.accept(state);
  });
  setUpOutbound(store, feed);
  feed.on<{ text: string }>("told", ({ text }) => notice(text));
  feed.on("messages", () => htmx.trigger("#own-messages", "desk:messages"));
  feed.on<{ why: string }>("session", ({ why }) => {
    if (why !== "ended") {
      if (why === "taken_over") phone.takenOver();
      else void phone.begin(); // the page that had the phone is gone
      return;
    }
    around.sessionOver = true;
    feed.stop();
    phone.end();
    show();
  });
  let wasOpen = false;
  feed.addEventListener("changed", () => {
    around.lost = feed.state === "lost" || isLost();
    if (feed.state === "open" && wasOpen) void phone.reclaim();
    wasOpen ||= feed.state === "open";
    show();
  });
  for (const name of ["lost", "reached"]) {
    connection.addEventListener(name, () => {
      around.lost = isLost();
      if (!around.lost) void phone.reclaim();
      show();
    });
  }
  addEventListener("beforeunload", (event) => {
    if (phone.news.state === "talking" && !phone.news.test) event.preventDefault();
  });
  show();
  regions.follow();
  feed.start();
  feed.addEventListener("changed", function claimed() {
    if (feed.state !== "open") return;
    feed.removeEventListener("changed", claimed);
    void phone.begin(); // once the service knows this page by its feed
  });
}

begin();
