/** The page's phone: which page has it, its account, signing in with it, and back into a talk whose line died. */
import { ApiError, NetworkLost, call } from "../common/api";
import { language, say } from "../common/texts";
import type { PhoneNews } from "../softphone/news";
import { Softphone } from "../softphone/softphone";
import type { Asking } from "./asking";
import type { Desk } from "./model";
import type { Store } from "./store";

interface Login {
  readonly account: string;
  readonly secret: string;
  readonly socket: string;
  readonly test_number: string;
  readonly codecs: readonly string[];
  readonly ice_servers: readonly RTCIceServer[];
}

interface ChoiceView {
  readonly choice: "browser" | "desk";
  readonly desk_phone: "none" | "away" | "reachable";
}

const OFF: PhoneNews = { state: "off", muted: false, levelIn: 0, levelOut: 0, test: false };
const CLAIM_AGAIN = 1_500; // milliseconds: a page that is loaded anew may come before its old self is gone
const SIGN_IN_AGAIN = 3_000; // milliseconds between two tries to sign in with this phone

/** Dispatches "changed", and "levels" while the phone is on. */
export class DeskPhone extends EventTarget {
  readonly tab = randomName();
  #softphone: Softphone | undefined;
  #account = "";
  #choice: ChoiceView = { choice: "browser", desk_phone: "none" };
  #elsewhere = false;
  #trouble = ""; // why there is no softphone: the name of a text, or what the service said
  #cutOff = false; // the service was not reached: it is tried again
  #starting = false;
  #wantsWork: boolean; // to be signed in once the phone is there
  #triedAt = -Infinity;

