"""Reads the facts of a day out of the event log: legs, offers, entries, states, dials, notes. Blocking."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from acd.skills import office_day
from reporting.channels import ChannelRow
from reporting.facts import (
    AttemptFact,
    CallFact,
    DayFacts,
    EntryFact,
    LegFact,
    NoteFact,
    OfferFact,
    StateFact,
    to_ms,
)
from reporting.rollup_lines import midnight
from storage.attempt_tables import attempts
from storage.campaign_tables import campaigns
from storage.figure_channels import channels_that_hold
from storage.interaction_tables import interaction_notes
from storage.tables import (
    UtcTime,
    calls,
    floor_agents,
    floor_entries,
    floor_legs,
    floor_offers,
    floor_open_legs,
)

_DAY = timedelta(days=1)
# A phase or state counts for at most a day before its end, so that what ended later is of no other day.
_MANY = 1_000  # values of one IN
_NOT_SENT = ("intent", "not_sent")  # dialer.attempts.AttemptState
_FINAL = frozenset({"answered", "callback", "caller_hung_up"})
_L, _E, _A, _O, _S = floor_legs.c, floor_entries.c, attempts.c, floor_offers.c, floor_agents.c
_N = interaction_notes.c


class _InMs(UtcTime):
    """A stored time as milliseconds since 1970: a day has a hundred thousand of them."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        """Return the time as a whole number."""
        if value is None:
            return None
        return to_ms(datetime.fromisoformat(value) if isinstance(value, str) else value)


def _ms(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.type_coerce(column, _InMs()).label(column.name)


_LEG = (_L.leg, _L.seq, _ms(_L.at), _L.call_id, _L.agent, _L.phase, _L.seconds, _L.estimated)
_ENTRY = (_E.n, _ms(_E.at), _E.call_id, _E.queue, _ms(_E.since), _E.outcome)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Which outcomes of dials mean that a person answered, and which that they got no agent."""

    contact: Collection[str]
    abandoned: Collection[str]


def read_facts(
    connection: Connection, day: date, outcomes: Outcomes, until: datetime | None = None
) -> DayFacts:
    """Return the facts of a day of the office, without what schedules make of it.

    `until`: now, of the day at hand: what goes on is told until then.
    """
    begins, ends = midnight(day), midnight(day + _DAY)
    legs = _legs(connection, begins, ends, until)
    entries = _entries(connection, begins, ends, {row.call_id for row in legs})
    dialled, placed = _attempts(connection, begins, ends, outcomes)
    waited = {row.call_id for row in entries}
    known = waited | {row.call_id for row in legs if row.call_id}
    return DayFacts(
        day,
        legs,
        _offers(connection, {row.call_id for row in legs}),
        entries,
        _states(connection, begins, ends, until),
        dialled,
        placed,
        _notes(connection, known),
        _without_entry(connection, begins, ends, waited | placed.keys()),
        (),
        [ChannelRow(*row) for row in channels_that_hold(connection, day, day)],
        None if until is None else to_ms(until),
    )


def read_facts_of(
    connection: Connection,
    day: date,
    outcomes: Outcomes,
    until: datetime | None = None,
    *,
    agents: Collection[str],
) -> DayFacts:
    """Return the facts of a day's calls that these agents had a part in, and of their states.

    It takes no more to know what their own keys have of the counts of calls and states, of no others.
    """
    begins, ends = midnight(day), midnight(day + _DAY)
    legs = _legs(connection, begins, ends, until, agents)
    known = {row.call_id for row in legs if row.call_id}
    dialled, placed = _attempts(connection, begins, ends, outcomes, (agents, known))
    entries = [_entry(row) for row in sorted(_among(connection, sa.select(*_ENTRY), _E.call_id, known))]
    return DayFacts(
        day,
        legs,
        _offers(connection, known),
        entries,
        _states(connection, begins, ends, until, agents),
        attempts=dialled,
        placed=placed,
        notes=_notes(connection, known),
        until=None if until is None else to_ms(until),
    )


def first_seen(connection: Connection, call_id: str) -> date | None:
    """Return the first day of the office that a call is on record of; None: there is no such call."""
    columns = (
        (calls.c.started_at, calls.c.call_id),
        (_E.at, _E.call_id),
        (_L.at, _L.call_id),
        (_A.intended_at, _A.attempt_id),
    )
    found = [
        connection.execute(sa.select(sa.func.min(at)).where(of == call_id)).scalar() for at, of in columns
    ]
    return min((office_day(at) for at in found if at is not None), default=None)


# ---- Legs and offers


