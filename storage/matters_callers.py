"""Who rang, for promises to call back."""

import sqlalchemy as sa

from desk.matters import MattersUnavailable
from storage.database import Database, DatabaseProblem
from storage.rows import Rows
from storage.tables import calls
from storage.vault import Vault, VaultProblem


class RecordedCallers:
    """A `web.matter_port.CallerNumbers` on the record of calls."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._rows = Rows(vault)

    async def caller_number(self, call_id: str) -> str | None:
        """Return a caller's number, E.164 digits; None: withheld or unknown. Raises MattersUnavailable."""
        query = sa.select(calls).where(calls.c.call_id == call_id)
        try:
            row = await self._database.read(lambda connection: connection.execute(query).first())
            return None if row is None else self._rows.call(row).caller
        except (DatabaseProblem, VaultProblem) as error:
            raise MattersUnavailable(str(error)) from error
