"""What the tests of pages share: staff on a database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.web.staff_world import StaffWorld


@pytest.fixture(scope="session")
def migrated_staff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema, to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "kring.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def world(migrated_staff: Path, tmp_path: Path) -> Iterator[StaffWorld]:
    world = StaffWorld.open(migrated_staff, tmp_path)
    yield world
    world.close()
