"""The pacer's parts, each against what can be worked out by hand or by brute force."""

import math
import random
from collections.abc import Callable

import numpy as np
import pytest

from dialer.pacing.answers import COHORT, AnswerRate, Answers
from dialer.pacing.bounds import allowance, upper_bound, z_of
from dialer.pacing.budget import Budget
from dialer.pacing.crowd import COLUMNS, HORIZONS, WIDTH, Crowd, into_columns, tail
from dialer.pacing.settings import AbandonLimit, PacingSettings
from dialer.pacing.survival import AGES, SECONDS, Lifetimes, free_from_talk, free_from_wrap_up

NOBODY = np.zeros(0)


def test_the_upper_bound_is_wilsons_as_worked_out_by_hand() -> None:
    # 12 of 520 at 95 %, one-sided: z = 1.64485, z²/n = 0.0052030, share = 0.0230769
    # centre (0.0230769 + 0.0026015) / 1.0052030 = 0.0255455
    # root   sqrt(0.0230769 × 0.9769231 × 0.0052030 + 0.0052030² / 4) / 1.0052030 = 0.0110796
    assert upper_bound(12, 520, z_of(0.95)) == pytest.approx(0.0255455 + 0.0110796, abs=2e-6)


def test_the_allowance_is_where_the_upper_bound_meets_the_limit() -> None:
    z = z_of(0.95)
    assert allowance(1000, 0.03, z) == pytest.approx(30.0 - 1.644854 * math.sqrt(29.1), abs=1e-4)
    for answered in (200, 1000, 12_000):
        left = allowance(answered, 0.03, z)
        assert upper_bound(math.floor(left), answered, z) <= 0.03 < upper_bound(math.ceil(left), answered, z)


def test_nothing_is_allowed_before_enough_was_answered() -> None:
    assert upper_bound(0, 0, z_of(0.95)) == 1.0
    assert allowance(80, 0.03, z_of(0.95)) < 0.0 < allowance(100, 0.03, z_of(0.95))


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("share", lambda: AbandonLimit(share=0.0)),
        ("share", lambda: AbandonLimit(share=0.7)),
        ("confidence", lambda: AbandonLimit(confidence=1.0)),
        ("window_seconds", lambda: AbandonLimit(window_seconds=5.0)),
        ("ring_seconds", lambda: PacingSettings(ring_seconds=2.0)),
        ("theta", lambda: PacingSettings(first_theta=0.9)),
    ],
)
def test_settings_that_cannot_be_kept_are_refused(field: str, make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=field):
        make()


def exact_tail(chances: list[float], least: int) -> float:
    counts = np.array([1.0])
    for chance in chances:
        counts = np.convolve(counts, [1.0 - chance, chance])
    return float(counts[max(least, 0) :].sum())


