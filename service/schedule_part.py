"""Schedules in the running service: their desk, adherence live and of days, their pages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from acd.skills import Skillbook
from desk.working_days import WorkingCalendar, office_day
from dialer.imports import FileFault, FileRefused
from dialer.rows_cells import as_text
from domain.clock import Clock
from domain.staff import StaffStore
from ivr.hours import DayKind, OfficeHours
from reporting.adherence import Adherence, AdherenceOf
from reporting.offline_rules import load_offline_table
from reporting.schedule_desk import ScheduleDesk, ScheduleGround
from reporting.schedule_making import OfficeDay
from reporting.schedule_rules import load_schedule_rules
from service.list_reading import BadRow, ReadingLimits
from service.list_reading_open import open_table
from storage.database import Database
from storage.schedule_offline import DurableOffline
from storage.schedule_states import DurableAdherence
from storage.schedules import DurableSchedules
from storage.vault import Vault
from web.app import Area
from web.schedule_port import SchedulePort, Table
from web.schedule_routes import add_schedule_routes

TODAY_KEPT = 60.0  # seconds for which today's adherence is not reckoned anew
_LIMITS = ReadingLimits(
    file_bytes=1 << 20, unpacked_bytes=64 << 20, shared_bytes=32 << 20, whole_bytes=16 << 20, columns=50
)
_MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class ScheduleStands:
    """What schedules stand on."""

    database: Database
    vault: Vault
    clock: Clock
    calendar: WorkingCalendar
    hours: Callable[[], OfficeHours]  # in force
    book: Callable[[], Skillbook]  # the administrator's tables in force
    people: StaffStore


class TodayKept:
    """Today's adherence, reckoned at most every `TODAY_KEPT` seconds (`web.schedule_port.Today`)."""

    def __init__(self, adherence: AdherenceOf, clock: Clock) -> None:
        self._adherence, self._clock = adherence, clock
        self._kept: Mapping[str, Adherence] = {}
        self._until, self._day = float("-inf"), date.min

    async def of_today(self) -> Mapping[str, Adherence]:
        """Return staff number → today so far. Raises AdherenceUnavailable."""
        now, today = self._clock.monotonic(), office_day(self._clock.now())
        if now >= self._until or today != self._day:
            found = await self._adherence.of(today, today)
            self._kept = {one.agent: one for one in found}
            self._until, self._day = now + TODAY_KEPT, today
        return self._kept


@dataclass(frozen=True, slots=True)
class SchedulePart:
    """Everything of schedules that others build on."""

    desk: ScheduleDesk
    port: SchedulePort

    def areas(self) -> list[Area]:
        """Return the pages."""
        return [partial(add_schedule_routes, port=self.port)]


def make_schedules(on: ScheduleStands) -> SchedulePart:
    """Return schedules on a database. Raises desk.matter_data.TableProblem."""
    rules = load_schedule_rules()
    adherence = DurableAdherence(on.database, rules, on.clock)
    desk = ScheduleDesk(
        ScheduleGround(
            DurableSchedules(on.database),
            DurableOffline(on.database, on.vault),
            adherence,
            adherence,
            rules,
            load_offline_table(),
            on.calendar,
            partial(office_of, on.hours),
            on.clock,
        )
    )
    today = TodayKept(adherence, on.clock)
    return SchedulePart(desk, SchedulePort(desk, on.people, today, read_table, partial(pauses, on.book)))


def office_of(hours: Callable[[], OfficeHours], day: date) -> OfficeDay:
    """Return what is planned for a day of the office, also where the line is open at any hour to be tried."""
    found = OfficeHours.day(hours(), day)
    return OfficeDay(day, found.kind is DayKind.WORKING, found.opens, found.closes, found.in_ramadan)


def pauses(book: Callable[[], Skillbook], language: str) -> Mapping[str, str]:
    """Return the reasons of pauses in words."""
    return {one.name: one.english if language == "en" else one.indonesian for one in book().reasons.values()}


def read_table(content: bytes, name: str) -> Table:
    """Return the header's cells and the rows of the first sheet. Blocking. Raises FileRefused."""
    with tempfile.TemporaryDirectory(prefix="kring-schedule-") as folder:
        path = Path(folder) / f"table{Path(name).suffix.lower()}"
        path.write_bytes(content)
        table = open_table(path, path.name, _LIMITS)
        try:
            rows = list[tuple[int, list[str]]]()
            for number, cells in table.rows(0):
                if isinstance(cells, BadRow):
                    raise FileRefused(FileFault.DAMAGED, f"{number}")
                texts = [as_text(cell) for cell in cells]
                if any(texts):
                    rows.append((number, texts))
                if len(rows) > _MOST_ROWS:
                    raise FileRefused(FileFault.TOO_LARGE)
        finally:
            table.close()
    if not rows:
        raise FileRefused(FileFault.EMPTY)
    return rows[0][1], rows[1:]
