"""The far end of the proof: it answers, rejects, delays, lies and vanishes, and keeps a ledger of its own.

What it does with a call is drawn from a seed, the number and how often that number was called, so that a
run can be repeated. SIP over UDP (RFC 3261), with the retransmissions that an honest far end owes.
"""

import asyncio
import random
import re
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bench.ledger_book import FarCall
from bench.sip import Message, NotSip, parse, response
from bench.swarm_sip import branch_of, tag_of

STATUSES = (
    300, 301, 302, 380, 400, 401, 403, 404, 405, 406, 408, 410, 413, 415, 416, 420, 480, 481, 482, 483, 484,
    485, 486, 487, 488, 491, 493, 499, 500, 501, 502, 503, 504, 513, 580, 599, 600, 603, 604, 606, 607, 608,
    699,
)  # fmt: skip
USUAL = (486, 486, 486, 480, 404, 503, 603)
# What it does → how often. The names are those of methods.
DEEDS: dict[str, float] = {
    "rejects": 24, "rejects_oddly": 18, "rejects_late": 4, "slow_to_wake": 3, "early_media": 3, "storms": 3,
    "answers": 31, "answers_at_once": 4, "storms_and_answers": 2, "stays": 0.7, "vanishes_in_talk": 0.8,
    "rings_on": 2, "only_trying": 0.7, "is_silent": 0.6, "answers_after_cancel": 1.2,
    "answers_after_487": 0.8, "answers_after_486": 1.5, "rejects_twice": 1.5,
}  # fmt: skip
_T1 = 0.5
_SUBSCRIBER = re.compile(r"62[2-9][0-9]{7,11}")


@dataclass(slots=True)
class _Call:
    invite: Message
    address: tuple[str, int]
    row: FarCall
    dice: random.Random
    tag: str
    last: bytes = b""
    mute: bool = False  # it vanished: nothing is sent or heard any more
    acknowledged: bool = False
    agreed: bool = False  # our BYE was answered
    tasks: list[asyncio.TimerHandle] = field(default_factory=list)