def _legs(
    connection: Connection,
    begins: datetime,
    ends: datetime,
    until: datetime | None,
    agents: Collection[str] | None = None,
) -> Sequence[LegFact]:
    """Return the rows of the legs that touch a day, every leg from its first row on; None: of all agents."""
    query = sa.select(*_LEG).where(_touches(_L, begins, ends), _L.agent != "")
    found = connection.execute(query).all() if agents is None else _among(connection, query, _L.agent, agents)
    rows = [_leg(row) for row in found]
    rows.sort()
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row.leg, row.seq)
    cut = [leg for leg, seq in first.items() if seq > 1]  # begun before the day
    if until is not None:
        cut += _open_since_before(connection, begins, until, agents)
    if cut:
        # Their later rows too: none of the day is lost, and what lies after it is not counted.
        missing = [_leg(row) for row in _among(connection, sa.select(*_LEG), _L.leg, cut)]
        rows = sorted({(row.leg, row.seq): row for row in (*rows, *missing)}.values())
    return rows


def _open_since_before(
    connection: Connection, begins: datetime, until: datetime, agents: Collection[str] | None
) -> Sequence[str]:
    """Return the legs in a phase that began before the day and goes on: no row of the day tells of it."""
    opened = sa.select(_L.leg).join(floor_open_legs, floor_open_legs.c.n == _L.n)
    query = opened.where(_L.at >= until - _DAY, _L.at < begins, _L.agent != "")
    return connection.scalars(query if agents is None else query.where(_L.agent.in_(agents))).all()


def _leg(row: Any) -> LegFact:
    ms = None if row[6] is None else round(row[6] * 1000)
    return LegFact(row[0], row[1], row[2], row[3], row[4], row[5], ms, bool(row[7]))


def _offers(connection: Connection, call_ids: Iterable[str]) -> Sequence[OfferFact]:
    query = sa.select(_ms(_O.at), _O.call_id, _O.agent, _O.leg, _O.outcome)
    return sorted(OfferFact(*row) for row in _among(connection, query, _O.call_id, call_ids))


def _touches(columns: Any, begins: datetime, ends: datetime) -> sa.ColumnElement[bool]:
    """Return the condition for rows of a day, and for ends after it of what may have begun before."""
    # Whole seconds: SQLite's epoch has no parts of them.
    began_before = sa.extract("epoch", columns.at) - columns.seconds < ends.timestamp() + 1
    after = sa.and_(columns.seconds.is_not(None), began_before)
    return sa.and_(columns.at >= begins, columns.at < ends + _DAY, sa.or_(columns.at < ends, after))


# ---- Entries


def _entries(
    connection: Connection, begins: datetime, ends: datetime, with_legs: Collection[str]
) -> Sequence[EntryFact]:
    """Return the stays of every call that waited on a day or was served on it, each call's all."""
    query = sa.select(*_ENTRY).where(_E.at >= begins, _E.at < ends).order_by(_E.n)
    rows = {row[0]: row for row in connection.execute(query).all()}
    first_ms = to_ms(begins)
    complete: dict[str, bool] = {}  # call → whether its wait is in these rows from its begin to its end
    for row in rows.values():
        before = complete.get(row.call_id, row.since >= first_ms and not row.outcome)
        complete[row.call_id] = before
    over = {row.call_id for row in rows.values() if row.outcome in _FINAL}
    unsure = {call for call, whole in complete.items() if not whole or call not in over}
    unsure |= {call for call in with_legs if call and call not in complete}
    for row in _among(connection, sa.select(*_ENTRY), _E.call_id, unsure):
        rows[row[0]] = row
    return [_entry(row) for _, row in sorted(rows.items())]


def _entry(row: Any) -> EntryFact:
    return EntryFact(row.at, row.call_id, row.queue, row.since, row.outcome)


def _without_entry(
    connection: Connection, begins: datetime, ends: datetime, known: Collection[str]
) -> Sequence[CallFact]:
    """Return the inbound calls begun on a day that have ended and never waited."""
    query = sa.select(calls.c.call_id, calls.c.started_at, calls.c.ended_at).where(
        calls.c.started_at >= begins, calls.c.started_at < ends, calls.c.ended_at.is_not(None)
    )
    found = [row for row in connection.execute(query).all() if row.call_id not in known]
    # One that began before midnight may have come to the waiting room after it, or be a dial of before.
    late = [row.call_id for row in found if row.ended_at >= ends]
    entered = {row[0] for row in _among(connection, sa.select(_E.call_id), _E.call_id, late)}
    entered |= {
        row[0]
        for row in _among(
            connection,
            sa.select(_A.attempt_id),
            _A.attempt_id,
            [row.call_id for row in found if row.call_id not in entered],
        )
    }
    return sorted(CallFact(row.call_id, to_ms(row.started_at)) for row in found if row.call_id not in entered)


# ---- Agents


