"""What is kept in a database for a port: troubles of the database are told as the port's own error."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from sqlalchemy.engine import Connection

from storage.database import Database, DatabaseProblem
from storage.vault import VaultProblem

T = TypeVar("T")


class Kept:
    """Base of an adapter. Its work may use the vault too."""

    unavailable: ClassVar[type[Exception]]  # what the port raises when the records cannot be reached

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection in a thread. Raises `unavailable`."""
        try:
            return await self._database.read(work)
        except (DatabaseProblem, VaultProblem) as error:
            raise self.unavailable(str(error)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction in a thread. Raises `unavailable`."""
        try:
            return await self._database.write(work)
        except (DatabaseProblem, VaultProblem) as error:
            raise self.unavailable(str(error)) from error