class FarSide(asyncio.DatagramProtocol):
    """`await listen()`, then it takes calls. `ears` are told (what, number's fingerprint) of each step."""

    def __init__(self, host: str, port: int, seed: int, fingerprint: Callable[[str], str]) -> None:
        self.calls: dict[str, _Call] = {}
        self.ears: list[Callable[[str, str], None]] = []
        self.did: Counter[str] = Counter()
        self.repeated = 0  # INVITEs that came again in the same transaction
        self._host, self._port, self._seed, self._fingerprint = host, port, seed, fingerprint
        self._times: Counter[str] = Counter()
        self._doubles: list[FarCall] = []
        self._transport: Any = None

    async def listen(self) -> None:
        """Open the socket."""
        plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        plug.bind((self._host, self._port))
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=plug)

    def close(self) -> None:
        """Vanish altogether."""
        for call in self.calls.values():
            for task in call.tasks:
                task.cancel()
        self._transport.close()

    def ledger(self) -> list[FarCall]:
        """Return what was seen, in the order of arrival."""
        return [*(call.row for call in self.calls.values()), *self._doubles]

    # ---- asyncio.DatagramProtocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to send."""
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """Take one message."""
        try:
            message = parse(data)
        except NotSip:
            return
        call = self.calls.get(message.headers["call-id"])
        if message.status is not None:
            if call is not None and message.method == "BYE":
                call.agreed = True
        elif message.method == "OPTIONS":
            self._transport.sendto(response(message, "200 OK", tag="far"), address)
        elif message.method == "INVITE" and call is None:
            self._invited(message, address)
        elif call is not None and not call.mute:
            self._within(call, message, address)

    def _invited(self, invite: Message, address: tuple[str, int]) -> None:
        at = time.time()
        found = re.search(r"sips?:([^@>;]+)@", invite.start)
        digits = found[1] if found else ""
        caller = re.search(r"sips?:([^@>;]+)@", invite.headers.get("from", ""))
        number = self._fingerprint(digits)
        self._times[number] += 1
        dice = random.Random(f"{self._seed}/{number}/{self._times[number]}")
        deed = dice.choices(list(DEEDS), list(DEEDS.values()))[0]
        well = _SUBSCRIBER.fullmatch(digits) is not None
        call_id = invite.headers["call-id"]
        row = FarCall(at, number, call_id, caller[1] if caller else "", deed, well)
        call = self.calls[call_id] = _Call(invite, address, row, dice, f"far{len(self.calls)}")
        self.did[deed] += 1
        self._tell("invited", call)
        getattr(self, f"_{deed}")(call)

    def _within(self, call: _Call, request: Message, address: tuple[str, int]) -> None:
        method = request.method
        if method == "INVITE":
            self._invited_again(call, request, address)
        elif method == "ACK":
            call.acknowledged = True
            call.row = replace(call.row, confirmed=True)
        elif method == "CANCEL":
            self._transport.sendto(response(request, "200 OK", tag=call.tag), address)
            self._cancelled(call)
        elif method == "BYE":
            self._transport.sendto(response(request, "200 OK", tag=call.tag), address)
            if not call.row.ended_at:
                call.row = replace(call.row, ended_at=time.time(), ended_by_us=True)
            self._tell("ended", call)
        else:
            self._transport.sendto(response(request, "501 Not Implemented", tag=call.tag), address)

    def _invited_again(self, call: _Call, invite: Message, address: tuple[str, int]) -> None:
        """A retransmission gets the same answer; another transaction outside the dialog is another call."""
        self.repeated += 1
        if branch_of(invite) != branch_of(call.invite) and not tag_of(invite.headers["to"]):
            self._doubles.append(replace(call.row, at=time.time(), did="comes again"))
        if call.last:
            self._transport.sendto(call.last, address)

    def _cancelled(self, call: _Call) -> None:
        if call.row.cancelled_at:
            return
        call.row = replace(call.row, cancelled_at=time.time())
        self._tell("cancelled", call)
        if call.row.status:
            return
        for task in call.tasks:
            task.cancel()
        if call.row.did == "answers_after_cancel":
            self._final(call, 200)
            return
        self._final(call, 487)
        if call.row.did == "answers_after_487":
            self._later(call, 0.2, self._send, call, "200 OK", self._sdp())

    # ---- Deeds

    def _rejects(self, call: _Call) -> None:
        self._trying(call)
        self._later(call, call.dice.uniform(0.0, 0.5), self._final, call, call.dice.choice(USUAL))

    def _rejects_oddly(self, call: _Call) -> None:
        self._trying(call)
        self._final(call, call.dice.choice(STATUSES))

    def _rejects_late(self, call: _Call) -> None:
        self._ringing(call)
        self._later(call, call.dice.uniform(2.0, 9.0), self._final, call, call.dice.choice(USUAL))

    def _slow_to_wake(self, call: _Call) -> None:
        self._later(call, call.dice.uniform(0.6, 2.0), self._final, call, call.dice.choice(USUAL))

    def _early_media(self, call: _Call) -> None:
        self._send(call, "183 Session Progress", self._sdp())
        self._later(call, call.dice.uniform(0.3, 3.0), self._final, call, call.dice.choice(USUAL))

    def _storms(self, call: _Call) -> None:
        self._storm(call)
        self._later(call, 0.7, self._final, call, call.dice.choice(STATUSES))

    def _answers(self, call: _Call) -> None:
        self._ringing(call)
        self._later(call, call.dice.uniform(0.1, 3.0), self._pick_up, call)

    def _answers_at_once(self, call: _Call) -> None:
        self._pick_up(call)

    def _storms_and_answers(self, call: _Call) -> None:
        self._storm(call)
        self._later(call, 0.7, self._pick_up, call)

    def _stays(self, call: _Call) -> None:
        self._ringing(call)
        self._later(call, 1.0, self._final, call, 200)

    def _vanishes_in_talk(self, call: _Call) -> None:
        self._ringing(call)
        self._later(call, 0.5, self._final, call, 200)
        self._later(call, 1.5, self._vanish, call)

    def _rings_on(self, call: _Call) -> None:
        self._ringing(call)

    def _only_trying(self, call: _Call) -> None:
        self._trying(call)
        self._later(call, 0.5, self._vanish, call)

    def _is_silent(self, call: _Call) -> None:
        call.mute = True

    def _answers_after_cancel(self, call: _Call) -> None:
        self._ringing(call)

    def _answers_after_487(self, call: _Call) -> None:
        self._ringing(call)

    def _answers_after_486(self, call: _Call) -> None:
        self._ringing(call)
        self._later(call, 0.4, self._final, call, 486)
        self._later(call, 0.6, self._send, call, "200 OK", self._sdp())

    def _rejects_twice(self, call: _Call) -> None:
        self._ringing(call)
        self._later(call, 0.2, self._final, call, 486)
        self._later(call, 0.25, self._send, call, "603 Decline", "")

    # ---- Their parts

    def _trying(self, call: _Call) -> None:
        self._transport.sendto(response(call.invite, "100 Trying"), call.address)

    def _ringing(self, call: _Call) -> None:
        self._send(call, "180 Ringing")
        self._tell("rings", call)

    def _storm(self, call: _Call) -> None:
        words = ("180 Ringing", "181 Forwarded", "182 Queued", "183 Session Progress", "199 Gone", "150 Odd")
        for n in range(40):
            self._later(call, n * 0.015, self._send, call, words[n % len(words)])

    def _pick_up(self, call: _Call) -> None:
        self._final(call, 200)
        self._later(call, call.dice.uniform(0.3, 5.0), self._hang_up, call)

    def _vanish(self, call: _Call) -> None:
        call.mute = True

    def _final(self, call: _Call, status: int) -> None:
        if call.mute or call.row.status:
            return
        call.row = replace(call.row, status=status, status_at=time.time())
        self._send(
            call,
            f"{status} {'OK' if status == 200 else 'As It Pleases'}",
            self._sdp() if status == 200 else "",
        )
        self._tell("answered" if status == 200 else "rejected", call)
        for n in range(4):
            self._later(call, _T1 * (2**n), self._again, call)

    def _again(self, call: _Call) -> None:
        if not call.acknowledged and not call.mute:
            self._transport.sendto(call.last, call.address)

    def _hang_up(self, call: _Call) -> None:
        if call.mute or call.row.ended_at or call.row.status != 200:
            return
        call.row = replace(call.row, ended_at=time.time())
        self._tell("ended", call)
        bye = self._bye(call)
        self._transport.sendto(bye, call.address)
        for n in range(4):
            self._later(call, _T1 * (2**n), self._bye_again, call, bye)

    def _bye_again(self, call: _Call, bye: bytes) -> None:
        if not call.agreed:
            self._transport.sendto(bye, call.address)

    def _bye(self, call: _Call) -> bytes:
        invite = call.invite
        lines = [
            f"BYE {invite.contact} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._host}:{self._port};branch=z9hG4bK{call.tag}bye",
            "Max-Forwards: 70",
            f"From: {invite.headers['to']};tag={call.tag}",
            f"To: {invite.headers['from']}",
            f"Call-ID: {invite.headers['call-id']}",
            "CSeq: 1 BYE",
            "Content-Length: 0",
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def _send(self, call: _Call, status: str, sdp: str = "") -> None:
        if call.mute:
            return
        moved = "6281199999200" if status.startswith("3") else "far"
        contact = f"<sip:{moved}@{self._host}:{self._port}>"
        message = response(call.invite, status, tag=call.tag, contact=contact, body=sdp)
        if sdp:
            message = message.replace(
                b"\r\nContent-Length", b"\r\nContent-Type: application/sdp\r\nContent-Length", 1
            )
        call.last = message
        self._transport.sendto(message, call.address)

    def _later(self, call: _Call, seconds: float, work: Callable[..., None], *words: Any) -> None:
        call.tasks.append(asyncio.get_running_loop().call_later(seconds, work, *words))

    def _tell(self, what: str, call: _Call) -> None:
        for ear in self.ears:
            ear(what, call.row.number)

    def _sdp(self) -> str:
        rows = (
            "v=0", "o=far 1 1 IN IP4 " + self._host, "s=-", "c=IN IP4 " + self._host, "t=0 0",
            "m=audio 40000 RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
        )  # fmt: skip
        return "".join(row + "\r\n" for row in rows)
