"""Every version of the table of what is recorded is kept, and the newest is in force."""

import asyncio
from datetime import UTC, datetime

import pytest

from recording.policies import SHIPPED, PoliciesUnavailable
from storage.database import Database, DatabaseProblem
from storage.recording_policies import DurablePolicies

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_versions_follow_the_shipped_one(database: Database) -> None:
    store, text = DurablePolicies(database), SHIPPED.read_text(encoding="utf-8")

    async def story() -> None:
        assert (await store.newest()).version == 0
        assert (await store.newest()).text == text
        first = await store.add("a: 1\n", "staff", "trial", AT)
        second = await store.add("b: 2\n", "staff", "back", AT)
        assert [first.version, second.version] == [1, 2]
        assert await store.newest() == second
        assert [one.version for one in await store.all()] == [2, 1, 0]

    asyncio.run(story())


def test_a_database_that_is_away_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise DatabaseProblem("away")

    monkeypatch.setattr(Database, "read_now", broken)
    with pytest.raises(PoliciesUnavailable):
        asyncio.run(DurablePolicies(database).newest())
