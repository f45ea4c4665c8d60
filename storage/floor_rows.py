"""The floor's rows as rows of tables, and back."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, OfferRow, Phase, SupervisionRow
from storage.tables import utc_text

# Values in the order of the table's columns, `n` first.
TableRow = tuple[Any, ...]
TABLES = ("floor_legs", "floor_offers", "floor_agents", "floor_supervision", "floor_entries")
"""In the order in which a batch writes them."""


def table_row(n: int, row: FloorRow) -> tuple[str, TableRow]:
    """Return the table of a row, and the row as it is stored.

    Raises ValueError for a time without zone or a leg's row not numbered from 1.
    """
    at = utc_text(row.at)
    match row:
        case LegRow():
            return "floor_legs", (n, row.leg, _number(row), at, *_leg(row))
        case OfferRow():
            return "floor_offers", (n, row.number, at, *_offer(row))
        case AgentRow():
            return "floor_agents", (n, row.agent, at, *_agent(row))
        case SupervisionRow():
            return "floor_supervision", (n, at, row.by, row.act, row.agent, row.call_id, row.detail)
        case EntryRow():
            since = utc_text(row.since)
            return "floor_entries", (n, row.call_id, at, row.queue, row.language, since, row.outcome)


def open_legs(rows: Iterable[TableRow]) -> tuple[list[tuple[str, int]], list[str]]:
    """Return what rows of `floor_legs`, in order, leave: legs in a phase (leg, n), and legs in none."""
    last: dict[str, TableRow] = {row[1]: row for row in rows}
    begun = [(leg, int(row[0])) for leg, row in last.items() if row[7] is None]
    return begun, [leg for leg, row in last.items() if row[7] is not None]


def leg_of(row: Any) -> LegRow:
    """Return the row of a selected row of `floor_legs`."""
    return LegRow(
        leg=row.leg,
        seq=row.seq,
        at=row.at,
        call_id=row.call_id,
        agent=row.agent,
        phase=Phase(row.phase),
        seconds=row.seconds,
        outcome=row.outcome,
        estimated=bool(row.estimated),
    )


def agent_of(row: Any) -> AgentRow:
    """Return the row of a selected row of `floor_agents`."""
    return AgentRow(
        agent=row.agent,
        at=row.at,
        declared=row.declared,
        observed=row.observed,
        reason=row.reason,
        account=row.account,
        by=row.declared_by,
        seconds=row.seconds,
    )


def offer_of(row: Any) -> OfferRow:
    """Return the row of a selected row of `floor_offers`."""
    return OfferRow(
        number=row.number,
        at=row.at,
        call_id=row.call_id,
        agent=row.agent,
        leg=row.leg,
        ring=row.ring,
        waited=row.waited,
        outcome=row.outcome,
    )


def supervision_of(row: Any) -> SupervisionRow:
    """Return the row of a selected row of `floor_supervision`."""
    return SupervisionRow(row.at, row.done_by, row.act, row.agent, row.call_id, row.detail)


def entry_of(row: Any) -> EntryRow:
    """Return the row of a selected row of `floor_entries`."""
    return EntryRow(row.call_id, row.at, row.queue, row.language, row.since, row.outcome)


def _number(row: LegRow) -> int:
    if row.seq < 1:
        raise ValueError("a leg's rows are numbered from 1")
    return row.seq


def _leg(row: LegRow) -> Sequence[Any]:
    return row.call_id, row.agent, row.phase.value, row.seconds, row.outcome, row.estimated


def _offer(row: OfferRow) -> Sequence[Any]:
    return row.call_id, row.agent, row.leg, row.ring, row.waited, row.outcome


def _agent(row: AgentRow) -> Sequence[Any]:
    return row.declared, row.observed, row.reason, row.account, row.by, row.seconds
