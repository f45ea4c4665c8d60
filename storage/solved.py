"""Who has filed or paid, as the outcome feed tells it: what is solved is not dialled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dialer.campaigns import CampaignKind, CampaignsUnavailable
from dialer.contacts import Contact, Key
from dialer.kinds import KindTable, OutcomeKind
from domain.directory import DirectoryUnavailable
from storage.campaign_tables import taxpayer_outcomes
from storage.database import Database, DatabaseProblem

_O = taxpayer_outcomes.c
_AT_ONCE = 1000  # keys in one question, rows in one statement


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that a taxpayer has done."""

    taxpayer_key: Key
    kind: OutcomeKind
    period: str  # 2025 or 2025-03
    on_date: date


class OutcomeFeed:
    """A `dialer.ports.Solved` on a database, and what fills it."""

    def __init__(self, database: Database, kinds: KindTable) -> None:
        self._database = database
        self._kinds = kinds

    async def since(
        self, contacts: Sequence[Contact], kind: str, cut_off: date, period: str = ""
    ) -> frozenset[Key]:
        """Return the keys of those who have, since the cut-off, what this kind of campaign is about.

        What was done on the day of the cut-off counts: the list may have been cut before it.
        """
        return await self.solved([contact.taxpayer_key for contact in contacts], kind, cut_off, period)

    async def solved(self, keys: Iterable[Key], kind: str, cut_off: date, period: str = "") -> frozenset[Key]:
        """As `since`, by taxpayer keys. Raises DirectoryUnavailable."""
        about = [one.value for one in self._kinds.at(datetime.now(UTC))[CampaignKind(kind)].outcomes]
        asked = list(dict.fromkeys(keys))
        if not about or not asked:
            return frozenset()

        def solved(connection: Connection) -> frozenset[Key]:
            found: set[Key] = set()
            for start in range(0, len(asked), _AT_ONCE):
                query = sa.select(_O.taxpayer_key).where(
                    _O.taxpayer_key.in_(asked[start : start + _AT_ONCE]),
                    _O.kind.in_(about),
                    _O.on_date >= cut_off,
                )
                if period:
                    query = query.where(_O.period == period)
                found.update(bytes(row[0]) for row in connection.execute(query))
            return frozenset(found)

        try:
            return await self._database.read(solved)
        except DatabaseProblem as error:
            raise DirectoryUnavailable(str(error)) from error

    async def keep(self, outcomes: Sequence[Outcome], source: str, at: datetime) -> int:
        """Keep outcomes, all or none; return how many were new. Raises CampaignsUnavailable."""
        rows: list[Mapping[str, Any]] = [
            {
                "taxpayer_key": one.taxpayer_key,
                "kind": one.kind.value,
                "period": one.period,
                "on_date": one.on_date,
                "source": source,
                "imported_at": at,
            }
            for one in outcomes
        ]
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        statement = insert(taxpayer_outcomes).on_conflict_do_nothing().returning(_O.kind)

        def keep(connection: Connection) -> int:
            chunks = (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
            return sum(len(connection.execute(statement, chunk).all()) for chunk in chunks)

        try:
            return await self._database.write(keep) if rows else 0
        except DatabaseProblem as error:
            raise CampaignsUnavailable(str(error)) from error
