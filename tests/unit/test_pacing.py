"""The pacers as the engine meets them: what they answer, whatever happens."""

import json
import random

import pytest

from bench.pacing_days import RING_LIMIT, restless, stationary
from bench.pacing_floor import ByPacer, Floor
from dialer.pacing.predictive import Predictive, Why
from dialer.pacing.progressive import Progressive
from dialer.pacing.settings import AbandonLimit, Denominator, PacingSettings
from dialer.pacing.view import LearningPacer, Pacer, PacingView

SMALL = PacingSettings(least_team=4)


def view(
    *,
    now: float = 1000.0,
    idle: int = 0,
    talking: int = 0,
    writing: int = 0,
    ringing: int = 0,
    waiting: int = 0,
    leads: int = 1000,
    lines: int = 1000,
    rang: float = 5.0,
) -> PacingView:
    return PacingView(
        now,
        idle,
        tuple(now - 9.0 * (number + 1) for number in range(talking)),
        (now - 13.0,) * writing,
        (now - rang,) * ringing,
        (now - 1.0,) * waiting,
        leads,
        lines,
    )


def experienced() -> tuple[Predictive, float]:
    """Return a pacer after half an hour's work, and the time."""
    pacer = Predictive(SMALL)
    floor = Floor(stationary(12, hours=0.5), ByPacer(pacer))
    floor.play()
    now = floor.now
    for number in range(1200):  # a stretch without any abandoned call: there is room
        now += 0.5
        live = number % 4 == 0
        pacer.dial_ended(now, 5.0 + number % 13 if live else 25.0, live=live)
    return pacer, now


def test_without_agents_nothing_is_dialled_and_all_that_rings_is_cancelled() -> None:
    learning: LearningPacer = Predictive(SMALL)
    pacers: list[Pacer] = [learning, Progressive(), experienced()[0]]
    for pacer in pacers:
        assert pacer.dials(view(ringing=7)) == -7
        assert pacer.dials(view()) == 0


def test_never_more_than_leads_or_lines_and_never_more_cancelled_than_ring() -> None:
    draw = random.Random(11)
    pacer, now = experienced()
    placed = 0
    for _ in range(400):
        now += draw.random() * 3.0
        seen = view(
            now=now,
            idle=draw.choice((0, 0, 1, 3, 12)),
            talking=draw.randrange(30),
            writing=draw.randrange(5),
            ringing=draw.randrange(40),
            waiting=draw.randrange(3),
            leads=draw.choice((0, 1, 3, 1000)),
            lines=draw.choice((0, 2, 5, 1000)),
            rang=draw.random() * RING_LIMIT,
        )
        for one in (pacer, Progressive()):
            answer = one.dials(seen)
            assert -len(seen.ringing) <= answer <= min(seen.leads, seen.lines)
            placed += answer > 0
    assert placed > 20


def test_progressive_and_a_small_team_never_have_more_lines_than_free_agents() -> None:
    draw = random.Random(12)
    for pacer in (Progressive(), Predictive(PacingSettings(least_team=50))):
        for _ in range(300):
            seen = view(
                idle=draw.randrange(6),
                talking=draw.randrange(6),
                ringing=draw.randrange(5),
                waiting=draw.randrange(2),
            )
            answer = pacer.dials(seen)
            if answer > 0:
                assert answer + len(seen.ringing) + len(seen.waiting) <= seen.idle


def test_predictive_dials_ahead_of_busy_agents_and_more_when_more_are_there() -> None:
    pacer, now = experienced()
    nearly = pacer.dials(view(now=now + 10.0, talking=12, writing=8))
    some_free = pacer.dials(view(now=now + 11.0, idle=4, talking=16))
    many_free = pacer.dials(view(now=now + 12.0, idle=10, talking=10))
    assert nearly > 0
    assert 4 < some_free < many_free
    assert many_free > 10


def test_ringing_ones_are_cancelled_when_most_agents_leave() -> None:
    pacer, now = experienced()
    assert pacer.dials(view(now=now + 10.0, idle=6, talking=6, ringing=12)) >= 0
    answer = pacer.dials(view(now=now + 11.0, talking=4, ringing=12))
    assert -12 <= answer < -3
    assert "cancelled" in pacer.explain()
    assert pacer.decision().why is Why.NOBODY_WOULD_BE_FREE


