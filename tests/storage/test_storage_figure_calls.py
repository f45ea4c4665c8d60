"""The calls behind a figure: what is kept or read narrowly is what a count of the whole day gives."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from reporting.asking import CallSeen, Dimension, Interval, Question
from reporting.counting_tally import CallTally
from reporting.formulas import COUNTS
from reporting.rollup_lines import WITHOUT_CALLS, fits, quarters_of
from storage.database import Database
from storage.figure_tallies import FRESH, GOOD, MOST, TalliesOfDays
from storage.figures import DurableFigures
from tests.storage.figure_world import BUDI, MONDAY, SARI, TUESDAY, FigureWorld, clock, stay

_NAMES = [name for name in COUNTS if name not in WITHOUT_CALLS]
_QUARTER = timedelta(minutes=15)
_NARROWED: Sequence[Mapping[Dimension, frozenset[str]]] = (
    {},
    {Dimension.AGENT: frozenset({SARI})},
    {Dimension.AGENT: frozenset({BUDI, ""})},
    {Dimension.TEAM: frozenset({"beta"})},
    {Dimension.TEAM: frozenset({"alfa", "beta"}), Dimension.QUEUE: frozenset({"kup"})},
    {Dimension.TEAM: frozenset({"gamma"})},
    {Dimension.DIRECTION: frozenset({"out"})},
)


class Counted:
    """Counts how often days are counted."""

    def __init__(self, world: FigureWorld) -> None:
        self._counter = world.counter
        self.days: list[tuple[date, bool]] = []  # and whether the whole day was

    async def calls(self, day: date, only: Mapping[Dimension, Collection[str]] | None = None) -> CallTally:
        self.days.append((day, only is None))
        return await self._counter.calls(day, only)


@pytest.fixture
async def world(database: Database) -> FigureWorld:
    world = FigureWorld(database)
    await world.the_day()
    return world


def _of(
    tally: CallTally,
    only: Mapping[Dimension, Collection[str]],
    name: str,
    quarters: Collection[int] | None = None,
) -> list[CallSeen]:
    return [tally.call(one) for one in tally.found(name, lambda key: fits(key, only), quarters)]


async def test_what_is_read_narrowly_equals_the_whole_day(world: FigureWorld) -> None:
    seen = 0
    for day in (MONDAY, TUESDAY):
        whole = await world.counter.calls(day)  # everything that is on record of it
        for only in _NARROWED:
            narrow = await world.counter.calls(day, only)
            for name in _NAMES:
                anew = _of(whole, only, name)
                assert _of(narrow, only, name) == anew, (only, day, name)
                seen += len(anew)
            question = Question(day, day, only=only)
            assert await world.figures.calls(question, "acd_calls") == _of(whole, only, "acd_calls")
    assert seen > 150


async def test_the_calls_of_an_interval_are_those_that_its_count_counts(world: FigureWorld) -> None:
    """Every quarter hour's calls give, added up, that quarter's count; a phase over a border is in both."""
    checked = 0
    whole = await world.counter.calls(MONDAY)
    for only in ({}, {Dimension.AGENT: frozenset({BUDI})}):
        question = Question(MONDAY, MONDAY, (), Interval.QUARTER_HOUR, only)
        lines = {line.begins: line.counts for line in await world.figures.recomputed(question)}
        for begins, counts in lines.items():
            assert begins is not None
            within = (begins, begins + _QUARTER)
            for name in _NAMES:
                found = _of(whole, only, name, quarters_of(MONDAY, within))
                assert bool(found) is bool(getattr(counts, name)), (begins, name)
                if name in ("incoming", "answered", "attempts", "contacts"):  # a call may have more legs
                    assert len(found) == getattr(counts, name), (begins, name)
                    checked += len(found)
            assert await world.figures.calls(question, "talk_ms", within=within) == _of(
                whole, only, "talk_ms", quarters_of(MONDAY, within)
            )
    assert checked > 12


def test_a_time_is_quarters_of_the_days_that_it_touches() -> None:
    night = (clock("23:30:00"), clock("00:45:00", TUESDAY))
    assert quarters_of(MONDAY, night) == range(94, 96)
    assert quarters_of(TUESDAY, night) == range(3)
    assert not quarters_of(TUESDAY + timedelta(days=1), night)
    assert not quarters_of(MONDAY - timedelta(days=1), night)
    assert quarters_of(MONDAY, (clock("08:07:00"), clock("08:22:00"))) == range(32, 34)


async def test_a_day_is_counted_once_while_people_turn_its_pages(world: FigureWorld) -> None:
    counted = Counted(world)
    figures = DurableFigures(world.database, world.counter, world.clock)
    figures._tallies = TalliesOfDays(counted, world.clock)
    question = Question(MONDAY, TUESDAY)
    whole = await figures.calls(question, "acd_calls")
    pages: list[CallSeen] = []
    for _ in whole:
        pages += await figures.calls(question, "acd_calls", 1, pages[-1].call_id if pages else "")
    assert pages == whole
    await asyncio.gather(*(figures.calls(question, name) for name in ("incoming", "missed", "talk_ms")))
    # of somebody alone: from what is there
    await figures.calls(replace(question, only={Dimension.AGENT: frozenset({SARI})}), "acd_calls")
    assert counted.days == [(MONDAY, True), (TUESDAY, True)]


async def test_who_asks_for_a_team_alone_does_not_let_the_whole_day_be_counted(world: FigureWorld) -> None:
    counted = Counted(world)
    figures = DurableFigures(world.database, world.counter, world.clock)
    figures._tallies = TalliesOfDays(counted, world.clock)
    question = Question(MONDAY, MONDAY, only={Dimension.TEAM: frozenset({"beta"})})
    found = await figures.calls(question, "acd_calls")
    assert [call.call_id for call in found] == ["call-3", "call-5", "call-7", "call-8"]
    assert counted.days == [(MONDAY, False)]


async def test_what_is_kept_is_let_go_in_time(world: FigureWorld) -> None:
    question = Question(MONDAY, MONDAY)
    before = await world.figures.calls(question, "incoming")
    await world.put(stay("call-9", "efin", clock("23:50:00"), 60, "caller_hung_up"))
    assert await world.figures.calls(question, "incoming") == before
    world.clock.seconds += GOOD + 1
    after = await world.figures.calls(question, "incoming")
    assert after == _of(await world.counter.calls(MONDAY), {}, "incoming")
    assert "call-9" in {call.call_id for call in after} - {call.call_id for call in before}


async def test_the_day_at_hand_is_kept_for_less(world: FigureWorld) -> None:
    world.clock.at = clock("23:55:00")
    question = Question(MONDAY, MONDAY)
    before = await world.figures.calls(question, "incoming")
    await world.put(stay("call-9", "efin", clock("23:50:00"), 60, "caller_hung_up"))
    world.clock.seconds += FRESH + 1
    assert len(await world.figures.calls(question, "incoming")) == len(before) + 1


async def test_few_days_are_kept(world: FigureWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(world)
    tallies = TalliesOfDays(counted, world.clock)
    days = [MONDAY + timedelta(days=ahead) for ahead in range(MOST + 1)]
    for day in (*days, days[-1], days[0]):
        await tallies.of(day, {})
    assert [day for day, _ in counted.days] == [*days, days[0]]
    monkeypatch.setattr("storage.figure_tallies.GOOD", 0.01)
    await tallies.of(days[1], {})
    async with asyncio.timeout(20):
        while days[1] in tallies._kept:  # its memory is given back, whether anybody asks or not
            await asyncio.sleep(0.01)
