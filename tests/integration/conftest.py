"""Fixtures for tests with agents' accounts."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.vault import Vault
from tests.office import Office, Records, opened
from tests.real_asterisk import RealAsterisk


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """A database of its own, and the key to what is sealed in it."""
    database = Database.open(f"sqlite:///{tmp_path / 'kring.db'}")
    yield database, Vault.create(tmp_path / "key")
    database.close()


@pytest.fixture
async def office(asterisk: RealAsterisk, records: Records) -> AsyncIterator[Office]:
    """Accounts on the shared Asterisk."""
    async with opened(asterisk, records) as running:
        yield running
