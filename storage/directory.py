"""The register of taxpayers on a table: numbers and names sealed, found by a keyed fingerprint."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.directory import DirectoryUnavailable, Taxpayer
from domain.npwp import LENGTH, OLD_LENGTH
from storage.database import Database, DatabaseProblem
from storage.synthetic import SyntheticTaxpayer
from storage.tables import taxpayers
from storage.vault import Vault, VaultProblem


class DatabaseDirectory:
    """A `domain.directory.TaxpayerDirectory` on a database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def find(self, npwp: str) -> Taxpayer | None:
        """Return the taxpayer with this NPWP, or None.

        `npwp` has 16 digits, or is a person's old number of 15 digits. Raises DirectoryUnavailable.
        """
        columns = {LENGTH: taxpayers.c.npwp_lookup, OLD_LENGTH: taxpayers.c.old_npwp_lookup}
        column = columns.get(len(npwp))
        if column is None:
            return None
        query = sa.select(taxpayers).where(column == self._vault.lookup_key(npwp))
        try:
            row = await self._database.read(lambda connection: connection.execute(query).first())
            if row is None:
                return None
            return Taxpayer(
                taxpayer_id=row.taxpayer_id,
                npwp=self._open(row.sealed_npwp, row.taxpayer_id, "npwp"),
                name=self._open(row.sealed_name, row.taxpayer_id, "name"),
                resident_person=row.resident_person,
                active=row.active,
            )
        except (DatabaseProblem, VaultProblem) as error:
            raise DirectoryUnavailable(str(error)) from error

    def fill_if_empty(self, people: Sequence[SyntheticTaxpayer]) -> int:
        """Put taxpayers into an empty register; return how many. Blocking.

        Raises `storage.database.DatabaseProblem`.
        """

        def fill(connection: Connection) -> int:
            if connection.execute(sa.select(taxpayers.c.taxpayer_id).limit(1)).first() is not None:
                return 0
            rows = [self._row(person) for person in people]
            connection.execute(sa.insert(taxpayers), rows)
            return len(rows)

        return self._database.write_now(fill)

    def _row(self, person: SyntheticTaxpayer) -> dict[str, object]:
        taxpayer = person.taxpayer
        # A company's old number is found as `0` and the number; only a person's is a key of its own.
        old = person.old_npwp if taxpayer.resident_person else None
        return {
            "taxpayer_id": taxpayer.taxpayer_id,
            "npwp_lookup": self._vault.lookup_key(taxpayer.npwp),
            "old_npwp_lookup": None if old is None else self._vault.lookup_key(old),
            "sealed_npwp": self._seal(taxpayer.npwp, taxpayer.taxpayer_id, "npwp"),
            "sealed_name": self._seal(taxpayer.name, taxpayer.taxpayer_id, "name"),
            "resident_person": taxpayer.resident_person,
            "active": taxpayer.active,
        }

    def _seal(self, value: str, taxpayer_id: str, column: str) -> bytes:
        return self._vault.seal(value.encode(), f"taxpayers/{taxpayer_id}/{column}".encode())

    def _open(self, sealed: bytes, taxpayer_id: str, column: str) -> str:
        return self._vault.open(bytes(sealed), f"taxpayers/{taxpayer_id}/{column}".encode()).decode()
