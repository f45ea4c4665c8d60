/** Which codecs an offer names, and in which order. */

const ALWAYS = ["telephone-event"]; // keys, RFC 4733

/**
 * Leave only these codecs in the audio part of an offer, in this order, and keys. An offer that has none
 * of them stays as it is.
 */
export function withCodecs(sdp: string, codecs: readonly string[]): string {
  const names = codecs.map((name) => name.toLowerCase());
  const payloads = new Map<string, string>(); // payload type → codec
  for (const [, payload, name] of sdp.matchAll(/^a=rtpmap:(\d+) ([^/\r\n]+)\//gm)) {
    if (payload && name) payloads.set(payload, name.toLowerCase());
  }
  const line = /^m=audio (\d+) (\S+) ([\d ]+)$/m.exec(sdp.replaceAll("\r", ""));
  const [whole, port, profile, numbers] = line ?? [];
  if (whole === undefined || numbers === undefined) return sdp;
  const offered = numbers.trim().split(" ");
  const ofCodec = (name: string): string[] => offered.filter((each) => payloads.get(each) === name);
  const kept = names.flatMap(ofCodec);
  if (kept.length === 0) return sdp;
  const all = [...kept, ...ALWAYS.flatMap(ofCodec)];
  const dropped = new Set(offered.filter((each) => !all.includes(each)));
  return sdp
    .split("\r\n")
    .filter((each) => !dropped.has(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /.exec(each)?.[1] ?? ""))
    .join("\r\n")
    .replace(whole, `m=audio ${port} ${profile} ${all.join(" ")}`);
}