def test_one_that_rings_is_not_cancelled_early_while_the_team_stays() -> None:
    pacer, now = experienced()
    pacer.dials(view(now=now + 10.0, talking=12, ringing=30, rang=3.0))
    assert pacer.dials(view(now=now + 11.0, talking=12, ringing=30, rang=4.0)) == 0
    assert pacer.dials(view(now=now + 23.0, talking=12, ringing=30, rang=16.0)) < 0


def test_nothing_but_free_agents_is_dialled_for_once_the_limit_is_used_up() -> None:
    pacer, now = experienced()
    full = pacer.dials(view(now=now + 10.0, idle=2, talking=20))
    for _ in range(100):
        pacer.abandoned(now + 11.0)
    assert pacer.upper_bound(now) > 0.03
    assert pacer.dials(view(now=now + 12.0, idle=2, talking=20)) < full


def test_the_explanation_says_what_was_counted() -> None:
    pacer = Predictive(SMALL)
    assert "nothing was asked" in pacer.explain()
    for _ in range(50):
        pacer.dial_ended(20.0, 10.0, live=True)
    pacer.abandoned(21.0)
    pacer.dials(view(now=22.0, idle=3, talking=9, ringing=2))
    said = pacer.explain()
    assert "3 free, 9 busy, 2 ringing" in said
    assert "1 abandoned of 50" in said
    assert pacer.decision().upper_bound == pacer.upper_bound(22.0)


def test_the_definition_says_what_is_counted() -> None:
    served = Predictive(PacingSettings(limit=AbandonLimit(denominator=Denominator.SERVED)))
    for _ in range(10):
        served.dial_ended(5.0, 5.0, live=True)
    served.talk_ended(90.0, 80.0)
    served.abandoned(91.0)
    served.dials(view(now=92.0, idle=1, talking=9))
    assert (served.decision().abandoned, served.decision().answered) == (1, 2)


def test_a_restart_forgets_neither_the_days_counts_nor_the_curves() -> None:
    pacer, now = experienced()
    saved = json.loads(json.dumps(pacer.state(now)))
    heir = Predictive(SMALL)
    heir.restore(saved, 50.0, elapsed=20.0, same_day=True)
    assert heir.upper_bound(50.0) == pacer.upper_bound(now)
    assert heir.state(50.0)["talks"] == saved["talks"]
    asked = {"idle": 2, "talking": 10}
    assert heir.dials(view(now=60.0, **asked)) > 0
    assert pacer.dials(view(now=now + 30.0, **asked)) > 0
    assert heir.decision().rate == pytest.approx(pacer.decision().rate, rel=0.05)
    assert heir.decision().theta == pytest.approx(pacer.decision().theta, rel=0.05)


def test_the_next_day_begins_with_nothing_counted() -> None:
    pacer, now = experienced()
    heir = Predictive(SMALL)
    heir.restore(pacer.state(now), 0.0, elapsed=60_000.0, same_day=False)
    assert heir.upper_bound(0.0) == 1.0
    assert heir.state(0.0)["budget"]["window"] == []
    pacer.new_day(now)
    assert pacer.upper_bound(now) == 1.0


@pytest.mark.parametrize("part", ["budget", "answers", "talks", "version"])
def test_a_state_that_lacks_a_part_is_refused_and_nothing_is_taken_over(part: str) -> None:
    pacer, now = experienced()
    saved = pacer.state(now)
    del saved[part]
    heir = Predictive(SMALL)
    with pytest.raises(ValueError, match="learn anew"):
        heir.restore(saved, 0.0, elapsed=0.0, same_day=True)
    assert heir.upper_bound(0.0) == 1.0


def test_a_day_is_played_the_same_each_time_and_loses_nobody() -> None:
    first, second = (Floor(restless(10, 3, hours=1.0), ByPacer(Predictive(SMALL))) for _ in range(2))
    ours, again = first.play(), second.play()
    assert (ours.dials, ours.answered, ours.abandoned) == (again.dials, again.answered, again.abandoned)
    joined = ours.answered - ours.abandoned - len(first.waiting)
    assert joined > 50
    assert 0.0 < ours.busy_seconds < ours.agent_seconds <= 10 * 3600.0


def test_an_hour_of_changes_keeps_agents_busier_than_progressive_within_the_limit() -> None:
    predictive = Floor(stationary(12, hours=1.0), ByPacer(Predictive(SMALL))).play()
    progressive = Floor(stationary(12, hours=1.0), ByPacer(Progressive())).play()
    assert progressive.abandoned == 0
    assert predictive.occupancy > progressive.occupancy + 10.0
    assert predictive.abandonment < 5.0  # an hour is short: the bench judges days
