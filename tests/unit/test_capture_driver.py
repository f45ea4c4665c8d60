"""Capture in the service with a pretended Asterisk: orders, failures, recovery after kills."""

import asyncio
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from acd.floor_views import CallerView
from domain.clock import SystemClock
from recording.capture_parts import PlainParts
from recording.capture_ports import CallFacts, Plain, RecorderRefused
from recording.plain import PlainFolder
from recording.policies import Policies, shipped_policies
from recording.recordings import Alarm, AlarmKind, Mark, MarkKind, Mode, Recording
from recording.states import State
from recording.wav import look, samples
from service.recording_capture import Capture
from service.recording_capture_recovery import Recovery
from service.recording_capture_work import Hands
from storage.recordings_memory import MemoryRecordings

CALLER = CallerView("call", "leg-of-caller", "efin", "id", "1001", "talking")


@dataclass
class Asterisk:
    """Records nothing, and notes what it is told."""

    done: list[tuple[str, ...]] = field(default_factory=list)
    refuses: str = ""
    told: str = "id"  # in which language the flow said the notice
    files: dict[str, Plain] = field(default_factory=dict)
    legs: list[str] = field(default_factory=lambda: ["leg-of-caller"])

    async def begin(self, recording_id: str, channel: str, monotonic: Callable[[], float]) -> float:
        self.done.append(("begin", channel))
        if self.refuses:
            raise RecorderRefused(self.refuses)
        self.files[recording_id] = Plain(True, False, 0, datetime.now(UTC).timestamp())
        return monotonic()

    async def anew(
        self, recording_id: str, channel: str, began: float, monotonic: Callable[[], float]
    ) -> int:
        self.done.append(("anew", channel))
        if self.refuses:
            raise RecorderRefused(self.refuses)
        return round((monotonic() - began) * 1000)

    async def join(self, recording_id: str) -> None:
        self.done.append(("join",))

    async def end(self, recording_id: str, channel: str) -> None:
        self.done.append(("end", channel))

    async def closed(self, recording_id: str) -> None: ...

    async def hush(self, channel: str, *, on: bool) -> None:
        self.done.append(("hush", str(on)))

    async def plain(self, recording_id: str) -> Plain:
        return self.files.get(recording_id, Plain(False, False, 0, 0.0))

    async def check(self) -> str:
        return ""

    async def say(self, call_id: str, language: str) -> bool:
        self.done.append(("say", language))
        await asyncio.Event().wait()  # it is being said
        return True

    async def facts(self, call_id: str) -> CallFacts:
        return CallFacts()

    def heard(self, call_id: str) -> str:
        return self.told

    async def live(self) -> Sequence[str]:
        return self.legs

    def now(self) -> Policies:
        return shipped_policies().at(datetime.now(UTC))


@dataclass
class Alarms:
    """Alarms that are open."""

    raised: list[tuple[AlarmKind, str]] = field(default_factory=list)

    async def raise_alarm(self, kind: AlarmKind, recording_id: str = "", detail: str = "") -> None:
        self.raised.append((kind, detail))

    async def clear(self, kind: AlarmKind, recording_id: str = "", detail: str | None = None) -> None:
        self.raised = [one for one in self.raised if one[0] is not kind]

    async def open(self) -> Sequence[Alarm]:
        return []


class Counts:
    """Counts nothing."""

    def recording_began(self, after: float) -> None: ...
    def recording_failed(self, cause: str) -> None: ...
    def recording_ended(self, seconds: float) -> None: ...
    def silence_failed(self) -> None: ...


class Room:
    """One process with capture in it; a second one on the same record is what comes after a kill."""

    def __init__(self, book: MemoryRecordings, asterisk: Asterisk) -> None:
        self.book, self.asterisk, self.alarms = book, asterisk, Alarms()
        self.stopped: list[str] = []
        hands = Hands(book, self.alarms, asterisk, asterisk, SystemClock(), Counts(), self.stopped.append)
        self.capture = Capture(hands, asterisk, asterisk)
        self.recovery = Recovery(self.capture, hands, asterisk, self, asterisk)

    def remind(self, last: CallerView) -> None:
        self.capture.call_seen(replace(CALLER, leg=last.leg))

    async def connected(self) -> "Room":
        await self.recovery.connected()
        await self.until(self.capture._ready.is_set)
        return self

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.01)
            await self.capture.work.settled()

    async def one(self) -> Recording:
        (found,) = await self.book.of_call("call")
        return found

    async def gaps(self) -> list[Mark]:
        marks = await self.book.marks((await self.one()).recording_id)
        return [mark for mark in marks if mark.kind is MarkKind.GAP]


