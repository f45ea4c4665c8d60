"""What the pages of matters get from the service: the calendar, who works on them, who rang."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from acd.skills import Competence, Skillbook, Tables, Tier
from desk.matters import MattersUnavailable
from domain.calls import Call
from domain.staff import Staff, StaffRole, StaffUnavailable
from ivr.hours import DayKind, DayOverride
from ivr.hours_tables import load_office_hours
from service.matter_parts import OfficeCalendar, SkilledWorkers
from storage.call_log import DurableCallLog
from storage.database import Database
from storage.matters_callers import RecordedCallers
from storage.vault import Vault

NOW = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)
CLUSTERS = {"data": "taxpayer_data", "complaints": "complaints"}


class Watch:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class People:
    broken = False

    async def all(self) -> list[Staff]:
        if self.broken:
            raise StaffUnavailable
        roles = frozenset({StaffRole.AGENT})
        return [
            Staff("a" * 32, "a", "A", roles, "1001", "alfa"),
            Staff("b" * 32, "b", "B", roles, "1002", "beta"),
            Staff("c" * 32, "c", "C", roles, "1003", "beta", disabled=True),
            Staff("d" * 32, "d", "D", frozenset({StaffRole.SUPERVISOR})),
        ]


def competence(agent: str, skill: str, expires: date | None = None) -> Competence:
    return Competence(agent, skill, Tier.B, 1, expires)


def book() -> Skillbook:
    rows = [
        competence("1001", "taxpayer_data"),
        competence("1001", "complaints", date(2025, 6, 1)),
        competence("1002", "complaints", date(2025, 6, 2)),
        competence("1003", "complaints"),
    ]
    return Skillbook(Tables(competences=rows))


def test_the_calendar_is_the_lines_own_with_its_overrides() -> None:
    hours = load_office_hours()
    shut = DayOverride(date(2025, 6, 3), DayKind.HOLIDAY, "")
    now = [hours]
    calendar = OfficeCalendar(lambda: now[0])
    assert calendar.works(date(2025, 6, 3))
    assert not calendar.works(date(2025, 6, 7))
    assert not calendar.works(date(2025, 6, 9))  # joint leave
    now[0] = hours.with_overrides([shut])
    assert not calendar.works(date(2025, 6, 3))


async def test_who_has_the_skill_now_is_in_the_cluster() -> None:
    people = People()
    workers = SkilledWorkers(people, book, lambda _: CLUSTERS, Watch())  # type: ignore[arg-type]
    found = {one.name: (one.team, set(one.clusters)) for one in await workers.workers()}
    assert found == {"A": ("alfa", {"data"}), "B": ("beta", {"complaints"}), "D": ("", set())}
    people.broken = True
    with pytest.raises(MattersUnavailable):
        await workers.workers()


async def test_who_rang_is_read_from_the_record(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    vault = Vault.create(tmp_path / "key")
    log = DurableCallLog(database, vault, asyncio.get_running_loop())
    await log.open(Call("call-1", "channel", "1500200", "628110000123", "v", NOW), [])
    callers = RecordedCallers(database, vault)
    assert await callers.caller_number("call-1") == "628110000123"
    assert await callers.caller_number("nothing") is None
    with pytest.raises(MattersUnavailable):
        await RecordedCallers(database, Vault.create(tmp_path / "other")).caller_number("call-1")
    await log.close()
    database.close()
