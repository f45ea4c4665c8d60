"""Staff in a person's file: by role and a reference of this file only. Their names are their own data."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.person_sources import STAFF, STAFF_COLUMNS
from storage.vault import Vault

_MACHINE = ("cli:", "keypad", "caller", "service")  # who acts where nobody is signed in
_json = msgspec.json.Decoder()


class StaffWords:
    """Turns staff ids and staff numbers into `role reference`."""

    def __init__(self, connection: Connection, vault: Vault, salt: str) -> None:
        """`salt`: of the request, so that references of two files cannot be compared."""
        self._vault, self._salt = vault, salt
        self._known: dict[str, str] = {}
        for row in connection.execute(sa.select(STAFF.c.staff_id, STAFF.c.number, STAFF.c.roles)):
            word = f"{row.roles.replace(' ', '+')} {self._reference(row.staff_id)}"
            self._known[row.staff_id] = word
            if row.number:
                self._known[row.number] = word

    def shown(self, column: str, value: Any) -> Any:
        """Return a value as it may be shown: staff by role and reference, wherever they stand in it."""
        if isinstance(value, str):
            if value in self._known:
                return self._known[value]
            if column in STAFF_COLUMNS and value and value != "system":
                machine = value.startswith(_MACHINE)
                return value.partition(":")[0] if machine else f"staff {self._reference(value)}"
            if value[:1] in ("{", "["):
                return self._inside(value)
        return value

    def _inside(self, text: str) -> Any:
        try:
            found = _json.decode(text)
        except msgspec.DecodeError:
            return text
        return self._walked("", found)

    def _walked(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._walked(key, one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._walked(name, one) for one in value]
        return self.shown(name, value) if isinstance(value, str) and value[:1] not in ("{", "[") else value

    def _reference(self, staff_id: str) -> str:
        return self._vault.lookup_key(f"person_file/{self._salt}/{staff_id}")[:3].hex().upper()
