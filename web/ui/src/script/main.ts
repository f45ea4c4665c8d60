/** The script on the agent's page. */
import { startScript } from "./script";

startScript();
