"""A few lines of SIP over UDP: a phone on an agent's desk that registers, rings, answers, speaks a tone."""

import asyncio
import hashlib
import math
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from prompts.g711 import to_alaw
from tests.mailbox import FRAME, RATE, Mailbox


@dataclass(slots=True)
class Ring:
    """One INVITE that the phone got."""

    at: float  # time.perf_counter() when it came off the wire
    headers: str
    body: str
    tag: str = field(default_factory=lambda: secrets.token_hex(5))
    status: int = 0  # the final answer given; 487 when it was cancelled
    over: asyncio.Event = field(default_factory=asyncio.Event)  # cancelled or hung up by the other side

    @property
    def caller(self) -> str:
        """The caller id that the phone shows."""
        return header(self.headers, "From")

    @property
    def call_id(self) -> str:
        return header(self.headers, "Call-ID")


class DeskPhone:
    """Answers by hand (`answer`, `reject`, `hang_up`) or by itself (`auto`), one call at a time.

    While a call is on, it sends `tone` Hz and keeps what it hears.
    """

    def __init__(
        self,
        target: str,
        account: str,
        secret: str,
        *,
        tone: float = 1000,
        loud: int = 8000,
        auto: bool = False,
        port: int = 0,
    ) -> None:
        """`port`: of its SIP socket; 0: any."""
        host, _, at = target.rpartition(":")
        self._target = (host, int(at))
        self.account, self._secret, self._tone, self._loud, self._auto = account, secret, tone, loud, auto
        self._sip, self._audio = Mailbox(), Mailbox()
        self._port = port
        self.rings: asyncio.Queue[Ring] = asyncio.Queue()
        self.all_rings: list[Ring] = []
        self.call: Ring | None = None
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._registration, self._seq = secrets.token_hex(8), 0
        self._expires = 600
        self.deaf = False  # a phone whose network is gone: nothing is read or sent

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for box, port in ((self._sip, self._port), (self._audio, 0)):
            await loop.create_datagram_endpoint(lambda box=box: box, local_addr=("127.0.0.1", port))  # type: ignore[misc]
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._speak())]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.call is not None and self.call.status == 200:
            self.hang_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for box in (self._sip, self._audio):
            box.transport.close()

    async def register(self, expires: int = 600) -> int:
        """Register (0: unregister); return the final status."""
        challenge = ""
        for _ in range(2):
            self._seq += 1
            self._expires = expires
            self._request("REGISTER", f"sip:{self._host}", self._registration, self._seq, challenge)
            async with asyncio.timeout(20):
                text = await self._answers.get()
            status = int(text.split()[1])
            if status != 401:
                return status
            challenge = header(text, "WWW-Authenticate")
        return status

    async def next_ring(self, within: float = 20.0) -> Ring:
        """Return the next INVITE."""
        async with asyncio.timeout(within):
            return await self.rings.get()

    def answer(self, ring: Ring) -> None:
        """Answer with 200."""
        self.call, ring.status = ring, 200
        self._reply(ring.headers, 200, "OK", ring.tag, self._sdp())

    def reject(self, ring: Ring, status: int = 486) -> None:
        """Refuse the call."""
        ring.status = status
        self._reply(ring.headers, status, "No", ring.tag)

    def hang_up(self) -> None:
        """End the call by BYE."""
        ring, self.call = self.call, None
        assert ring is not None
        contact = re.search(r"<([^>]+)>", header(ring.headers, "Contact"))
        assert contact is not None
        lines = [
            f"BYE {contact[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._local};branch=z9hG4bK{secrets.token_hex(6)};rport",
            f"From: {header(ring.headers, 'To')};tag={ring.tag}",
            f"To: {header(ring.headers, 'From')}",
            f"Call-ID: {ring.call_id}",
            "CSeq: 7 BYE",
            "Max-Forwards: 70",
        ]
        self._send(lines)

    async def dial(self, code: str, within: float = 20.0) -> int:
        """Dial a code that is refused; return the final status."""
        call_id, challenge, status = secrets.token_hex(8), "", 0
        for seq in (1, 2):
            uri = f"sip:{code}@{self._host}"
            self._request("INVITE", uri, call_id, seq, challenge, self._sdp())
            async with asyncio.timeout(within):
                text = await self._answers.get()
            self._acknowledge(uri, text)
            status = int(text.split()[1])
            if status != 401:
                return status
            challenge = header(text, "WWW-Authenticate")
        return status

    async def hears(self, hertz: float, within: float = 20.0) -> bool:
        """Tell whether 100 ms of a tone of this frequency arrive in time."""
        return await self._audio.hears(hertz, within)

    def forget_sound(self) -> None:
        """Drop what was heard so far."""
        self._audio.forget()

    @property
    def _host(self) -> str:
        return f"{self._target[0]}:{self._target[1]}"

    @property
    def _local(self) -> str:
        return f"127.0.0.1:{self._sip.port}"

    async def _read(self) -> None:
        while True:
            data = await self._sip.queue.get()
            at = time.perf_counter()
            if self.deaf:
                continue
            head, _, body = data.decode().partition("\r\n\r\n")
            method = head.split(" ", 1)[0]
            if method.startswith("SIP/2.0"):
                if head.split()[1] >= "200" and "BYE" not in header(head, "CSeq"):
                    self._answers.put_nowait(head)
            elif method == "INVITE":
                self._rung(Ring(at, head, body))
            elif method != "ACK":
                self._ended(method, head)

    def _rung(self, ring: Ring) -> None:
        for known in self.all_rings:
            if known.call_id == ring.call_id:  # sent again, or within the call
                if known.status == 200:
                    self._reply(ring.headers, 200, "OK", known.tag, self._sdp())
                return
        self.all_rings.append(ring)
        self.rings.put_nowait(ring)
        if self._auto and self.call is None:
            self.answer(ring)
        else:
            self._reply(ring.headers, 180, "Ringing", ring.tag)

    def _ended(self, method: str, head: str) -> None:
        self._reply(head, 200, "OK", "")
        for ring in self.all_rings:
            if ring.call_id == header(head, "Call-ID"):
                if method == "CANCEL" and not ring.status:
                    self.reject(ring, 487)
                if method in {"CANCEL", "BYE"}:
                    ring.over.set()
                    self.call = None if self.call is ring else self.call

    async def _speak(self) -> None:
        clock, count, phase = time.monotonic(), 0, 0
        while True:
            clock += 0.02
            await asyncio.sleep(max(0.0, clock - time.monotonic()))
            ring = self.call
            if ring is None or self.deaf:
                continue
            host = re.search(r"c=IN IP4 (\S+)", ring.body)
            port = re.search(r"m=audio (\d+)", ring.body)
            if host is None or port is None:
                continue
            n = np.arange(phase, phase + FRAME)
            wave = (self._loud * np.sin(2 * math.pi * self._tone * n / RATE)).astype(np.int16)
            count, phase = count + 1, phase + FRAME
            head = b"\x80\x08" + (count & 0xFFFF).to_bytes(2, "big") + phase.to_bytes(4, "big") + b"desk"
            self._audio.transport.sendto(head + bytes(to_alaw(wave)), (host[1], int(port[1])))

    def _request(self, method: str, uri: str, call_id: str, seq: int, challenge: str, body: str = "") -> None:
        who = f"<sip:{self.account}@{self._host}>"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._local};branch=z9hG4bK{secrets.token_hex(6)};rport",
            f"From: {who};tag={self._registration}",
            f"To: {f'<{uri}>' if body else who}",
            f"Call-ID: {call_id}",
            f"CSeq: {seq} {method}",
            f"Contact: <sip:{self.account}@{self._local}>",
            f"Expires: {self._expires}",
            "Max-Forwards: 70",
        ]
        if challenge:
            lines.append(self._authorization(method, uri, challenge))
        self._send(lines, body)

    def _acknowledge(self, uri: str, answer: str) -> None:
        """Confirm that an INVITE was refused."""
        same = [f"{name}: {header(answer, name)}" for name in ("Via", "From", "To", "Call-ID")]
        seq = header(answer, "CSeq").split()[0]
        self._send([f"ACK {uri} SIP/2.0", *same, f"CSeq: {seq} ACK", "Max-Forwards: 70"])

    def _authorization(self, method: str, uri: str, challenge: str) -> str:
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
        ha1 = _md5(f"{self.account}:{given['realm']}:{self._secret}")
        ha2 = _md5(f"{method}:{uri}")
        if "qop" in given:
            tail = 'qop=auth, nc=00000001, cnonce="desk", '
            response = _md5(f"{ha1}:{given['nonce']}:00000001:desk:auth:{ha2}")
        else:
            tail, response = "", _md5(f"{ha1}:{given['nonce']}:{ha2}")
        opaque = f', opaque="{given["opaque"]}"' if "opaque" in given else ""
        return (
            f'Authorization: Digest username="{self.account}", realm="{given["realm"]}", '
            f'nonce="{given["nonce"]}", uri="{uri}", {tail}response="{response}", algorithm=MD5{opaque}'
        )

    def _reply(self, head: str, status: int, reason: str, tag: str, body: str = "") -> None:
        to = header(head, "To")
        lines = [
            f"SIP/2.0 {status} {reason}",
            *[line for line in head.split("\r\n") if line.lower().startswith("via:")],
            f"From: {header(head, 'From')}",
            f"To: {to if 'tag=' in to or not tag else f'{to};tag={tag}'}",
            f"Call-ID: {header(head, 'Call-ID')}",
            f"CSeq: {header(head, 'CSeq')}",
            f"Contact: <sip:{self.account}@{self._local}>",
        ]
        self._send(lines, body)

    def _send(self, lines: list[str], body: str = "") -> None:
        if self.deaf:
            return
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        self._sip.transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._target)

    def _sdp(self) -> str:
        return self._audio.describe("127.0.0.1")


def header(head: str, name: str) -> str:
    """Return a header's value, empty if there is none."""
    found = re.search(rf"^{name}: *(.*?)\r?$", head, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
