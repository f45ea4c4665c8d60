// Runs the page's pure rules in node: reads [[function, ...arguments], …] as JSON, writes the answers as JSON.
import { readFileSync } from "node:fs";
import { actions, requests } from "../../web/ui/src/desk/buttons.ts";
import { situation } from "../../web/ui/src/desk/situation.ts";
import { isNewer } from "../../web/ui/src/desk/store.ts";
import { fitting, remembered } from "../../web/ui/src/desk/target_search.ts";

const known = { actions, requests, situation, isNewer, fitting, remembered };
const plain = (value) => (value instanceof Set ? [...value].sort() : value);
const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.map(([name, ...given]) => plain(known[name](...given)))));
