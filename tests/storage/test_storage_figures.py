"""Figures from the event log and from roll-ups: a day worked out by hand, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from reporting.asking import Dimension, FiguresUnavailable, Interval, NotAsked, Question
from reporting.channels import ChannelRow
from reporting.counts import Counts
from reporting.formulas import FORMULAS
from reporting.rollup import total
from storage.database import Database
from storage.figure_channels import DurableChannels
from storage.figure_days import DayCells
from storage.figure_rollups import RollUps
from tests.storage.figure_world import (
    BUDI,
    MONDAY,
    MONDAY_COUNTS,
    QUARTERS_OF_BUDI,
    SARI,
    TUESDAY,
    TUESDAY_COUNTS,
    FigureWorld,
    clock,
    stay,
)

BOTH_DAYS = Question(MONDAY, TUESDAY)


@pytest.fixture
async def world(database: Database) -> FigureWorld:
    world = FigureWorld(database)
    await world.the_day()
    return world


@pytest.fixture
def rollups(world: FigureWorld) -> RollUps:
    return RollUps(world.database, world.counter, None, world.clock, near=timedelta())


async def test_a_day_is_what_was_worked_out_by_hand(world: FigureWorld) -> None:
    lines = await world.figures.recomputed(replace(BOTH_DAYS, interval=Interval.DAY))

    assert [(line.begins, line.counts) for line in lines] == [
        (clock("00:00:00"), MONDAY_COUNTS),
        (clock("00:00:00", TUESDAY), TUESDAY_COUNTS),
    ]
    figures = {name: formula.of(MONDAY_COUNTS).value for name, formula in FORMULAS.items()}
    assert figures["art"] == pytest.approx(40 / 7)
    assert figures["aht"] == pytest.approx((636 + 30 + 130) / 7)
    assert (figures["crm"], figures["pai"]) == (3 / 8, 7 / 7)
    assert figures["ce"] == pytest.approx(570 / 636)
    assert figures["cph"] == pytest.approx(7 / 23)
    assert figures["service_level"] == pytest.approx(4 / 7)
    assert figures["ats"] is None


async def test_quarters_take_each_their_part_of_a_phase(world: FigureWorld) -> None:
    question = Question(
        MONDAY,
        MONDAY,
        (Dimension.QUEUE,),
        Interval.QUARTER_HOUR,
        {Dimension.AGENT: frozenset({BUDI}), Dimension.QUEUE: frozenset({"kup"})},
    )
    lines = {line.begins: line.counts for line in await world.figures.lines(question)}

    for time, counts in QUARTERS_OF_BUDI.items():
        assert lines[clock(time)] == counts


async def test_roll_ups_answer_as_the_event_log_does(world: FigureWorld, rollups: RollUps) -> None:
    by = (Dimension.AGENT, Dimension.QUEUE)
    questions = [Question(MONDAY, date(2025, 6, 30), by, interval) for interval in Interval]
    asked = [await world.figures.lines(question) for question in questions]

    rolled = await rollups.round()
    assert rolled.days == [MONDAY + timedelta(days=ahead) for ahead in range(8)]
    assert all(one.same for one in await rollups.check(rolled.days))
    assert (await rollups.round()).days == []  # there is nothing left to do
    world.clock.at = clock("08:00:00", date(2025, 7, 2))
    assert (await rollups.round()).months == 1

    assert [await world.figures.lines(question) for question in questions] == asked
    for question, lines in zip(questions, asked, strict=True):
        assert total(line.counts for line in lines) == MONDAY_COUNTS + TUESDAY_COUNTS, question.interval
    assert await world.figures.recomputed(questions[0]) == asked[0]


async def test_calls_are_counted_where_they_entered_and_legs_where_they_rang(world: FigureWorld) -> None:
    by = (Dimension.QUEUE, Dimension.TIER, Dimension.BRANCH, Dimension.DIRECTION, Dimension.CAMPAIGN)
    lines = {line.key: line.counts for line in await world.figures.lines(Question(MONDAY, MONDAY, by))}

    # A note says that call-1 was about pph; without one a call is about its queue's branch.
    assert lines["efin", "A", "pph", "in", ""].incoming == 1
    assert lines["efin", "A", "kup", "in", ""].incoming == 1  # call-7, given away to kup later
    assert lines["efin", "A", "efin_token", "in", ""].incoming == 2
    assert lines["kup", "B", "kup", "in", ""].incoming == 3
    assert lines["kup", "C", "kup", "in", ""].acd_calls == 3  # the agent's tier: Budi, calls 3, 7, 8
    assert lines["outbound/A", "C", "kup", "out", "camp-1"].out_ms == 81_000
    assert lines["", "", "", "out", "camp-1"] == Counts(attempts=2, contacts=1, out_abandoned=1)
    assert lines["", "C", "", "out", "camp-1"] == Counts(attempts=1, contacts=1)


async def test_a_late_note_lets_its_day_be_made_again(world: FigureWorld, rollups: RollUps) -> None:
    world.clock.at = clock("08:00:00", date(2025, 6, 10))
    await rollups.round()
    await rollups.round()
    world.note("call-3", SARI, "ppn", world.clock.at + timedelta(minutes=1))

    assert await rollups.look() == 1
    documented = replace(MONDAY_COUNTS, documented=4)
    assert (await world.figures.lines(Question(MONDAY, MONDAY)))[0].counts == documented
    assert (await rollups.round()).days == [MONDAY]
    assert (await world.figures.lines(Question(MONDAY, MONDAY)))[0].counts == documented


async def test_late_rows_of_the_floor_let_their_days_be_made_again(
    world: FigureWorld, rollups: RollUps
) -> None:
    await rollups.round()
    await world.put(stay("call-9", "efin", clock("23:50:00"), 1200, "limit"))

    assert (await rollups.round()).days == [MONDAY, TUESDAY]
    found = (await world.figures.lines(Question(MONDAY, MONDAY)))[0].counts
    assert (found.incoming, found.not_served, found.waited_ms) == (8, 1, 174_000 + 1_200_000)


async def test_a_day_with_a_call_that_goes_on_is_made_again(world: FigureWorld, rollups: RollUps) -> None:
    world.call("call-10", clock("23:58:00"), None)

    assert (await rollups.round()).left == 0
    assert await rollups.due() == [MONDAY]


async def test_counts_of_other_channels_come_in_and_replace_one_another(
    world: FigureWorld, rollups: RollUps
) -> None:
    channels = DurableChannels(world.database)
    await rollups.round()
    first = [ChannelRow(MONDAY, SARI, "", 10, 8), ChannelRow(MONDAY, "", "gamma", 0, 0, 5, 4)]
    taken = await channels.take_in(first, "s" * 32, world.clock.at)
    assert (taken.new, taken.replaced, taken.same) == (2, 0, 0)
    taken = await channels.take_in(
        [ChannelRow(MONDAY, SARI, "", 12, 9), *first[1:]], "s" * 32, world.clock.at
    )
    assert (taken.new, taken.replaced, taken.same) == (0, 1, 1)

    assert await channels.rows(MONDAY, MONDAY) == [ChannelRow(MONDAY, SARI, "", 12, 9), first[1]]
    newest = (await channels.imports())[0]
    assert (newest.by, newest.first, newest.taken) == ("s" * 32, MONDAY, taken)
    assert (await rollups.round()).days == [MONDAY]
    lines = {line.key: line.counts for line in await world.figures.lines(
        Question(MONDAY, MONDAY, (Dimension.TEAM,)))}  # fmt: skip
    assert (lines["alfa",].chats, lines["alfa",].chats_in_time) == (12, 9)
    assert (lines["gamma",].mails_assigned, lines["gamma",].mails_answered) == (5, 4)


async def test_the_calls_behind_a_count_are_shown(world: FigureWorld, rollups: RollUps) -> None:
    question = Question(MONDAY, TUESDAY, only={Dimension.AGENT: frozenset({BUDI})})
    seen = await world.figures.calls(question, "acd_calls")
    assert [call.call_id for call in seen] == ["call-3", "call-5", "call-7", "call-8", "call-6"]
    assert [call.queue for call in seen] == ["kup", "efin", "kup", "kup", "kup"]
    assert (seen[0].counts.talk_ms, seen[0].agent, seen[0].direction) == (200_000, BUDI, "in")

    await rollups.round()
    assert await world.figures.calls(question, "acd_calls") == seen
    assert await world.figures.calls(question, "acd_calls", limit=2) == seen[:2]
    assert await world.figures.calls(question, "acd_calls", limit=2, after="call-5") == seen[2:4]
    abandoned = await world.figures.calls(Question(MONDAY, MONDAY), "abandoned")
    assert [(call.call_id, call.outcome) for call in abandoned] == [("call-2", "caller_hung_up")]
    assert [call.call_id for call in await world.figures.calls(BOTH_DAYS, "ivr_only")] == ["call-4"]
    assert [call.call_id for call in await world.figures.calls(BOTH_DAYS, "attempts")] == [
        "dial-1", "dial-2", "dial-3",
    ]  # fmt: skip


async def test_questions_without_an_answer_are_refused(world: FigureWorld) -> None:
    for question, word in (
        (Question(TUESDAY, MONDAY), "first_after_last"),
        (Question(MONDAY, MONDAY, (Dimension.AGENT, Dimension.AGENT)), "twice"),
        (Question(date(2020, 1, 1), MONDAY, (), Interval.HOUR), "too_long"),
    ):
        with pytest.raises(NotAsked) as refused:
            await world.figures.lines(question)
        assert refused.value.word == word
    with pytest.raises(NotAsked) as refused:
        await world.figures.calls(BOTH_DAYS, "staffed_ms")
    assert (refused.value.word, refused.value.place) == ("no_calls", "count")


async def test_many_days_without_roll_up_are_not_counted_while_somebody_waits(world: FigureWorld) -> None:
    world.clock.at = clock("08:00:00", date(2025, 7, 2))
    with pytest.raises(FiguresUnavailable, match="31 days have no roll-up"):
        await world.figures.lines(Question(date(2025, 1, 1), date(2025, 12, 31)))


async def test_the_day_at_hand_is_counted_anew_the_sooner_the_less_it_costs(
    world: FigureWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[float] = []
    count_day, cost = world.counter.day, 0.0

    async def day(wanted: date) -> DayCells:
        counted.append(world.clock.seconds)
        world.clock.seconds += cost
        return await count_day(wanted)

    monkeypatch.setattr(world.counter, "day", day)
    world.clock.at = clock("17:00:00")
    today = Question(MONDAY, MONDAY)
    for at in (0.0, 0.9, 1.1):
        world.clock.seconds = at
        await world.figures.lines(today)
    assert counted == [0.0, 1.1]
    cost = 1.5
    for at in (10.0, 26.0, 27.0):
        world.clock.seconds = at
        await world.figures.lines(today)
    assert counted == [0.0, 1.1, 10.0, 27.0]
