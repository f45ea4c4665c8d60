"""Whose work a leg is: legs as the floor writes them, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from domain.floor_log import Phase
from reporting.counting import count
from reporting.counting_tally import CellTally
from reporting.counts import Counts
from reporting.facts import DayFacts, EntryFact, LegFact, OfferFact, to_ms
from reporting.own_day import own_day
from reporting.rollup import total
from reporting.rollup_lines import midnight
from tests.nowhere import Nowhere

MONDAY = date(2025, 6, 2)
NINE = to_ms(midnight(MONDAY)) + 9 * 3_600_000
SARI, BUDI = "10001", "10002"
RING, JOIN, TALK, HOLD = Phase.RING, Phase.JOIN, Phase.TALK, Phase.HOLD
CONSULT, NOTE = Phase.CONSULT, Phase.WRAP_UP


def leg(name: str, agent: str, at: float, *phases: tuple[Phase, float | None]) -> list[LegFact]:
    """Return a leg's rows from seconds after nine on; a phase without a length goes on."""
    rows: list[LegFact] = []
    for phase, seconds in phases:
        begun = NINE + round(at * 1000)
        rows.append(LegFact(name, len(rows) + 1, begun, "call", agent, phase.value, None, False))
        if seconds is not None:
            at += seconds
            ended = (NINE + round(at * 1000), round(seconds * 1000))
            rows.append(LegFact(name, len(rows) + 1, ended[0], "call", agent, phase.value, ended[1], False))
    return rows


def offered(name: str, agent: str, outcome: str = "accepted") -> list[OfferFact]:
    return [OfferFact(NINE, "call", agent, name, ""), OfferFact(NINE + 5000, "call", agent, name, outcome)]


def of(
    agent: str, legs: Sequence[LegFact], offers: Sequence[OfferFact], until: float | None = None
) -> Counts:
    """Return what is counted of an agent; everybody's together is what the whole day has."""
    now = None if until is None else NINE + round(until * 1000)
    facts = DayFacts(MONDAY, sorted(legs), offers, until=now)
    tally = CellTally(facts.begins)
    count(facts, Nowhere(), 20, tally)
    whole = total(tally.day().sums().values())
    agents = {row.agent for row in legs}
    assert total(own_day(facts, Nowhere(), 20, one).counts for one in agents) == whole
    return own_day(facts, Nowhere(), 20, agent).counts


@pytest.mark.parametrize("by_skill", [True, False])
def test_being_asked_is_assisting_however_the_colleague_was_found(by_skill: bool) -> None:
    """Asked for by skill, tier or queue a colleague is offered the call as its next agent would be."""
    asked = leg("leg-2", BUDI, 30, (RING, 6), (CONSULT, 34))
    asking = leg("leg-1", SARI, 0, (RING, 4), (JOIN, 1), (TALK, 25), (CONSULT, 40), (TALK, 10), (NOTE, 5))
    offers = [*offered("leg-1", SARI), *(offered("leg-2", BUDI) if by_skill else ())]
    assert of(BUDI, [*asked, *asking], offers) == Counts(assisting_ms=40_000)
    assert of(SARI, [*asked, *asking], offers) == Counts(
        acd_calls=1, ring_ms=4_000, acd_ms=76_000, talk_ms=35_000, wrap_up_ms=5_000, interactions=1
    )


def test_a_call_taken_over_is_ones_own_from_the_talk_on() -> None:
    legs = leg("leg-2", BUDI, 30, (RING, 6), (CONSULT, 34), (TALK, 60), (HOLD, 5), (CONSULT, 7), (NOTE, 8))
    assert of(BUDI, legs, offered("leg-2", BUDI)) == Counts(
        acd_calls=1, acd_ms=67_000, talk_ms=60_000, hold_ms=5_000, wrap_up_ms=8_000, assisting_ms=40_000,
        interactions=1,
    )  # fmt: skip


def test_a_third_party_in_a_conference_talks_with_the_caller() -> None:
    legs = leg("leg-2", BUDI, 30, (RING, 6), (CONSULT, 10), (TALK, 50))
    assert of(BUDI, legs, []) == Counts(
        acd_calls=1, acd_ms=50_000, talk_ms=50_000, assisting_ms=16_000, interactions=1
    )


def test_a_call_sent_to_somebody_by_name_is_their_own_from_the_ring_on() -> None:
    """No queue offers it: the leg alone tells that it was answered for the caller."""
    legs = leg("leg-2", BUDI, 30, (RING, 6), (JOIN, 1), (TALK, 60), (NOTE, 8))
    assert of(BUDI, legs, []) == Counts(
        acd_calls=1, ring_ms=6_000, acd_ms=61_000, talk_ms=60_000, wrap_up_ms=8_000, interactions=1
    )


def test_a_ring_in_vain_is_told_by_its_offer() -> None:
    legs = leg("leg-2", BUDI, 30, (RING, 15))
    assert of(BUDI, legs, offered("leg-2", BUDI, "ring_time_out")) == Counts(missed=1, ring_ms=15_000)
    assert of(BUDI, legs, []) == Counts(assisting_ms=15_000)


def test_a_call_that_comes_back_is_one_interaction_where_its_last_talk_ended() -> None:
    """The leg that talked last need not be the last one by its id."""
    first = leg("leg-9", BUDI, 0, (RING, 5), (JOIN, 1), (TALK, 60), (NOTE, 5))
    again = leg("leg-1", BUDI, 1200, (RING, 5), (JOIN, 1), (TALK, 60), (NOTE, 5))
    offers = [*offered("leg-9", BUDI), *offered("leg-1", BUDI)]
    entries = [
        EntryFact(NINE, "call", "efin", NINE, ""),
        EntryFact(NINE + 6_000, "call", "efin", NINE, "answered"),
        EntryFact(NINE + 1_200_000, "call", "kup", NINE, ""),
        EntryFact(NINE + 1_206_000, "call", "kup", NINE, "answered"),
    ]
    facts = DayFacts(MONDAY, sorted([*first, *again]), offers, entries)
    tally = CellTally(facts.begins)
    count(facts, Nowhere(), 20, tally)
    cells = tally.quarters().sums()
    ended = {
        (key.queue, quarter): one.interactions for (key, quarter), one in cells.items() if one.interactions
    }
    assert ended == {("kup", 37): 1}  # 09:21
    assert sum(one.acd_calls for one in cells.values()) == 2


def test_what_goes_on_counts_until_now_and_is_no_interaction_yet() -> None:
    legs = leg("leg-1", SARI, 0, (RING, 4), (JOIN, 1), (TALK, None))
    found = of(SARI, legs, offered("leg-1", SARI), until=25)
    assert found == Counts(acd_calls=1, ring_ms=4_000, acd_ms=21_000, talk_ms=20_000)
    over = of(SARI, legs, offered("leg-1", SARI))
    assert over == Counts(acd_calls=1, ring_ms=4_000, acd_ms=1_000)
