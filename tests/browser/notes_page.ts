/** A page with a script and a note: what every page does, and both started. */
import "../../web/ui/src/main";
import { startNote } from "../../web/ui/src/note/note";
import { startScript } from "../../web/ui/src/script/script";

startScript();
startNote();
