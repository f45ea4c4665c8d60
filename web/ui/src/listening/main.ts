/** Listening to a recording: once the purpose is given and the piece with the player is there, it gets its life. */
import { byId } from "../common/page";
import { setUpComments } from "./comments";
import { setUpKeys } from "./keys";
import { loadPieces } from "./pieces";
import { Playing } from "./playing";
import { setUpTimeLinks } from "./time_links";

let playing: Playing | undefined;

document.addEventListener("htmx:afterSettle", (event) => {
  if (!(event.target instanceof HTMLElement) || event.target.id !== "playback") return;
  const panel = document.getElementById("player");
  if (panel === null) return;
  playing?.end();
  const page = byId("listening");
  playing = new Playing(panel, page.dataset["nonce"] ?? "");
  setUpTimeLinks(playing);
  setUpKeys(playing);
  setUpComments(playing);
  loadPieces(page.dataset["query"] ?? "", panel.dataset["purpose"] ?? "");
});
