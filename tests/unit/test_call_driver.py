"""The call driver on the shipped flows, with a pretended Asterisk and the call record in memory."""

import asyncio
import functools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from call_flows.book import SHIPPED, read_folder
from call_flows.known import Known
from domain.call_log import CallLogUnavailable
from domain.calls import Call, CallEvent, EndReason, EventKind
from domain.clock import SystemClock
from domain.phone import callback_number
from domain.telephony import NORMAL_CLEARING
from domain.waiting_room import Place, WaitingCall
from ivr.look_ups import Answer, LookUps
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
    {"part_of_day": lambda _: Answer("morning"), "office_hours": lambda _: Answer("open")},
    {"taxpayer": _find},
)


class Stage:
    """One process: a switchboard over the shared Asterisk and record."""

    def __init__(self, asterisk: PretendedAsterisk, log: MemoryCallLog, archive: MemoryFlowArchive) -> None:
        self.asterisk, self.log, self.archive = asterisk, log, archive
        self.room, self.counts = PretendedRoom(), Counts()
        library = _library()
        known = Known.of(library, {"npwp": _only_npwp, "phone": callback_number})
        self.ports = Ports(asterisk, log, LOOK_UPS, self.room, library, SystemClock(), self.counts)
        self.shelf = FlowShelf(archive, known)
        self.switchboard = Switchboard(self.ports, self.shelf)

    async def opens(self) -> "Stage":
        await self.shelf.open(read_folder(SHIPPED))
        return self

    async def successor(self) -> "Stage":
        """The process dies without a word, and another comes up."""
        await self.switchboard.stop()
        return await Stage(self.asterisk, self.log, self.archive).opens()

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


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = await Stage(PretendedAsterisk(), MemoryCallLog(), MemoryFlowArchive()).opens()
    yield stage
    await stage.switchboard.stop()


