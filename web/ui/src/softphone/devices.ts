/** Microphone and loudspeaker: which, remembered in this browser; and what is wrong when there is none. */
import type { PhoneTrouble } from "./news";

const INPUT = "kring.softphone.input";
const OUTPUT = "kring.softphone.output";

export interface Device {
  readonly id: string;
  readonly name: string;
  readonly chosen: boolean;
}

/** The microphone cannot be used. */
export class NoMicrophone extends Error {
  override readonly name = "NoMicrophone";

  constructor(readonly trouble: PhoneTrouble) {
    super(trouble);
  }
}

/** Open the chosen microphone, or whichever there is when that one is gone. Throws NoMicrophone. */
export async function openMicrophone(): Promise<MediaStream> {
  if (!("mediaDevices" in navigator)) throw new NoMicrophone("microphone_refused"); // no secure context
  const id = chosen(INPUT);
  const wanted: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    return await open(id === "" ? wanted : { ...wanted, deviceId: { exact: id } });
  } catch (error) {
    if (id === "" || !isGone(error)) throw new NoMicrophone(troubleOf(error));
  }
  try {
    return await open(wanted);
  } catch (error) {
    throw new NoMicrophone(troubleOf(error));
  }
}

function open(audio: MediaTrackConstraints): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ audio, video: false });
}

function isGone(error: unknown): boolean {
  return error instanceof DOMException && ["NotFoundError", "OverconstrainedError"].includes(error.name);
}

function troubleOf(error: unknown): PhoneTrouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "microphone_refused";
  return name === "NotReadableError" || name === "AbortError" ? "microphone_busy" : "microphone_missing";
}

export function chosenOutput(): string {
  return chosen(OUTPUT);
}

export function chooseInput(id: string): void {
  choose(INPUT, id);
}

export function chooseOutput(id: string): void {
  choose(OUTPUT, id);
}

/** The microphones. Names are empty until the microphone was allowed once. */
export function inputs(): Promise<Device[]> {
  return list("audioinput", chosen(INPUT));
}

/** The loudspeakers; empty where the browser gives no choice. */
export function outputs(): Promise<Device[]> {
  return list("audiooutput", chosen(OUTPUT));
}

async function list(kind: MediaDeviceKind, mine: string): Promise<Device[]> {
  if (!("mediaDevices" in navigator)) return [];
  const found = (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === kind);
  const is = found.some((each) => each.deviceId === mine) ? mine : (found[0]?.deviceId ?? "");
  return found.map((each) => ({ id: each.deviceId, name: each.label, chosen: each.deviceId === is }));
}

// A private window may refuse to remember: then the choice holds until the page is closed.
const forNow = new Map<string, string>();

function chosen(key: string): string {
  try {
    return localStorage.getItem(key) ?? forNow.get(key) ?? "";
  } catch {
    return forNow.get(key) ?? "";
  }
}

function choose(key: string, id: string): void {
  forNow.set(key, id);
  try {
    localStorage.setItem(key, id);
  } catch {
    return;
  }
}
