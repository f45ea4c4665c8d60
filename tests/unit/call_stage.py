"""Calls without Asterisk: a stage on which a test plays the caller, the agents and the record."""

import asyncio
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from call_flows.book import SHIPPED, FlowBook, read_folder
from call_flows.known import Known
from domain.calls import Call, CallEvent, EndReason, EventKind
from domain.clock import SystemClock
from domain.phone import callback_number
from domain.telephony import NORMAL_CLEARING
from domain.waiting_room import Place, WaitingCall, WaitingRoom
from ivr.callbacks import Bookings
from ivr.look_ups import Answer, LookUps
from ivr.outbound import DialedCalls, Unheard
from ivr.ports import Ports
from ivr.shelf import FlowShelf
from ivr.switchboard import Leg, Switchboard
from prompts.library import Library
from storage.memory import MemoryCallLog, MemoryFlowArchive

NPWP = "1234567890123456"
LEG = Leg("chan-1", "1500200", "0811000123", up=False)


@dataclass
class PretendedAsterisk:
    """Notes every command; playbacks go on until stopped or finished by the test."""

    done: list[tuple[str, ...]] = field(default_factory=list)
    playing: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def answer(self, channel: str) -> None:
        self.done.append(("answer", channel))

    def play(self, channel: str, playback: str, sounds: Sequence[str]) -> None:
        self.done.append(("play", playback))
        self.playing[playback] = tuple(sounds)

    def stop(self, playback: str) -> None:
        self.done.append(("stop", playback))
        self.playing.pop(playback, None)

    def hang_up(self, channel: str, cause: int = NORMAL_CLEARING) -> None:
        self.done.append(("hang_up", channel))

    async def is_playing(self, playback: str) -> bool:
        return playback in self.playing


class PretendedRoom:
    """A waiting room in which the test plays the agents."""

    def __init__(self) -> None:
        self.waiting: dict[str, WaitingCall] = {}
        self.called_back: set[str] = set()
        self.left: list[tuple[str, str]] = []
        self.handed: list[str] = []
        self.places: dict[str, Place] = {}

    def enter(self, call: WaitingCall) -> None:
        self.waiting.setdefault(call.call_id, call)

    def leave(self, call_id: str, why: str) -> None:
        if self.waiting.pop(call_id, None):
            self.left.append((call_id, why))

    def handed_over(self, call_id: str, channel: str) -> None:
        self.handed.append(call_id)

    def place(self, call_id: str) -> Place | None:
        return self.places.get(call_id, Place(0, None)) if call_id in self.waiting else None

    def call_back(self, call_id: str) -> bool:
        if self.waiting.pop(call_id, None):
            self.called_back.add(call_id)
        return call_id in self.called_back

    def let_go(self, switchboard: Switchboard, how: str) -> None:
        for call_id in list(self.waiting):
            del self.waiting[call_id]
            switchboard.room_left(call_id, how)


class Counts:
    """An observer that counts by method."""

    def __init__(self) -> None:
        self.failed_rows = self.failed_calls = self.regained = 0
        self.ended: list[EndReason] = []

    def call_started(self) -> None: ...
    def prompt_played(self, name: str, language: str) -> None: ...
    def key_pressed(self) -> None: ...
    def looked_up(self, name: str, answer: str, seconds: float) -> None: ...
    def queued(self, queue: str) -> None: ...

    def call_ended(self, reason: EndReason, seconds: float) -> None:
        self.ended.append(reason)

    def recovered(self, calls: int) -> None:
        self.regained += calls

    def record_failed(self) -> None:
        self.failed_rows += 1

    def call_failed(self) -> None:
        self.failed_calls += 1


class SlowLog(MemoryCallLog):
    """A call record whose rows become durable only when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.durable = asyncio.Event()

    async def _later(self, call: Call | None, events: Sequence[CallEvent]) -> None:
        await self.durable.wait()
        await (super().append(events) if call is None else super().open(call, events))

    def open(self, call: Call, events: Sequence[CallEvent], *, urgent: bool = True) -> "asyncio.Task[None]":
        return asyncio.ensure_future(self._later(call, events))

    def append(self, events: Sequence[CallEvent], *, urgent: bool = True) -> "asyncio.Task[None]":
        return asyncio.ensure_future(self._later(None, events))


def _only_npwp(digits: str) -> str | None:
    return digits if digits == NPWP else None


async def _find(arguments: Mapping[str, str]) -> Answer:
    assert arguments["npwp"] == NPWP
    return Answer("found", {"taxpayer_id": "tp-1"})


LOOK_UPS = LookUps(
    {
        "part_of_day": lambda _: Answer("morning"),
        "office_hours": lambda _: Answer("open"),
        "announcement": lambda _: Answer("none"),
        "recognised_call": lambda _: Answer("nobody"),
    },
    {"taxpayer": _find},
)


class Stage:
    """One process: a switchboard over the shared Asterisk and record."""

    def __init__(
        self,
        asterisk: PretendedAsterisk,
        log: MemoryCallLog,
        archive: MemoryFlowArchive,
        bookings: Bookings | None = None,
        room: WaitingRoom | None = None,
        dialed: DialedCalls | None = None,
    ) -> None:
        """`room` stands in the place of the pretended one; `dialed` is told of calls of ours."""
        self.dialed = dialed or Unheard()
        self.asterisk, self.log, self.archive, self.bookings = asterisk, log, archive, bookings
        self.room, self.counts = PretendedRoom(), Counts()
        in_line = room or self.room
        self.ports = Ports(
            asterisk, log, LOOK_UPS, in_line, _library(), SystemClock(), self.counts, bookings, self.dialed
        )
        self.shelf = FlowShelf(archive, _known())
        self.switchboard = Switchboard(self.ports, self.shelf)

    async def opens(self) -> "Stage":
        book = _book()
        await self.shelf.open(book.files, book)
        return self

    async def successor(self) -> "Stage":
        """The process dies without a word, and another comes up."""
        await self.switchboard.stop()
        return await Stage(self.asterisk, self.log, self.archive, self.bookings, dialed=self.dialed).opens()

    async def finishes_playing(self) -> None:
        for playback in list(self.asterisk.playing):
            del self.asterisk.playing[playback]
            self.switchboard.playback_ended(playback, ok=True)
        await settled()

    async def presses(self, keys: str) -> None:
        for key in keys:
            self.switchboard.key(LEG.channel, key)
            await settled()

    async def kinds(self) -> list[EventKind]:
        (call,) = await self.log.unfinished()
        return [event.kind for event in await self.log.events(call.call_id)]

    def heard(self) -> set[str]:
        return {sound for sounds in self.asterisk.playing.values() for sound in sounds}


@functools.cache
def _library() -> Library:
    return Library.load(Path("prompts"))


@functools.cache
def _known() -> Known:
    return Known.of(_library(), {"npwp": _only_npwp, "phone": callback_number})


@functools.cache
def _book() -> FlowBook:
    return FlowBook.from_files(read_folder(SHIPPED), _known())


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