async def test_a_call_is_answered_and_greeted(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    assert stage.asterisk.done[0] == ("answer", "chan-1")
    assert stage.heard() == {"kring/id/welcome_morning"}


async def test_a_key_is_on_record_before_it_is_heeded() -> None:
    log = SlowLog()
    log.durable.set()
    stage = await Stage(PretendedAsterisk(), log, MemoryFlowArchive()).opens()
    stage.switchboard.arrived(LEG)
    await settled()
    log.durable.clear()
    deeds = list(stage.asterisk.done)
    await stage.presses("1")
    assert stage.asterisk.done == deeds
    log.durable.set()
    await settled()
    assert len(stage.asterisk.done) > len(deeds)
    assert EventKind.KEY in await stage.kinds()
    await stage.switchboard.stop()


async def test_the_greeting_waits_for_nothing() -> None:
    stage = await Stage(PretendedAsterisk(), SlowLog(), MemoryFlowArchive()).opens()
    stage.switchboard.arrived(LEG)
    await settled()
    assert ("answer", "chan-1") in stage.asterisk.done
    await stage.switchboard.stop()


async def test_a_call_goes_on_without_its_record_and_the_rows_are_made_up_for(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    stage.log.broken = True
    await stage.finishes_playing()
    assert "kring/id/language_menu" in stage.heard()
    assert stage.counts.failed_rows == 1
    stage.log.broken = False
    await stage.presses("1")
    (call,) = await stage.log.unfinished()
    events = await stage.log.events(call.call_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert EventKind.PLAYBACK_ENDED in {event.kind for event in events}


async def test_the_whole_way_into_a_waiting_room(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("11" + NPWP + "#1")
    assert [driver.session.step for driver in stage.switchboard.inside()] == ["with_npwp.npwp_found"]
    await stage.presses("0")
    assert len(stage.room.waiting) == 1
    stage.switchboard.gone(LEG.channel, 16)
    await settled()
    assert stage.counts.ended == [EndReason.CALLER_HUNG_UP]
    assert stage.room.waiting == {}
    assert len(stage.switchboard) == 0


async def test_a_successor_goes_on_where_the_call_was(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("11" + NPWP[:7])
    before = stage.asterisk.done.copy()
    heard = stage.heard()
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    assert after.counts.regained == 1
    assert after.heard() == heard
    assert ("answer", "chan-1") not in after.asterisk.done[len(before) :]
    await after.presses(NPWP[7:] + "#")
    assert "kring/id/npwp_read_back" in " ".join(after.heard()), after.heard()
    assert EventKind.RECOVERED in await after.kinds()
    await after.switchboard.stop()


async def test_a_prompt_that_is_still_heard_is_not_started_again(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    plays = [deed for deed in stage.asterisk.done if deed[0] == "play"]
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    assert [deed for deed in after.asterisk.done if deed[0] == "play"] == plays
    await after.switchboard.stop()


async def test_a_prompt_that_broke_off_is_started_again(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    (playback,) = stage.asterisk.playing
    stage.asterisk.playing.clear()
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    assert set(stage.asterisk.playing) == {playback + ".1"}
    # The end of the first take is told only now: it must not be mistaken for the second one's.
    after.switchboard.playback_ended(playback, ok=True)
    await after.presses("1")
    assert ("stop", playback + ".1") in after.asterisk.done
    await after.switchboard.stop()


async def test_a_second_break_takes_up_what_the_first_left_playing(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    stage.asterisk.playing.clear()
    second = await stage.successor()
    await second.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    playing = dict(stage.asterisk.playing)
    third = await second.successor()
    await third.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    assert stage.asterisk.playing == playing
    await third.presses("1")
    assert not set(playing) & set(stage.asterisk.playing)
    await third.switchboard.stop()


async def test_a_place_in_line_is_kept(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("10")
    (entry,) = stage.room.waiting.values()
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    (again,) = after.room.waiting.values()
    assert (again.queue, again.since) == (entry.queue, entry.since)
    await after.switchboard.stop()


async def test_a_call_without_a_leg_is_closed_as_lost(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    (call,) = await stage.log.unfinished()
    after = await stage.successor()
    await after.switchboard.reconcile([], [])
    ended = await stage.log.on_channel("chan-1")
    assert ended is not None
    assert (ended.call_id, ended.end_reason) == (call.call_id, EndReason.LOST)


async def test_a_leg_whose_call_has_ended_is_hung_up(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    stage.switchboard.gone("chan-1", 16)
    await settled()
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    assert after.asterisk.done[-1] == ("hang_up", "chan-1")
    assert len(after.switchboard) == 0


async def test_a_caller_in_the_dialplans_hold_is_taken_back_when_they_return(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("1")
    stage.asterisk.playing.clear()
    after = await stage.successor()
    await after.switchboard.reconcile([], ["chan-1"])
    assert len(after.switchboard) == 0
    after.switchboard.arrived(Leg("chan-1", "1500200", "", up=True))
    await settled()
    assert after.counts.regained == 1
    assert "kring/id/npwp_or_not" in after.heard()
    await after.switchboard.stop()


async def test_events_wait_while_asterisk_cannot_be_commanded(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    stage.switchboard.hold()
    deeds = len(stage.asterisk.done)
    await stage.presses("1")
    assert len(stage.asterisk.done) == deeds
    await stage.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    assert len(stage.asterisk.done) > deeds


async def test_one_calls_fault_reaches_no_other(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.call_driver.APOLOGY_SECONDS", 0)
    stage.switchboard.arrived(LEG)
    stage.switchboard.arrived(Leg("chan-2", "500200", "", up=False))
    await settled()
    broken = stage.switchboard._channels["chan-1"]
    monkeypatch.setattr(broken.session, "handle", None)
    await stage.presses("1")
    assert stage.counts.failed_calls == 1
    assert stage.asterisk.done[-1] == ("hang_up", "chan-1")
    assert set(stage.switchboard._channels) == {"chan-2"}
    ended = await stage.log.on_channel("chan-1")
    assert ended is not None
    assert ended.end_reason is EndReason.FAILED


async def test_closing_the_room_lets_everybody_go_with_a_word(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("10")
    stage.room.let_go(stage.switchboard, "closed")
    await settled()
    assert "kring/id/room_closed" in stage.heard()
    assert not any("music" in sound for sound in stage.heard())


async def test_a_record_that_takes_no_rows_is_an_error_of_its_own() -> None:
    log = MemoryCallLog()
    await log.close()
    with pytest.raises(CallLogUnavailable):
        await log.unfinished()
