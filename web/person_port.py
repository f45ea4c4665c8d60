"""What the pages of people's requests stand on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from domain.directory import Taxpayer
from recording.persons import PersonBook
from recording.persons_table import PersonTable


class Register(Protocol):
    """Knows taxpayers."""

    async def find(self, npwp: str) -> Taxpayer | None:
        """Return who has this NPWP. Raises domain.directory.DirectoryUnavailable."""
        ...


class PersonWork(Protocol):
    """Does what takes long, outside the process that serves calls."""

    def prepare(self, request_id: str, who: str) -> str:
        """Begin to prepare; return the password of the bundle, kept nowhere. Raises ValueError: at work."""
        ...

    def carry_out(self, request_id: str, who: str, note: str) -> None:
        """Begin to let a request take effect. Raises ValueError: at work."""
        ...

    def working(self, request_id: str) -> bool:
        """Whether something is under way for a request."""
        ...

    def fault(self, request_id: str) -> str:
        """Return why the newest work failed: a word; empty: it did not."""
        ...

    def bundle(self, bundle_id: str) -> Path:
        """Return where a bundle's file lies."""
        ...


@dataclass(frozen=True, slots=True)
class PersonPort:
    """Given to `add_person_routes`."""

    book: PersonBook
    work: PersonWork
    register: Register
    table: PersonTable