@pytest.fixture
async def room() -> Room:
    return await Room(MemoryRecordings(), Asterisk()).connected()


async def test_a_talk_is_planned_begun_silenced_and_stopped(room: Room) -> None:
    room.capture.call_seen(CALLER)
    await room.until(lambda: room.capture.status("call") == "recording")
    assert (await room.one()).state is State.STARTED
    assert await room.capture.silence("call", "agent", True, "staff")
    assert room.capture.status("call") == "silenced"
    room.capture.key_pressed("leg-of-caller")
    room.capture.call_over("call")
    await room.until(lambda: bool(room.stopped))
    row = await room.one()
    assert (row.state, row.cause) == (State.STOPPED, "")
    assert {
        mark.detail for mark in await room.book.marks(row.recording_id) if mark.kind is MarkKind.SILENCED
    } == {
        "agent",
        "keys",
    }
    events = [event for _, event, _, _ in room.book.trail]
    assert events == ["plan", "start", "stop"]


async def test_what_asterisk_refuses_is_told_and_lost_when_the_call_ends(room: Room) -> None:
    room.asterisk.refuses = "folder"
    room.capture.call_seen(CALLER)
    await room.until(lambda: (AlarmKind.NOT_STARTED, "folder") in room.alarms.raised)
    assert room.capture.status("call") == "trouble"
    room.capture.call_over("call")
    await room.until(lambda: any(kind is AlarmKind.LOST for kind, _ in room.alarms.raised))
    assert (await room.one()).state is State.LOST


async def test_another_agent_after_music_is_recorded_in_a_part(room: Room) -> None:
    room.capture.call_seen(CALLER)
    await room.until(lambda: room.capture.status("call") == "recording")
    room.capture.call_seen(replace(CALLER, phase="consulting"))
    room.capture.call_seen(replace(CALLER, agent="1002"))
    assert ("anew", "leg-of-caller") not in room.asterisk.done
    room.capture.entered("talk-call.abc", "leg-of-caller", ["leg-of-caller"])
    await room.until(lambda: ("anew", "leg-of-caller") in room.asterisk.done)
    (gap,) = await room.gaps()
    assert gap.detail == "new_voice"
    assert gap.until_ms is not None


async def test_a_supervisor_who_barges_in_and_leaves_is_recorded_in_parts(room: Room) -> None:
    room.capture.call_seen(CALLER)
    await room.until(lambda: room.capture.status("call") == "recording")
    room.capture.entered("talk-call.abc", "agents", ["leg-of-caller", "agents"])
    room.capture.entered("talk-call.abc", "barged", ["leg-of-caller", "agents", "barged"])
    await room.until(lambda: room.asterisk.done.count(("anew", "leg-of-caller")) == 1)
    room.capture.leg_gone("barged")
    await room.until(lambda: room.asterisk.done.count(("anew", "leg-of-caller")) == 2)
    assert len(await room.gaps()) == 2


async def test_a_part_that_does_not_begin_is_tried_again_and_its_silence_told(room: Room) -> None:
    room.capture.call_seen(CALLER)
    await room.until(lambda: room.capture.status("call") == "recording")
    room.asterisk.refuses = "asterisk"
    room.capture.call_seen(replace(CALLER, agent="1002"))
    room.capture.entered("talk-call.abc", "leg-of-caller", ["leg-of-caller"])
    async with asyncio.timeout(20):
        while (AlarmKind.NOT_STARTED, "anew_asterisk") not in room.alarms.raised:
            await asyncio.sleep(0.01)
    assert await room.capture.silence("call", "agent", True, "staff")
    async with asyncio.timeout(20):
        while not [gap for gap in await room.gaps() if gap.until_ms is None]:
            await asyncio.sleep(0.01)
    room.asterisk.refuses = ""
    await room.until(lambda: room.asterisk.done.count(("anew", "leg-of-caller")) > 1)
    assert room.alarms.raised == []
    (gap,) = await room.gaps()
    assert gap.until_ms is not None
    assert gap.until_ms > gap.from_ms
    assert room.asterisk.done[-1] == ("hush", "True"), "the new one was not there when silence began"


