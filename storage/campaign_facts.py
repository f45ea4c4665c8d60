"""What the gate asks of the records: how lists stand, and earlier attempts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.attempt_rules import Past
from dialer.attempts import AttemptState
from dialer.contacts import Key
from dialer.gate import LeadPast, ListStanding
from dialer.leads import Lead, LeadsUnavailable
from dialer.lists import ListState
from dialer.outcomes import Outcomes
from storage.attempt_tables import attempts
from storage.database import Database
from storage.kept import Kept
from storage.list_tables import lists

_A = attempts.c
_AT_ONCE = 1000  # keys in one question
_SEEN = (_A.attempt_id, _A.campaign_id, _A.intended_at, _A.ended_at, _A.outcome)


class RecordedFacts(Kept):
    """A `dialer.gate.GateFacts` on a database."""

    unavailable = LeadsUnavailable

    def __init__(self, database: Database, outcomes: Outcomes) -> None:
        super().__init__(database)
        self._outcomes = outcomes

    async def lists(self, list_ids: Iterable[str]) -> Mapping[str, ListStanding]:
        """Return how these lists stand; one that is not there is left out."""
        c = lists.c
        query = sa.select(c.list_id, c.state, c.cut_off, c.expires_on).where(c.list_id.in_(list(list_ids)))
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {row.list_id: ListStanding(ListState(row.state), row.cut_off, row.expires_on) for row in rows}

    async def past(self, leads: Sequence[Lead]) -> Mapping[int, LeadPast]:
        """Return the earlier attempts of leads, by lead id; a lead without any is left out."""
        numbers = {lead.lead_id: key for lead in leads if (key := _number(lead)) is not None}
        taxpayers = {lead.contact.taxpayer_key for lead in leads}

        def past(connection: Connection) -> tuple[dict[Key, list[Past]], dict[Key, list[Past]]]:
            return (
                self._of(connection, _A.taxpayer_key, taxpayers),
                self._of(connection, _A.number_key, set(numbers.values())),
            )

        of_taxpayer, of_number = await self._read(past)
        found: dict[int, LeadPast] = {}
        for lead in leads:
            mine = of_taxpayer.get(lead.contact.taxpayer_key, [])
            same = of_number.get(numbers.get(lead.lead_id, b""), [])
            if mine or same:
                found[lead.lead_id] = LeadPast(mine, same)
        return found

    def _of(
        self, connection: Connection, column: "sa.Column[Any]", keys: Collection[Key]
    ) -> dict[Key, list[Past]]:
        found: dict[Key, list[Past]] = {}
        asked = list(keys)
        for start in range(0, len(asked), _AT_ONCE):
            some = column.in_(asked[start : start + _AT_ONCE])
            query = sa.select(column.label("key"), *_SEEN).where(
                some, _A.state != AttemptState.NOT_SENT.value
            )
            for row in connection.execute(query):
                found.setdefault(bytes(row.key), []).append(self._past(row))
        return found

    def _past(self, row: Any) -> Past:
        return Past(
            row.attempt_id,
            row.campaign_id,
            row.intended_at,
            row.ended_at,
            counts=row.outcome not in self._outcomes.uncounted,
            rests=row.outcome in self._outcomes.resting,
        )


def _number(lead: Lead) -> Key | None:
    keys = lead.contact.number_keys
    return keys[lead.number] if 0 <= lead.number < len(keys) else None
