"""The pages of schedules over real books and the floor's record; the floor itself is a double."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from acd.floor_rules import PauseReason
from desk.working_days import WIB
from domain.clock import SystemClock
from domain.floor_log import AgentRow
from domain.staff import Staff, StaffRole
from ivr.hours_tables import load_office_hours
from reporting.schedule import Piece, Shift
from reporting.schedule_desk import ScheduleDesk
from service.schedule_part import ScheduleStands, make_schedules
from storage.database import Database
from storage.floor_log import DurableFloorLog
from storage.vault import Vault
from tests.web.floor_double import agent_view
from tests.web.page_parts import COLLEAGUE, CSRF, OWN, PageParts, page_app
from web.errors import add_error_handlers
from web.parts import Shared
from web.schedule_port import SchedulePort
from web.schedule_routes import add_schedule_routes
from web.visitor import Visitor

_R = StaffRole
PEOPLE = {  # cookie → (role, letter of the staff_id, staff number, team)
    "agent": (_R.AGENT, "a", OWN, "alfa"),
    "colleague": (_R.AGENT, "b", COLLEAGUE, "beta"),
    "leader": (_R.TEAM_LEADER, "c", "", "alfa"),
    "chief": (_R.SUPERVISOR, "e", "", ""),
    "planner": (_R.PLANNER, "9", "", ""),
    "quality": (_R.QUALITY, "1", "", ""),
}
MONDAY = date(2026, 11, 23)
DAY = (Piece("calls", 480, 720), Piece("break", 720, 780), Piece("calls", 780, 960))


def staff_id(who: str) -> str:
    return PEOPLE[who][1] * 32


@dataclass
class Clock(SystemClock):
    """Stands where a test puts it; today's adherence is reckoned anew each time."""

    at: datetime = datetime(2026, 11, 23, 17, tzinfo=WIB)
    ran: float = 0.0

    def now(self) -> datetime:
        return self.at.astimezone(UTC)

    def monotonic(self) -> float:
        self.ran += 60.0
        return self.ran


class Office:
    def works(self, day: date) -> bool:
        return day.weekday() < 5


class StaffDouble:
    async def all(self) -> Sequence[Staff]:
        return [
            Staff(letter * 32, f"{name}1", f"Nama {name}", frozenset({role}), number, team)
            for name, (role, letter, number, team) in PEOPLE.items()
        ]


class Book:
    reasons = {"break": PauseReason("break", "Istirahat", "Break", "1", 60)}  # noqa: RUF012 - nobody changes it


@dataclass(slots=True)
class ScheduleStage:
    """The application and what stands behind it."""

    parts: PageParts
    desk: ScheduleDesk
    clock: Clock
    database: Database

    async def get(self, who: str, address: str, *, page: bool = False) -> httpx.Response:
        async with self.parts.client(who, page=page) as client:
            return await client.get(address)

    async def post(self, who: str, address: str, body: Any, *, page: bool = False) -> httpx.Response:
        async with self.parts.client(who, page=page) as client:
            headers = {"x-csrf-token": CSRF, "content-type": "application/json"}
            return await client.post(address, content=json.dumps(body), headers=headers)

    async def send(self, name: str, content: bytes, *, keep: bool = False) -> httpx.Response:
        async with self.parts.client("planner") as client:
            headers = {"x-csrf-token": CSRF, "content-type": "application/octet-stream"}
            address = f"/api/schedules/import?name={name}&keep={keep}"
            return await client.post(address, content=content, headers=headers)

    async def shift(self, agent: str = OWN, day: date = MONDAY) -> None:
        await self.desk.on.book.put([Shift(agent, day, DAY)], staff_id("planner"), self.clock.now())

    async def was(self, agent: str, *states: tuple[str, str, str, str]) -> None:
        """Record an agent's states of MONDAY: (HH:MM, declared, observed, reason)."""
        log = DurableFloorLog(self.database, asyncio.get_running_loop())
        rows = []
        for clock, declared, observed, reason in states:
            hour, minute = map(int, clock.split(":"))
            at = datetime(MONDAY.year, MONDAY.month, MONDAY.day, hour, minute, tzinfo=WIB)
            rows.append(AgentRow(agent, at.astimezone(UTC), declared, observed, reason, "a" * 16, agent, 1.0))
        await log.write(rows)
        await log.close()

    @property
    def acts(self) -> list[str]:
        return [row.act for row in self.parts.audit.rows]


@contextmanager
def opened_stage(migrated: Path, folder: Path) -> Iterator[ScheduleStage]:
    """Give the application over a fresh copy of a migrated database."""
    shutil.copy(migrated, folder / "kring.db")
    database = Database.open(f"sqlite:///{folder}/kring.db")
    try:
        yield _stage(database, Vault.create(folder / "key"))
    finally:
        database.close()


def _stage(database: Database, vault: Vault) -> ScheduleStage:
    clock, hours, book = Clock(), load_office_hours(), Book()
    people: Any = StaffDouble()
    stands = ScheduleStands(database, vault, clock, Office(), lambda: hours, lambda: book, people)  # type: ignore[arg-type, return-value]
    made = make_schedules(stands)
    parts = page_app(
        [
            lambda shared: add_error_handlers(shared.guard.app, shared.render),
            partial(_with_clock, port=made.port, clock=clock),
        ]
    )
    parts.floor.view = {
        OWN: agent_view(OWN, on_air_name="Melati", team="alfa", declared="ready"),
        COLLEAGUE: agent_view(COLLEAGUE, on_air_name="Kenanga", team="beta", declared="signed_out"),
    }
    for cookie, (role, letter, number, team) in PEOPLE.items():
        person = Staff(letter * 32, f"{cookie}1", f"Nama {cookie}", frozenset({role}), number, team)
        parts.sessions.visitors[cookie] = Visitor(person, f"session-{cookie}", CSRF)
    return ScheduleStage(parts, made.desk, clock, database)


def _with_clock(shared: Shared, port: SchedulePort, clock: Clock) -> None:
    add_schedule_routes(replace(shared, clock=clock), port)
