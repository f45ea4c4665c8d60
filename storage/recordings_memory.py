"""The record of recordings in memory, for tests and trials; under the same tests as the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from recording.ports import RecordingsUnavailable
from recording.recordings import Mark, Measures, Recording
from recording.states import State
from storage.recordings import PLAN, changes, folded, recording_of, row_of


class MemoryRecordings:
    """A `recording.ports.RecordingBook` in memory. While `broken` is set, every method is refused."""

    def __init__(self) -> None:
        self.broken = False
        self.trail: list[tuple[str, str, State, str]] = []  # id, event, state after it, cause
        self.measured: dict[str, Measures] = {}  # what `measures` answers
        self._rows: dict[str, Recording] = {}
        self._marks: dict[str, list[Mark]] = {}

    async def plan(self, recording: Recording) -> None:
        """Put a recording on record before it begins. Idempotent by its id."""
        self._check()
        if recording.recording_id in self._rows:
            return
        if any(
            (row.call_id, row.number) == (recording.call_id, recording.number) for row in self._rows.values()
        ):
            raise RecordingsUnavailable("the call has a recording of this number")
        self._rows[recording.recording_id] = replace(recording)
        self.trail.append((recording.recording_id, PLAN, recording.state, ""))

    async def move(
        self, recording_id: str, event: str, at: datetime, facts: Mapping[str, object] | None = None
    ) -> Recording:
        """Let an event happen, with new values of columns, in one step. Raises KeyError, ValueError."""
        self._check()
        before = self._rows[recording_id]
        change = changes(before, event, at, facts)
        if change is None:
            return before
        after = recording_of(row_of(before) | change)
        self._rows[recording_id] = after
        self.trail.append((recording_id, event, after.state, str(change.get("cause", ""))))
        return after

    async def mark(self, recording_id: str, marks: Sequence[Mark]) -> None:
        """Add marks, append-only; an open mark is ended by the same mark with its end."""
        self._check()
        self._marks.setdefault(recording_id, []).extend(marks)

    async def marks(self, recording_id: str) -> Sequence[Mark]:
        """Return the marks by their beginning, open ones as they stand."""
        self._check()
        return folded(self._marks.get(recording_id, []))

    async def get(self, recording_id: str) -> Recording | None:
        """Return one."""
        self._check()
        return self._rows.get(recording_id)

    async def of_call(self, call_id: str) -> Sequence[Recording]:
        """Return a call's recordings by number."""
        self._check()
        return sorted(
            (row for row in self._rows.values() if row.call_id == call_id), key=lambda row: row.number
        )

    async def in_state(self, *states: State, most: int = 1000) -> Sequence[Recording]:
        """Return the oldest ones in any of these states."""
        self._check()
        found = [row for row in self._rows.values() if row.state in states]
        return sorted(found, key=lambda row: (row.planned_at, row.recording_id))[:most]

    async def measures(self, recording_id: str) -> Measures | None:
        """Return what was measured in it, once it is sealed."""
        self._check()
        return self.measured.get(recording_id)

    def _check(self) -> None:
        if self.broken:
            raise RecordingsUnavailable("the book is broken")
