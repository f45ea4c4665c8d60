// Runs before the page is painted, so that a chosen theme never flashes the other one. Bundled as a script of its own.
import { applyTheme, chosenTheme } from "./common/theme";

applyTheme(chosenTheme());
