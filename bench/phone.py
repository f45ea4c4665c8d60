"""A telephone exchange of callers in one process: raw SIP and RTP, with the kernel's own arrival times.

It exists beside the test telephone of `kring call` because a bench must time single packets: it hears
prompts packet by packet (`bench.ear`) and stamps each with the time at which the kernel received it.
"""

import asyncio
import contextlib
import secrets
import socket
import struct
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import uvloop

from bench import sip
from bench.ear import Ear, Heard, Repertoire
from bench.rtp import RtpOut

T1 = 0.5  # seconds: the first retransmission (RFC 3261, 17.1.1.1)
_SLOTS = 4  # the callers' packets leave in four groups of 5 ms, not all at once
_SWEEP = 5  # every so many frames all that has arrived is taken, otherwise one packet a frame
_SO_TIMESTAMPNS = 35  # Linux; the socket module does not name it
_TIMESPEC = struct.Struct("@qq")
_RECEIVE = 2048
Result = TypeVar("Result")


class CallFailed(Exception):
    """A call could not be made, or did not go as a caller expects. The message says what and when."""


@dataclass(slots=True)
class Caller:
    """One caller's leg. Made by `Exchange.call`; use it from the event loop only."""

    dialog: sip.Dialog
    ear: Ear
    rtp: RtpOut
    media: tuple[str, int] | None = None
    heard: list[Heard] = field(default_factory=list)
    status: int = 0  # of the final answer to the INVITE
    answered_at: float = 0.0  # monotonic
    ended: bool = False
    ended_by_us: bool = False
    _socket: socket.socket | None = None
    _keys: Iterator[tuple[bytes, bool]] | None = None
    _pressed: asyncio.Future[int] | None = None
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    async def hears(self, prompt: str, within: float) -> Heard:
        """Wait until a prompt begins that was not waited for yet; return it.

        Raises CallFailed when another prompt begins, the call ends, or `within` seconds pass.
        """
        try:
            async with asyncio.timeout(within):
                while not self.heard:
                    if self.ended:
                        raise CallFailed(f"the call ended before {prompt!r}")
                    await self._next_change()
        except TimeoutError:
            raise CallFailed(f"nothing heard for {within:g} s, expected {prompt!r}") from None
        first = self.heard.pop(0)
        if first.prompt != prompt:
            raise CallFailed(f"heard {first.prompt!r}, expected {prompt!r}")
        return first

    async def press(self, key: str) -> int:
        """Press a key for 100 ms; return when its end was sent (nanoseconds of the real-time clock)."""
        self._pressed = asyncio.get_running_loop().create_future()
        self._keys = self.rtp.key(key)
        return await self._pressed

    async def is_hung_up_on(self, within: float) -> None:
        """Wait for the other side's BYE. Raises CallFailed when it does not come in time."""
        try:
            async with asyncio.timeout(within):
                while not self.ended:
                    await self._next_change()
        except TimeoutError:
            raise CallFailed(f"not hung up within {within:g} s") from None
        if self.heard:
            raise CallFailed(f"heard {self.heard[0].prompt!r}, expected the end of the call")

    def changed(self) -> None:
        """Wake whoever waits for this caller."""
        self._change.set()

    def receive(self, *, everything: bool) -> None:
        """Take the next packet that has arrived on the audio socket, or all of them.

        Asked every 20 ms: a wake-up for each packet would cost 300 callers half a core, and when a
        packet came is the kernel's to say.
        """
        while self._socket is not None:
            try:
                packet, ancillary, _, sender = self._socket.recvmsg(_RECEIVE, 64)
            except OSError:  # nothing there, or an ICMP error of a packet sent to a leg just closed
                return
            # Another sender meant the port's last user.
            if len(packet) >= 12 and packet[1] & 0x7F == sip.ALAW and sender == self.media:
                self._hear(packet, ancillary[0][2])
            if not everything:
                return

    def _hear(self, packet: bytes, stamp: bytes) -> None:
        seconds, nanoseconds = _TIMESPEC.unpack(stamp)
        at = seconds * 1_000_000_000 + nanoseconds
        begun = self.ear.hear(packet[2] << 8 | packet[3], packet[12:], at)
        if begun is not None:
            self.heard.append(begun)
            self._change.set()

    def send_frame(self) -> None:
        """Let 20 ms pass: send a key's packet while one is pressed."""
        if self._keys is None:
            self.rtp.pause()
            return
        packet, ends_key = next(self._keys, (b"", False))
        if not packet:
            self._keys = None
        elif self._socket is not None and self.media is not None and not self.ended:
            now = time.time_ns()
            with contextlib.suppress(OSError):  # the other side may just have closed
                self._socket.sendto(packet, self.media)
            if ends_key and self._pressed is not None and not self._pressed.done():
                self._pressed.set_result(now)

    async def _next_change(self) -> None:
        self._change.clear()
        await self._change.wait()


