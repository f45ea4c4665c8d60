"""Reads the floor's record for figures and for explanations."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from acd.skills import OFFICE_ZONE, office_day
from desk.figures import ASSISTING, AgentDay, WorkUnavailable
from domain.floor_log import FloorRow, Phase
from storage.database import Database, DatabaseProblem
from storage.floor_rows import entry_of, leg_of, offer_of, supervision_of
from storage.tables import floor_agents, floor_entries, floor_legs, floor_offers, floor_supervision

# A phase or state counts for at most this long before its end: longer ones are what a restart found
# after days, and nobody talked through them.
_LONGEST = timedelta(days=1)
_PAGE = 5_000  # rows in memory at once
_SIGNED_OUT, _PAUSED = "signed_out", "paused"
_WITHOUT_CALL = frozenset({"idle", "phone_gone", "busy_otherwise"})  # acd.states.OBSERVED
_OF_HELPERS = frozenset({Phase.RING.value, Phase.CONSULT.value})


class FloorReader:
    """Reads the record. What is no coroutine blocks and raises `storage.database.DatabaseProblem`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def days(self, first: date, last: date, agent: str = "") -> list[AgentDay]:
        """Return the work of these days of the office, of one agent or all, by day and staff number."""
        return self._database.read_now(lambda connection: _days(connection, first, last, agent))

    async def day(self, agent: str, day: date) -> AgentDay:
        """Return one agent's work on a day of the office (`desk.figures.WorkRecord`)."""
        try:
            found = await self._database.read(lambda connection: _days(connection, day, day, agent))
        except DatabaseProblem as error:
            raise WorkUnavailable(str(error)) from error
        return found[0] if found else AgentDay(agent, day)

    def of_call(self, call_id: str) -> list[FloorRow]:
        """Return every row about a call, in the order of writing."""

        def work(connection: Connection) -> list[FloorRow]:
            found: list[tuple[int, FloorRow]] = []
            for table, made in _OF_CALL:
                rows = connection.execute(sa.select(table).where(table.c.call_id == call_id))
                found += [(row.n, made(row)) for row in rows]
            return [row for _, row in sorted(found, key=lambda one: one[0])]

        return self._database.read_now(work)


_OF_CALL = (
    (floor_entries, entry_of),
    (floor_offers, offer_of),
    (floor_legs, leg_of),
    (floor_supervision, supervision_of),
)


@dataclass(slots=True)
class _Sums:
    acd_calls: int = 0
    staffed: float = 0.0
    estimated: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)


def _days(connection: Connection, first: date, last: date, agent: str) -> list[AgentDay]:
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    midnights = [_midnight(day) for day in [*days, last + timedelta(days=1)]]
    start, end = midnights[0], midnights[-1]
    found: dict[tuple[date, str], _Sums] = {}

    def parts(row: Any) -> Iterator[tuple[_Sums, float]]:
        for index, seconds in _by_day(row.at, row.seconds, midnights):
            yield found.setdefault((days[index], row.agent), _Sums()), seconds

    for row in _rows(connection, _phases(start, end, agent)):
        helping = not row.offered and row.phase in _OF_HELPERS
        kind = ASSISTING if helping else row.phase
        for sums, seconds in parts(row):
            sums.seconds[kind] = sums.seconds.get(kind, 0.0) + seconds
            sums.estimated += seconds if row.estimated else 0.0
    for row in _rows(connection, _states(start, end, agent)):
        declared, observed, reason = (row.before or f"{_SIGNED_OUT}  ").split(" ", 2)
        if declared == _SIGNED_OUT:
            continue
        for sums, seconds in parts(row):
            sums.staffed += seconds
            if declared == _PAUSED and observed in _WITHOUT_CALL:
                sums.pauses[reason] = sums.pauses.get(reason, 0.0) + seconds
    for row in _rows(connection, _first_talks(start, end, agent)):
        found.setdefault((office_day(row.at), row.agent), _Sums()).acd_calls += 1
    return [
        AgentDay(number, day, sums.acd_calls, sums.staffed, sums.estimated, sums.seconds, sums.pauses)
        for (day, number), sums in sorted(found.items())
    ]


def _phases(start: datetime, end: datetime, agent: str) -> "sa.Select[Any]":
    """Return the ends of phases, and whether the leg was an offer of its call to this agent."""
    legs, offers = floor_legs.c, floor_offers.c
    offered = (
        sa.select(offers.n).where(offers.call_id == legs.call_id, offers.leg == legs.leg).exists()
    ).label("offered")
    columns = (legs.agent, legs.phase, legs.at, legs.seconds, legs.estimated, offered)
    query = sa.select(*columns).where(legs.seconds.is_not(None), *_ended(legs, start, end, agent))
    return query.where(legs.agent != "")  # a callback's own leg is nobody's work


def _states(start: datetime, end: datetime, agent: str) -> "sa.Select[Any]":
    """Return the changes of agents' states, each with the state before as `declared observed reason`."""
    rows, earlier = floor_agents.c, floor_agents.alias()
    before = (
        sa.select(earlier.c.declared + " " + earlier.c.observed + " " + earlier.c.reason)
        .where(earlier.c.agent == rows.agent, earlier.c.n < rows.n)
        .order_by(earlier.c.n.desc())
        .limit(1)
        .scalar_subquery()
        .label("before")
    )
    query = sa.select(rows.agent, rows.at, rows.seconds, before)
    return query.where(rows.seconds.is_not(None), *_ended(rows, start, end, agent))


def _first_talks(start: datetime, end: datetime, agent: str) -> "sa.Select[Any]":
    legs, earlier = floor_legs.c, floor_legs.alias()
    talked = sa.select(earlier.c.n).where(
        earlier.c.leg == legs.leg, earlier.c.seq < legs.seq, earlier.c.phase == Phase.TALK.value
    )
    query = sa.select(legs.agent, legs.at).where(
        legs.phase == Phase.TALK.value,
        legs.seconds.is_(None),
        legs.at >= start,
        legs.at < end,
        legs.agent != "",
        ~talked.exists(),
    )
    return query.where(legs.agent == agent) if agent else query


def _ended(columns: Any, start: datetime, end: datetime, agent: str) -> Sequence["sa.ColumnElement[bool]"]:
    """Return the conditions for what ended so that a part of it may lie in the time."""
    # Whole seconds: SQLite's epoch has no parts of them.
    began_before = sa.extract("epoch", columns.at) - columns.seconds < end.timestamp() + 1
    found = [columns.at >= start, columns.at < end + _LONGEST, sa.or_(columns.at < end, began_before)]
    return [*found, columns.agent == agent] if agent else found


def _rows(connection: Connection, query: "sa.Select[Any]") -> Iterator[Any]:
    yield from connection.execute(query, execution_options={"yield_per": _PAGE})


def _by_day(ended: datetime, seconds: float, midnights: Sequence[datetime]) -> Iterator[tuple[int, float]]:
    """Return which of the days between the midnights a time touches, and its seconds on each."""
    began = max(ended - min(timedelta(seconds=seconds), _LONGEST), midnights[0])
    index = bisect_right(midnights, began) - 1
    while began < ended and index < len(midnights) - 1:
        until = min(ended, midnights[index + 1])
        yield index, (until - began).total_seconds()
        began, index = until, index + 1


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICE_ZONE).astimezone(UTC)
