/** A page that is nothing but the softphone, for its tests. */
import { Softphone, type PhoneConfig, type PhoneNews } from "../../web/ui/src/softphone/softphone";
import { withCodecs } from "../../web/ui/src/softphone/sdp";
import { grade } from "../../web/ui/src/softphone/quality";

interface Login {
  readonly account: string;
  readonly secret: string;
  readonly socket: string;
  readonly test_number: string;
  readonly codecs: readonly string[];
  readonly ice_servers: readonly RTCIceServer[];
}

const told: PhoneNews[] = [];
let phone: Softphone | undefined;
let takesCalls = false;

/** Ask the service for the account and start the phone. */
async function begin(csrf: string, part: Partial<PhoneConfig> = {}): Promise<void> {
  const answer = await fetch("/api/desk/phone", { method: "POST", headers: { "x-csrf-token": csrf } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  const login = (await answer.json()) as Login;
  const config = {
    socket: login.socket,
    account: login.account,
    secret: login.secret,
    language: "id",
    testNumber: login.test_number,
    codecs: login.codecs,
    iceServers: login.ice_servers,
    takesCalls: () => takesCalls,
    ...part,
  };
  const made = new Softphone(config);
  phone = made;
  made.addEventListener("changed", () => told.push(made.news));
  await made.start();
}

// How much of what is heard is a tone: the loudest bin against all of them. Its own ear beside the phone's.
const element = Audio.prototype.play;
let ear: AnalyserNode | undefined;
const set = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
if (set?.set) {
  const put = set.set;
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...set,
    set(this: HTMLMediaElement, stream: MediaStream | null) {
      put.call(this, stream);
      if (stream === null) return;
      const context = new AudioContext();
      ear = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
      context.createMediaStreamSource(stream).connect(ear);
    },
  });
}

/** The loudest frequency heard now, Hz; 0 when it is silent. */
function pitch(): number {
  if (ear === undefined) return 0;
  const bins = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(bins);
  let loudest = 0;
  for (let bin = 0; bin < bins.length; bin += 1) if ((bins[bin] ?? -200) > (bins[loudest] ?? -200)) loudest = bin;
  if ((bins[loudest] ?? -200) < -60) return 0;
  return (loudest * ear.context.sampleRate) / ear.fftSize;
}

/** Let the person at the page take calls from now on, or none. */
function take(calls: boolean): void {
  takesCalls = calls;
}

Object.assign(globalThis, { begin, take, told, pitch, withCodecs, grade, phone: () => phone, element });
