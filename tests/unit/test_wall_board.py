"""The wallboard's rows and counts, worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from acd.floor_views import AgentView, QueueView
from acd.skills import Skillbook, office_day
from acd.tables_csv import load
from domain.floor_log import EntryRow
from reporting.wall_board import AWAY, FREE, PAUSED, RINGING, TALKING, WRAP_UP, WallBoard, state_of
from reporting.wall_counts import LATELY, LiveDay
from reporting.wall_rows import AgentRow, QueueRow, TierRow, TotalRow, is_news
from reporting.wall_thresholds import (
    BadThreshold,
    Level,
    Measure,
    ThresholdChange,
    check,
    shipped_thresholds,
)
from tests.web.floor_double import agent_view
from tests.web.whole_pages import TABLES

TEN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10.00 WIB
MONDAY = office_day(TEN)
SECOND = timedelta(seconds=1)


def live_day() -> LiveDay:
    return LiveDay(MONDAY, 20)


def entry(call: str, at: datetime, queue: str = "efin", outcome: str = "", since: datetime = TEN) -> EntryRow:
    return EntryRow(call, at, queue, "id", since, outcome)


def stay(
    day: LiveDay, call: str, waited: float, outcome: str, queue: str = "efin", at: datetime = TEN
) -> None:
    day.take(entry(call, at, queue, since=at))
    day.take(entry(call, at + waited * SECOND, queue, outcome, since=at))


@pytest.fixture(scope="module")
def book() -> Skillbook:
    return load(TABLES)


def test_a_day_of_calls_worked_out_by_hand() -> None:
    """Seven calls: four answered (3 within 20 s), two given up (1 within 20 s), one that still waits.

    Service level: 3 ÷ (7 − 1) = 50 %. Abandonment: 2 ÷ 7.
    """
    day = live_day()
    for call, waited in (("a", 5), ("b", 20), ("c", 19.9), ("d", 21)):
        stay(day, call, waited, "answered")
    stay(day, "e", 4, "caller_hung_up")
    stay(day, "f", 90, "caller_hung_up")
    day.take(entry("g", TEN))
    counts = day.today("efin")
    assert (counts.incoming, counts.answered, counts.in_time) == (7, 4, 3)
    assert (counts.abandoned, counts.abandoned_in_time) == (2, 1)
    # Of the waits that ended: 3 ÷ (6 − 1).
    lately = day.lately("efin", TEN + 120 * SECOND)
    assert (lately.incoming, lately.in_time, lately.abandoned_in_time) == (6, 3, 1)


def test_a_call_counts_once_where_it_entered_first() -> None:
    day = live_day()
    stay(day, "a", 5, "answered")
    stay(day, "a", 30, "caller_hung_up", queue="token", at=TEN + 60 * SECOND)  # handed on, then given up
    assert day.today("efin").answered == 1
    assert day.today("token").incoming == 0
    assert day.today("").abandoned == 0


def test_a_call_taken_out_of_line_and_put_back_still_waits_for_its_first_agent() -> None:
    day = live_day()
    stay(day, "a", 5, "closed")
    assert day.today("efin").not_served == 1
    day.take(entry("a", TEN + 10 * SECOND, "token"))
    assert day.today("efin").not_served == 0
    day.take(entry("a", TEN + 15 * SECOND, "token", "answered"))
    counts = day.today("efin")
    assert (counts.incoming, counts.answered, counts.in_time, counts.not_served) == (1, 1, 1, 0)


def test_calls_of_yesterday_are_no_calls_of_today() -> None:
    day = live_day()
    stay(day, "b", 2, "answered", at=TEN - timedelta(days=1))
    assert day.today("").incoming == 0
    assert day.lately("", TEN).incoming == 0


def test_what_is_older_than_half_an_hour_is_not_now() -> None:
    day = live_day()
    stay(day, "a", 5, "answered")
    stay(day, "b", 50, "answered", at=TEN + 600 * SECOND)
    assert day.lately("efin", TEN + 700 * SECOND).incoming == 2
    now = TEN + 5 * SECOND + LATELY
    assert (day.lately("efin", now).incoming, day.lately("efin", now).in_time) == (1, 0)
    assert day.today("efin").incoming == 2


@pytest.mark.parametrize(
    ("declared", "observed", "state"),
    [
        ("ready", "idle", FREE),
        ("ready", "phone_gone", AWAY),
        ("ready", "busy_otherwise", AWAY),
        ("ready", "offered", RINGING),
        ("leaving", "talking", TALKING),
        ("ready", "holding", TALKING),
        ("paused", "wrap_up", WRAP_UP),
        ("paused", "idle", PAUSED),
    ],
)
def test_agents_are_grouped_by_what_they_do(declared: str, observed: str, state: str) -> None:
    assert state_of(agent_view(declared=declared, observed=observed)) == state


def test_the_board_worked_out_by_hand(book: Skillbook) -> None:
    """Two agents of tier B, one talks, one is free; two callers wait in `efin`, one of them in English."""
    agents = [
        agent_view("90000001", declared="ready", observed="talking", queue="efin", seconds=601.0),
        agent_view("90000002", declared="ready", observed="idle"),
        agent_view("90000003", declared="signed_out"),
    ]
    queues = [
        QueueView("efin", "id", 1, 0, 70.0, 40.0, 1, 2, 1),
        QueueView("efin", "en", 1, 0, 190.0, None, 0, 0, 0),
        QueueView("token", "id", 0, 0, 0.0, None, 0, 0, 0),
    ]
    day = live_day()
    stay(day, "a", 5, "answered")
    day.take(entry("b", TEN))
    day.take(entry("c", TEN))
    rows = WallBoard(book, shipped_thresholds()).rows(agents, queues, day, TEN + 60 * SECOND, str)
    assert set(rows) == {
        "agent 90000001", "agent 90000002", "queue efin", "tier A", "tier B", "tier C", "total",
    }  # fmt: skip
    efin = rows["queue efin"]
    assert isinstance(efin, QueueRow)
    assert (efin.waiting, efin.longest, efin.expected, efin.free, efin.serving) == (2, 190.0, 40.0, 1, 2)
    assert (efin.incoming, efin.answered, efin.service_level_now) == (3, 1, 1.0)
    assert efin.service_level_today == pytest.approx(1 / 3)
    assert efin.levels == {"longest": "alarm", "service_level_today": "alarm", "free": "warn"}
    tier = rows["tier B"]
    assert isinstance(tier, TierRow)
    assert (tier.at_work, tier.free, tier.talking, tier.waiting, tier.longest) == (2, 1, 1, 2, 190.0)
    total = rows["total"]
    assert isinstance(total, TotalRow)
    assert (total.waiting, total.free, total.talking, total.at_work) == (2, 1, 1, 2)
    talker = rows["agent 90000001"]
    assert isinstance(talker, AgentRow)
    assert talker.level == "warn"


def test_a_pause_over_its_own_limit_calls_for_action(book: Skillbook) -> None:
    def level(view: AgentView) -> str:
        row = WallBoard(book, shipped_thresholds()).rows([view], [], live_day(), TEN, str)["agent 90000001"]
        assert isinstance(row, AgentRow)
        return row.level

    short = agent_view(declared="paused", observed="idle", seconds=901.0)
    assert level(short) == "warn"
    assert level(replace(short, limit_seconds=1200.0)) == "good"
    assert level(replace(short, limit_seconds=600.0, over_limit=True)) == "alarm"


@pytest.mark.parametrize(
    ("measure", "value", "level"),
    [
        (Measure.LONGEST, 59.9, Level.GOOD),
        (Measure.LONGEST, 60.0, Level.WARN),
        (Measure.LONGEST, 180.0, Level.ALARM),
        (Measure.SERVICE_LEVEL_TODAY, 0.8, Level.GOOD),
        (Measure.SERVICE_LEVEL_TODAY, 0.79, Level.WARN),
        (Measure.SERVICE_LEVEL_TODAY, 0.59, Level.ALARM),
        (Measure.SERVICE_LEVEL_TODAY, None, Level.NONE),
    ],
)
def test_values_are_judged(measure: Measure, value: float | None, level: Level) -> None:
    assert shipped_thresholds().level(measure, value) is level


def test_a_queues_own_threshold_goes_before_that_of_all() -> None:
    change = ThresholdChange(TEN, "s" * 32, Measure.WAITING, "efin", 1.0, 2.0)
    found = shipped_thresholds().with_changes([change])
    assert found.level(Measure.WAITING, 2.0, "efin") is Level.ALARM
    assert found.level(Measure.WAITING, 2.0, "token") is Level.GOOD
    assert not found.of(Measure.WAITING, "efin").assumed
    assert found.of(Measure.WAITING, "token").assumed
    back = shipped_thresholds().with_changes([replace(change, warn=None, alarm=None)])
    assert back.level(Measure.WAITING, 2.0, "efin") is Level.GOOD


@pytest.mark.parametrize(
    ("measure", "queue", "warn", "alarm", "word", "place"),
    [
        (Measure.TALK, "efin", 1.0, 2.0, "no_queue_of_its_own", "queue"),
        (Measure.WAITING, "nowhere", 1.0, 2.0, "unknown_queue", "queue"),
        (Measure.WAITING, "", None, 2.0, "both_or_none", "warn"),
        (Measure.SERVICE_LEVEL_NOW, "", 80.0, 0.5, "out_of_range", "warn"),
        (Measure.WAITING, "", 5.0, 4.0, "alarm_before_warn", "alarm"),
        (Measure.SERVICE_LEVEL_NOW, "", 0.5, 0.8, "alarm_before_warn", "alarm"),
    ],
)
def test_a_threshold_that_cannot_be_is_refused_by_field(
    measure: Measure, queue: str, warn: float | None, alarm: float | None, word: str, place: str
) -> None:
    with pytest.raises(BadThreshold) as refused:
        check(ThresholdChange(TEN, "s" * 32, measure, queue, warn, alarm), ["efin"])
    assert (refused.value.word, refused.value.place) == (word, place)


def test_time_alone_is_no_news() -> None:
    row = AgentRow("talking", "ready", "talking", "", 10.0, "efin", "", None, False, "good")
    assert not is_news(row, replace(row, seconds=15.0), 5.0)
    assert is_news(row, replace(row, seconds=0.2), 5.0), "the same state, begun anew"
    assert is_news(row, replace(row, seconds=15.0, level="warn"), 5.0)
    assert is_news(None, row, 0.0)


def test_an_expected_wait_is_told_again_when_it_moved_by_5_seconds() -> None:
    row = QueueRow("efin", "B", 1, 0, 10.0, 60.0, 0, 2, 1, 3, 1, 0, 1, None, None, None)
    assert not is_news(row, replace(row, longest=12.0, expected=64.0), 2.0)
    assert is_news(row, replace(row, longest=12.0, expected=65.0), 2.0)
    assert is_news(row, replace(row, longest=12.0, expected=None), 2.0)
    assert is_news(row, replace(row, longest=None), 2.0)
