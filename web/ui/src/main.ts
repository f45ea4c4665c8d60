/** What every page does. */
import "./common/htmx";
import "htmx-ext-json-enc";
import { setUpConnection } from "./common/connection";
import { setUpDialogs } from "./common/dialogs";
import { setUpHtmx } from "./common/htmx_setup";
import { setUpKeys } from "./common/keys";
import { setUpMenus } from "./common/menus";
import { setUpTabs } from "./common/tabs";
import { setUpThemeSwitch } from "./common/theme";
import { setUpTimers } from "./common/timers";

setUpHtmx();
setUpConnection();
setUpThemeSwitch();
setUpDialogs();
setUpTabs();
setUpMenus();
setUpTimers();
setUpKeys();
