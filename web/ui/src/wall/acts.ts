/** What a supervisor does from the board: join a talk, force a state, write to agents, switch the line. */
import { ApiError, NetworkLost, call } from "../common/api";
import { confirmed, open } from "../common/dialogs";
import { notice } from "../common/notices";
import { byId } from "../common/page";
import { say } from "../common/texts";
import type { Agents } from "./agents";
import { stateOf } from "./agents";
import type { Words } from "./model";

type Body = Readonly<Record<string, unknown>>;

const QUESTIONS: Readonly<Record<string, string>> = {
  take_over: "wall.take_over_sure",
  signed_out: "wall.force_sure",
};

/** Let the dialogs of the board work. */
export function setUpActs(agents: Agents, words: Words): void {
  setUpLine();
  if (document.getElementById("acts") === null) return;
  agents.addEventListener("chosen", () => show(agents));
  byId("acts").addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-act]") : null;
    const act = button?.dataset["act"];
    if (act !== undefined) void perform(agents, words, act);
  });
  setUpMessage(agents);
}

function show(agents: Agents): void {
  const known = agents.known(agents.chosen);
  if (known === undefined) return;
  const row = agents.row(agents.chosen);
  byId("acts-title").textContent = `${known.on_air_name} · ${stateOf(row)}`;
  byId("acts-error").hidden = true;
  const talks = row?.state === "talking";
  for (const act of ["listen", "whisper", "barge", "take_over"]) {
    const button = byId("acts").querySelector<HTMLButtonElement>(`[data-act="${act}"]`);
    if (button !== null) button.disabled = !talks;
  }
  open("acts");
}

async function perform(agents: Agents, words: Words, act: string): Promise<void> {
  const known = agents.known(agents.chosen);
  if (known === undefined) return;
  if (act === "message") {
    byId<HTMLDialogElement>("acts").close();
    openMessage(agents, known.agent);
    return;
  }
  const question = QUESTIONS[act];
  if (question !== undefined && !(await confirmed(say(question, { name: known.on_air_name })))) return;
  const error = byId("acts-error");
  error.hidden = true;
  try {
    await call("POST", "/api/floor/requests", request(act, known.agent, words.own));
    byId<HTMLDialogElement>("acts").close();
    notice(say("wall.done"), "good");
  } catch (failed) {
    if (!(failed instanceof ApiError || failed instanceof NetworkLost)) throw failed;
    error.textContent = failed.message;
    error.hidden = false;
  }
}

function request(act: string, agent: string, own: string): Body {
  switch (act) {
    case "listen":
      return { request: "listen", agent, supervisor: own };
    case "whisper":
      return { request: "listen", agent, supervisor: own, whisper: true };
    case "barge":
      return { request: "barge", agent, supervisor: own };
    case "take_over":
      return { request: "barge", agent, supervisor: own, take_over: true };
    case "stop_listening":
      return { request: "stop_listening", agent, supervisor: own };
    case "paused":
      return { request: "force", agent, state: "paused", reason: byId<HTMLSelectElement>("acts-reason").value };
    default:
      return { request: "force", agent, state: act };
  }
}

function setUpLine(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-line]")) {
    button.addEventListener("click", () => void switchLine(button.dataset["line"] ?? ""));
  }
}

async function switchLine(how: string): Promise<void> {
  if (how === "close" && !(await confirmed(say("wall.line_close_sure")))) return;
  await tried(() => call("POST", `/api/line/${how}`));
}

/** Open the dialog of a message; to one agent, if a staff number is given. */
function openMessage(agents: Agents, agent = ""): void {
  const select = byId<HTMLSelectElement>("message-agent");
  select.replaceChildren(...agents.everybody().map((one) => new Option(`${one.on_air_name} (${one.team})`, one.agent)));
  if (agent !== "") {
    byId<HTMLSelectElement>("message-audience").value = "agent";
    select.value = agent;
  }
  fitAudience();
  open("message");
  byId("message-text").focus();
}

function fitAudience(): void {
  const audience = byId<HTMLSelectElement>("message-audience").value;
  for (const part of byId("message-form").querySelectorAll<HTMLElement>("[data-for]")) {
    part.hidden = part.dataset["for"] !== audience;
  }
}

function setUpMessage(agents: Agents): void {
  const form = byId<HTMLFormElement>("message-form");
  byId("message-audience").addEventListener("change", fitAudience);
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest('[data-opens="message"]')) openMessage(agents);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form);
  });
}

async function send(form: HTMLFormElement): Promise<void> {
  const given = new FormData(form);
  const audience = String(given.get("audience"));
  const body: Record<string, string> = { audience, text: String(given.get("text")) };
  if (audience !== "all") body[audience] = String(given.get(audience) ?? "");
  const sent = await tried(() => call("POST", "/api/wall/messages", body));
  if (!sent) return;
  form.reset();
  byId<HTMLDialogElement>("message").close();
}

async function tried(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
  } catch (failed) {
    if (!(failed instanceof ApiError || failed instanceof NetworkLost)) throw failed;
    const fields = failed instanceof ApiError ? failed.fields.map((one) => one.problem).join(" ") : "";
    notice(fields || failed.message, "bad");
    return false;
  }
  notice(say("wall.done"), "good");
  return true;
}
