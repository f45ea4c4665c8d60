"""Own figures of today."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from acd.floor_views import AgentView
from desk.figures import AgentDay
from tests.web.desk_parts import DeskParts, WorkDouble, desk_app
from tests.web.floor_double import agent_view
from tests.web.page_parts import OWN
from web.desk_figures import KEPT, FiguresOfToday

NOON = datetime(2026, 3, 30, 5, 0, tzinfo=UTC)  # 12.00 WIB
DAY = AgentDay(
    OWN,
    NOON.date(),
    acd_calls=4,
    staffed=7200.0,
    seconds={"ring": 20.0, "join": 4.0, "talk": 1200.0, "consult": 96.0, "hold": 100.0, "wrap_up": 200.0},
    pauses={"prayer": 600.0, "": 30.0},
)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOON).total_seconds()

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work() -> WorkDouble:
    return WorkDouble(DAY)


def _view(**changes: object) -> AgentView:
    return agent_view(OWN, declared="ready", observed="idle", seconds=0.0, **changes)


async def test_the_formulas_are_the_guides(clock: Clock, work: WorkDouble) -> None:
    figures = await FiguresOfToday(work, clock).of(_view(), {"prayer": "Salat"})
    assert work.read == [(OWN, NOON.date())]
    assert figures.answered == 4
    assert figures.average_ring == pytest.approx(20 / 4)
    assert figures.average_handling == pytest.approx((4 + 1200 + 96 + 100 + 200) / 4)
    assert figures.call_efficiency == pytest.approx(1200 / 1300)
    assert figures.calls_per_hour == pytest.approx(4 / 2)
    assert figures.occupancy == pytest.approx((20 + 1300 + 100 + 200) / (7200 - 630))
    assert [(one.label, one.seconds) for one in figures.pauses] == [("Salat", 600.0), ("", 30.0)]


async def test_the_state_that_runs_counts_until_now_but_not_before_midnight(
    clock: Clock, work: WorkDouble
) -> None:
    today = FiguresOfToday(work, clock)
    running = replace(_view(), declared="paused", reason="prayer", seconds=300.0)
    figures = await today.of(running, {})
    assert (figures.staffed, figures.paused) == (7500.0, 930.0)
    figures = await today.of(replace(running, seconds=99_999.0), {})
    assert figures.staffed == 7200.0 + 12 * 3600
    in_a_talk = replace(running, observed="talking")
    assert (await today.of(in_a_talk, {})).paused == 630.0
    assert (await today.of(replace(running, declared="signed_out"), {})).staffed == 7200.0


async def test_the_record_is_read_once_while_nothing_changes(clock: Clock, work: WorkDouble) -> None:
    today = FiguresOfToday(work, clock)
    for _ in range(5):
        await today.of(_view(), {})
    assert len(work.read) == 1
    await today.of(replace(_view(), observed="talking"), {})
    assert len(work.read) == 2, "another state: what came before is on record now"
    clock.passes(KEPT + 1)
    await today.of(replace(_view(), observed="talking", seconds=KEPT + 1), {})
    assert len(work.read) == 3


async def test_a_new_day_begins_at_midnight_of_the_office(clock: Clock, work: WorkDouble) -> None:
    clock.at = datetime(2026, 3, 30, 16, 59, 58, tzinfo=UTC)
    today = FiguresOfToday(work, clock)
    await today.of(_view(), {})
    clock.passes(4)
    await today.of(replace(_view(), seconds=4.0), {})
    assert [day.isoformat() for _, day in work.read] == ["2026-03-30", "2026-03-31"]


@pytest.fixture
def desk() -> DeskParts:
    return desk_app()


@pytest.fixture
async def page(desk: DeskParts) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.parts.client(page=True) as client:
        yield client


async def test_the_piece_explains_every_figure(page: httpx.AsyncClient, desk: DeskParts) -> None:
    desk.work.day_ = DAY
    piece = (await page.get("/api/desk/figures")).text
    for said in (
        "ART",
        "5,0 dtk",
        "AHT",
        "6:40",
        "92,3 %",
        "2,00",
        "Waktu bicara ÷ waktu ACD.",
        "Salat",
        "10:00",
    ):
        assert said in piece
    assert OWN not in piece


async def test_without_calls_nothing_is_made_up(page: httpx.AsyncClient, desk: DeskParts) -> None:
    desk.floor.view[OWN] = agent_view(OWN, declared="signed_out", observed="phone_gone")
    piece = (await page.get("/api/desk/figures")).text
    assert piece.count(">–<") == 5


async def test_a_record_that_cannot_be_read_is_said(page: httpx.AsyncClient, desk: DeskParts) -> None:
    desk.work.broken = True
    assert (await page.get("/api/desk/figures")).status_code == 503
