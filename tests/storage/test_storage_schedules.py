"""Schedules, exceptions, requests and adherence on both databases, over the floor's own record."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from desk.working_days import WIB
from domain.clock import SystemClock
from domain.floor_log import AgentRow
from domain.ids import new_id
from ivr.hours_tables import load_office_hours
from reporting.offline import Asked, OfflineChanged, OfflineRefused, Request, Waiting
from reporting.schedule import Piece, Shift
from reporting.schedule_book import AlreadyTakenBack, Exempt, Put
from reporting.schedule_desk import ScheduleDesk, ScheduleRefused
from service.schedule_part import ScheduleStands, make_schedules
from storage.batches import USUAL
from storage.database import Database, DatabaseProblem
from storage.floor_log import DurableFloorLog
from storage.schedule_tables import (
    offline_requests,
    offline_steps,
    schedule_changes,
    schedule_exceptions,
    schedule_shifts,
)
from storage.vault import Vault

T = TypeVar("T")
MONDAY = date(2026, 11, 23)
AGENT, OTHER = "90000001", "90000002"
AGENT_ID, CHIEF_ID, PLANNER_ID = "a" * 32, "e" * 32, "9" * 32
SHIFT = Shift(AGENT, MONDAY, (Piece("calls", 480, 720), Piece("break", 720, 780), Piece("calls", 780, 960)))
MINUTE = 60_000


@dataclass
class Clock(SystemClock):
    """Stands where a test puts it."""

    at: datetime = datetime(2026, 11, 23, 17, tzinfo=WIB)

    def now(self) -> datetime:
        return self.at.astimezone(UTC)


class Office:
    def works(self, day: date) -> bool:
        return day.weekday() < 5


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(database: Database, vault: Vault, clock: Clock) -> ScheduleDesk:
    hours = load_office_hours()
    stands = ScheduleStands(database, vault, clock, Office(), lambda: hours, None, None)  # type: ignore[arg-type]
    return make_schedules(stands).desk


def ask(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=WIB)


def row(when: datetime, declared: str, observed: str = "idle", reason: str = "") -> AgentRow:
    return AgentRow(AGENT, when.astimezone(UTC), declared, observed, reason, "a" * 16, AGENT, 1.0)


def record(database: Database, *rows: AgentRow) -> None:
    async def work() -> None:
        log = DurableFloorLog(database, asyncio.get_running_loop(), USUAL)
        await log.write(rows)
        await log.close()

    asyncio.run(work())


def put(desk: ScheduleDesk, *shifts: Shift, keep: bool = True) -> Put:
    return ask(desk.on.book.put(shifts, PLANNER_ID, desk.on.clock.now(), keep=keep))


def test_shifts_are_put_in_place_and_every_change_stays(desk: ScheduleDesk, database: Database) -> None:
    tuesday = replace(SHIFT, day=MONDAY + timedelta(days=1), pattern="line")
    assert put(desk, SHIFT, tuesday, keep=False) == Put(new=2)
    assert ask(desk.on.book.shifts(MONDAY, MONDAY)) == []
    assert put(desk, SHIFT, tuesday) == Put(new=2)
    later = replace(SHIFT, pieces=(Piece("calls", 540, 960),))
    assert put(desk, later, tuesday) == Put(changed=1, same=1)
    assert ask(desk.on.book.shifts(MONDAY, MONDAY + timedelta(days=7))) == [later, tuesday]
    assert ask(desk.on.book.shifts(MONDAY, MONDAY, {OTHER})) == []
    assert put(desk, Shift(AGENT, MONDAY, ())) == Put(removed=1)
    assert ask(desk.on.book.shifts(MONDAY, MONDAY)) == []
    changes = ask(desk.on.book.changes(AGENT, MONDAY, MONDAY))
    assert [(one.what, one.before, one.after) for one in reversed(changes)] == [
        ("set", (), SHIFT.pieces), ("set", SHIFT.pieces, later.pieces), ("removed", later.pieces, ()),
    ]  # fmt: skip
    assert {one.who for one in changes} == {PLANNER_ID}
    with pytest.raises(DatabaseProblem):
        database.write_now(lambda c: c.execute(sa.delete(schedule_changes)))
    with pytest.raises(DatabaseProblem):
        database.write_now(lambda c: c.execute(sa.delete(schedule_shifts)))


def test_a_day_out_of_the_record_is_the_one_worked_out_by_hand(
    desk: ScheduleDesk, database: Database, clock: Clock
) -> None:
    put(desk, SHIFT)
    record(
        database,
        row(at(7, 30, MONDAY - timedelta(days=3)), "ready"),  # never ended: too long ago to count
        row(at(8, 10), "ready"),
        row(at(11, 55), "ready", "talking"),
        row(at(12, 5), "paused", "idle", "break"),
        row(at(13, 5), "ready"),
        row(at(15, 50), "signed_out"),
    )
    [day] = ask(desk.on.adherence.of(MONDAY, MONDAY))
    assert (day.scheduled_ms, day.adherent_ms) == (480 * MINUTE, 455 * MINUTE)
    assert (day.worked_ms, day.work_scheduled_ms) == (400 * MINUTE, 420 * MINUTE)
    assert ask(desk.on.served.signed_in(AGENT, MONDAY)) == timedelta(hours=7, minutes=40)
    # A state that began before midnight still holds after it; today is cut at the present moment.
    tuesday = MONDAY + timedelta(days=1)
    put(desk, replace(SHIFT, day=tuesday))
    record(database, row(at(23, 0), "ready"))
    clock.at = at(9, 0, tuesday)
    [after] = ask(desk.on.adherence.of(tuesday, tuesday))
    assert (after.scheduled_ms, after.adherent_ms) == (60 * MINUTE, 60 * MINUTE)
    assert ask(desk.on.adherence.of(tuesday, tuesday, {OTHER})) == []


def test_the_part_after_midnight_is_of_the_next_day(
    desk: ScheduleDesk, database: Database, clock: Clock
) -> None:
    tuesday = MONDAY + timedelta(days=1)
    before = clock.now()
    clock.at = at(12, 0, tuesday)
    # Monday 20.00 to Tuesday 02.00, and Tuesday 10.00 to 11.00.
    put(
        desk,
        Shift(AGENT, MONDAY, (Piece("calls", 1200, 1560),)),
        Shift(AGENT, tuesday, (Piece("calls", 600, 660),)),
    )
    record(
        database,
        row(at(20, 30), "ready"),
        row(at(1, 30, tuesday), "signed_out"),
        row(at(10, 0, tuesday), "ready"),
        row(at(11, 0, tuesday), "signed_out"),
    )
    monday, after = ask(desk.on.adherence.of(MONDAY, tuesday))
    assert (monday.day, monday.scheduled_ms, monday.adherent_ms) == (MONDAY, 240 * MINUTE, 210 * MINUTE)
    assert (after.day, after.scheduled_ms, after.adherent_ms) == (tuesday, 180 * MINUTE, 150 * MINUTE)
    assert (monday.worked_ms, after.worked_ms) == (210 * MINUTE, 150 * MINUTE)
    assert ask(desk.on.adherence.of(tuesday, tuesday)) == [after]
    assert ask(desk.on.adherence.changed(before)) == {MONDAY, tuesday}
    # Sick on Monday: the whole shift is out, also what is of Tuesday.
    one = ask(desk.exempt(AGENT, MONDAY, MONDAY, None, None, "sick", PLANNER_ID))
    assert [day.scheduled_ms for day in ask(desk.on.adherence.of(MONDAY, tuesday))] == [0, 60 * MINUTE]
    ask(desk.take_back(one.exception_id, PLANNER_ID))
    put(desk, Shift(AGENT, tuesday, ()))
    [end] = ask(desk.on.adherence.of(tuesday, tuesday))
    assert (end.scheduled_ms, end.adherent_ms, end.shifts) == (120 * MINUTE, 90 * MINUTE, 0)


def test_an_exception_takes_time_out_until_it_is_taken_back(desk: ScheduleDesk, clock: Clock) -> None:
    put(desk, SHIFT)
    before = clock.now()
    clock.at += timedelta(minutes=1)
    one = ask(desk.exempt(AGENT, MONDAY, MONDAY, None, None, "leave", PLANNER_ID))
    [day] = ask(desk.on.adherence.of(MONDAY, MONDAY))
    assert (day.scheduled_ms, day.excepted_ms) == (0, 480 * MINUTE)
    assert MONDAY in ask(desk.on.adherence.changed(before))
    assert ask(desk.on.adherence.changed(clock.now() + timedelta(minutes=1))) == set()
    ask(desk.take_back(one.exception_id, CHIEF_ID))
    [day] = ask(desk.on.adherence.of(MONDAY, MONDAY))
    assert (day.scheduled_ms, day.excepted_ms) == (480 * MINUTE, 0)
    assert ask(desk.on.book.exempted(MONDAY, MONDAY)) == []
    [kept] = ask(desk.on.book.exempted(MONDAY, MONDAY, ended=True))
    assert (kept.made_by, kept.ended_by) == (PLANNER_ID, CHIEF_ID)
    with pytest.raises(AlreadyTakenBack):
        ask(desk.take_back(one.exception_id, CHIEF_ID))
    with pytest.raises(KeyError):
        ask(desk.take_back("0" * 32, CHIEF_ID))
    with pytest.raises(ScheduleRefused, match="no_reason"):
        ask(desk.exempt(AGENT, MONDAY, MONDAY, None, None, "late_arrival", PLANNER_ID))


def test_a_year_of_exceptions_is_found_by_the_days_it_touches(desk: ScheduleDesk) -> None:
    begins = at(0, 0, MONDAY - timedelta(days=5))
    long = Exempt(
        new_id(), AGENT, begins, begins + timedelta(days=30), "leave", PLANNER_ID, desk.on.clock.now()
    )
    ask(desk.on.book.exempt(long))
    assert [one.exception_id for one in ask(desk.on.book.exempted(MONDAY, MONDAY))] == [long.exception_id]
    assert ask(desk.on.book.exempted(long.last_day + timedelta(days=1), long.last_day)) == []
    assert long.last_day == MONDAY + timedelta(days=24)


def asked(reason: str = "system_trouble", begins: int = 10, note: str = "layar mati") -> Asked:
    return Asked(AGENT, "alfa", MONDAY, reason, at(begins), at(begins + 1), note)


def test_a_request_is_approved_revoked_and_its_trail_stays_sealed(
    desk: ScheduleDesk, database: Database
) -> None:
    put(desk, SHIFT)
    made = ask(desk.file(asked(), AGENT_ID))
    with pytest.raises(OfflineRefused, match="there_is_one"):
        ask(desk.file(asked(begins=10), AGENT_ID))
    approved = ask(desk.move(made, 1, "approve", CHIEF_ID))
    [day] = ask(desk.on.adherence.of(MONDAY, MONDAY))
    assert day.excepted_ms == 60 * MINUTE
    [exempt] = ask(desk.on.book.exempted(MONDAY, MONDAY))
    assert (exempt.request_id, exempt.reason) == (made.request_id, "system_trouble")
    with pytest.raises(ScheduleRefused, match="of_request"):
        ask(desk.take_back(exempt.exception_id, PLANNER_ID))
    with pytest.raises(OfflineRefused, match="changed"):
        ask(desk.move(approved, 1, "revoke", CHIEF_ID, "keliru"))
    ask(desk.move(approved, 2, "revoke", CHIEF_ID, "keliru"))
    [day] = ask(desk.on.adherence.of(MONDAY, MONDAY))
    assert day.excepted_ms == 0
    trail = ask(desk.on.offline.trail(made.request_id))
    assert [(one.number, one.what, one.who, one.note) for one in trail] == [
        (1, "filed", AGENT_ID, "layar mati"), (2, "approve", CHIEF_ID, ""), (3, "revoke", CHIEF_ID, "keliru"),
    ]  # fmt: skip
    notes = database.read_now(lambda c: c.execute(sa.select(offline_steps.c.sealed_note)).scalars().all())
    assert all(b"layar" not in bytes(note) for note in notes if note)
    with pytest.raises(DatabaseProblem):
        database.write_now(lambda c: c.execute(sa.update(offline_steps).values(what="approve")))
    with pytest.raises(DatabaseProblem):
        database.write_now(lambda c: c.execute(sa.update(schedule_exceptions).values(reason="leave")))
    # After it was revoked the same time may be asked for again.
    assert ask(desk.file(asked(), AGENT_ID)).state == "filed"


def test_some_days_are_asked_for_decided_and_revoked_together(desk: ScheduleDesk, database: Database) -> None:
    days = [MONDAY + timedelta(days=ahead) for ahead in range(3)]
    put(desk, *(replace(SHIFT, day=day) for day in days))
    wanted = replace(asked("assignment", 14), last=days[2])
    made = ask(desk.file(wanted, AGENT_ID))
    kept = ask(desk.on.offline.get(made.request_id))
    assert kept.times == made.times == tuple((at(14, 0, day), at(15, 0, day)) for day in days)
    assert (kept.until, kept.seen) == (days[2], 1)
    with pytest.raises(OfflineRefused, match="there_is_one"):
        taken = Asked(AGENT, "alfa", days[1], "permit", at(14, 30, days[1]), at(16, 0, days[1]))
        ask(desk.file(taken, AGENT_ID))
    free = Asked(AGENT, "alfa", days[1], "permit", at(9, 0, days[1]), at(10, 0, days[1]))
    assert ask(desk.file(free, AGENT_ID)).state == "filed"
    assert ask(desk.on.offline.waiting(decides=True, agent="")) == Waiting(2, [])
    assert ask(desk.on.offline.waiting(decides=True, agent=AGENT)) == Waiting(0, [])
    approved = ask(desk.move(made, 1, "approve", CHIEF_ID))
    assert len(ask(desk.on.book.exempted(days[0], days[2]))) == 3
    assert ask(desk.on.offline.waiting(decides=False, agent=AGENT)) == Waiting(0, [made.request_id])
    ask(desk.on.offline.saw(approved))
    assert ask(desk.on.offline.waiting(decides=False, agent=AGENT)) == Waiting(0, [])
    ask(desk.move(approved, 2, "revoke", CHIEF_ID, "keliru"))
    assert ask(desk.on.book.exempted(days[0], days[2])) == []
    assert ask(desk.on.offline.waiting(decides=False, agent=AGENT)).news == [made.request_id]
    with pytest.raises(DatabaseProblem):
        database.write_now(lambda c: c.execute(sa.update(offline_requests).values(parts="[]")))


def test_two_supervisors_at_once_decide_once(desk: ScheduleDesk) -> None:
    put(desk, SHIFT)
    made = ask(desk.file(asked(), AGENT_ID))

    async def both() -> list[Request | BaseException]:
        found = await asyncio.gather(
            desk.move(made, 1, "approve", CHIEF_ID),
            desk.move(made, 1, "refuse", "d" * 32, "tidak"),
            return_exceptions=True,
        )
        return list(found)

    found = asyncio.run(both())
    assert sum(isinstance(one, OfflineChanged) for one in found) == 1
    [winner] = [one for one in found if isinstance(one, Request)]
    assert len(ask(desk.on.book.exempted(MONDAY, MONDAY))) == (winner.state == "approved")


def test_requests_are_found_waiting_ones_first(desk: ScheduleDesk, clock: Clock) -> None:
    put(desk, SHIFT)
    found = []
    for hour in (8, 10, 14):
        clock.at += timedelta(minutes=1)
        found.append(ask(desk.file(asked(begins=hour), AGENT_ID)))
    ask(desk.move(found[0], 1, "refuse", CHIEF_ID, "tidak"))
    wanted = [found[1].request_id, found[2].request_id, found[0].request_id]
    assert [one.request_id for one in ask(desk.on.offline.find())] == wanted
    assert [one.request_id for one in ask(desk.on.offline.find((AGENT,), "alfa", ("filed",), 1))] == wanted[
        :1
    ]
    assert ask(desk.on.offline.find((OTHER,))) == []
    with pytest.raises(KeyError):
        ask(desk.on.offline.get("0" * 32))


def test_a_coaching_is_laid_over_a_shift_at_the_places_time(desk: ScheduleDesk) -> None:
    put(desk, replace(SHIFT, place="makassar"))
    # 11.00 in Makassar is 10.00 WIB.
    new = ask(desk.lay(AGENT, MONDAY, "coaching", time(11), time(11, 30), PLANNER_ID))
    assert new.pieces[:3] == (
        Piece("calls", 480, 600), Piece("coaching", 600, 630), Piece("calls", 630, 720),
    )  # fmt: skip
    for begins, word in ((time(6), "outside_shift"), (time(12), "outside_shift")):
        with pytest.raises(ScheduleRefused, match=word):
            ask(desk.lay(AGENT, MONDAY, "coaching", begins, time(8), PLANNER_ID))
    with pytest.raises(ScheduleRefused, match="no_shift"):
        ask(desk.lay(OTHER, MONDAY, "coaching", time(11), time(12), PLANNER_ID))


def test_a_pattern_is_made_for_working_days_alone(desk: ScheduleDesk) -> None:
    plan = desk.make([AGENT, OTHER], MONDAY, MONDAY + timedelta(days=6), "line", "jakarta")
    assert sorted({one.day.weekday() for one in plan.shifts}) == [0, 1, 2, 3, 4]
    assert len(plan.shifts) == 10
    for given, word in (
        (([], MONDAY, MONDAY, "line", "jakarta"), "nobody"),
        (([AGENT], MONDAY, MONDAY, "sunset", "jakarta"), "no_pattern"),
        (([AGENT], MONDAY, MONDAY, "line", "mars"), "no_place"),
        (([AGENT], MONDAY, MONDAY - timedelta(days=1), "line", "jakarta"), "ends_before"),
        (([AGENT], date(2026, 11, 21), date(2026, 11, 22), "line", "jakarta"), "no_working_day"),
    ):
        with pytest.raises(ScheduleRefused, match=word):
            desk.make(*given)
