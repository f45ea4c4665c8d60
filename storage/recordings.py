"""The record of recordings on a database: current rows, and append-only moves, marks and measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from recording.ports import RecordingsUnavailable
from recording.recordings import Mark, MarkKind, Measures, Mode, Recording
from recording.states import RECORDING, State
from storage.kept import Kept
from storage.recording_tables import recording_marks, recording_measures, recording_moves, recordings

PLAN = "plan"  # the first row of every trail: the recording was put on record
_SECRETS = {"destroy": {"wrapped_key": b"", "object_key": ""}}
_TIMES = {"start": "started_at", "stop": "stopped_at", "seal": "sealed_at", "destroy": "destroyed_at"}
_FIXED = frozenset({"recording_id", "call_id", "number", "state", "planned_at"})
_COLUMNS = frozenset(column.name for column in recordings.columns) - _FIXED


class DurableRecordings(Kept):
    """A `recording.ports.RecordingBook` on a database."""

    unavailable = RecordingsUnavailable

    async def plan(self, recording: Recording) -> None:
        """Put a recording on record before it begins. Idempotent by its id."""

        def work(connection: Connection) -> None:
            insert = _insert(connection, recordings).values(row_of(recording))
            keep = insert.on_conflict_do_nothing(index_elements=["recording_id"])
            if connection.execute(keep.returning(recordings.c.recording_id)).first() is not None:
                _note(connection, recording.recording_id, 1, recording.planned_at, PLAN, recording.state, "")

        await self._write(work)

    async def move(
        self, recording_id: str, event: str, at: datetime, facts: Mapping[str, object] | None = None
    ) -> Recording:
        """Let an event happen, with new values of columns, in one step. Raises KeyError, ValueError."""
        return await self._write(lambda connection: move_in(connection, recording_id, event, at, facts))

    async def mark(self, recording_id: str, marks: Sequence[Mark]) -> None:
        """Add marks, append-only; an open mark is ended by the same mark with its end."""
        if marks:
            await self._write(lambda connection: mark_in(connection, recording_id, marks))

    async def marks(self, recording_id: str) -> Sequence[Mark]:
        """Return the marks by their beginning, open ones as they stand."""
        return await self._read(lambda connection: marks_in(connection, recording_id))

    async def get(self, recording_id: str) -> Recording | None:
        """Return one."""
        found = await self._some(recordings.c.recording_id == recording_id)
        return found[0] if found else None

    async def of_call(self, call_id: str) -> Sequence[Recording]:
        """Return a call's recordings by number."""
        return await self._some(recordings.c.call_id == call_id, order=(recordings.c.number,))

    async def in_state(self, *states: State, most: int = 1000) -> Sequence[Recording]:
        """Return the oldest ones in any of these states."""
        which = recordings.c.state.in_([state.value for state in states])
        return await self._some(which, most=most)

    async def measures(self, recording_id: str) -> Measures | None:
        """Return what was measured in it, once it is sealed."""
        query = sa.select(recording_measures).where(recording_measures.c.recording_id == recording_id)
        row = await self._read(lambda connection: connection.execute(query).mappings().first())
        if row is None:
            return None
        return Measures(**{name: value for name, value in row.items() if name != "recording_id"})

    async def _some(
        self,
        which: sa.ColumnElement[bool],
        order: tuple[sa.ColumnElement[Any], ...] = (recordings.c.planned_at, recordings.c.recording_id),
        most: int | None = None,
    ) -> list[Recording]:
        query = sa.select(recordings).where(which).order_by(*order).limit(most)
        rows = await self._read(lambda connection: connection.execute(query).mappings().all())
        return [recording_of(row) for row in rows]


