"""Figures from the floor's record: a day worked out by hand, on SQLite and PostgreSQL."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from desk.figures import AgentDay
from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, OfferRow, Phase, SupervisionRow
from reporting.formulas import FORMULAS
from storage.database import Database
from storage.floor_log import DurableFloorLog
from storage.floor_reader import FloorReader
from web.desk_figures import counts_of

MONDAY, TUESDAY = date(2025, 6, 2), date(2025, 6, 3)
MIDNIGHT = datetime(2025, 6, 2, 17, tzinfo=UTC)  # between Monday and Tuesday, WIB
SARI, BUDI = "10001", "10002"


def _figure(day: AgentDay, name: str) -> float | None:
    return FORMULAS[name].of(counts_of(day)).value


def clock(text: str, day: date = MONDAY) -> datetime:
    """Return a time of day, WIB, in UTC."""
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return datetime(day.year, day.month, day.day, hours, minutes, seconds, tzinfo=UTC) - timedelta(hours=7)


def leg(name: str, call: str, agent: str, began: datetime, *phases: tuple[Phase, float]) -> list[LegRow]:
    """Return a leg's rows: its phases one after the other, seconds each; a negative length is estimated."""
    rows: list[LegRow] = []
    for phase, seconds in phases:
        rows.append(LegRow(name, len(rows) + 1, began, call, agent, phase))
        began += timedelta(seconds=abs(seconds))
        ended = LegRow(
            name, len(rows) + 1, began, call, agent, phase, abs(seconds), "over", estimated=seconds < 0
        )
        rows.append(ended)
    return rows


def offered(number: int, call: str, agent: str, name: str, at: datetime) -> OfferRow:
    return OfferRow(number, at, call, agent, name, 0, 5.0)


def stated(agent: str, at: datetime, declared: str, seconds: float | None = None) -> AgentRow:
    return AgentRow(agent, at, declared, "idle", seconds=seconds)


def the_day() -> Sequence[FloorRow]:
    """Return two agents' Monday.

    Sari: signed in 08:00-12:00 (a pause of 30 min inside). A call with hold; a missed ring; a call that
    she transfers to Budi after asking him. Budi: signed in 09:00-10:00, takes that call over; its talk
    is cut by a restart.
    """
    ring, join, talk, hold = Phase.RING, Phase.JOIN, Phase.TALK, Phase.HOLD
    consult, note = Phase.CONSULT, Phase.WRAP_UP
    return [
        stated(SARI, clock("08:00:00"), "paused"),
        stated(SARI, clock("08:30:00"), "ready", 1800),
        offered(1, "call-1", SARI, "leg-1", clock("08:31:00")),
        *leg("leg-1", "call-1", SARI, clock("08:31:00"),
             (ring, 4), (join, 1), (talk, 100), (hold, 30), (talk, 50), (note, 20)),
        offered(2, "call-2", SARI, "leg-2", clock("08:50:00")),
        *leg("leg-2", "call-2", SARI, clock("08:50:00"), (ring, 15)),
        stated(BUDI, clock("09:00:00"), "ready"),
        offered(3, "call-3", SARI, "leg-3", clock("09:10:00")),
        *leg("leg-3", "call-3", SARI, clock("09:10:00"),
             (ring, 5), (join, 1), (talk, 60), (consult, 40), (note, 10)),
        *leg("leg-4", "call-3", BUDI, clock("09:11:06"), (ring, 6), (consult, 34), (talk, -200), (note, 60)),
        stated(BUDI, clock("10:00:00"), "signed_out", 3600),
        stated(SARI, clock("12:00:00"), "signed_out", 12600),
        stated(SARI, clock("07:55:00", TUESDAY), "paused", 71700),
    ]  # fmt: skip


async def put(database: Database, rows: Sequence[FloorRow]) -> FloorReader:
    log = DurableFloorLog(database, asyncio.get_running_loop())
    for row in rows:
        await log.write([row])
    await log.close()
    return FloorReader(database)


async def test_a_day_is_what_was_worked_out_by_hand(database: Database) -> None:
    sari, _ = (await put(database, the_day())).days(MONDAY, MONDAY)

    assert (sari.agent, sari.day, sari.acd_calls) == (SARI, MONDAY, 2)
    assert sari.seconds == pytest.approx(
        {"ring": 24, "join": 2, "talk": 210, "hold": 30, "consult": 40, "wrap_up": 30}
    )
    assert sari.staffed == pytest.approx(4 * 3600)
    assert (sari.estimated, sari.assisting) == (0, 0)
    assert _figure(sari, "art") == pytest.approx(12)
    assert _figure(sari, "aht") == pytest.approx((2 + 210 + 40 + 30 + 30) / 2)
    assert _figure(sari, "ce") == pytest.approx(210 / 252)
    assert _figure(sari, "cph") == pytest.approx(0.5)


