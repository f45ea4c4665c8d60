"""What stands behind the routes of listening, in memory; sounds are real FLAC."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import soundfile

from domain.staff import Staff, StaffRole
from recording.ports import SoundDamaged, SoundGone
from recording.quality.scores import Kind, Result, Score, ScoreQuery, ScoreState
from recording.recordings import RATE, Alarm, AlarmKind, Mark, MarkKind, Mode, Recording
from recording.states import State
from storage.recordings_memory import MemoryRecordings
from tests.web.page_parts import CALL, OTHER_CALL, OWN

SEALED, OTHERS, RUNNING, GONE = "1" * 32, "2" * 32, "3" * 32, "4" * 32  # recordings
LENGTH = 20.0  # seconds
AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
MARKS = (
    Mark(MarkKind.NOTICE, 0, 1500, "recording_notice id"),
    Mark(MarkKind.TALK, 0, None, OWN),
    Mark(MarkKind.HOLD, 4000, 7000),
    Mark(MarkKind.SILENCED, 8000, 10_000, "proof"),
    Mark(MarkKind.CONSULT, 11_000, 12_500),
    Mark(MarkKind.CONFERENCE, 13_000, 15_000, "90000003"),
    Mark(MarkKind.WAITING, 15_000, 17_000, "efin"),
    Mark(MarkKind.GAP, 18_000, None, "service_restart"),
)


@cache
def sound(seconds: float = LENGTH, seed: int = 1) -> bytes:
    """Return FLAC of two sides that speak in turn: the caller at 220 Hz, the agent at 330 Hz."""
    time = np.arange(round(seconds * RATE)) / RATE
    turn = (time // 1.5) % 2 == 0
    noise = np.random.default_rng(seed).normal(0, 0.002, (2, len(time)))
    caller = np.where(turn, 0.4 * np.sin(2 * np.pi * 220 * time), 0) + noise[0]
    agent = np.where(turn, 0, 0.4 * np.sin(2 * np.pi * 330 * time)) + noise[1]
    file = io.BytesIO()
    soundfile.write(file, np.stack([caller, agent], 1), RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def recording(recording_id: str, call_id: str, state: State = State.SEALED, number: int = 1) -> Recording:
    """Return a row as the book has it."""
    length = round(LENGTH * 1000)
    return Recording(
        recording_id, call_id, number, f"chan-{call_id}", "in", "efin", "", OWN, "id", Mode.ALWAYS, state,
        AT, AT, AT + timedelta(seconds=LENGTH), length, length, coding="flac",
    )  # fmt: skip


@dataclass(slots=True)
class OpenDouble:
    """An opened sound; counts what it gives."""

    content: bytes
    of: SoundsDouble
    media_type: str = "audio/flac"

    @property
    def size(self) -> int:
        return len(self.content)

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        for at in range(start, end, 16_384):
            part = self.content[at : min(at + 16_384, end)]
            if self.of.damaged_at is not None and at + len(part) > self.of.damaged_at:
                raise SoundDamaged(str(at // 65_536))
            self.of.read_bytes += len(part)
            await asyncio.sleep(0)  # as reading a store lets others run
            yield part


@dataclass(slots=True)
class SoundsDouble:
    """A `recording.ports.SealedSounds`."""

    content: dict[str, bytes] = field(default_factory=lambda: {SEALED: sound(), OTHERS: sound(seed=2)})
    damaged_at: int | None = None  # byte
    away: bool = False
    read_bytes: int = 0

    async def open(self, recording: Recording) -> OpenDouble:
        self._check(recording)
        return OpenDouble(self.content[recording.recording_id], self)

    async def peaks(self, recording: Recording) -> tuple[bytes, bytes]:
        self._check(recording)
        data, _ = soundfile.read(io.BytesIO(self.content[recording.recording_id]))
        each = RATE // 10
        whole = np.abs(data[: len(data) // each * each].reshape(-1, each, 2)).max(1)
        levels = np.clip(whole * 255, 0, 255).astype(np.uint8)
        return levels[:, 0].tobytes(), levels[:, 1].tobytes()

    def _check(self, recording: Recording) -> None:
        if self.away:
            raise OSError("the store is away")
        if recording.recording_id not in self.content:
            raise SoundGone


def score(agent: str = OWN, state: ScoreState = ScoreState.FINAL, kind: Kind = Kind.REVIEW) -> Score:
    """Return a score of SEALED."""
    result = Result(Decimal(80), (), (), ())
    return Score(
        "5" * 32, SEALED, CALL, agent, "inbound", 1, kind, state, "r" * 32, {}, {}, "", AT, AT, result=result
    )  # fmt: skip


@dataclass(slots=True)
class ScoresDouble:
    """As much of `recording.quality.scores.Scores` as is asked."""

    rows: list[Score] = field(default_factory=lambda: [score()])

    async def find(self, query: ScoreQuery) -> Sequence[Score]:
        return [
            one
            for one in self.rows
            if one.recording_id == query.recording_id
            and one.kind in query.kinds
            and (not query.states or one.state in query.states)
        ]


@dataclass(slots=True)
class BlindDouble:
    """As much of `recording.quality.blind.BlindWork` as is asked."""

    staff: set[str] = field(default_factory=set)

    async def hides(self, staff_id: str, recording_id: str) -> bool:
        return staff_id in self.staff


@dataclass(slots=True)
class AlarmsDouble:
    """Alarms in memory."""

    raised: list[tuple[AlarmKind, str, str]] = field(default_factory=list)

    async def raise_alarm(self, kind: AlarmKind, recording_id: str = "", detail: str = "") -> None:
        self.raised.append((kind, recording_id, detail))

    async def clear(self, kind: AlarmKind, recording_id: str = "", detail: str | None = None) -> None: ...

    async def open(self) -> Sequence[Alarm]:
        return []


class PeopleDouble:
    """Everybody has a name."""

    async def by_id(self, staff_id: str) -> Staff | None:
        return Staff(staff_id, "melati1", "Melati Contoh", frozenset({StaffRole.QUALITY}))


async def book() -> MemoryRecordings:
    """Return recordings: of OWN's call sealed and running, of a colleague's call sealed, one destroyed."""
    made = MemoryRecordings()
    await made.plan(recording(SEALED, CALL))
    await made.plan(recording(RUNNING, CALL, State.STARTED, 2))
    await made.plan(recording(OTHERS, OTHER_CALL))
    await made.plan(recording(GONE, CALL, State.DESTROYED, 3))
    await made.mark(SEALED, MARKS)
    return made