def test_tails_are_those_of_the_exact_distribution() -> None:
    draw = random.Random(5)
    for size, error in ((8, 0.02), (16, 0.01), (60, 0.003), (200, 0.001)):
        for _ in range(15):
            chances = [draw.random() ** 1.5 for _ in range(size)]
            row = np.empty((size, COLUMNS))
            into_columns(np.repeat(np.array(chances)[:, None], WIDTH, axis=1), row)
            crowd = Crowd(row.sum(axis=0).tolist())
            for least in range(size // 4, size, max(1, size // 16)):
                assert crowd.risk(least, (1.0,)) == pytest.approx(exact_tail(chances, least), abs=error)


def test_what_is_added_to_a_crowd_can_be_removed() -> None:
    row = np.empty((2, COLUMNS))
    into_columns(np.array([[0.2] * WIDTH, [0.6] * WIDTH]), row)
    crowd = Crowd(row[0].tolist())
    before = crowd.risk(1, (0.5, 0.5))
    crowd.add(row[1].tolist())
    assert crowd.risk(1, (0.5, 0.5)) > before
    crowd.remove(row[1].tolist())
    assert crowd.risk(1, (0.5, 0.5)) == pytest.approx(before)
    assert tail(0, 0.0, 0.0, 0.0) == 1.0
    assert tail(1, 0.0, 0.0, 0.0) == 0.0


@pytest.mark.parametrize("shape", ["gamma", "two kinds", "fixed"])
def test_survival_is_learnt_whatever_its_shape(shape: str) -> None:
    random_ = np.random.default_rng(3)
    draws = {
        "gamma": random_.gamma(2.0, 45.0, 3000),
        "two kinds": np.where(random_.random(3000) < 0.4, random_.gamma(9.0, 2.5, 3000), 150.0),
        "fixed": np.full(3000, 15.5),
    }[shape]
    lives = Lifetimes(100.0)
    for seconds in draws:
        lives.ended(float(seconds))
    curve = lives.survival()
    for age in (5, 14, 17, 40, 100, 200):
        assert curve[age] == pytest.approx(float((draws > age).mean()), abs=0.05)
    assert (np.diff(curve) <= 0.0).all()


def test_talks_under_way_keep_the_first_short_ones_from_misleading() -> None:
    lives = Lifetimes(100.0)
    for _ in range(20):
        lives.ended(10.0)
    assert lives.survival([60.0] * 40)[30] > lives.survival()[30] + 0.2


def test_an_agent_is_free_after_talk_and_wrap_up() -> None:
    talk = np.exp(-AGES / 90.0)  # ends within a second with 1/90, whatever its age
    wrap_up = np.where(AGES < 10.0, 1.0, 0.0)  # ten seconds, always
    soon = free_from_talk(talk, wrap_up, HORIZONS)
    assert soon[50, 2] == 0.0  # not within 9 s
    assert soon[50, 5] == pytest.approx(1.0 - math.exp(-10.0 / 90.0), abs=0.01)  # 20 s leave 10 for the talk
    assert free_from_wrap_up(wrap_up, HORIZONS)[8, 0] == pytest.approx(1.0)
    assert soon.shape == (SECONDS + 1, len(HORIZONS))


def rate_after(rates: list[float], dials: int, seed: int) -> list[float]:
    """Dial twice a second with each rate in turn; return what the rate seems after each."""
    draw, rate, now, seems = random.Random(seed), AnswerRate(30.0), 0.0, []
    for true in rates:
        for _ in range(dials):
            now += 0.5
            rate.ended(now, None, live=draw.random() < true)
        seems.append(rate.now(now, NOBODY, NOBODY)[0])
    return seems


def test_a_jump_of_the_answer_rate_is_followed_within_a_hundred_dials() -> None:
    for seed in range(5):
        high, low, again = rate_after([0.35] * 1 + [0.15] + [0.35], 600, seed)
        assert high == pytest.approx(0.35, abs=0.06)
        assert low == pytest.approx(0.15, abs=0.06)
        assert again == pytest.approx(0.35, abs=0.06)
        *_, turned = rate_after([0.15] * 6 + [0.35], 100, seed)
        assert turned > 0.24


def test_dials_that_still_ring_are_no_evidence_of_a_jump() -> None:
    answers = Answers(25.0, HORIZONS)
    for number in range(400):
        live = number % 4 == 0
        answers.ended(number + 25.0, 11.0 if live else 25.0, live=live, cancelled=False)
    settled, _ = answers.rate(425.0, NOBODY)
    # A wave of 80 is sent; after 24 s its 20 answers are in, and 60 ring on: nothing has changed.
    for _ in range(20):
        answers.ended(441.0, 11.0, live=True, cancelled=False)
    seems, _ = answers.rate(454.0, np.full(60, 430.0))
    assert seems == pytest.approx(settled, abs=0.05)


def test_dials_that_we_ended_say_little_about_the_rate() -> None:
    answers = Answers(25.0, HORIZONS)
    for number in range(400):
        live = number % 4 == 0
        answers.ended(number + 25.0, 11.0 if live else 25.0, live=live, cancelled=False)
    before, _ = answers.rate(425.0, NOBODY)
    for _ in range(100):
        answers.ended(430.0, 1.0, live=False, cancelled=True)
    after, _ = answers.rate(430.0, NOBODY)
    assert after == pytest.approx(before, abs=0.03)


def test_a_dial_whose_end_was_missed_says_nothing() -> None:
    answers = Answers(25.0, HORIZONS)
    answers.ended(1e6, 10.0, live=True, cancelled=False)
    without = answers.rate(1e6, np.array([1e6 - 8.0]))
    assert answers.rate(1e6, np.array([3.0, 1e6 - 8.0])) == without


def test_answers_within_a_horizon_add_up() -> None:
    answers = Answers(25.0, HORIZONS)
    chances = answers.chances(0.3)
    assert (np.diff(chances, axis=1) >= -1e-9).all()
    assert chances[0, -1] <= 0.3 + 1e-9
    assert sum(answers.weights) == pytest.approx(1.0)
    assert COHORT < 25.0


def test_theta_falls_with_what_is_left_and_is_careful_at_first() -> None:
    settings = PacingSettings()
    budget = Budget(settings)
    assert budget.theta(0.0) <= settings.first_theta
    budget.add(1.0, answered=1000)
    plenty = budget.theta(2.0)
    budget.add(3.0, abandoned=20)
    little = budget.theta(4.0)
    budget.add(5.0, abandoned=20)
    assert plenty > little > budget.theta(6.0) == pytest.approx(settings.least_theta)
    assert plenty <= settings.most_theta


def test_only_the_least_is_risked_while_one_more_would_put_the_day_over_its_limit() -> None:
    settings = PacingSettings()
    budget = Budget(settings)
    budget.add(0.0, answered=33)
    assert budget.theta(1.0) == pytest.approx(settings.least_theta)
    budget.add(2.0, answered=1)
    assert budget.theta(3.0) > settings.least_theta
    budget.add(4.0, abandoned=1)
    assert budget.theta(5.0) == pytest.approx(settings.least_theta)


def test_the_rolling_window_forgets_and_the_day_does_not() -> None:
    budget = Budget(PacingSettings(limit=AbandonLimit(window_seconds=600.0)))
    budget.add(0.0, answered=500, abandoned=40)
    budget.add(700.0, answered=500)
    budget.theta(700.0)
    assert (budget.window.answered, budget.window.abandoned) == (500, 0)
    assert (budget.day.answered, budget.day.abandoned) == (1000, 40)
    budget.new_day()
    assert budget.upper_bound() == 1.0
    assert budget.window.answered == 500
