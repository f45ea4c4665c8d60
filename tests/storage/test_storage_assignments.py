"""Whose call it is, on SQLite and PostgreSQL."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from desk.access import AssignmentsUnavailable, Handling
from domain.floor_log import FloorRow, LegRow, Phase
from storage.assignments import FloorAssignments
from storage.database import Database
from storage.floor_log import DurableFloorLog
from tests.web.floor_double import FloorDouble, agent_view

AT = datetime(2026, 3, 30, 2, 0, tzinfo=UTC)
SARI, BUDI, DEWI = "90000001", "90000002", "90000003"


@pytest.fixture
def floor() -> FloorDouble:
    floor = FloorDouble()
    for number, team in ((SARI, "alfa"), (BUDI, "beta"), (DEWI, "beta")):
        floor.view[number] = agent_view(number, team=team)
    return floor


def _leg(leg: str, call: str, agent: str, *phases: Phase) -> Sequence[FloorRow]:
    return [LegRow(leg, seq, AT, call, agent, phase) for seq, phase in enumerate(phases, 1)]


async def _assignments(database: Database, floor: FloorDouble, *rows: Sequence[FloorRow]) -> FloorAssignments:
    log = DurableFloorLog(database, asyncio.get_running_loop())
    for some in rows:
        await log.write(some)
    await log.close()
    return FloorAssignments(database, floor)


async def test_who_answered_has_the_call_and_who_let_it_ring_has_not(
    database: Database, floor: FloorDouble
) -> None:
    assignments = await _assignments(
        database,
        floor,
        _leg("leg-1", "call-1", DEWI, Phase.RING),
        _leg("leg-2", "call-1", BUDI, Phase.RING, Phase.JOIN, Phase.TALK),
        _leg("leg-3", "call-1", SARI, Phase.RING, Phase.CONSULT, Phase.TALK),
        _leg("leg-4", "call-1", "", Phase.RING, Phase.TALK),
        _leg("leg-5", "call-2", DEWI, Phase.RING, Phase.JOIN),
    )
    assert await assignments.handlings("call-1") == [
        Handling(BUDI, "beta", live=False),
        Handling(SARI, "alfa", live=False),
    ]
    assert await assignments.handlings("call-3") == []
    assert await assignments.handlings("") == []


async def test_whose_phone_rings_now_has_the_call_before_any_row_says_so(
    database: Database, floor: FloorDouble
) -> None:
    assignments = await _assignments(database, floor, _leg("leg-1", "call-1", BUDI, Phase.RING, Phase.JOIN))
    floor.change(SARI, call_id="call-1", observed="offered")
    assert await assignments.handlings("call-1") == [
        Handling(BUDI, "beta", live=False),
        Handling(SARI, "alfa", live=True),
    ]


async def test_a_writer_of_the_note_has_the_call_still_and_who_left_has_no_team(
    database: Database, floor: FloorDouble
) -> None:
    assignments = await _assignments(database, floor, _leg("leg-1", "call-1", BUDI, Phase.JOIN))
    floor.change(BUDI, call_id="call-1", observed="wrap_up")
    assert await assignments.handlings("call-1") == [Handling(BUDI, "beta", live=True)]
    del floor.view[BUDI]
    assert await assignments.handlings("call-1") == [Handling(BUDI, "", live=False)]


async def test_without_the_record_nobody_has_a_call(
    database: Database, floor: FloorDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor.change(SARI, call_id="call-1", observed="talking")
    assignments = FloorAssignments(database, floor)
    monkeypatch.setattr("storage.assignments.floor_legs", _Missing)
    with pytest.raises(AssignmentsUnavailable):
        await assignments.handlings("call-1")


class _Missing:
    """A table that the database does not have."""

    from sqlalchemy import Column, Integer, MetaData, String, Table

    c = Table(
        "no_such_table",
        MetaData(),
        Column("n", Integer),
        Column("agent", String),
        Column("phase", String),
        Column("call_id", String),
    ).c
