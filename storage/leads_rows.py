"""Leads as rows of tables, and back."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from dialer.contacts import Contact
from dialer.leads import FollowUp, Lead, LeadState
from storage.campaign_tables import lead_batches, leads
from storage.list_tables import contacts

_MOST_NUMBERS = 31  # the bits of `dead_numbers`
_NONE: frozenset[int] = frozenset()
_FOLLOWED = ("state", "rank", "due_at", "number", "dead_numbers", "owner", "anyone_from", "reason")
# For many rows of `to_values` at once: made for each of them, a statement costs more than its execution.
PUT_OFF = (
    sa.update(leads)
    .where(leads.c.lead_id == sa.bindparam("this_lead"))
    .values({name: sa.bindparam(f"to_{name}") for name in _FOLLOWED})
)
_STATES = {state.value: state for state in LeadState}


def selected() -> "sa.Select[Any]":
    """Return the query of leads with their contacts and campaigns."""
    mine = (column for column in leads.c if column.name not in ("contact_id", "zone"))
    return (
        sa.select(*mine, lead_batches.c.campaign_id, *contacts.c)
        .join(lead_batches, lead_batches.c.batch_id == leads.c.batch_id)
        .join(contacts, contacts.c.contact_id == leads.c.contact_id)
    )


def lead_of(row: Any, contact: Contact) -> Lead:
    """Return the lead of a selected row."""
    return Lead(
        lead_id=row.lead_id,
        campaign_id=row.campaign_id,
        contact=contact,
        state=_STATES[row.state],
        due_at=row.due_at,
        attempts=row.attempts,
        number=row.number,
        owner=row.owner,
        reason=row.reason,
        promised=row.rank == 0,
        anyone_from=row.anyone_from,
        dead_numbers=_dead(row.dead_numbers) if row.dead_numbers else _NONE,
    )


def values_of(what: FollowUp) -> Mapping[str, Any]:
    """Return what a follow-up changes in a lead's row."""
    return {
        "state": what.state.value,
        "rank": 0 if what.promised else 1,
        "due_at": what.due_at,
        "number": what.number,
        "dead_numbers": sum(1 << index for index in what.dead_numbers if index < _MOST_NUMBERS),
        "owner": what.owner,
        "anyone_from": what.anyone_from,
        "reason": what.reason,
    }


def to_values(what: FollowUp) -> Mapping[str, Any]:
    """Return the same as parameters of `PUT_OFF`."""
    return {f"to_{name}": value for name, value in values_of(what).items()}


def _dead(bits: int) -> frozenset[int]:
    return frozenset(bit for bit in range(_MOST_NUMBERS) if bits >> bit & 1)
