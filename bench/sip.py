"""Just enough SIP (RFC 3261) and SDP (RFC 4566) for a caller's telephone over UDP."""

import re
import secrets
from dataclasses import dataclass

ALAW = 8  # RFC 3551
TELEPHONE_EVENT = 101  # dynamic payload type for RFC 4733, as most phones choose it


class NotSip(Exception):
    """The datagram is no SIP message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP request or response. Header names are lower case; the first of each name is kept."""

    start: str
    headers: dict[str, str]
    vias: tuple[str, ...]
    body: str

    @property
    def status(self) -> int | None:
        """Return a response's status code, None for a request."""
        return int(self.start.split(" ", 2)[1]) if self.start.startswith("SIP/2.0 ") else None

    @property
    def method(self) -> str:
        """Return a request's method, or the method that a response answers."""
        if self.status is None:
            return self.start.split(" ", 1)[0]
        return self.headers["cseq"].split()[1]

    @property
    def contact(self) -> str:
        """Return the URI of the Contact header."""
        found = re.search(r"<([^>]+)>", self.headers.get("contact", ""))
        return found[1] if found else self.headers.get("contact", "")


_COMPACT = {"v": "via", "i": "call-id", "f": "from", "t": "to", "m": "contact", "l": "content-length"}


def parse(datagram: bytes) -> Message:
    """Parse a datagram. Raises NotSip."""
    head, _, body = datagram.decode("utf-8", "replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    vias: list[str] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise NotSip(f"no header: {line[:40]!r}")
        key = name.strip().lower()
        key = _COMPACT.get(key, key)
        if key == "via":
            vias.append(value.strip())
        headers.setdefault(key, value.strip())
    if "SIP/2.0" not in start or "call-id" not in headers or "cseq" not in headers:
        raise NotSip(f"not SIP: {start[:40]!r}")
    return Message(start, headers, tuple(vias), body)


def media_address(sdp: str) -> tuple[str, int]:
    """Return where the other side wants its audio. Raises NotSip when the SDP names no audio."""
    address = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE)
    port = re.search(r"^m=audio (\d+) ", sdp, re.MULTILINE)
    if not address or not port:
        raise NotSip("the answer offers no audio")
    return address[1], int(port[1])


def offer(host: str, port: int, origin: str = "bench 1 1") -> str:
    """Return an SDP of A-law and telephone events at 20 ms; `origin`: who, id and version of the session."""
    return "".join(
        line + "\r\n"
        for line in (
            "v=0",
            f"o={origin} IN IP4 {host}",
            "s=-",
            f"c=IN IP4 {host}",
            "t=0 0",
            f"m=audio {port} RTP/AVP {ALAW} {TELEPHONE_EVENT}",
            f"a=rtpmap:{ALAW} PCMA/8000",
            f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000",
            f"a=fmtp:{TELEPHONE_EVENT} 0-15",
            "a=ptime:20",
            "a=sendrecv",
        )
    )


@dataclass(slots=True)
class Dialog:
    """One call's dialog, seen from the caller; it writes the caller's messages."""

    local: tuple[str, int]
    remote: tuple[str, int]
    number: str
    caller: str
    call_id: str
    tag: str
    branch: str
    to_tag: str = ""
    target: str = ""
    cseq: int = 1

    @classmethod
    def new(cls, local: tuple[str, int], remote: tuple[str, int], number: str, caller: str) -> "Dialog":
        """Return a fresh dialog from `caller` to `number`."""
        token = secrets.token_hex
        target = f"sip:{number}@{remote[0]}:{remote[1]}"
        return cls(local, remote, number, caller, token(12), token(4), f"z9hG4bK{token(8)}", target=target)

    def invite(self, sdp: str) -> bytes:
        """Return the INVITE."""
        return self._request("INVITE", self.branch, self.cseq, sdp)

    def ack(self, *, of_success: bool) -> bytes:
        """Return the ACK; of a 2xx it is a transaction of its own (RFC 3261, 13.2.2.4)."""
        branch = f"z9hG4bK{secrets.token_hex(8)}" if of_success else self.branch
        return self._request("ACK", branch, 1)

    def bye(self) -> bytes:
        """Return a BYE; called again it repeats with a new sequence number."""
        self.cseq += 1
        return self._request("BYE", f"z9hG4bK{secrets.token_hex(8)}", self.cseq)

    def _request(self, method: str, branch: str, cseq: int, body: str = "") -> bytes:
        host, port = self.local
        to = f"<sip:{self.number}@{self.remote[0]}>" + (f";tag={self.to_tag}" if self.to_tag else "")
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.caller}@{host}>;tag={self.tag}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.caller}@{host}:{port}>",
        ]
        if body:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(body)}", "", body]
        return "\r\n".join(lines).encode()


def response(request: Message, status: str, *, tag: str = "", contact: str = "", body: str = "") -> bytes:
    """Return a response to a request; `tag` goes to the To header where it has none, `body` is SDP."""
    to = request.headers["to"]
    if tag and ";tag=" not in to.replace(" ", ""):
        to += f";tag={tag}"
    lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.vias)]
    lines += [f"From: {request.headers['from']}", f"To: {to}"]
    lines += [f"{name}: {request.headers[name.lower()]}" for name in ("Call-ID", "CSeq")]
    if contact:
        lines.append(f"Contact: {contact}")
    if body:
        lines.append("Content-Type: application/sdp")
    lines += [f"Content-Length: {len(body.encode())}", "", body]
    return "\r\n".join(lines).encode()
