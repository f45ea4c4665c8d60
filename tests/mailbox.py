"""A UDP port of a small phone: what came, and the tones in it when it is RTP with A-law."""

import asyncio

import numpy as np
import numpy.typing as npt

RATE = 8000
FRAME = 160  # bytes of A-law in 20 ms


class Mailbox(asyncio.DatagramProtocol):
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

    def forget(self) -> None:
        """Drop what came so far."""
        while not self.queue.empty():
            self.queue.get_nowait()

    async def hears(self, hertz: float, within: float) -> bool:
        """Tell whether 100 ms of a tone of this frequency arrive in time; earlier sound is gone."""
        heard = b""
        try:
            async with asyncio.timeout(within):
                while True:
                    heard += (await self.queue.get())[12:]
                    if len(heard) >= 5 * FRAME:
                        if abs(_loudest(heard[-5 * FRAME :]) - hertz) < 15:
                            return True
                        heard = heard[FRAME:]
        except TimeoutError:
            return False

    def describe(self, host: str) -> str:
        """Return the SDP that asks for A-law and keys at this port."""
        return (
            f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
            f"m=audio {self.port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
        )


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
