/** Scores: the form beside a recording, the list, the forms tried out. */
import { startScores } from "./scores";

startScores();
