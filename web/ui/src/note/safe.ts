/**
 * What was typed and not sent yet, kept in this tab so that a reload or crash without network loses nothing.
 *
 * It is personal: it lies in sessionStorage encrypted (AES-256-GCM) under a key that the service gives to the
 * living session only, and that this page holds in memory as a key that cannot be read out. When the session is
 * over nobody can read what is left. Without Web Crypto (plain http on another machine) nothing is kept.
 */
import { call, NetworkLost } from "../common/api";
import { connection } from "../common/connection";

const NONCE = 12; // bytes

export class Safe {
  #key: Promise<CryptoKey | undefined> | undefined;
  readonly #waiting = new Map<string, unknown>();
  #writing = false;

  /** `prefix` tells what is kept here from what other parts of the page keep; `address` gives this session's key. */
  constructor(
    private readonly prefix = "kring-note:",
    private readonly address = "/api/notes/safe",
  ) {
    connection.addEventListener("reached", () => void this.#ready());
    void this.#ready();
  }

  /** Keep a value under a name. Of values that come fast the last one is kept. */
  put(name: string, value: unknown): void {
    this.#waiting.set(name, value);
    void this.#write();
  }

  /** Forget what is under a name. */
  drop(name: string): void {
    this.#waiting.delete(name);
    try {
      sessionStorage.removeItem(this.prefix + name);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
  }

  /** What is under a name; undefined: nothing that this session can read. */
  async get<T>(name: string): Promise<T | undefined> {
    const sealed = stored(this.prefix + name);
    if (sealed === null) return undefined;
    const key = await this.#ready();
    if (key === undefined) return undefined;
    try {
      const bytes = Uint8Array.from(atob(sealed), (sign) => sign.charCodeAt(0));
      const opened = await crypto.subtle.decrypt(parameters(bytes.slice(0, NONCE), name), key, bytes.slice(NONCE));
      return JSON.parse(new TextDecoder().decode(opened)) as T;
    } catch {
      this.drop(name); // of another session: nobody can read it any more
      return undefined;
    }
  }

  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    try {
      const key = await this.#ready();
      while (key !== undefined && this.#waiting.size > 0) {
        for (const [name, value] of this.#waiting) {
          this.#waiting.delete(name);
          const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
          const text = new TextEncoder().encode(JSON.stringify(value));
          const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters(nonce, name), key, text));
          if (!this.#waiting.has(name)) store(this.prefix + name, nonce, sealed);
        }
      }
    } finally {
      this.#writing = false;
    }
  }

  #ready(): Promise<CryptoKey | undefined> {
    this.#key ??= fetchKey(this.address).catch((error: unknown) => {
      this.#key = undefined; // asked for again when the service is reached
      if (!(error instanceof NetworkLost)) throw error;
      return undefined;
    });
    return this.#key;
  }
}

async function fetchKey(address: string): Promise<CryptoKey | undefined> {
  if (globalThis.crypto?.subtle === undefined) return undefined;
  const { key } = await call<{ key: string }>("GET", address);
  const bytes = Uint8Array.from(atob(key), (sign) => sign.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

function parameters(iv: Uint8Array<ArrayBuffer>, name: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(name) };
}

function stored(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function store(name: string, nonce: Uint8Array, sealed: Uint8Array): void {
  try {
    sessionStorage.setItem(name, btoa(String.fromCharCode(...nonce, ...sealed)));
  } catch {
    // Full, or a browser that keeps nothing: what was typed is still on the page.
  }
}
