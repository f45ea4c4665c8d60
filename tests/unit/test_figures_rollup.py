"""Cells: added, stored and read back; formulas over counts; the double that answers as the database does."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.asking import Dimension, FiguresUnavailable, Interval, NotAsked, Question
from reporting.counting_tally import CellTally
from reporting.counts import Counts
from reporting.facts import DAY_MS, load_service_levels, to_ms
from reporting.formulas import COUNTS, FORMULAS, Unit, load_formulas
from reporting.rollup import Key, NotReadable, joined, make_cells, pack, total, unpack
from reporting.rollup_lines import Adding, midnight
from storage.figures_memory import MemoryFigures
from tests.laws import asks

MONDAY = date(2025, 6, 2)
EIGHT = datetime(2025, 6, 2, 1, tzinfo=UTC)  # 08:00 WIB
SARI, BUDI = Key("10001", "alfa", "A", "efin"), Key("10002", "beta", "C", "kup")

amounts = st.dictionaries(
    st.tuples(
        st.sampled_from([SARI, BUDI, Key()]),
        st.integers(0, 95),
        st.sampled_from(["incoming", "ring_ms", "chats"]),
    ),
    st.integers(1, 10**12),
    max_size=40,
)


@settings(max_examples=asks(25), deadline=None)
@given(amounts, amounts)
def test_cells_come_back_as_they_were_stored_and_add_up(
    one: dict[tuple[Key, int, str], int], other: dict[tuple[Key, int, str], int]
) -> None:
    cells = [make_cells(one), make_cells(other)]
    assert [unpack(pack(part)).sums() for part in cells] == [part.sums() for part in cells]

    both = joined(cells)
    for name in ("incoming", "ring_ms", "chats"):
        wanted = sum(
            amount for given in (one, other) for (_, _, field), amount in given.items() if field == name
        )
        assert sum(getattr(counts, name) for counts in both.sums().values()) == wanted
        assert sum(getattr(counts, name) for counts in both.whole_day().sums().values()) == wanted


@settings(max_examples=asks(25), deadline=None)
@given(st.integers(-DAY_MS, 2 * DAY_MS), st.integers(0, DAY_MS))
def test_a_span_is_counted_once_however_it_lies(ended: int, ms: int) -> None:
    begins = to_ms(midnight(MONDAY))
    tally = CellTally(begins)
    tally.span(begins + ended, ms, SARI, "talk_ms")

    within = max(0, min(ended, DAY_MS) - max(ended - ms, 0))
    assert total(tally.quarters().sums().values()).talk_ms == within
    assert total(tally.day().sums().values()).talk_ms == within
    assert all(counts.talk_ms <= 900_000 for counts in tally.quarters().sums().values())


def test_cells_of_another_version_are_refused() -> None:
    with pytest.raises(NotReadable):
        unpack(b"no cells")


def test_every_formula_is_of_counts_that_there_are() -> None:
    assert tuple(one.name for one in fields(Counts)) == COUNTS
    assert list(FORMULAS) == list(load_formulas())
    for name, formula in FORMULAS.items():
        assert formula.name == name
        assert formula.words("id").about and formula.words("en").about
        assert formula.of(Counts()).value is None


def test_formulas_divide_by_what_their_unit_says() -> None:
    counts = Counts(
        acd_calls=4, ring_ms=10_000, staffed_ms=7_200_000, paused_ms=7_000_000, in_time=3, incoming=10,
        abandoned=3, abandoned_in_time=2,
    )  # fmt: skip
    art, cph = FORMULAS["art"].of(counts), FORMULAS["cph"].of(counts)
    assert (art.value, art.numerator, art.denominator) == (2.5, 10_000, 4)
    assert FORMULAS["art"].unit is Unit.SECONDS
    assert (cph.value, cph.denominator) == (2.0, 7_200_000)
    level = FORMULAS["service_level"].of(counts)
    assert (level.value, level.numerator, level.denominator) == (3 / 8, 3, 8)
    busy = FORMULAS["occupancy"].of(Counts(ring_ms=900, staffed_ms=1000, paused_ms=500))
    assert (busy.value, busy.numerator, busy.denominator) == (1.0, 900, 500)


def test_intervals_begin_by_the_offices_clock() -> None:
    cells = make_cells({(SARI, 33, "incoming"): 2})  # 08:15 WIB
    wanted = {
        Interval.QUARTER_HOUR: EIGHT + timedelta(minutes=15),
        Interval.HALF_HOUR: EIGHT,
        Interval.HOUR: EIGHT,
        Interval.DAY: midnight(MONDAY),
        Interval.WEEK: midnight(MONDAY),
        Interval.MONTH: midnight(date(2025, 6, 1)),
        Interval.YEAR: midnight(date(2025, 1, 1)),
        Interval.WHOLE: None,
    }
    for interval, begins in wanted.items():
        adding = Adding(Question(MONDAY, MONDAY, (), interval))
        adding.add(MONDAY, cells)
        assert [(line.begins, line.counts.incoming) for line in adding.lines()] == [(begins, 2)], interval
    assert midnight(MONDAY) == datetime(2025, 6, 1, 17, tzinfo=UTC)


async def test_the_double_answers_as_the_database_does() -> None:
    figures = MemoryFigures()
    figures.add(EIGHT, Counts(acd_calls=1, talk_ms=60_000), SARI, "call-1", "answered")
    figures.add(EIGHT + timedelta(hours=1), Counts(acd_calls=1, talk_ms=30_000), BUDI, "call-1")
    figures.add(EIGHT + timedelta(days=1), Counts(acd_calls=1), BUDI, "call-2")
    figures.add(EIGHT + timedelta(hours=2), Counts(staffed_ms=1000), BUDI)

    by_team = Question(MONDAY, MONDAY, (Dimension.TEAM,))
    assert [(line.key, line.counts) for line in await figures.lines(by_team)] == [
        (("alfa",), Counts(acd_calls=1, talk_ms=60_000)),
        (("beta",), Counts(acd_calls=1, talk_ms=30_000, staffed_ms=1000)),
    ]
    only = Question(MONDAY, MONDAY, only={Dimension.AGENT: frozenset({"10001"})})
    assert [line.counts.talk_ms for line in await figures.recomputed(only)] == [60_000]
    whole = Question(MONDAY, MONDAY + timedelta(days=1))
    seen = await figures.calls(whole, "acd_calls")
    assert [(call.call_id, call.counts.acd_calls) for call in seen] == [("call-1", 2), ("call-2", 1)]
    assert await figures.calls(whole, "acd_calls", after="call-1") == seen[1:]
    with pytest.raises(NotAsked):
        await figures.calls(whole, "staffed_ms")
    figures.broken = True
    with pytest.raises(FiguresUnavailable):
        await figures.lines(whole)


def test_the_service_level_is_marked_as_assumed() -> None:
    level = load_service_levels().on(MONDAY)
    assert (level.seconds, level.assumed) == (20, True)