class Exchange(asyncio.DatagramProtocol):
    """The callers' side of a trunk: one SIP socket, two audio ports a caller.

    Use as `async with Exchange(...) as exchange`.
    """

    def __init__(
        self, local: tuple[str, int], remote: tuple[str, int], audio_ports: range, repertoire: Repertoire
    ) -> None:
        self._local, self._remote, self._repertoire = local, remote, repertoire
        self._free_ports = list(audio_ports[::2])
        self._callers: dict[str, Caller] = {}
        self._final: dict[str, asyncio.Future[sip.Message]] = {}
        self._byes: dict[str, asyncio.Event] = {}
        self._slots: list[list[Caller]] = [[] for _ in range(_SLOTS)]
        self._transport: asyncio.DatagramTransport | None = None
        self._pacer: asyncio.Task[None] | None = None
        self.late_ticks = 0  # 5 ms ticks that came more than 5 ms late: this process was short of CPU

    async def __aenter__(self) -> "Exchange":
        loop = asyncio.get_running_loop()
        sip_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sip_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sip_socket.setblocking(False)
        sip_socket.bind(self._local)
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=sip_socket)
        self._pacer = asyncio.create_task(self._pace())
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(self.hang_up(caller) for caller in list(self._callers.values())))
        if self._pacer is not None:
            self._pacer.cancel()
        if self._transport is not None:
            self._transport.close()

    async def call(self, number: str, caller: str, within: float = 8.0) -> Caller:
        """Call a number and wait for the answer. Raises CallFailed with the SIP status otherwise."""
        dialog = sip.Dialog.new(self._local, self._remote, number, caller)
        leg = Caller(dialog, Ear(self._repertoire), RtpOut(secrets.randbits(32)))
        port = self._open_audio(leg)
        final: asyncio.Future[sip.Message] = asyncio.get_running_loop().create_future()
        self._callers[dialog.call_id] = leg
        self._final[dialog.call_id] = final
        try:
            answer = await self._repeat(dialog.invite(sip.offer(self._local[0], port)), final, within)
        except TimeoutError:
            self._close(leg, port)
            raise CallFailed(f"no final answer within {within:g} s") from None
        leg.status = answer.status or 0
        if leg.status >= 300:
            self._close(leg, port)
            raise CallFailed(f"refused: {answer.start.removeprefix('SIP/2.0 ')}")
        leg.answered_at = time.monotonic()
        leg.media = sip.media_address(answer.body)
        min(self._slots, key=len).append(leg)
        return leg

    async def hang_up(self, leg: Caller) -> None:
        """Hang up, unless the other side has; free the caller's ports."""
        if not leg.ended and leg.media is not None:
            leg.ended_by_us = True
            gone = self._byes[leg.dialog.call_id] = asyncio.Event()
            for _ in range(4):
                self._send(leg.dialog.bye())
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(gone.wait(), T1)
                    break
            self._byes.pop(leg.dialog.call_id, None)
        self._close(leg)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take a SIP message (asyncio's name)."""
        try:
            message = sip.parse(data)
        except sip.NotSip:
            return
        leg = self._callers.get(message.headers["call-id"])
        if message.status is None:
            self._request(leg, message)
        elif leg is not None:
            self._response(leg, message)

    def _request(self, leg: Caller | None, message: sip.Message) -> None:
        if message.method == "ACK":
            return
        if leg is None and message.method == "BYE":  # repeated: our 200 was late
            self._send(sip.response(message, "200 OK"))
            return
        self._send(sip.response(message, "200 OK" if message.method in ("BYE", "OPTIONS") else "501 No"))
        if leg is not None and message.method == "BYE":
            leg.ended = True
            leg.changed()

    def _response(self, leg: Caller, message: sip.Message) -> None:
        status = message.status or 0
        dialog = leg.dialog
        if message.method == "BYE":
            if (gone := self._byes.get(dialog.call_id)) is not None:
                gone.set()
            return
        if message.method != "INVITE" or status < 200:
            return
        to_tag = message.headers.get("to", "").partition("tag=")[2]
        dialog.to_tag = to_tag
        if status < 300:
            dialog.target = message.contact or dialog.target
        self._send(dialog.ack(of_success=status < 300))
        final = self._final.pop(dialog.call_id, None)
        if final is not None and not final.done():
            final.set_result(message)

    async def _repeat(
        self, datagram: bytes, final: asyncio.Future[sip.Message], within: float
    ) -> sip.Message:
        """Send an INVITE again with doubled pauses until its final answer. Raises TimeoutError."""
        async with asyncio.timeout(within):
            pause = T1
            while True:
                self._send(datagram)
                done, _ = await asyncio.wait({final}, timeout=pause)
                if done:
                    return final.result()
                pause *= 2

    def _send(self, datagram: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(datagram, self._remote)

    def _open_audio(self, leg: Caller) -> int:
        if not self._free_ports:
            raise CallFailed("no free audio port; give the exchange a wider range")
        port = self._free_ports.pop(0)
        audio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        audio.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        audio.setblocking(False)
        audio.bind((self._local[0], port))
        leg._socket = audio
        return port

    def _close(self, leg: Caller, port: int | None = None) -> None:
        if leg._socket is None:
            return
        freed = port or leg._socket.getsockname()[1]
        leg._socket.close()
        leg._socket = None
        leg.ended = True
        leg.changed()
        self._free_ports.append(freed)
        self._callers.pop(leg.dialog.call_id, None)
        self._final.pop(leg.dialog.call_id, None)
        for slot in self._slots:
            with contextlib.suppress(ValueError):
                slot.remove(leg)

    async def _pace(self) -> None:
        """Let every caller send its 20 ms, on time on the average."""
        due = time.monotonic()
        tick = 0
        while True:
            everything = tick // _SLOTS % _SWEEP == 0
            for leg in self._slots[tick % _SLOTS]:
                leg.receive(everything=everything)
                leg.send_frame()
            tick += 1
            due += 0.02 / _SLOTS
            late = time.monotonic() - due
            if late > 0.005:
                self.late_ticks += 1
            await asyncio.sleep(max(0.0, -late))


def play(work: Coroutine[None, None, Result]) -> Result:
    """Run callers in an event loop of their own to their end; return what they bring."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def caller_numbers(prefix: str = "0812555") -> Callable[[], str]:
    """Return a source of synthetic caller numbers."""
    count = 0

    def following() -> str:
        nonlocal count
        count += 1
        return f"{prefix}{count % 100_000:05d}"

    return following