def move_in(
    connection: Connection,
    recording_id: str,
    event: str,
    at: datetime,
    facts: Mapping[str, object] | None = None,
) -> Recording:
    """Let an event happen within a transaction of the caller's; return the recording as it is then.

    The event's own time (`started_at`, `stopped_at`, `sealed_at`, `destroyed_at`) is `at` unless `facts`
    has another; `destroy` also empties what made it readable. Raises KeyError: no such recording;
    ValueError: `facts` names what no move changes; acd.machine.Impossible: no such event.
    """
    query = sa.select(recordings).where(recordings.c.recording_id == recording_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise KeyError(recording_id)
    before = recording_of(row)
    change = changes(before, event, at, facts)
    if change is None:
        return before
    same = recordings.c.recording_id == recording_id
    connection.execute(sa.update(recordings).where(same).values(change))
    last = sa.select(sa.func.max(recording_moves.c.seq)).where(recording_moves.c.recording_id == recording_id)
    seq = (connection.execute(last).scalar() or 0) + 1
    state, cause = State(change["state"]), str(change.get("cause", ""))
    _note(connection, recording_id, seq, at, event, state, cause)
    return recording_of({**row, **change})


def changes(
    before: Recording, event: str, at: datetime, facts: Mapping[str, object] | None
) -> dict[str, Any] | None:
    """Return the columns that an event changes; None where the table of states ignores it."""
    if wrong := set(facts or ()) - _COLUMNS:
        raise ValueError(f"a move does not change {', '.join(sorted(wrong))}")
    state = RECORDING.after(before.state, event)
    if (before.state, event) not in RECORDING.moves:
        return None
    change: dict[str, Any] = {"state": str(state)}
    if event in _TIMES:
        change[_TIMES[event]] = at
    change.update(_SECRETS.get(event, {}))
    change.update(facts or {})
    return change


def mark_in(connection: Connection, recording_id: str, marks: Sequence[Mark]) -> None:
    """Add marks within a transaction of the caller's."""
    # Writers of one recording's marks take turns at its row.
    known = sa.select(recordings.c.recording_id).where(recordings.c.recording_id == recording_id)
    connection.execute(known.with_for_update())
    last = sa.select(sa.func.max(recording_marks.c.seq)).where(recording_marks.c.recording_id == recording_id)
    seq = connection.execute(last).scalar() or 0
    rows = [
        {
            "recording_id": recording_id,
            "seq": seq + number,
            "kind": mark.kind.value,
            "from_ms": mark.from_ms,
            "until_ms": mark.until_ms,
            "detail": mark.detail,
        }
        for number, mark in enumerate(marks, 1)
    ]
    connection.execute(sa.insert(recording_marks), rows)


def marks_in(connection: Connection, recording_id: str) -> list[Mark]:
    """Return a recording's marks by their beginning, within a transaction of the caller's."""
    query = sa.select(recording_marks).where(recording_marks.c.recording_id == recording_id)
    rows = connection.execute(query.order_by(recording_marks.c.seq)).all()
    return folded([Mark(MarkKind(row.kind), row.from_ms, row.until_ms, row.detail) for row in rows])


def measures_in(connection: Connection, recording_id: str, measured: Measures) -> None:
    """Keep what was measured, within the transaction that seals; once per recording."""
    connection.execute(sa.insert(recording_measures).values(recording_id=recording_id, **asdict(measured)))


def folded(rows: Sequence[Mark]) -> list[Mark]:
    """Return marks by their beginning from all that was ever added, in the order of adding.

    A later mark of the same kind, beginning and detail takes the place of the earlier one.
    """
    latest: dict[tuple[MarkKind, int, str], Mark] = {}
    for mark in rows:
        latest[mark.kind, mark.from_ms, mark.detail] = mark
    return sorted(latest.values(), key=lambda mark: (mark.from_ms, mark.kind))


def row_of(recording: Recording) -> dict[str, Any]:
    """Return a recording as the values of its row."""
    return asdict(recording) | {"mode": recording.mode.value, "state": recording.state.value}


def recording_of(row: Mapping[Any, Any]) -> Recording:
    """Return the recording of a selected row (a mapping by column)."""
    values = {str(name): value for name, value in row.items()}
    values |= {"mode": Mode(values["mode"]), "state": State(values["state"])}
    return Recording(**values | {"wrapped_key": bytes(values["wrapped_key"])})


def _insert(connection: Connection, table: sa.Table) -> Any:
    """Return the dialect's INSERT that can pass over a row that is there."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _note(
    connection: Connection, recording_id: str, seq: int, at: datetime, event: str, state: State, cause: str
) -> None:
    connection.execute(
        sa.insert(recording_moves).values(
            recording_id=recording_id, seq=seq, at=at, event=event, state=state.value, cause=cause
        )
    )
