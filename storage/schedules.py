"""Schedules on a database: shifts, exceptions, and the trail of their changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.ids import new_id
from reporting.schedule import Piece, Shift
from reporting.schedule_book import (
    AlreadyTakenBack,
    Change,
    Exempt,
    Put,
    SchedulesUnavailable,
)
from storage.kept import Kept
from storage.schedule_tables import schedule_changes, schedule_exceptions, schedule_shifts

_AGENTS_AT_ONCE = 500  # names in one query; databases limit them
_Pieces = list[tuple[str, int, int]]
_json = msgspec.json.Encoder()
_pieces = msgspec.json.Decoder(_Pieces)
_NONE = "[]"
_DAY = 24 * 60  # minutes


class DurableSchedules(Kept):
    """A `reporting.schedule_book.Schedules` on a database."""

    unavailable = SchedulesUnavailable

    async def shifts(self, first: date, last: date, agents: Collection[str] = ()) -> Sequence[Shift]:
        """Return the shifts of these agents (empty: all), by day and agent. First and last included."""
        return await self._read(lambda connection: read_shifts(connection, first, last, agents))

    async def put(self, shifts: Sequence[Shift], who: str, at: datetime, *, keep: bool = True) -> Put:
        """Put shifts in place of what these agents had on these days: all or none."""
        work = self._write if keep else self._read
        return await work(lambda connection: _put(connection, shifts, who, at, keep))

    async def exempt(self, new: Exempt) -> None:
        """Keep an exception."""
        await self._write(lambda connection: keep_exempt(connection, new))

    async def of_request(self, exception_id: str) -> bool:
        """Whether an exception came of a request. Raises KeyError."""
        rows = schedule_exceptions.c
        query = sa.select(rows.request_id).where(rows.exception_id == exception_id)
        found = await self._read(lambda connection: connection.execute(query).first())
        if found is None:
            raise KeyError("exception")
        return bool(found.request_id)

    async def take_back(self, exception_id: str, who: str, at: datetime) -> Exempt:
        """End an exception; the time counts again. Raises KeyError, AlreadyTakenBack."""
        which = schedule_exceptions.c.exception_id == exception_id
        return await self._write(lambda connection: end_exempt(connection, which, who, at))

    async def exempted(
        self, first: date, last: date, agents: Collection[str] = (), *, ended: bool = False
    ) -> Sequence[Exempt]:
        """Return the exceptions that touch these days, by time; with `ended` those taken back too."""
        return await self._read(lambda c: read_exempted(c, first, last, agents, ended=ended))

    async def changes(self, agent: str, first: date, last: date, most: int = 100) -> Sequence[Change]:
        """Return what was done to these days of an agent, newest first."""
        rows = schedule_changes.c
        query = (
            sa.select(schedule_changes)
            .where(rows.agent == agent, rows.day <= last, rows.last_day >= first)
            .order_by(rows.at.desc(), rows.change_id.desc())
            .limit(most)
        )
        found: Sequence[Any] = await self._read(lambda c: c.execute(query).all())
        return [
            Change(
                row.at, row.who, row.what, row.agent, row.day, row.last_day,
                _as_pieces(row.before), _as_pieces(row.after),
            )
            for row in found
        ]  # fmt: skip

    async def changed(self, since: datetime) -> Collection[date]:
        """Return the days of shifts and exceptions that changed at or after a time."""
        rows = schedule_changes.c
        query = sa.select(rows.day, rows.last_day, rows.before, rows.after).distinct()
        query = query.where(rows.at >= since)
        found: Sequence[Any] = await self._read(lambda c: c.execute(query).all())
        return {
            row.day + timedelta(days=ahead)
            for row in found
            for ahead in range((row.last_day - row.day).days + 1 + _runs_over(row.before, row.after))
        }


def read_shifts(connection: Connection, first: date, last: date, agents: Collection[str]) -> list[Shift]:
    """Return the shifts of these agents (empty: all), by day and agent. Blocking."""
    rows = schedule_shifts.c
    query = sa.select(rows.agent, rows.day, rows.pattern, rows.place, rows.pieces).where(
        rows.day >= first, rows.day <= last, rows.pieces != _NONE
    )
    found = [
        Shift(row.agent, row.day, _as_pieces(row.pieces), row.pattern, row.place)
        for some in _some(agents)
        for row in connection.execute(query.where(rows.agent.in_(some)) if some else query)
    ]
    return sorted(found, key=lambda one: (one.day, one.agent))


def read_exempted(
    connection: Connection, first: date, last: date, agents: Collection[str], *, ended: bool = False
) -> list[Exempt]:
    """Return the exceptions that touch these days, by time. Blocking."""
    rows = schedule_exceptions.c
    query = sa.select(schedule_exceptions).where(rows.last_day >= first, rows.first_day <= last)
    if not ended:
        query = query.where(rows.ended_at.is_(None))
    found = [
        _exempt(row)
        for some in _some(agents)
        for row in connection.execute(query.where(rows.agent.in_(some)) if some else query)
    ]
    return sorted(found, key=lambda one: (one.begins, one.agent, one.exception_id))


def keep_exempt(connection: Connection, new: Exempt) -> None:
    """Keep an exception within a transaction."""
    values = {name: getattr(new, name) for name in _EXEMPT}
    days = {"first_day": new.first_day, "last_day": new.last_day}
    connection.execute(sa.insert(schedule_exceptions).values(**values, **days))
    _note(connection, [_change(new.made_at, new.made_by, "excepted", new.agent, new.first_day, new.last_day)])


def end_exempt(connection: Connection, which: sa.ColumnElement[bool], who: str, at: datetime) -> Exempt:
    """End an exception within a transaction. Raises KeyError, AlreadyTakenBack."""
    row = connection.execute(sa.select(schedule_exceptions).where(which)).first()
    if row is None:
        raise KeyError("exception")
    open_one = sa.update(schedule_exceptions).where(which, schedule_exceptions.c.ended_at.is_(None))
    if connection.execute(open_one.values(ended_at=at, ended_by=who)).rowcount != 1:
        raise AlreadyTakenBack
    _note(connection, [_change(at, who, "unexcepted", row.agent, row.first_day, row.last_day)])
    return _exempt(connection.execute(sa.select(schedule_exceptions).where(which)).one())


_EXEMPT = (
    "exception_id", "agent", "begins", "ends", "reason", "made_by", "made_at", "request_id", "ended_at",
    "ended_by",
)  # fmt: skip


def _exempt(row: Any) -> Exempt:
    return Exempt(**{name: getattr(row, name) for name in _EXEMPT})


def _put(connection: Connection, shifts: Sequence[Shift], who: str, at: datetime, keep: bool) -> Put:
    there = _there(connection, shifts)
    counts = dict.fromkeys(("new", "changed", "same", "removed"), 0)
    new, changed, notes = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for shift in shifts:
        old = there.get((shift.agent, shift.day))
        text = _json.encode([(one.activity, one.begins, one.ends) for one in shift.pieces]).decode()
        before = _NONE if old is None else old.pieces
        if old is not None and (old.pieces, old.pattern, old.place) == (text, shift.pattern, shift.place):
            counts["same"] += 1
            continue
        if text == before == _NONE:
            counts["same"] += 1
            continue
        what = "removed" if text == _NONE else "new" if before == _NONE else "changed"
        counts[what] += 1
        values = {
            "agent": shift.agent, "day": shift.day, "pattern": shift.pattern, "place": shift.place,
            "pieces": text, "version": 1 if old is None else old.version + 1,
            "changed_at": at, "changed_by": who,
        }  # fmt: skip
        (new if old is None else changed).append(values)
        word = "removed" if what == "removed" else "set"
        notes.append(_change(at, who, word, shift.agent, shift.day, shift.day, before, text))
    if keep:
        _write(connection, new, changed)
        _note(connection, notes)
    return Put(**counts)


def _there(connection: Connection, shifts: Sequence[Shift]) -> dict[tuple[str, date], Any]:
    if not shifts:
        return {}
    first, last = min(one.day for one in shifts), max(one.day for one in shifts)
    rows = schedule_shifts.c
    query = sa.select(schedule_shifts).where(rows.day >= first, rows.day <= last)
    return {
        (row.agent, row.day): row
        for some in _some({one.agent for one in shifts})
        for row in connection.execute(query.where(rows.agent.in_(some)))
    }


def _write(connection: Connection, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    if new:
        connection.execute(sa.insert(schedule_shifts), new)
    rows = schedule_shifts.c
    update = sa.update(schedule_shifts).where(
        rows.agent == sa.bindparam("of_agent"), rows.day == sa.bindparam("of_day")
    )
    if changed:
        connection.execute(
            update, [{**one, "of_agent": one["agent"], "of_day": one["day"]} for one in changed]
        )


def _change(
    at: datetime,
    who: str,
    what: str,
    agent: str,
    day: date,
    last_day: date,
    before: str = _NONE,
    after: str = _NONE,
) -> dict[str, Any]:
    return {
        "change_id": new_id(), "at": at, "who": who, "what": what, "agent": agent, "day": day,
        "last_day": last_day, "before": before, "after": after,
    }  # fmt: skip


def _note(connection: Connection, notes: list[dict[str, Any]]) -> None:
    if notes:
        connection.execute(sa.insert(schedule_changes), notes)


def _runs_over(*texts: str) -> bool:
    """Whether something of a shift lies on the day after it."""
    return any(one[2] > _DAY for text in texts if text != _NONE for one in _pieces.decode(text)[-1:])


def _as_pieces(text: str) -> tuple[Piece, ...]:
    return tuple(Piece(*one) for one in _pieces.decode(text))


def _some(agents: Collection[str]) -> Iterable[list[str]]:
    """Return the agents in parts that fit into a query; one empty part for all of them."""
    names = sorted(agents)
    return [names[at : at + _AGENTS_AT_ONCE] for at in range(0, len(names), _AGENTS_AT_ONCE)] or [[]]
