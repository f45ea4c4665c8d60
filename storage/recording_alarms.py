"""Alarms about recordings on a database: one of a kind, recording and detail is open at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from domain.clock import Clock
from recording.alarms import urgency
from recording.ports import RecordingsUnavailable
from recording.recordings import Alarm, AlarmKind
from storage.database import Database, DatabaseProblem
from storage.kept import Kept
from storage.recording_tables import recording_alarms

log = structlog.get_logger("kring.recordings")

_A = recording_alarms.c
_NUMBERING = 1_500_213  # a PostgreSQL advisory lock
_DETAIL = 120  # characters
_UNWRITTEN = 1000  # alarms that are remembered until they can be written


class DurableAlarms(Kept):
    """A `recording.ports.Alarms` for every process on the database."""

    unavailable = RecordingsUnavailable

    def __init__(
        self, database: Database, clock: Clock, count: Callable[[AlarmKind], None] = lambda kind: None
    ) -> None:
        """`count` is told of every alarm that is new."""
        super().__init__(database)
        self._clock = clock
        self._count = count
        self._unwritten: dict[tuple[AlarmKind, str, str], datetime] = {}

    @property
    def unwritten(self) -> int:
        """How many alarms wait until they can be written."""
        return len(self._unwritten)

    async def raise_alarm(self, kind: AlarmKind, recording_id: str = "", detail: str = "") -> None:
        """Raise one, unless the same is open. Never raises: what cannot be written is logged and kept."""
        key = kind, recording_id, detail[:_DETAIL]
        at = self._clock.now()
        try:
            new = await self._database.write(lambda connection: _raise(connection, *key, at))
        except DatabaseProblem as error:
            lost = {"kind": kind.value, "recording": recording_id, "detail": key[2], "problem": str(error)}
            log.critical("an alarm cannot be written", **lost)
            if len(self._unwritten) < _UNWRITTEN:
                self._unwritten.setdefault(key, at)
            return
        self._unwritten.pop(key, None)
        if new:
            log.warning("recording alarm", kind=kind.value, recording=recording_id, detail=key[2])
            self._count(kind)

    async def clear(self, kind: AlarmKind, recording_id: str = "", detail: str | None = None) -> None:
        """What was raised is over; `detail` None: whatever its detail. Never raises."""
        for key in list(self._unwritten):
            if key[:2] == (kind, recording_id) and detail in (None, key[2]):
                del self._unwritten[key]
        which = [_A.kind == kind.value, _A.recording_id == recording_id, _A.cleared_at.is_(None)]
        if detail is not None:
            which.append(_A.detail == detail[:_DETAIL])
        over = sa.update(recording_alarms).where(*which).values(cleared_at=self._clock.now())
        try:
            await self._database.write(lambda connection: connection.execute(over))
        except DatabaseProblem as error:
            log.warning("an alarm cannot be cleared", kind=kind.value, problem=str(error))

    async def open(self) -> Sequence[Alarm]:
        """Return the open ones, newest first. Raises RecordingsUnavailable."""
        return await self._some(_A.cleared_at.is_(None))

    async def recent(self, most: int = 100) -> Sequence[Alarm]:
        """Return the newest ones that are over, newest first. Raises RecordingsUnavailable."""
        return await self._some(_A.cleared_at.is_not(None), most)

    async def take_note(self, alarm_id: int, by: str) -> Alarm | None:
        """Note who looks after an alarm; the first one stays. Raises RecordingsUnavailable.

        Returns None: there is no such alarm.
        """
        same = _A.alarm_id == alarm_id

        def note(connection: Connection) -> Any:
            free = sa.update(recording_alarms).where(same, _A.seen_by == "").values(seen_by=by)
            connection.execute(free)
            return connection.execute(sa.select(recording_alarms).where(same)).first()

        row = await self._write(note)
        return None if row is None else _alarm(row)

    async def counts(self) -> Mapping[AlarmKind, int]:
        """Return how many of each kind are open. Raises RecordingsUnavailable."""
        query = sa.select(_A.kind, sa.func.count()).where(_A.cleared_at.is_(None)).group_by(_A.kind)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {AlarmKind(kind): count for kind, count in rows}

    async def write_again(self) -> None:
        """Try again to write what could not be written."""
        for kind, recording_id, detail in list(self._unwritten):
            await self.raise_alarm(kind, recording_id, detail)

    async def _some(self, which: sa.ColumnElement[bool], most: int | None = None) -> list[Alarm]:
        newest = (_A.raised_at.desc(), _A.alarm_id.desc())
        query = sa.select(recording_alarms).where(which).order_by(*newest).limit(most)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [_alarm(row) for row in rows]


class MemoryAlarms:
    """A `recording.ports.Alarms` in memory, for tests and trials."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.all: list[Alarm] = []

    async def raise_alarm(self, kind: AlarmKind, recording_id: str = "", detail: str = "") -> None:
        """Raise one, unless the same is open."""
        same = (kind, recording_id, detail[:_DETAIL])
        if any((one.kind, one.recording_id, one.detail) == same for one in await self.open()):
            return
        self.all.append(Alarm(len(self.all) + 1, *same, self._clock.now()))

    async def clear(self, kind: AlarmKind, recording_id: str = "", detail: str | None = None) -> None:
        """What was raised is over."""
        for index, one in enumerate(self.all):
            same = (one.kind, one.recording_id) == (kind, recording_id) and detail in (None, one.detail)
            if same and one.cleared_at is None:
                self.all[index] = replace(one, cleared_at=self._clock.now())

    async def open(self) -> Sequence[Alarm]:
        """Return the open ones, newest first."""
        return [one for one in reversed(self.all) if one.cleared_at is None]


def _raise(connection: Connection, kind: AlarmKind, recording_id: str, detail: str, at: datetime) -> bool:
    """Write one unless the same is open; whether it is new."""
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBERING)))
    insert = sqlite.insert if on_sqlite else postgresql.insert
    following = sa.select(sa.func.coalesce(sa.func.max(_A.alarm_id), 0) + 1).scalar_subquery()
    new = insert(recording_alarms).values(
        alarm_id=following,
        kind=kind.value,
        recording_id=recording_id,
        detail=detail,
        raised_at=at,
        seen_by="",
        level=int(urgency(kind, detail)),
    )
    done = connection.execute(new.on_conflict_do_nothing().returning(_A.alarm_id))
    return done.first() is not None


def _alarm(row: Any) -> Alarm:
    return Alarm(
        row.alarm_id,
        AlarmKind(row.kind),
        row.recording_id,
        row.detail,
        row.raised_at,
        row.cleared_at,
        row.seen_by,
    )
