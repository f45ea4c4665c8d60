"""To which team, tier and branch agents and queues belong on a day: by the tables in force at its end."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from acd.skills import Skillbook
from desk.branches import Branches
from reporting.facts import BookPlaces, Places
from reporting.rollup_lines import midnight
from storage.acd_tables import SHIPPED, AcdTables
from storage.database import Database
from storage.tables import acd_versions
from storage.vault import Vault

_KEPT = 4  # books in memory


class DurablePlaces:
    """Gives the places of a day. Raises DatabaseProblem, VaultProblem, acd.tables_csv.CsvRefused."""

    def __init__(self, database: Database, vault: Vault, branches: Branches) -> None:
        self._database = database
        self._tables = AcdTables(database, vault)
        self._branches = branches
        self._books: dict[int, Skillbook] = {}

    async def on(self, day: date) -> Places:
        """Return the places of a day of the office."""
        number = await self._version(day)
        if number not in self._books:
            if len(self._books) >= _KEPT:
                self._books.pop(next(iter(self._books)))
            _, self._books[number] = await self._tables.book(number)
        return BookPlaces(self._books[number], self._branches, day)

    async def _version(self, day: date) -> int:
        c = acd_versions.c
        query = sa.select(sa.func.max(c.number)).where(c.at < midnight(day + timedelta(days=1)))
        return await self._database.read(lambda connection: connection.execute(query).scalar()) or SHIPPED