async def test_a_leg_that_goes_before_its_part_begins_is_missing_to_the_end(room: Room) -> None:
    room.capture.call_seen(CALLER)
    await room.until(lambda: room.capture.status("call") == "recording")
    room.asterisk.refuses = "refused"
    room.capture.call_seen(replace(CALLER, agent="1002"))
    room.capture.entered("talk-call.abc", "leg-of-caller", ["leg-of-caller"])
    room.capture.leg_gone("leg-of-caller")
    await room.until(lambda: bool(room.stopped))
    (gap,) = await room.gaps()
    assert (gap.detail, gap.until_ms) == ("new_voice", None)
    assert room.alarms.raised == []


async def test_a_caller_who_goes_within_the_notice_is_on_record(room: Room) -> None:
    room.asterisk.told = ""
    room.capture.call_seen(CALLER)
    await room.until(lambda: ("say", "id") in room.asterisk.done)
    room.capture.leg_gone("leg-of-caller")
    await room.until(lambda: len(room.book.trail) == 2)
    row = await room.one()
    assert (row.state, row.cause) == (State.LOST, "notice_cut")
    assert room.alarms.raised == []
    assert ("begin", "leg-of-caller") not in room.asterisk.done


async def test_a_killed_service_takes_its_recordings_up(room: Room) -> None:
    room.capture.call_seen(CALLER)
    await room.until(lambda: room.capture.status("call") == "recording")
    again = await Room(room.book, room.asterisk).connected()
    assert again.capture.status("call") == "recording"
    assert room.asterisk.done.count(("begin", "leg-of-caller")) == 1
    await again.until(lambda: ("anew", "leg-of-caller") in room.asterisk.done)  # who talks may be another
    again.capture.call_over("call")
    await again.until(lambda: bool(again.stopped))
    assert (await again.one()).state is State.STOPPED
    gaps = await again.gaps()
    assert sorted(mark.detail.split()[0] for mark in gaps) == ["new_voice", "service_away"]


@pytest.mark.parametrize(("closed", "cause"), [(True, "service_away"), (False, "asterisk_died")])
async def test_what_ended_while_nobody_was_there_is_closed_by_its_files(
    room: Room, closed: bool, cause: str
) -> None:
    room.capture.call_seen(CALLER)
    await room.until(lambda: room.capture.status("call") == "recording")
    (recording_id,) = room.asterisk.files
    room.asterisk.files[recording_id] = Plain(True, closed, 7000, datetime.now(UTC).timestamp())
    room.asterisk.legs.clear()
    again = await Room(room.book, room.asterisk).connected()
    row = await again.one()
    assert (row.state, row.cause) == (State.STOPPED, cause)
    assert row.expected_ms == (7000 if closed else 9000)


async def test_what_was_planned_and_never_begun_is_told(room: Room) -> None:
    at = datetime.now(UTC) - timedelta(seconds=9)
    planned = Recording(
        "f" * 32, "call", 1, "leg-of-caller", "in", "efin", "", "1001", "id", Mode.ALWAYS, State.PLANNED, at
    )
    await room.book.plan(planned)
    again = await Room(room.book, room.asterisk).connected()
    assert ((await again.one()).state, (await again.one()).cause) == (State.LOST, "service_died")
    assert again.alarms.raised == [(AlarmKind.LOST, "service_died")]


async def test_an_asterisk_that_dies_ends_what_it_recorded(room: Room) -> None:
    room.capture.call_seen(CALLER)
    await room.until(lambda: room.capture.status("call") == "recording")
    room.capture.control_lost()
    room.asterisk.legs.clear()
    room.capture.call_over("call")
    await room.connected()
    await room.until(lambda: bool(room.stopped))
    assert (await room.one()).cause == "asterisk_died"


def write(path: Path, values: Sequence[int]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(np.array(values, dtype="<i2").tobytes())


def test_parts_are_joined_at_their_time(tmp_path: Path) -> None:
    plain, name = PlainFolder(tmp_path), "e" * 32
    parts = PlainParts(plain)
    parts.make()
    assert (tmp_path / "parts").stat().st_mode & 0o777 == 0o700
    for side in ("caller", "agent"):
        write(plain.path(name, side), [1] * 800)  # 100 ms
    for since, value in ((150, 2), (250, 3)):
        for path in parts.paths(name, since):
            write(path, [value] * 400)  # 50 ms
    assert parts.last(name)[0] == 250
    parts.join(name)
    parts.join(name)
    for side in ("caller", "agent"):
        found = look(plain.path(name, side))
        assert found.closed
        expected = [1] * 800 + [0] * 400 + [2] * 400 + [0] * 400 + [3] * 400
        assert samples(found, 0, found.frames).tolist() == expected
    assert list((tmp_path / "parts").iterdir()) == []
