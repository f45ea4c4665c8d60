"""What became of accounts, on a database: written beside the change itself, reasons and values sealed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.staff import By
from domain.staff_changes import StaffAct, StaffChange
from storage.staff_tables import staff_changes
from storage.vault import Vault

_C = staff_changes.c


class _Told(msgspec.Struct):
    """What is sealed of a row."""

    why: str
    fields: dict[str, tuple[str, str]]


_told = msgspec.json.Decoder(_Told)


@dataclass(frozen=True, slots=True)
class StaffRecord:
    """Writes and reads rows within a transaction of `storage.staff`. Reading raises VaultProblem."""

    vault: Vault

    def write(
        self,
        connection: Connection,
        staff_id: str,
        act: StaffAct,
        at: datetime,
        by: By,
        fields: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """Put a row on record."""
        told = msgspec.json.encode(_Told(by.why[:200], dict(fields or {})))
        connection.execute(
            sa.insert(staff_changes).values(
                at=at,
                who=by.who[:64],
                staff_id=staff_id,
                act=act.value,
                undoes=by.undoes,
                sealed_told=self.vault.seal(told, _context(staff_id)),
            )
        )

    def read(
        self, connection: Connection, of: Collection[str] | None, before: int, most: int | None
    ) -> Sequence[StaffChange]:
        """Return rows, newest first. `of`: these accounts only; `before`: older than this number, if any."""
        query = sa.select(staff_changes).order_by(_C.number.desc()).limit(most)
        if of is not None:
            query = query.where(_C.staff_id.in_(of))
        if before:
            query = query.where(_C.number < before)
        return [self._change(row) for row in connection.execute(query)]

    def one(self, connection: Connection, number: int) -> StaffChange | None:
        """Return the row of this number."""
        row = connection.execute(sa.select(staff_changes).where(_C.number == number)).first()
        return None if row is None else self._change(row)

    def _change(self, row: Any) -> StaffChange:
        told = _told.decode(self.vault.open(bytes(row.sealed_told), _context(row.staff_id)))
        return StaffChange(
            row.number, row.at, row.who, row.staff_id, StaffAct(row.act), told.why, row.undoes, told.fields
        )


def _context(staff_id: str) -> bytes:
    return f"staff/{staff_id}/change".encode()