  constructor(
    private readonly store: Store,
    private readonly asking: Asking,
  ) {
    super();
    this.#wantsWork = store.state.declared !== "signed_out";
    store.addEventListener("changed", () => this.#stateChanged());
    asking.addEventListener("changed", () => void this.#signIn());
  }

  get news(): PhoneNews {
    return this.#softphone?.news ?? { ...OFF, state: this.#starting ? "connecting" : "off" };
  }

  get elsewhere(): boolean {
    return this.#elsewhere;
  }

  get onDesk(): boolean {
    return this.#choice.choice === "desk";
  }

  get deskPhone(): boolean {
    return this.#choice.desk_phone === "reachable";
  }

  /** What is wrong, in words; empty: nothing. */
  get trouble(): string {
    const trouble = this.news.trouble;
    return trouble === undefined ? this.#trouble : say(`desk.trouble_${trouble}`);
  }

  get softphone(): Softphone | undefined {
    return this.#softphone;
  }

  /** After the page was loaded: an agent who works gets the phone back without a word. */
  async begin(): Promise<void> {
    await this.#lookAtChoice();
    if (this.onDesk) return;
    if (!(await this.#claim(false))) {
      await new Promise((resolve) => setTimeout(resolve, CLAIM_AGAIN));
      if (!(await this.#claim(false))) return;
    }
    if (this.store.state.declared !== "signed_out") await this.#startHere();
  }

  /** Begin work with the chosen phone. After a gesture, or the browser plays no sound. */
  async start(takeOver = false): Promise<void> {
    this.#wantsWork = true;
    if (this.onDesk) await this.#signIn();
    else if (await this.#claim(takeOver)) await this.#startHere();
  }

  /** The page was cut off from the service and is back: its claim may have been forgotten. */
  async reclaim(): Promise<void> {
    if (this.#cutOff) this.#trouble = "";
    this.#cutOff = false;
    await this.#lookAtChoice();
    if (this.onDesk || this.#elsewhere) return;
    const inCall = this.news.state === "talking" || this.news.state === "ringing";
    if (!(await this.#claim(false))) {
      if (this.#elsewhere && !inCall) this.#stop();
    } else if (this.#softphone === undefined && this.store.state.declared !== "signed_out") {
      await this.#startHere();
    }
  }

  /** Use the phone on the desk from now on. */
  async useDeskPhone(): Promise<void> {
    if (!(await this.#choose("desk"))) return;
    this.#stop();
    this.#wantsWork = true;
    await this.#signIn();
  }

  /** Use the phone in this page from now on. */
  async useThisPage(): Promise<void> {
    if (await this.#choose("browser")) await this.start(true);
  }

  /** Another page took the phone: this one goes on as a view. */
  takenOver(): void {
    this.#elsewhere = true;
    this.#stop();
  }

  /** Let go of the phone: nobody is signed in any more. */
  end(): void {
    this.#wantsWork = false;
    this.#stop();
  }

  #stop(): void {
    const phone = this.#softphone;
    this.#softphone = undefined;
    this.#account = "";
    phone?.stop();
    this.#tell();
  }

  async #claim(takeOver: boolean): Promise<boolean> {
    try {
      const body = { tab: this.tab, take_over: takeOver };
      const { phone } = await call<{ phone: string }>("POST", "/api/desk/tab", body);
      this.#elsewhere = phone !== "here";
      this.#trouble = "";
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#tell();
    return !this.#elsewhere;
  }

  async #lookAtChoice(): Promise<void> {
    try {
      this.#choice = await call<ChoiceView>("GET", "/api/desk/phone/choice");
    } catch (error) {
      if (!(error instanceof NetworkLost)) this.#failed(error); // the page says so already, and asks again
    }
    this.#tell();
  }

  async #choose(choice: ChoiceView["choice"]): Promise<boolean> {
    try {
      this.#choice = await call<ChoiceView>("PUT", "/api/desk/phone/choice", { choice });
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#tell();
    return true;
  }

  async #startHere(): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    this.#trouble = "";
    this.#softphone?.stop();
    this.#softphone = undefined;
    this.#tell();
    try {
      const login = await call<Login>("POST", "/api/desk/phone");
      this.#account = login.account;
      await this.#made(login).start();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#starting = false;
      this.#tell();
    }
  }

  #made(login: Login): Softphone {
    const phone = new Softphone({
      socket: login.socket,
      account: login.account,
      secret: login.secret,
      language: language(),
      testNumber: login.test_number,
      codecs: login.codecs,
      iceServers: login.ice_servers,
      takesCalls: () => this.store.state.declared === "ready",
    });
    this.#softphone = phone;
    phone.addEventListener("changed", () => {
      if (this.#softphone === phone) this.#phoneChanged(phone.news);
    });
    phone.addEventListener("levels", () => this.dispatchEvent(new Event("levels")));
    return phone;
  }

  #phoneChanged(news: PhoneNews): void {
    if (news.trouble === "taken_over") this.#elsewhere = true;
    this.#answerAgain();
    void this.#signIn();
    this.#tell();
  }

  #stateChanged(): void {
    const { state, before } = this.store;
    if (state.declared === "signed_out" && before !== undefined && before.declared !== "signed_out") this.end();
    if (before?.phones.join() !== state.phones.join()) void this.#lookAtChoice();
    this.#answerAgain();
    void this.#signIn();
  }

  /** The service rings to bring the agent back into the talk: nobody should have to press a button for that. */
  #answerAgain(): void {
    if (this.store.state.observed === "rejoining" && this.news.state === "ringing") this.#softphone?.answer();
  }

  /** Sign in with the phone that was chosen, once the floor has seen it. */
  async #signIn(): Promise<void> {
    if (!this.#wantsWork || this.asking.pending !== "") return;
    const { declared, account, phones } = this.store.state;
    const wanted = this.onDesk ? await this.#deskAccount(account) : this.#account;
    if (wanted === "" || !phones.includes(wanted)) return;
    if (declared !== "signed_out" && account === wanted) return;
    if (performance.now() - this.#triedAt < SIGN_IN_AGAIN) return;
    this.#triedAt = performance.now();
    if (!(await this.asking.signIn(wanted))) {
      this.#trouble = this.asking.refusal;
      setTimeout(() => void this.#signIn(), SIGN_IN_AGAIN);
    } else {
      this.#trouble = "";
    }
    this.#tell();
  }

  async #deskAccount(known: string): Promise<string> {
    if (this.#desk.known === this.store.state.phones.join()) return this.#desk.account;
    try {
      const { phones } = await call<Desk>("GET", "/api/desk");
      const found = phones.filter((phone) => phone.kind === "desk").map((phone) => phone.account);
      const account = found.includes(known) ? known : (found[0] ?? "");
      this.#desk = { known: this.store.state.phones.join(), account };
      return account;
    } catch (error) {
      this.#failed(error);
      return "";
    }
  }

  #desk = { known: "", account: "" };

  #failed(error: unknown): void {
    this.#trouble = wordsOf(error);
    this.#cutOff = error instanceof NetworkLost;
    this.#tell();
  }

  #tell(): void {
    this.dispatchEvent(new Event("changed"));
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof ApiError || error instanceof NetworkLost) return error.message;
  throw error;
}

/** 32 random hex digits. */
function randomName(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
