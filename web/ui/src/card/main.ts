/** The card and the proof of the call: answers do not stay on the page. */
import { setUpAnswers } from "./answers";

setUpAnswers();
