"""Callers' numbers out of the record of calls, for whoever promises to call back."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.matters import MattersUnavailable
from storage.database import Database
from storage.kept import Kept
from storage.rows import Rows
from storage.tables import calls
from storage.vault import Vault


class RecordedNumbers(Kept):
    """Tells who rang."""

    unavailable = MattersUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._rows = Rows(vault)

    async def caller_number(self, call_id: str) -> str | None:
        """Return a caller's number, E.164 digits; None: withheld or unknown. Raises MattersUnavailable."""
        query = sa.select(calls).where(calls.c.call_id == call_id)

        def read(connection: Connection) -> str | None:
            row = connection.execute(query).first()
            return None if row is None else self._rows.call(row).caller

        return await self._read(read)
