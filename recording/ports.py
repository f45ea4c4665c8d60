"""What the parts of recording stand on, and give each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from recording.recordings import Alarm, AlarmKind, Mark, Measures, Recording
from recording.states import State


class RecordingsUnavailable(Exception):
    """The record of recordings cannot be read or written at the moment."""


class RecordingBook(Protocol):
    """The durable record of recordings. Every method raises RecordingsUnavailable."""

    async def plan(self, recording: Recording) -> None:
        """Put a recording on record before it begins. Idempotent by its id."""
        ...

    async def move(
        self, recording_id: str, event: str, at: datetime, facts: Mapping[str, object] | None = None
    ) -> Recording:
        """Let an event of `recording.states.RECORDING` happen, with new values of columns, in one step.

        An ignored event changes nothing. Each move is a row of the trail. Raises KeyError: no such one.
        """
        ...

    async def mark(self, recording_id: str, marks: Sequence[Mark]) -> None:
        """Add marks, append-only; an open mark is ended by the same mark with its end."""
        ...

    async def marks(self, recording_id: str) -> Sequence[Mark]:
        """Return the marks by their beginning, open ones as they stand."""
        ...

    async def get(self, recording_id: str) -> Recording | None:
        """Return one."""
        ...

    async def of_call(self, call_id: str) -> Sequence[Recording]:
        """Return a call's recordings by number."""
        ...

    async def in_state(self, *states: State, most: int = 1000) -> Sequence[Recording]:
        """Return the oldest ones in any of these states."""
        ...

    async def measures(self, recording_id: str) -> Measures | None:
        """Return what was measured in it, once it is sealed."""
        ...


class Alarms(Protocol):
    """Alarms about recordings: on record, on the supervisors' page and counted."""

    async def raise_alarm(self, kind: AlarmKind, recording_id: str = "", detail: str = "") -> None:
        """Raise one, unless the same is open. Never raises: an alarm that cannot be written is logged."""
        ...

    async def clear(self, kind: AlarmKind, recording_id: str = "", detail: str | None = None) -> None:
        """What was raised is over."""
        ...

    async def open(self) -> Sequence[Alarm]:
        """Return the open ones, newest first. Raises RecordingsUnavailable."""
        ...


class SoundGone(Exception):
    """There is no sound of this recording (any more)."""


class SoundDamaged(Exception):
    """The stored object was changed, cut or cannot be opened; `where`: the chunk from 0, or a word."""

    def __init__(self, where: str) -> None:
        super().__init__(f"the stored recording is damaged at {where}")
        self.where = where


class OpenSound(Protocol):
    """A sealed recording, open for reading: the stored coding in clear, in any part."""

    @property
    def size(self) -> int:
        """Bytes in clear."""
        ...

    @property
    def media_type(self) -> str:
        """`audio/flac` or `audio/ogg`."""
        ...

    def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to but not with `end`. Raises SoundDamaged before a wrong byte."""
        ...


class SealedSounds(Protocol):
    """Reads sealed recordings. Who may hear them is decided before."""

    async def open(self, recording: Recording) -> OpenSound:
        """Open one. Raises SoundGone, SoundDamaged, OSError for a store that is away."""
        ...

    async def peaks(self, recording: Recording) -> tuple[bytes, bytes]:
        """Return the levels (0–255) of both sides, one for each 100 ms. Raises as `open` does."""
        ...


class Holds(Protocol):
    """Legal holds: a recording with at least one is not destroyed. Raises RecordingsUnavailable."""

    async def hold(self, recording_id: str, reason: str, by: str) -> None:
        """Hold it for a reason (`scored`, `disputed`, `legal:…`), once per reason. Idempotent."""
        ...

    async def release(self, recording_id: str, reason: str, by: str) -> None:
        """Lift that hold. Idempotent."""
        ...


class SilenceControl(Protocol):
    """Silences parts of what is being recorded, and asks for a recording."""

    async def silence(self, call_id: str, why: str, on: bool, by: str) -> bool:
        """Begin or end silence (`recording.recordings.Silence`). False: the call is not being recorded."""
        ...

    async def record(self, call_id: str, by: str) -> bool:
        """Record a call whose queue is recorded on demand. False: it cannot be (no talk, or `never`)."""
        ...

    def status(self, call_id: str) -> str:
        """Return `recording`, `silenced`, `off`, `on_demand` or `trouble`: what the agent's page shows."""
        ...
