/** How well sound gets through, from the browser's own statistics of a call. */
import type { Grade, Quality } from "./news";

// Where people begin to notice, and where they begin to complain (ITU-T G.114, G.1020; A-law without repair).
const FAIR = { loss: 0.01, jitter: 0.03, roundTrip: 0.3 };
const POOR = { loss: 0.05, jitter: 0.06, roundTrip: 0.6 };

interface Counted {
  readonly received: number;
  readonly lost: number;
}

/** Looks at one connection again and again; each look tells of the time since the one before. */
export class QualityWatch {
  #before: Counted = { received: 0, lost: 0 };

  constructor(private readonly connection: RTCPeerConnection) {}

  /** The quality since the last look; undefined before anything has come. */
  async look(): Promise<Quality | undefined> {
    const stats = await this.connection.getStats();
    let heard: RTCInboundRtpStreamStats | undefined;
    let roundTrip: number | undefined;
    stats.forEach((each: RTCStats) => {
      if (each.type === "inbound-rtp") heard = each as RTCInboundRtpStreamStats;
      if (each.type === "candidate-pair") {
        const pair = each as RTCIceCandidatePairStats;
        if (pair.nominated && pair.currentRoundTripTime !== undefined) roundTrip = pair.currentRoundTripTime;
      }
    });
    if (heard === undefined) return undefined;
    const now = { received: heard.packetsReceived ?? 0, lost: Math.max(0, heard.packetsLost ?? 0) };
    const received = now.received - this.#before.received;
    const lost = Math.max(0, now.lost - this.#before.lost);
    this.#before = now;
    const codec = stats.get(heard.codecId ?? "") as { mimeType?: string } | undefined;
    // Nothing at all is as bad as it gets: a far end on hold sends music, not silence.
    const loss = received + lost === 0 ? 1 : lost / (received + lost);
    const jitter = heard.jitter ?? 0;
    const name = codec?.mimeType?.replace("audio/", "") ?? "";
    return { grade: grade(loss, jitter, roundTrip ?? 0), loss, jitter, roundTrip, codec: name };
  }
}

export function grade(loss: number, jitter: number, roundTrip: number): Grade {
  const beyond = (limit: typeof FAIR): boolean =>
    loss >= limit.loss || jitter >= limit.jitter || roundTrip >= limit.roundTrip;
  if (beyond(POOR)) return "poor";
  return beyond(FAIR) ? "fair" : "good";
}
