/** A page with a score beside a pretended player: what every page does, and scores started. */
import "../../web/ui/src/main";
import { servePlayer } from "../../web/ui/src/common/player";
import { startScores } from "../../web/ui/src/scores/scores";

const place = (): HTMLInputElement => document.querySelector<HTMLInputElement>("#player-at") as HTMLInputElement;

servePlayer({
  time: () => (place().value === "" ? null : Number(place().value)),
  seek: (ms) => {
    place().value = String(ms);
  },
  toggle: () => undefined,
});
startScores();
