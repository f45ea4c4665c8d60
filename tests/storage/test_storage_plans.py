"""Plans on record: what is kept never changes. The same contract on SQLite, PostgreSQL and in memory."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from reporting.planning.plans import Asked, Backtest, DayPlan, Given, PastDay, Plan, Reason, SlotPlan
from reporting.planning.ports import Plans
from storage.database import Database, DatabaseProblem
from storage.plan_tables import plan_steps, plans
from storage.plans import DurablePlans
from storage.plans_memory import MemoryPlans
from tests.storage.conftest import BOTH

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
ANNA, BIMO = "a" * 32, "b" * 32
FIRST, SECOND = "1" * 32, "2" * 32


def plan(agents: int = 40, queues: tuple[str, ...] = ()) -> Plan:
    slot = SlotPlan(480, 180.5, 360.0, agents, agents + 2, agents + 10, 0.83, 0.02, 9.5, 0.86)
    days = tuple(
        DayPlan(day, 2650.0, 2400.0, 2900.0, (slot, replace(slot, minute=510)), (Reason("weekday", 1.1),))
        for day in (MONDAY, TUESDAY)
    )
    tested = Backtest(3, (PastDay(date(2026, 11, 2), 1, 2500.0, 2450.0, 2300.0),), 0.05, 0.11, -0.01, 0.8)
    given = Given(360.0, 240.0, 5.0, 0.6, {"handle": "history"})
    return Plan(
        Asked(MONDAY, TUESDAY, queues), given, days, {"efin": 0.4, "general": 0.6}, 240, None, None, tested
    )


@pytest.fixture(params=["memory", *BOTH])
def book(request: pytest.FixtureRequest) -> Plans:
    if request.param == "memory":
        return MemoryPlans()
    address = "sqlite_url" if request.param == "sqlite" else "postgres"
    found = request.getfixturevalue(address)
    database = Database.open(found if isinstance(found, str) else found.migrated_database())
    request.addfinalizer(database.close)
    return DurablePlans(database)


def test_a_plan_comes_back_as_it_was_made(book: Plans) -> None:
    async def story() -> None:
        await book.add(FIRST, plan(), ANNA, NOW)
        found = await book.get(FIRST)
        assert found.plan == plan()
        assert (found.made_at, found.made_by, found.name, found.kept_at) == (NOW, ANNA, "", None)
        with pytest.raises(KeyError):
            await book.get(SECOND)

    asyncio.run(story())


def test_drafts_are_seen_by_who_made_them_and_kept_plans_by_everybody(book: Plans) -> None:
    async def story() -> None:
        await book.add(FIRST, plan(), ANNA, NOW)
        await book.add(SECOND, plan(), BIMO, NOW + timedelta(hours=1))
        assert [row.plan_id for row in await book.rows(ANNA)] == [FIRST]
        await book.keep(SECOND, "Musim lapor", BIMO, NOW)
        assert [(row.plan_id, row.name) for row in await book.rows(ANNA)] == [
            (SECOND, "Musim lapor"),
            (FIRST, ""),
        ]
        await book.put_away(SECOND, BIMO, NOW)
        await book.put_away(SECOND, BIMO, NOW)
        assert [row.plan_id for row in await book.rows(BIMO)] == []
        assert (await book.get(SECOND)).put_away
        with pytest.raises(KeyError):
            await book.put_away(FIRST, ANNA, NOW)

    asyncio.run(story())


def test_a_plan_is_kept_once(book: Plans) -> None:
    async def story() -> None:
        await book.add(FIRST, plan(), ANNA, NOW)
        kept = await book.keep(FIRST, "Pertama", ANNA, NOW)
        assert (kept.name, kept.kept_at, kept.kept_by) == ("Pertama", NOW, ANNA)
        assert await book.keep(FIRST, "Kedua", BIMO, NOW + timedelta(days=1)) == kept
        with pytest.raises(KeyError):
            await book.keep(SECOND, "Tidak ada", ANNA, NOW)

    asyncio.run(story())


def test_old_drafts_are_forgotten_and_kept_plans_are_not(book: Plans) -> None:
    async def story() -> None:
        await book.add(FIRST, plan(), ANNA, NOW)
        await book.add(SECOND, plan(), ANNA, NOW)
        await book.keep(SECOND, "Tetap", ANNA, NOW)
        assert await book.forget_drafts(NOW) == 0
        assert await book.forget_drafts(NOW + timedelta(seconds=1)) == 1
        assert [row.plan_id for row in await book.rows(ANNA)] == [SECOND]

    asyncio.run(story())


def test_what_is_kept_cannot_be_changed_in_the_database(database: Database) -> None:
    async def story() -> None:
        book = DurablePlans(database)
        await book.add(FIRST, plan(), ANNA, NOW)
        await book.keep(FIRST, "Tetap", ANNA, NOW)

    asyncio.run(story())
    for change in (
        sa.update(plans).values(made="{}"),
        sa.delete(plans),
        sa.update(plan_steps).values(who="x"),
        sa.delete(plan_steps),
    ):
        with pytest.raises(DatabaseProblem, match="append-only"):
            database.write_now(lambda connection, change=change: connection.execute(change))  # type: ignore[misc]
