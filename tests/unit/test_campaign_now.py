"""A campaign at this moment, out of counts; and answers that are kept for a while."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dialer.campaigns import Campaign, CampaignKind, CampaignState, Definition, Pacing
from dialer.dispositions import load_dispositions
from dialer.engine_ports import CampaignLook, EngineLook
from dialer.live import (
    AttemptCount,
    LeadCount,
    LeadCounts,
    day_figures,
    held_back,
    pacing_at_work,
    why_idle,
)
from dialer.outcomes import load_outcomes
from dialer.ports import OutboundAgent, Team
from dialer.reasons import WhyNot
from dialer.results import DayFigures
from domain.zones import Zone
from service.kept import Kept

NINE = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)  # a Wednesday, 09.00 WIB, 11.00 WIT
DEFINITION = Definition("SPT", CampaignKind.NON_FILER, "non_filer", "outbound_agent")
RUNNING = Campaign("c", DEFINITION, 1, CampaignState.RUNNING, ("list",), "staff", NINE, NINE)
DIALS = EngineLook("running", None, (), holds_role=True, lines=0, campaigns=())
NOTHING_HELD: dict[str, int] = {}


class EveryWeekday:
    def works(self, day: date) -> bool:
        return day.weekday() < 5


def team(*states: str) -> Team:
    return Team(tuple(OutboundAgent(str(n), state, 0.0, True) for n, state in enumerate(states)))


def leads(*counts: LeadCount, **closed: WhyNot) -> LeadCounts:
    return LeadCounts(counts, 0, 0, closed)


def test_a_day_is_summed_by_what_each_attempt_came_to() -> None:
    counts = [
        AttemptCount(8, "talked", "promised_to_file", 3, 3, 3, 3),
        AttemptCount(8, "talked", "answering_machine", 1, 1, 1, 0),
        AttemptCount(8, "no_answer", "", 10, 0, 0, 2),
        AttemptCount(9, "abandoned", "", 2, 0, 0, 0),  # some were answered while the service was away
        AttemptCount(9, "machine", "", 4, 0, 0, 0),
        AttemptCount(9, "refused_by_guard", "", 5, 0, 0, 0),  # never left our exchange
        AttemptCount(9, "", "", 6, 4, 3, 0),  # under way: four answered, three of them joined
    ]
    total, hours = day_figures(counts, load_outcomes(), load_dispositions().at(NINE))
    assert hours == {
        8: DayFigures(14, answered=4, live=4, abandoned=0, contacts=3, promises=3, done=5),
        9: DayFigures(12, answered=10, live=5, abandoned=2),
    }
    assert total == DayFigures(26, answered=14, live=9, abandoned=2, contacts=3, promises=3, done=5)


def test_no_attempt_no_figures() -> None:
    assert day_figures([], load_outcomes(), load_dispositions().at(NINE)) == (DayFigures(), {})


def test_each_lead_is_held_back_once_and_by_what_comes_first() -> None:
    counts = leads(
        LeadCount("list", Zone.WIB, 100, {"no_answer": 30, "resting": 5, "callback": 2}),
        LeadCount("list", Zone.WIT, 40, {"no_answer": 9}),
        LeadCount("gone", Zone.WIB, 7, {"no_answer": 7}),
        gone=WhyNot.LIST_EXPIRED,
    )
    assert held_back(RUNNING, counts, EveryWeekday(), NINE) == {
        "spacing": 41, "resting": 5, "list_expired": 7,
    }  # fmt: skip
    evening = NINE + timedelta(hours=5)  # 14.00 WIB, 16.00 WIT
    assert held_back(RUNNING, counts, EveryWeekday(), evening) == {
        "spacing": 32, "resting": 5, "outside_window": 40, "list_expired": 7,
    }  # fmt: skip
    assert held_back(RUNNING, counts, EveryWeekday(), NINE + timedelta(days=3)) == {
        "day_off": 140, "list_expired": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "engine", "agents", "held", "why"),
    [
        ({}, DIALS, ("idle",), {}, ""),
        ({}, DIALS, (), {}, "no_agent"),
        ({}, DIALS, ("talking", "wrap_up"), {}, "no_agent"),
        ({"pacing": Pacing.AGENTLESS}, DIALS, (), {}, ""),
        ({}, DIALS, ("idle",), {"spacing": 6, "outside_window": 4}, "spacing"),
        ({}, DIALS, ("idle",), {"spacing": 6}, ""),
        ({"starts_on": date(2026, 6, 4)}, DIALS, ("idle",), {}, "campaign_over"),
        ({"ends_on": date(2026, 6, 2)}, DIALS, ("idle",), {}, "campaign_over"),
        ({"ends_on": date(2026, 6, 3)}, DIALS, ("idle",), {}, ""),
        ({}, replace(DIALS, why=WhyNot.KILL_SWITCH), ("idle",), {}, "kill_switch"),
    ],
)
def test_why_nothing_is_dialled(
    change: dict[str, object], engine: EngineLook, agents: tuple[str, ...], held: dict[str, int], why: str
) -> None:
    one = replace(RUNNING, definition=replace(DEFINITION, **change))  # type: ignore[arg-type]
    counts = leads(LeadCount("list", Zone.WIB, 10, {}))
    assert why_idle(one, engine, team(*agents), counts, held, NINE) == why
    rings = replace(engine, campaigns=(CampaignLook("c", 0, 1, 0, 0, 0, (), ""),))
    still = why if engine.why is not None else ""
    assert why_idle(one, rings, team(*agents), counts, held, NINE) == still
    paused = replace(one, state=CampaignState.PAUSED)
    assert why_idle(paused, engine, team(*agents), counts, held, NINE) == "campaign_not_running"


def test_predictive_works_as_progressive_for_a_small_team() -> None:
    one = replace(RUNNING, definition=replace(DEFINITION, pacing=Pacing.PREDICTIVE, least_team=3))
    assert pacing_at_work(one, team("idle", "talking")) == "progressive"
    assert pacing_at_work(one, team("idle", "talking", "wrap_up")) == "predictive"
    preview = replace(RUNNING, definition=replace(DEFINITION, pacing=Pacing.PREVIEW))
    assert pacing_at_work(preview, team()) == "preview"


class Slow:
    """Answers how often it was asked, when a test lets it."""

    def __init__(self) -> None:
        self.now, self.asked = 0.0, 0
        self.may = asyncio.Event()
        self.may.set()
        self.fails = False

    async def ask(self, question: str) -> int:
        self.asked += 1
        mine = self.asked
        await self.may.wait()
        if self.fails:
            raise OSError
        return mine

    def clock(self) -> float:
        return self.now


async def test_an_answer_is_kept_and_asked_for_once() -> None:
    slow = Slow()
    kept = Kept(slow.ask, slow.clock, 5.0)
    assert await asyncio.gather(*(kept.get("a") for _ in range(5))) == [1] * 5
    slow.now = 4.9
    assert (await kept.get("a"), await kept.get("b")) == (1, 2)
    slow.now = 5.0
    assert await kept.get("a") == 3


async def test_what_took_long_is_kept_longer() -> None:
    slow = Slow()
    kept = Kept(slow.ask, slow.clock, 5.0)
    slow.may.clear()
    waiting = asyncio.create_task(kept.get("a"))
    await asyncio.sleep(0)
    slow.now = 2.0
    slow.may.set()
    assert await waiting == 1
    slow.now = 39.9  # two seconds are a twentieth of forty
    assert await kept.get("a") == 1
    slow.now = 40.0
    assert await kept.get("a") == 2


async def test_the_old_answer_is_told_while_a_new_one_is_on_its_way() -> None:
    slow = Slow()
    kept = Kept(slow.ask, slow.clock, 5.0, old_meanwhile=True)
    assert await kept.get("a") == 1
    slow.now = 6.0
    slow.may.clear()
    assert [await kept.get("a") for _ in range(3)] == [1, 1, 1]
    await asyncio.sleep(0)
    assert (await kept.get("a"), slow.asked) == (1, 2)
    slow.may.set()
    await asyncio.sleep(0.01)
    assert await kept.get("a") == 2


async def test_a_failure_is_told_and_then_asked_anew() -> None:
    slow = Slow()
    kept = Kept(slow.ask, slow.clock, 5.0)
    slow.fails = True
    with pytest.raises(OSError):
        await kept.get("a")
    slow.fails = False
    assert await kept.get("a") == 2


async def test_who_goes_away_does_not_take_the_answer_from_the_others() -> None:
    slow = Slow()
    kept = Kept(slow.ask, slow.clock, 5.0)
    slow.may.clear()
    first, second = asyncio.create_task(kept.get("a")), asyncio.create_task(kept.get("a"))
    await asyncio.sleep(0)
    first.cancel()
    slow.may.set()
    assert await second == 1


async def test_only_so_many_answers_are_kept() -> None:
    slow = Slow()
    kept = Kept(slow.ask, slow.clock, 5.0, most=2)
    assert [await kept.get(question) for question in "abc"] == [1, 2, 3]
    assert await kept.get("c") == 3
    assert await kept.get("a") == 4