async def test_a_call_taken_over_is_the_second_agents_call_and_the_asking_is_not(database: Database) -> None:
    _, budi = (await put(database, the_day())).days(MONDAY, MONDAY)
    assert (budi.agent, budi.acd_calls) == (BUDI, 1)
    assert budi.seconds == pytest.approx({"assisting": 40, "talk": 200, "wrap_up": 60})
    assert budi.estimated == pytest.approx(200)
    assert _figure(budi, "art") == 0
    assert _figure(budi, "aht") == pytest.approx(260)
    assert budi.staffed == pytest.approx(3600)


async def test_one_agent_is_told_as_among_all(database: Database) -> None:
    reader = await put(database, the_day())
    assert reader.days(MONDAY, TUESDAY, BUDI) == [
        day for day in reader.days(MONDAY, TUESDAY) if day.agent == BUDI
    ]
    assert reader.days(MONDAY, TUESDAY, "10099") == []
    assert reader.days(TUESDAY, TUESDAY) == []


async def test_what_runs_through_midnight_is_shared_by_both_days(database: Database) -> None:
    before = MIDNIGHT - timedelta(seconds=40)
    rows: list[FloorRow] = [
        stated(SARI, MIDNIGHT - timedelta(hours=1), "ready"),
        offered(1, "call-1", SARI, "leg-1", before),
        *leg("leg-1", "call-1", SARI, before, (Phase.RING, 10), (Phase.TALK, 100), (Phase.WRAP_UP, 20)),
        stated(SARI, MIDNIGHT + timedelta(hours=2), "signed_out", 3 * 3600),
    ]
    reader = await put(database, rows)

    monday, tuesday = reader.days(MONDAY, TUESDAY)

    assert (monday.acd_calls, tuesday.acd_calls) == (1, 0)
    assert monday.seconds == pytest.approx({"ring": 10, "talk": 30})
    assert tuesday.seconds == pytest.approx({"talk": 70, "wrap_up": 20})
    assert (monday.staffed, tuesday.staffed) == pytest.approx((3600, 7200))
    assert reader.days(MONDAY, MONDAY) == [monday]
    assert reader.days(TUESDAY, TUESDAY) == [tuesday]


async def test_what_a_restart_found_after_days_counts_for_a_day_at_most(database: Database) -> None:
    friday, monday = clock("16:00:00", date(2025, 5, 30)), clock("08:00:00", MONDAY)
    length = (monday - friday).total_seconds()
    reader = await put(database, leg("leg-1", "call-1", SARI, friday, (Phase.TALK, -length)))
    days = reader.days(date(2025, 5, 30), MONDAY)
    assert [(day.day, day.seconds.get("talk"), day.acd_calls) for day in days] == [
        (date(2025, 5, 30), None, 1),
        (date(2025, 6, 1), 16 * 3600, 0),
        (MONDAY, 8 * 3600, 0),
    ]
    assert sum(day.estimated for day in days) == 24 * 3600


async def test_a_phase_that_runs_and_a_callers_own_leg_are_nobodys_work_yet(database: Database) -> None:
    rows: list[FloorRow] = [
        LegRow("leg-1", 1, clock("09:00:00"), "call-1", SARI, Phase.RING),
        *leg("leg-2", "call-1", "", clock("09:00:00"), (Phase.RING, 10)),
    ]
    assert (await put(database, rows)).days(MONDAY, MONDAY) == []


async def test_a_call_is_told_from_its_rows_in_order(database: Database) -> None:
    at = clock("09:00:00")
    rows: list[FloorRow] = [
        EntryRow("call-1", at, "efin", "id", at),
        offered(1, "call-1", SARI, "leg-1", at),
        *leg("leg-1", "call-1", SARI, at, (Phase.RING, 5)),
        SupervisionRow(at, "20001", "listen", SARI, "call-1"),
        EntryRow("call-1", at, "efin", "id", at, "answered"),
    ]
    reader = await put(database, [*rows, EntryRow("call-2", at, "efin", "id", at)])
    assert reader.of_call("call-1") == rows
    assert reader.of_call("never") == []


async def test_pauses_count_by_reason_and_only_without_a_call(database: Database) -> None:
    def state(at: str, declared: str, observed: str, reason: str, seconds: float | None) -> AgentRow:
        return AgentRow(SARI, clock(at), declared, observed, reason, seconds=seconds)

    reader = await put(
        database,
        [
            state("08:00:00", "paused", "idle", "", None),
            state("08:10:00", "ready", "idle", "", 600),
            state("09:00:00", "paused", "talking", "prayer", 3000),  # asked for during the call
            state("09:05:00", "paused", "idle", "prayer", 300),
            state("09:20:00", "paused", "phone_gone", "break", 900),
            state("09:30:00", "signed_out", "phone_gone", "", 600),
            state("10:00:00", "paused", "idle", "", 1800),
            *leg("leg-1", "call-1", SARI, clock("08:15:00"), (Phase.RING, 30), (Phase.TALK, 1170)),
        ],
    )
    day = await reader.day(SARI, MONDAY)
    assert day.pauses == pytest.approx({"": 600, "prayer": 900, "break": 600})
    assert day.staffed == pytest.approx(600 + 3000 + 300 + 900 + 600)
    assert day.assisting + day.acd_time == pytest.approx(1200)
    assert await reader.day(BUDI, MONDAY) == AgentDay(BUDI, MONDAY)
