"""A few lines of SIP over UDP: enough to dial, to see every answer on the wire, and to hear tones."""

import asyncio
import re
import secrets
from typing import Self

import numpy as np
import numpy.typing as npt

RATE = 8000
FRAME = 160  # bytes of A-law in 20 ms


class SmallPhone:
    """Dials one number and records what comes back: SIP status codes and A-law audio."""

    def __init__(
        self, target: str, number: str, source: str = "127.0.0.1", from_user: str = "tester"
    ) -> None:
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self._number = number
        self._source = source
        self._from_user = from_user
        self._sip = _Mailbox()
        self._audio = _Mailbox()
        self._to = f"<sip:{number}@{target}>"
        self._call = secrets.token_hex(8)
        self.codes: list[int] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for box in (self._sip, self._audio):
            await loop.create_datagram_endpoint(lambda box=box: box, local_addr=(self._source, 0))  # type: ignore[misc]
        return self

    async def __aexit__(self, *_: object) -> None:
        if 200 in self.codes:
            self._send("BYE", 2)
            await asyncio.sleep(0.05)
        for box in (self._sip, self._audio):
            box.transport.close()

    async def dial(self, within: float = 20.0) -> int:
        """Send INVITE; return the final status code."""
        self._send("INVITE", 1, self._sdp())
        async with asyncio.timeout(within):
            while True:
                text = (await self._sip.queue.get()).decode()
                found = re.match(r"SIP/2\.0 (\d+)", text)
                if found is None or "INVITE" not in text:
                    continue
                self.codes.append(int(found[1]))
                if self.codes[-1] >= 200:
                    self._to = re.search(r"^To: (.*)\r$", text, re.MULTILINE)[1]  # type: ignore[index]
                    self._send("ACK", 1)
                    return self.codes[-1]

    async def hung_up(self, within: float = 20.0) -> bool:
        """Tell whether Asterisk sends BYE in time."""
        try:
            async with asyncio.timeout(within):
                while True:
                    if (await self._sip.queue.get()).startswith(b"BYE"):
                        return True
        except TimeoutError:
            return False

    async def hears(self, hertz: float, within: float = 20.0) -> bool:
        """Tell whether 100 ms of a tone of this frequency arrive in time; earlier sound is gone."""
        heard = b""
        try:
            async with asyncio.timeout(within):
                while True:
                    heard += (await self._audio.queue.get())[12:]
                    if len(heard) >= 5 * FRAME:
                        if abs(_loudest(heard[-5 * FRAME :]) - hertz) < 15:
                            return True
                        heard = heard[FRAME:]
        except TimeoutError:
            return False

    def _send(self, method: str, cseq: int, body: str = "") -> None:
        local = f"{self._source}:{self._sip.port}"
        lines = [
            f"{method} sip:{self._number}@{self._target[0]}:{self._target[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {local};branch=z9hG4bK{secrets.token_hex(6)};rport",
            f"From: <sip:{self._from_user}@{local}>;tag={self._call}",
            f"To: {self._to}",
            f"Call-ID: {self._call}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self._from_user}@{local}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._target)

    def _sdp(self) -> str:
        return (
            f"v=0\r\no=- 1 1 IN IP4 {self._source}\r\ns=-\r\nc=IN IP4 {self._source}\r\nt=0 0\r\n"
            f"m=audio {self._audio.port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
        )


class _Mailbox(asyncio.DatagramProtocol):
    """Queues every datagram."""

    transport: asyncio.DatagramTransport

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

    @property
    def port(self) -> int:
        port: int = self.transport.get_extra_info("sockname")[1]
        return port

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.queue.put_nowait(data)


def _loudest(alaw: bytes) -> float:
    """Return the frequency with the most energy, 0 in silence."""
    samples = _linear(np.frombuffer(alaw, dtype=np.uint8))
    if np.abs(samples).max() < 500:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * RATE / len(samples)


def _linear(alaw: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Decode A-law (G.711)."""
    byte = alaw.astype(np.int64) ^ 0x55
    exponent, mantissa = (byte >> 4) & 7, byte & 15
    size = np.where(exponent == 0, mantissa * 16 + 8, (mantissa * 16 + 264) << np.maximum(exponent - 1, 0))
    return np.where(byte & 0x80, size, -size).astype(np.float64)
