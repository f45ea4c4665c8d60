"""Finding and sampling as the service runs them, and `kring review`."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recording.quality.sampling import Every, Plan
from recording.quality.sampling_rules import load_task_rules
from service.cli import main
from service.review_part import ReviewPart, ReviewStands, make_review
from storage.database import Database
from storage.vault import Vault
from tests.storage.review_world import TEAMS, ReviewWorld

SIX = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)  # Thursday, 06.00 WIB
WEDNESDAY = SIX - timedelta(hours=12)


class Clock:
    """Stands still."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


class WeekDays:
    def works(self, day: date) -> bool:
        return day.weekday() < 5


def part_of(database: Database, vault: Vault, clock: Clock) -> ReviewPart:
    def team_of(number: str) -> str:
        return TEAMS.get(number, "")

    return make_review(ReviewStands(database, vault, clock, WeekDays(), team_of, load_task_rules()))


def test_plans_draw_by_themselves_once_a_period_when_the_night_is_over(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)

    async def story() -> None:
        clock, world = Clock(SIX - timedelta(hours=3)), ReviewWorld(database, vault)
        world.now = WEDNESDAY
        part = part_of(database, vault, clock)
        plans = (("Harian", Every.DAY, True), ("Tangan", Every.HAND, True), ("Diam", Every.DAY, False))
        for name, every, active in plans:
            plan = Plan(name, every=every)
            await part.plans.keep(name.ljust(32, "0"), plan, active=active, expected=0, by="s", now=SIX)
        one = await world.records(WEDNESDAY)
        await part.feed_now()
        assert await part.draw_due() == []  # 03.00 WIB
        clock.at = SIX
        (drawn,) = await part.draw_due()
        assert (drawn.period, drawn.taken, drawn.done_by) == ("2026-03-04", 1, "system")
        assert await part.draw_due() == []
        (task,) = await part.tasks.waiting()
        assert (task.recording_id, task.plan, task.due_on) == (one.recording_id, "Harian", date(2026, 3, 12))
        taken = await part.tasks.claim_next("a" * 32, "", SIX)
        assert taken is not None
        clock.at = SIX + timedelta(days=1)
        await part.work_now()
        assert [task.state.value for task in await part.tasks.waiting()] == ["waiting"]
        assert [loop.name for loop in part.loops()] == ["review-index", "review-work"]

    asyncio.run(story())
    database.close()


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Database, Vault]:
    monkeypatch.setenv("KRING_HOME", str(tmp_path))
    return Database.open(sqlite_url), Vault.create(tmp_path / "secrets" / "master_key")


def kring(*words: str) -> Result:
    return CliRunner().invoke(main, ["review", *words])


def test_the_command_line_makes_the_index_draws_and_lists_the_work(home: tuple[Database, Vault]) -> None:
    database, vault = home
    world = ReviewWorld(database, vault)
    world.now = datetime.now(UTC)

    async def prepare() -> str:
        one = await world.records(world.now - timedelta(days=1))
        part = part_of(database, vault, Clock(world.now))
        await part.plans.keep(
            "p" * 32, Plan("Harian", every=Every.DAY), active=False, expected=0, by="s", now=world.now
        )
        return one.recording_id

    recording_id = asyncio.run(prepare())
    database.close()
    assert json.loads(kring("index", "--json").stdout)["recordings"] == 1
    assert "1 recordings in" in kring("index", "--whole").output
    assert "Harian" in kring("sample").output and "stopped" in kring("sample").output
    drawn = kring("sample", "Harian")
    assert drawn.exit_code == 0 and "1 of 1 recordings, seed " in drawn.output
    again = json.loads(kring("sample", "Harian", "--json").stdout)
    assert (again["new"], again["taken"]) == (False, 1) and again["seed"] in drawn.output
    assert recording_id in kring("work").output
    assert json.loads(kring("work", "--json").stdout)["plan"] == "Harian"
    missing = kring("sample", "Bulanan")
    assert missing.exit_code == 1 and "Remedy: kring review sample" in missing.output
    late = kring("sample", "Harian", "--day", "2999-01-01")
    assert late.exit_code == 1 and "has not come" in late.output
