"""The audio of many legs in one process: each sends a tone, and knows whose tone it hears."""

import asyncio
import contextlib
import secrets
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.rtp import RtpOut
from bench.sip import ALAW
from bench.swarm_sip import Address
from bench.swarm_tones import Tones

_SLOTS = 4  # the packets leave in four groups of 5 ms, not all at once
_SWEEP = 5  # every so many frames all that has arrived is taken, otherwise one packet a frame
SO_TIMESTAMPNS = 35  # Linux; the socket module does not name it
_TIMESPEC = struct.Struct("@qq")
_TOO_LATE = 0.1  # seconds
_RECEIVE = 2048


def stamped(stamp: bytes) -> float:
    """Return the time of a SO_TIMESTAMPNS in seconds of the real-time clock."""
    seconds, nanoseconds = _TIMESPEC.unpack(stamp)
    return float(seconds + nanoseconds / 1e9)


class NoAudioPort(Exception):
    """All audio ports are in use; give the swarm a wider range."""


@dataclass(slots=True)
class Heard:
    """A tone that a leg heard. Times in seconds of the real-time clock, as the kernel stamps."""

    first: float
    last: float
    packets: int = 1
    gap: float = 0.0  # the longest time between two packets


class Line:
    """One leg's audio. Made by `Pump.open`."""

    def __init__(self, audio: socket.socket, tones: Tones) -> None:
        self.port: int = audio.getsockname()[1]
        self.media: Address | None = None  # where the other side wants it; None: nothing is sent
        self.speaks: bytes | None = None  # the frame that is sent again and again
        self.heard: dict[int, Heard] = {}
        self.on_tone: Callable[[int], None] | None = None  # told once, of each tone that begins
        self._socket, self._tones = audio, tones
        self._rtp = RtpOut(secrets.randbits(32))
        self._keys: Iterator[tuple[bytes, bool]] | None = None
        self._pressed: asyncio.Future[float] | None = None

    async def press(self, key: str) -> float:
        """Press a key for 100 ms; return when its end was sent (seconds of the real-time clock).

        Raises asyncio.CancelledError when the line is closed meanwhile.
        """
        self._pressed = asyncio.get_running_loop().create_future()
        self._keys = self._rtp.key(key)
        return await self._pressed

    def close(self) -> None:
        """Send and hear no more."""
        self.media = None
        self._socket.close()
        if self._pressed is not None and not self._pressed.done():
            self._pressed.cancel()

    def tick(self, *, everything: bool) -> None:
        """Let 20 ms pass: hear what has arrived, send what is due."""
        if self.media is None:
            return
        self._listen(everything=everything)
        if self._keys is not None:
            self._send_key()
        elif self.speaks is not None:
            self._send(self._rtp.speak(self.speaks))
        else:
            self._rtp.pause()

    def _listen(self, *, everything: bool) -> None:
        while self.media is not None:
            try:
                packet, ancillary, _, sender = self._socket.recvmsg(_RECEIVE, 64)
            except OSError:  # nothing there, or an ICMP error of a packet sent to a leg just closed
                return
            # Another sender meant the port's last user.
            if len(packet) > 12 and packet[1] & 0x7F == ALAW and sender == self.media:
                self._hear(packet[12:], ancillary[0][2])
            if not everything:
                return

    def _hear(self, payload: bytes, stamp: bytes) -> None:
        tone = self._tones.known(payload)
        if tone is None:
            return
        at = stamped(stamp)
        heard = self.heard.get(tone)
        if heard is not None:
            heard.packets += 1
            heard.gap = max(heard.gap, at - heard.last)
            heard.last = at
            return
        self.heard[tone] = Heard(at, at)
        if self.on_tone is not None:
            self.on_tone(tone)

    def _send_key(self) -> None:
        packet, ends_key = next(self._keys or iter(()), (b"", False))
        if not packet:
            self._keys = None
            return
        now = time.time()
        self._send(packet)
        if ends_key and self._pressed is not None and not self._pressed.done():
            self._pressed.set_result(now)

    def _send(self, packet: bytes) -> None:
        if self.media is not None:
            with contextlib.suppress(OSError):  # the other side may just have closed
                self._socket.sendto(packet, self.media)


class Pump:
    """Lets 20 ms pass for every line, on time on the average. Use as `async with`."""

    def __init__(self, host: str, ports: range, tones: Tones) -> None:
        self.tones = tones
        self.late_ticks = 0  # 5 ms ticks that came more than 5 ms late: this process was short of CPU
        self._host = host
        self._free = list(ports[::2])
        self._slots: list[list[Line]] = [[] for _ in range(_SLOTS)]
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Pump":
        self._task = asyncio.create_task(self._pace())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
        for slot in self._slots:
            for line in slot:
                line.close()

    def open(self) -> Line:
        """Return a line on a port of its own. Raises NoAudioPort."""
        audio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        audio.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        audio.setblocking(False)
        while self._free:  # a port that somebody else took is not asked for again
            with contextlib.suppress(OSError):
                audio.bind((self._host, self._free.pop(0)))
                break
        else:
            audio.close()
            raise NoAudioPort("no free audio port; give the swarm a wider range")
        line = Line(audio, self.tones)
        min(self._slots, key=len).append(line)
        return line

    def close(self, line: Line) -> None:
        """Close a line; its port is used again, the longest unused first."""
        for slot in self._slots:
            if line in slot:
                slot.remove(line)
                line.close()
                self._free.append(line.port)

    async def _pace(self) -> None:
        due = time.monotonic()
        tick = 0
        while True:
            everything = tick // _SLOTS % _SWEEP == 0
            for line in list(self._slots[tick % _SLOTS]):
                line.tick(everything=everything)
            tick += 1
            due += 0.02 / _SLOTS
            late = time.monotonic() - due
            if late > 0.005:
                self.late_ticks += 1
            if late > _TOO_LATE:  # a telephone that was asleep does not say faster what it missed
                due += late
            await asyncio.sleep(max(0.0, -late))
