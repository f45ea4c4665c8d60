"""The work on all matters together, on the database (`desk.matters_watch`). Nothing is unsealed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from desk.complaint_referrals import CLOCK, ROWS, Referral, awaited
from desk.matters import Matter, MatterEvent, MatterKind, MattersUnavailable
from desk.matters_assignment import Burden
from desk.matters_statistics import Story
from desk.matters_watch import RaisedSignal, Reached
from desk.matters_work import Signal, SignalKind
from desk.standing import Rung
from domain.ids import new_id
from storage.database import Database, DatabaseProblem
from storage.matter_tables import matter_events, matters
from storage.matter_work_tables import matter_signals, matter_signals_seen

T = TypeVar("T")
_M, _E, _S, _SEEN = matters.c, matter_events.c, matter_signals.c, matter_signals_seen.c
_OPEN = _M.closed_at.is_(None)
_PLAIN = tuple(
    column.name for column in matters.c if column.name not in ("kind", "rung", "words", "sealed_body")
)
_COLUMNS = [matters.c[name] for name in (*_PLAIN, "kind", "rung", "words")]
_TRAIL = (_E.matter_id, _E.number, _E.at, _E.who, _E.what, _E.state, _E.words)
_COMPLAINT = _M.kind == MatterKind.COMPLAINT.value
_OF_A_UNIT = _S.step.startswith(CLOCK, autoescape=True)
_WITH_A_SIGNAL = sa.exists().where(_S.matter_id == _M.matter_id, _OF_A_UNIT)
_GRAVITY = {SignalKind.REMINDER: 0, SignalKind.OVERDUE: 1, SignalKind.ESCALATED: 2}
_GIVEN = ("assign", "assigned", "take")
_LOOKED_BACK = 2_000  # acts of giving among which the last one of everybody is looked for
_MOST_STORIES = 50_000
_strings = msgspec.json.Decoder(dict[str, str])


class DurableMatterWatch:
    """A `desk.matters_watch.MatterWatch` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def clocks(self, due_until: date, after: str = "", most: int = 1000) -> Sequence[Matter]:
        """Return open matters whose clock ends by a day, by matter_id, those after one."""
        query = (
            sa.select(*_COLUMNS)
            .where(_OPEN, _M.due_on <= due_until, _M.matter_id > after)
            .where(_M.kind != MatterKind.PROMISE.value)
            .order_by(_M.matter_id)
            .limit(most)
        )
        return await self._read(lambda connection: [plain(row) for row in connection.execute(query)])

    async def disposed(self, after: str = "", most: int = 1000) -> Sequence[Story]:
        """Return open complaints that were ever sent to a unit, by matter_id, those after one."""
        sent = sa.exists().where(_E.matter_id == _M.matter_id, _E.what.in_(ROWS))
        page = sa.select(_M.matter_id).where(_OPEN, _COMPLAINT, _M.matter_id > after, sent)
        page = page.order_by(_M.matter_id).limit(most)

        def work(connection: Connection) -> list[Story]:
            found = _disposed(connection, _M.matter_id.in_(page.scalar_subquery()))
            return [Story(one, trail) for one, trail in found]

        return await self._read(work)

    async def raise_signals(self, signals: Sequence[Signal], at: datetime) -> Sequence[Signal]:
        """Put signals on record, each once; return those that are new."""
        if not signals:
            return []
        dialect = sqlite if self._database.is_sqlite else postgresql

        def work(connection: Connection) -> list[Signal]:
            new = []
            for one in signals:
                values = {
                    "signal_id": new_id(),
                    "matter_id": one.matter_id,
                    "kind": one.kind.value,
                    "step": one.step,
                    "due_on": one.due_on,
                    "raised_at": at,
                }
                insert = dialect.insert(matter_signals).values(values).on_conflict_do_nothing()
                if connection.execute(insert.returning(_S.signal_id)).first() is not None:
                    new.append(one)
            return new

        return await self._write(work)

    async def standing_signals(
        self, whose: Reached, unseen_by: str | None = None, most: int = 200
    ) -> Sequence[RaisedSignal]:
        """Return the gravest signal of each clock that still stands, due first."""
        clock = sa.or_(sa.and_(_M.state == _S.step, _M.due_on == _S.due_on), _OF_A_UNIT)
        query = (
            sa.select(*_COLUMNS, _S.signal_id, _S.kind.label("signal"), _S.step, _S.raised_at)
            .add_columns(_S.due_on.label("clock_due"))
            .join(matter_signals, sa.and_(_M.matter_id == _S.matter_id, clock))
            .where(_OPEN, *_within(whose))
            .order_by(_S.due_on, _M.matter_id, _S.raised_at)
        )
        if unseen_by is not None:
            seen = sa.exists().where(_SEEN.signal_id == _S.signal_id, _SEEN.staff_id == unseen_by)
            query = query.where(~seen)

        def work(connection: Connection) -> list[RaisedSignal]:
            sent = {
                (one.matter_id, referral.clock): referral
                for one, trail in _disposed(connection, _WITH_A_SIGNAL, *_within(whose))
                for referral in awaited(one, trail)
            }
            gravest: dict[tuple[str, str], RaisedSignal] = {}
            for row in connection.execute(query):
                key = (row.matter_id, row.step)
                if row.step.startswith(CLOCK) and key not in sent:
                    continue  # the unit has answered
                found = _raised(row, sent.get(key))
                known = gravest.get(key)
                if known is None or _GRAVITY[found.signal.kind] > _GRAVITY[known.signal.kind]:
                    gravest[key] = found
                if len(gravest) > most:
                    break  # those due first are complete: a clock's signals have one due day
            return list(gravest.values())[:most]

        return await self._read(work)

    async def saw(self, signal_ids: Collection[str], staff_id: str, at: datetime) -> None:
        """Note that somebody has seen signals, and lesser ones of the same clocks. Idempotent."""
        one = matter_signals.alias()
        clock = sa.and_(one.c.matter_id == _S.matter_id, one.c.step == _S.step, one.c.due_on == _S.due_on)
        same = sa.select(_S.signal_id).join(one, clock).where(one.c.signal_id.in_(list(signal_ids)))
        same = same.distinct()
        dialect = sqlite if self._database.is_sqlite else postgresql

        def work(connection: Connection) -> None:
            for signal_id in connection.execute(same).scalars().all():
                values = {"signal_id": signal_id, "staff_id": staff_id, "at": at}
                connection.execute(
                    dialect.insert(matter_signals_seen).values(values).on_conflict_do_nothing()
                )

        if signal_ids:
            await self._write(work)

    async def burdens(self, today: date) -> Mapping[str, Burden]:
        """Return what everybody has to do, by staff_id."""
        late = sa.func.sum(sa.case((_M.due_on < today, 1), else_=0))
        loads = (
            sa.select(_M.assignee, sa.func.count().label("open"), late.label("late"))
            .where(_OPEN, _M.assignee != "", _M.kind != MatterKind.PROMISE.value)
            .group_by(_M.assignee)
        )
        given = sa.select(_E.who, _E.what, _E.at, _E.words).where(_E.what.in_(_GIVEN))
        given = given.order_by(_E.at.desc()).limit(_LOOKED_BACK)

        def work(connection: Connection) -> dict[str, Burden]:
            last: dict[str, datetime] = {}
            for row in connection.execute(given):
                whom = row.who if row.what == "take" else _strings.decode(row.words).get("to", row.who)
                last.setdefault(whom, row.at)
            found = {whom: Burden(last_given_at=at) for whom, at in last.items()}
            for row in connection.execute(loads):
                found[row.assignee] = Burden(row.open, int(row.late), last.get(row.assignee))
            return found

        return await self._read(work)

    async def unassigned(
        self, kinds: Collection[MatterKind], opened_before: datetime, most: int = 50
    ) -> Sequence[Matter]:
        """Return open matters that nobody has, the longest waiting first."""
        query = (
            sa.select(*_COLUMNS)
            .where(_OPEN, _M.assignee == "", _M.kind.in_([kind.value for kind in kinds]))
            .where(_M.since <= opened_before)
            .order_by(_M.since, _M.matter_id)
            .limit(most)
        )
        return await self._read(lambda connection: [plain(row) for row in connection.execute(query)])

    async def open_by_step(self, whose: Reached, today: date) -> Mapping[tuple[str, str], tuple[int, int]]:
        """Return (kind, state) → how many are open and how many of these are late."""
        late = sa.func.sum(sa.case((_M.due_on < today, 1), else_=0))
        query = (
            sa.select(_M.kind, _M.state, sa.func.count().label("open"), late.label("late"))
            .where(_OPEN, *_within(whose))
            .group_by(_M.kind, _M.state)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {(row.kind, row.state): (row.open, int(row.late)) for row in rows}

    async def stories(
        self, kinds: Collection[MatterKind], since: datetime, until: datetime, team: str | None = None
    ) -> Sequence[Story]:
        """Return matters that were open at any time between, with their trails; oldest first."""
        which = [
            _M.kind.in_([kind.value for kind in kinds]),
            _M.opened_at < until,
            sa.or_(_OPEN, _M.closed_at >= since),
            *_within(Reached(team=team)),
        ]
        query = sa.select(*_COLUMNS).where(*which).order_by(_M.opened_at, _M.matter_id).limit(_MOST_STORIES)
        rows = (
            sa.select(*_TRAIL)
            .join(matters, _M.matter_id == _E.matter_id)
            .where(*which)
            .order_by(_E.matter_id, _E.number)
        )

        def work(connection: Connection) -> list[Story]:
            trails: dict[str, list[MatterEvent]] = {}
            for row in connection.execute(rows):
                event = MatterEvent(
                    row.matter_id,
                    row.number,
                    row.at,
                    row.who,
                    row.what,
                    row.state,
                    _strings.decode(row.words),
                )
                trails.setdefault(row.matter_id, []).append(event)
            found = [plain(row) for row in connection.execute(query)]
            return [Story(one, trails.get(one.matter_id, [])) for one in found]

        return await self._read(work)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except DatabaseProblem as error:
            raise MattersUnavailable(str(error)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except DatabaseProblem as error:
            raise MattersUnavailable(str(error)) from error


def plain(row: Any) -> Matter:
    """Return a selected row's matter without what was said."""
    return Matter(
        **{name: getattr(row, name) for name in _PLAIN},
        kind=MatterKind(row.kind),
        rung=Rung(row.rung),
        words=_strings.decode(row.words),
        body={},
    )


def _disposed(
    connection: Connection, *which: "sa.ColumnElement[bool]"
) -> Sequence[tuple[Matter, Sequence[MatterEvent]]]:
    """Return open complaints, by matter_id, with the rows of their trails about dispositions."""
    query = (
        sa.select(*_COLUMNS, *(column.label(f"trail_{column.name}") for column in _TRAIL))
        .join(matter_events, _E.matter_id == _M.matter_id)
        .where(_OPEN, _COMPLAINT, _E.what.in_(ROWS), *which)
        .order_by(_E.matter_id, _E.number)
    )
    found: dict[str, tuple[Matter, list[MatterEvent]]] = {}
    for row in connection.execute(query):
        event = MatterEvent(
            row.matter_id,
            row.trail_number,
            row.trail_at,
            row.trail_who,
            row.trail_what,
            row.trail_state,
            _strings.decode(row.trail_words),
        )
        found.setdefault(row.matter_id, (plain(row), []))[1].append(event)
    return list(found.values())


def _raised(row: Any, referral: Referral | None) -> RaisedSignal:
    signal = Signal(row.matter_id, SignalKind(row.signal), row.step, row.clock_due)
    return RaisedSignal(row.signal_id, signal, row.raised_at, plain(row), referral)


def _within(whose: Reached) -> Sequence["sa.ColumnElement[bool]"]:
    wanted = ((_M.team, whose.team), (_M.assignee, whose.assignee))
    return [column == value for column, value in wanted if value is not None]
