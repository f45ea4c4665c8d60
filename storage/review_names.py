"""Names of the index of facts as numbers: a narrow row is read faster than one with texts in it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.review_tables import review_names

KINDS = ("agent", "team", "queue", "branch", "category", "result", "campaign", "disposition")
NONE = 0  # the number of the empty name


class ReviewNames:
    """Turns names into numbers and back. What was read is remembered: a name's number never changes."""

    def __init__(self) -> None:
        self._turn = threading.Lock()  # readers and the writer are in different threads
        self._numbers: dict[str, dict[str, int]] = {}
        self._names: dict[str, dict[int, str]] = {}
        self.forget()

    def forget(self) -> None:
        """Forget what was read: a transaction that named something was not committed."""
        with self._turn:
            self._numbers = {kind: {"": NONE} for kind in KINDS}
            self._names = {kind: {NONE: ""} for kind in KINDS}

    def number(self, connection: Connection, kind: str, name: str) -> int | None:
        """Return the number of a name; None: it never occurred."""
        if name not in self._numbers[kind]:
            self._read(connection)
        return self._numbers[kind].get(name)

    def name(self, connection: Connection, kind: str, number: int) -> str:
        """Return the name of a number."""
        if number not in self._names[kind]:
            self._read(connection)
        return self._names[kind].get(number, "")

    def all(self, connection: Connection) -> Mapping[str, list[str]]:
        """Return the names that occur, sorted, by kind."""
        self._read(connection)
        return {kind: sorted(name for name in known if name) for kind, known in self._numbers.items()}

    def add(self, connection: Connection, names: Iterable[tuple[str, str]]) -> None:
        """Give every (kind, name) a number that has none yet, within a transaction that writes.

        If it is not committed, `forget` has to be called.
        """
        missing = sorted({(kind, name) for kind, name in names if name not in self._numbers[kind]})
        if not missing:
            return
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("LOCK TABLE review_names IN SHARE ROW EXCLUSIVE MODE"))
        self._read(connection)
        for kind, name in missing:
            if name not in self._numbers[kind]:
                number = max(self._names[kind]) + 1
                row = {"kind": kind, "number": number, "name": name}
                connection.execute(sa.insert(review_names).values(row))
                self._keep(kind, number, name)

    def _read(self, connection: Connection) -> None:
        for row in connection.execute(sa.select(review_names)).all():
            self._keep(row.kind, row.number, row.name)

    def _keep(self, kind: str, number: int, name: str) -> None:
        with self._turn:
            if kind in self._numbers:
                self._numbers[kind][name], self._names[kind][number] = number, name
