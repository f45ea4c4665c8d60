"""Conversations for `recording`: phones that speak in clicks, and what each sent, and Asterisk received.

What a phone hears nobody looks at: 200 phones in one process would spend more CPU on that than on speaking.
"""

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import ari
from ari import events
from bench import dialplan
from bench.phone import Caller, Exchange, caller_numbers
from bench.rtp import FRAME, FRAME_SECONDS

HUM = bytes((0xD5, 0xD4)) * (FRAME // 2)  # A-law, as good as silence
CLICK = bytes((0x35, 0x35, 0xB5, 0xB5) * (FRAME // 4))  # A-law, 2 kHz
CLICK_EVERY = 100  # frames: both sides of a conversation click together, every 2 s
ARRIVES_WITHIN = 10.0  # seconds


class Talkers(Exchange):
    """Callers who speak all the time, all in step."""

    sent: Counter[int]  # packets, by the leg's identity

    def said(self, leg: Caller) -> int:
        """Return how many packets a leg has sent."""
        return self.sent[id(leg)]

    async def _pace(self) -> None:
        self.sent = Counter()
        due, frame, clicked = time.monotonic(), 0, -1
        while True:
            # What was not said in time is never said: a phone does not catch up, and what decodes for a
            # recorder throws away what comes in bursts.
            behind = max(0, int((time.monotonic() - due) / FRAME_SECONDS))
            frame, due = frame + behind, due + behind * FRAME_SECONDS
            clicks = frame // CLICK_EVERY > clicked
            clicked = frame // CLICK_EVERY
            for leg in [leg for slot in self._slots for leg in slot]:
                self._speak(leg, CLICK if clicks else HUM, behind)
            frame, due = frame + 1, due + FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _speak(self, leg: Caller, payload: bytes, behind: int) -> None:
        for _ in range(behind):
            leg.rtp.pause()
        if leg._socket is None or leg.media is None or leg.ended:
            return
        with contextlib.suppress(OSError):  # the other side has just closed, or no buffer is free
            leg._socket.sendto(leg.rtp.speak(payload), leg.media)
            self.sent[id(leg)] += 1


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation."""

    bridge: str
    channel: str  # Asterisk's id of the recorded leg
    other: str
    legs: tuple[Caller, Caller]  # in the same order


@dataclass(frozen=True, slots=True)
class Count:
    """Packets at one moment, each of the recorded leg and of the other."""

    at: float  # monotonic
    sent: tuple[int, int]
    received: tuple[int, int]  # by Asterisk
    cut: bool  # Asterisk, or nobody, holds a leg any more


class Talks:
    """Conversations: two phones each, in a bridge of an application of the bench's own."""

    def __init__(self, exchange: Talkers, client: ari.Client) -> None:
        self._exchange, self._client = exchange, client
        self._who = caller_numbers()
        self._arrived: asyncio.Queue[str] = asyncio.Queue()
        self._lock = asyncio.Lock()  # who arrives is told by the order
        client.on_event(events.StasisStart, self._start)

    def _start(self, event: events.StasisStart) -> None:
        self._client.channels.answer(event.channel.id)
        self._arrived.put_nowait(event.channel.id)

    async def begin(self, count: int, number: str) -> list[Talk]:
        """Begin so many; the recorded leg of each rings `number`. Raises CallFailed, TimeoutError."""
        talks = []
        for _ in range(count):
            async with self._lock:
                caller, channel = await self._leg(number)
                answerer, other = await self._leg(dialplan.APPLICATION)
            bridge = f"bench-{secrets.token_hex(6)}"
            await self._client.bridges.create_with_id(bridge, type="mixing")
            await self._client.bridges.add_channel(bridge, channel=f"{channel},{other}")
            talks.append(Talk(bridge, channel, other, (caller, answerer)))
        return talks

    async def end(self, talks: Sequence[Talk]) -> None:
        """Hang everybody up."""
        for talk in talks:
            for leg in talk.legs:
                await self._exchange.hang_up(leg)
            with contextlib.suppress(ari.AriError):
                await self._client.bridges.destroy(talk.bridge)

    async def count(self, talk: Talk) -> Count:
        """Count a conversation's packets."""
        received, cut = [], any(leg.ended for leg in talk.legs)
        for channel in (talk.channel, talk.other):
            try:
                received.append((await self._client.channels.rtpstatistics(channel)).rxcount)
            except ari.AriError:
                received.append(0)
                cut = True
        said = self._exchange.said(talk.legs[0]), self._exchange.said(talk.legs[1])
        return Count(time.monotonic(), said, (received[0], received[1]), cut)

    async def _leg(self, number: str) -> tuple[Caller, str]:
        leg = await self._exchange.call(number, self._who())
        async with asyncio.timeout(ARRIVES_WITHIN):
            return leg, await self._arrived.get()