def _states(
    connection: Connection,
    begins: datetime,
    ends: datetime,
    until: datetime | None,
    agents: Collection[str] | None = None,
) -> Sequence[StateFact]:
    """Return the states of agents that ended, each with what was declared and observed in it.

    `until`: now, to which those that go on are told too; None: these alone. `agents`; None: of all.
    """
    columns = (_S.n, _S.agent, _ms(_S.at), _S.seconds, _S.declared, _S.observed, _S.reason)
    query = sa.select(*columns).where(_touches(_S, begins, ends))
    if agents is not None:
        query = query.where(_S.agent.in_(agents))
    rows = connection.execute(query.order_by(_S.n)).all()
    firsts: dict[str, Any] = {}
    for row in rows:
        firsts.setdefault(row.agent, row)
    last = _before(connection, [row.n for row in firsts.values()])
    found = []
    for _, agent, at, seconds, declared, observed, reason in rows:
        before = last.get(agent)
        if seconds is not None and before is not None:
            found.append(StateFact(agent, at, round(seconds * 1000), *before))
        last[agent] = (declared, observed, reason)
    return [*found, *(_running(connection, until, agents) if until is not None else ())]


def _running(connection: Connection, until: datetime, agents: Collection[str] | None) -> Iterator[StateFact]:
    """Yield the states that agents are in, as if they ended now."""
    newest = sa.select(sa.func.max(_S.n)).where(_S.at >= until - _DAY).group_by(_S.agent)
    if agents is not None:
        newest = newest.where(_S.agent.in_(agents))
    columns = (_S.agent, _ms(_S.at), _S.declared, _S.observed, _S.reason)
    now = to_ms(until)
    for agent, at, *state in connection.execute(sa.select(*columns).where(_S.n.in_(newest))):
        yield StateFact(agent, now, max(0, now - at), *state)


def _before(connection: Connection, ns: Sequence[int]) -> dict[str, tuple[str, str, str]]:
    """Return agent → the state before each of these rows."""
    earlier = floor_agents.alias()
    newest = (
        sa.select(sa.func.max(earlier.c.n))
        .where(earlier.c.agent == _S.agent, earlier.c.n < _S.n)
        .correlate(floor_agents)
        .scalar_subquery()
    )
    befores = [row[0] for row in _among(connection, sa.select(newest), _S.n, ns) if row[0] is not None]
    query = sa.select(_S.agent, _S.declared, _S.observed, _S.reason)
    return {row[0]: (row[1], row[2], row[3]) for row in _among(connection, query, _S.n, befores)}


# ---- Dials and notes


def _attempts(
    connection: Connection,
    begins: datetime,
    ends: datetime,
    outcomes: Outcomes,
    only: tuple[Collection[str], Collection[str]] | None = None,
) -> tuple[Sequence[AttemptFact], Mapping[str, str]]:
    """Return the day's dials, and every call of the day that we placed, also before it.

    `only`: the dials of these agents, and these calls.
    """
    # By campaign: that is what attempts are indexed by.
    names = connection.scalars(sa.select(campaigns.c.campaign_id)).all()
    columns = (_A.attempt_id, _A.campaign_id, _ms(_A.intended_at), _A.joined, _A.agent, _A.outcome, _A.state)
    of_day = sa.select(*columns).where(_A.intended_at >= begins, _A.intended_at < ends)
    if only is not None:
        theirs = (_A.joined.in_(only[0]), _A.agent.in_(only[0]), _A.attempt_id.in_(only[1]))
        of_day = of_day.where(sa.or_(*theirs))
    found, placed = [], {}
    for row in _among(connection, of_day, _A.campaign_id, names):
        placed[row.attempt_id] = row.campaign_id
        if row.state not in _NOT_SENT:
            how = row.outcome
            agent, at = row.joined or row.agent, row.intended_at
            contact, abandoned = how in outcomes.contact, how in outcomes.abandoned
            found.append(AttemptFact(row.attempt_id, row.campaign_id, at, agent, how, contact, abandoned))
    before = sa.select(_A.attempt_id, _A.campaign_id).where(_A.intended_at < begins)
    running = sa.or_(_A.ended_at.is_(None), sa.and_(_A.ended_at >= begins, _A.ended_at < ends + _DAY))
    before = before.where(running)
    rows: Iterable[Any] = (
        connection.execute(before) if only is None else _among(connection, before, _A.attempt_id, only[1])
    )
    placed.update({row.attempt_id: row.campaign_id for row in rows})
    return sorted(found), placed


def _notes(connection: Connection, call_ids: Iterable[str]) -> Sequence[NoteFact]:
    """Return the notes of calls in their newest versions, by the time of the first one."""
    columns = (_N.first_at, _N.note_id, _N.version, _N.call_id, _N.agent, _N.branch)
    newest: dict[str, Any] = {}
    for row in _among(connection, sa.select(*columns), _N.call_id, call_ids):
        kept = newest.get(row.note_id)
        if kept is None or kept.version < row.version:
            newest[row.note_id] = row
    rows = sorted(newest.values(), key=lambda row: (row.first_at, row.note_id))
    return [NoteFact(row.call_id, row.agent, row.branch) for row in rows]


def _among(
    connection: Connection, query: sa.Select[Any], column: sa.Column[Any], values: Iterable[Any]
) -> Iterator[Any]:
    """Yield the rows of a query whose column has one of these values."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _MANY):
        yield from connection.execute(query.where(column.in_(wanted[start : start + _MANY]))).all()
