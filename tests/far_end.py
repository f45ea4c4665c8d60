"""The other side of the trunk: a far end that answers, rejects, delays and vanishes, by the number called.

What it does stands in the last three digits: a SIP code is answered with; 200 answers after a ring; and
0xx are the words below. Every INVITE is kept.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

RINGS, SILENT, EARLY_BUSY, ANSWERS_LATE, HANGS_UP = "001", "002", "003", "004", "005"
RING_SECONDS = 0.1


@dataclass(slots=True)
class Invite:
    """One call as the far end saw it."""

    number: str
    caller: str  # the From header
    text: str
    at: float  # the loop's time
    cancelled: bool = False
    acknowledged: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    start: str
    headers: dict[str, str]
    vias: tuple[str, ...]
    address: tuple[str, int]
    text: str


@dataclass
class FarEnd(asyncio.DatagramProtocol):
    """`async with FarEnd("127.0.0.5") as far`: the trunk is at `far.address`."""

    host: str = "127.0.0.5"
    port: int = 0
    invites: list[Invite] = field(default_factory=list)
    address: str = ""
    _transport: Any = None
    _calls: dict[str, tuple[_Request, Invite]] = field(default_factory=dict)
    _cseq: int = 100

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, self.port))
        host, port = self._transport.get_extra_info("sockname")
        self.address = f"{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()

    def calls_to(self, number: str) -> list[Invite]:
        """Return the calls that came for a number."""
        return [invite for invite in self.invites if invite.number == number]

    # ---- asyncio.DatagramProtocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        request = _parsed(data, address)
        if request is None:
            return
        kind: dict[str, Callable[[_Request], None]] = {
            "INVITE": self._invite,
            "CANCEL": self._cancel,
            "ACK": self._ack,
            "BYE": self._bye,
        }
        kind.get(request.method, self._refuse)(request)

    # ---- What it does

    def _invite(self, request: _Request) -> None:
        call_id = request.headers["call-id"]
        if call_id in self._calls:
            return  # a retransmission
        number = re.search(r"sip:(\d+)@", request.start)
        loop = asyncio.get_running_loop()
        invite = Invite(number[1] if number else "", request.headers["from"], request.text, loop.time())
        self.invites.append(invite)
        self._calls[call_id] = (request, invite)
        self._answer(request, "100 Trying", tag=False)
        does = invite.number[-3:]
        if does == RINGS:
            self._answer(request, "180 Ringing")
        elif does == EARLY_BUSY:
            self._answer(request, "183 Session Progress", self._sdp())
            loop.call_later(RING_SECONDS, self._answer, request, "486 Busy Here")
        elif does in {"200", HANGS_UP}:
            self._answer(request, "180 Ringing")
            loop.call_later(RING_SECONDS, self._pick_up, request, does == HANGS_UP)
        elif does == ANSWERS_LATE:
            self._answer(request, "180 Ringing")
        elif does != SILENT:
            self._answer(request, f"{does} As Asked")

    def _pick_up(self, request: _Request, leaves: bool) -> None:
        if self._calls[request.headers["call-id"]][1].cancelled:
            return
        self._answer(request, "200 OK", self._sdp())
        if leaves:
            asyncio.get_running_loop().call_later(0.3, self._hang_up, request)

    def _hang_up(self, request: _Request) -> None:
        self._cseq += 1
        target = re.search(r"<([^>]+)>", request.headers["contact"])
        assert target is not None
        lines = [
            f"BYE {target[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{self._cseq}{request.headers['call-id'][:8]}",
            f"From: {request.headers['to']};tag=far",
            f"To: {request.headers['from']}",
            f"Call-ID: {request.headers['call-id']}",
            f"CSeq: {self._cseq} BYE",
            "Max-Forwards: 70",
            "Content-Length: 0",
        ]
        self._transport.sendto("\r\n".join([*lines, "", ""]).encode(), request.address)

    def _cancel(self, request: _Request) -> None:
        invited, invite = self._calls[request.headers["call-id"]]
        invite.cancelled = True
        self._answer(request, "200 OK")
        if invite.number.endswith(ANSWERS_LATE):
            self._answer(invited, "200 OK", self._sdp())  # it was picked up at that very moment
        else:
            self._answer(invited, "487 Request Terminated")

    def _ack(self, request: _Request) -> None:
        self._calls[request.headers["call-id"]][1].acknowledged = True

    def _bye(self, request: _Request) -> None:
        self._calls[request.headers["call-id"]][1].ended = True
        self._answer(request, "200 OK")

    def _refuse(self, request: _Request) -> None:
        self._answer(request, "501 Not Implemented")

    # ---- SIP

    def _answer(self, request: _Request, status: str, body: str = "", *, tag: bool = True) -> None:
        to = request.headers["to"]
        if tag and "tag=" not in to:
            to += ";tag=far"
        lines = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.vias)]
        lines += [f"From: {request.headers['from']}", f"To: {to}"]
        lines += [f"{name}: {request.headers[name.lower()]}" for name in ("Call-ID", "CSeq")]
        moved = status.startswith("3")
        lines.append(f"Contact: <sip:{'6281199999200' if moved else 'far'}@{self.address}>")
        if body:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(body)}", "", body]
        self._transport.sendto("\r\n".join(lines).encode(), request.address)

    def _sdp(self) -> str:
        rows = (
            "v=0",
            f"o=far 1 1 IN IP4 {self.host}",
            "s=-",
            f"c=IN IP4 {self.host}",
            "t=0 0",
            "m=audio 40000 RTP/AVP 8 101",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:101 telephone-event/8000",
        )
        return "".join(row + "\r\n" for row in rows)


def _parsed(data: bytes, address: tuple[str, int]) -> _Request | None:
    text = data.decode("utf-8", "replace")
    start, *lines = text.partition("\r\n\r\n")[0].split("\r\n")
    if start.startswith("SIP/2.0"):
        return None
    headers: dict[str, str] = {}
    vias = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip().lower() == "via":
            vias.append(value.strip())
        headers.setdefault(name.strip().lower(), value.strip())
    return _Request(start.split()[0], start, headers, tuple(vias), address, text)
