"""Reads the three ledgers of a run into one book."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bench.ledger_book import AttemptRow, EventRow, FarCall, LeadRow, ListRow
from dialer.leads import LeadState
from dialer.lists import ListState
from storage.attempt_tables import attempt_events, attempts
from storage.campaign_tables import lead_batches, leads
from storage.database import Database
from storage.list_tables import contacts, lists

_KEY = 16  # bytes of a fingerprint


def attempts_of(database: Database) -> Sequence[AttemptRow]:
    """Return every attempt."""
    rows = database.read_now(lambda connection: connection.execute(sa.select(attempts)).all())
    return [
        AttemptRow(
            row.attempt_id, row.campaign_id, row.lead_id, bytes(row.taxpayer_key).hex(),
            bytes(row.number_key).hex(), row.state, row.outcome, _at(row.intended_at), _at(row.sent_at),
            _at(row.answered_at), _at(row.ended_at),
        )
        for row in rows
    ]  # fmt: skip


def events_of(database: Database) -> Sequence[EventRow]:
    """Return the trail."""
    rows = database.read_now(lambda connection: connection.execute(sa.select(attempt_events)).all())
    return [EventRow(row.attempt_id, row.step, _at(row.at), row.state) for row in rows]


def leads_of(database: Database) -> Sequence[LeadRow]:
    """Return every lead with its contact's fingerprints."""
    query = (
        sa.select(
            leads.c.lead_id, lead_batches.c.campaign_id, lead_batches.c.list_id, contacts.c.taxpayer_key,
            contacts.c.number_keys, contacts.c.zone, leads.c.state,
        )
        .join(lead_batches, lead_batches.c.batch_id == leads.c.batch_id)
        .join(contacts, contacts.c.contact_id == leads.c.contact_id)
    )  # fmt: skip
    rows = database.read_now(lambda connection: connection.execute(query).all())
    return [
        LeadRow(
            row.lead_id, row.campaign_id, row.list_id, bytes(row.taxpayer_key).hex(),
            _keys(bytes(row.number_keys)), row.zone, row.state == LeadState.CONTROL.value,
        )
        for row in rows
    ]  # fmt: skip


def lists_of(database: Database, over: Mapping[str, float]) -> Sequence[ListRow]:
    """Return every list. `over`: when those came to an end that did."""
    rows = database.read_now(lambda connection: connection.execute(sa.select(lists)).all())
    known = {ListState.APPROVED.value, ListState.WITHDRAWN.value}
    return [
        ListRow(
            row.list_id, row.loaded_by, row.approved_by if row.state in known else "",
            _at(row.approved_at), over.get(row.list_id, 0.0),
        )
        for row in rows
    ]  # fmt: skip


def steps(
    database: Database, dialled: frozenset[str], over: frozenset[str], far: Sequence[FarCall]
) -> list[str]:
    """Say at which step every unfinished attempt is this moment.

    `dialled`, `over`: the attempts with a DIAL and with an END in CEL.
    """
    latest = {call.number: call for call in far}
    query = sa.select(attempts).where(attempts.c.ended_at.is_(None))
    found = []
    for row in database.read_now(lambda connection: connection.execute(query).all()):
        call = latest.get(bytes(row.number_key).hex())
        live = call is not None and call.at >= _at(row.intended_at)
        if row.state == "intent":
            found.append("intent")
        elif row.attempt_id in over:
            found.append("end")
        elif row.attempt_id not in dialled and not live:
            found.append("sending")
        elif call is None or not live or call.status != 200:
            found.append("dialing")
        else:
            found.append("talking" if row.joined or row.state == "answered" else "answered")
    return found


def _keys(packed: bytes) -> tuple[str, ...]:
    return tuple(packed[start : start + _KEY].hex() for start in range(0, len(packed), _KEY))


def _at(moment: Any) -> float:
    if moment is None:
        return 0.0
    whole: datetime = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return whole.timestamp()
