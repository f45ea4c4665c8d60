"""Own figures of today."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from acd.floor_views import AgentView
from reporting.counts import Counts
from reporting.own_day import OwnDay
from tests.web.desk_parts import DeskParts, WorkDouble, desk_app
from tests.web.floor_double import agent_view
from tests.web.page_parts import OWN
from web.desk_figures import KEPT, FiguresOfToday

NOON = datetime(2026, 3, 30, 5, 0, tzinfo=UTC)  # 12.00 WIB
DAY = OwnDay(
    OWN,
    NOON.date(),
    Counts(
        acd_calls=4, ring_ms=20_000, acd_ms=1_300_000, talk_ms=1_200_000, hold_ms=100_000, wrap_up_ms=200_000,
        outbound_calls=2, out_ms=180_000, staffed_ms=7_200_000, paused_ms=630_000,
    ),
    {"": 30_000, "prayer": 600_000},
)  # fmt: skip


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
    assert figures.occupancy == pytest.approx((20 + 1300 + 100 + 200 + 180) / (7200 - 630))
    assert (figures.outbound, figures.outbound_handling) == (2, 90)
    assert (figures.staffed, figures.paused) == (7200, 630)
    assert [(one.label, one.seconds) for one in figures.pauses] == [("Salat", 600.0), ("", 30.0)]


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
    desk.work.day = DAY
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
        "AHT keluar",
        "1:30",
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
