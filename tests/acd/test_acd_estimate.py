"""The expected wait: against a simulation, and what must hold of it whatever was seen."""

import heapq
import math
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.estimate import EstimateRules, Estimator
from tests.laws import asks

RULES = EstimateRules()


def seen(*handle_times: float, queue: str = "efin") -> Estimator:
    estimator = Estimator()
    for seconds in handle_times:
        estimator.talked(queue, seconds)
    return estimator


def steady(seconds: float = 360.0, queue: str = "efin") -> Estimator:
    return seen(*[seconds * factor for factor in (0.5, 0.8, 1.0, 1.2, 1.5)] * 60, queue=queue)


def test_the_first_in_line_waits_for_the_first_of_many_agents() -> None:
    assert steady().expected("efin", 0, 36) == pytest.approx(10.0, rel=0.02)


def test_those_ahead_are_served_first() -> None:
    assert steady().expected("efin", 29, 36) == pytest.approx(300.0, rel=0.02)


def test_those_ahead_who_give_up_shorten_the_wait() -> None:
    estimator = steady()
    for number in range(3_000):
        estimator.waited(60.0, gave_up=number % 5 == 0)  # one in 300 seconds
    rate, giving_up = 36 / 360.0, 1 / 300.0
    exact = sum(1 / (rate + j * giving_up) for j in range(60))
    assert estimator.expected("efin", 59, 36) == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize(
    ("ahead", "serving", "why"),
    [(3, 0, "nobody serves"), (0, 1, "one talk may last"), (0, 2, "two talks may last")],
)
def test_it_is_withheld(ahead: int, serving: int, why: str) -> None:
    assert steady().expected("efin", ahead, serving) is None, why


def test_it_is_withheld_until_enough_was_seen() -> None:
    estimator = seen(*[300.0] * (RULES.least_handled - 1))
    assert estimator.expected("efin", 30, 30) is None
    estimator.talked("efin", 300.0)
    assert estimator.expected("efin", 30, 30) == pytest.approx(310.0)


def test_handle_times_all_over_the_place_are_not_trusted() -> None:
    wild = seen(*[1.0, 1.0, 1.0, 1.0, 20_000.0] * 5)
    assert wild.expected("efin", 2, 8) is None


def test_a_queue_seen_too_little_goes_by_all() -> None:
    estimator = steady(200.0, "token")
    estimator.talked("complaints", 2_000.0)
    assert estimator.expected("complaints", 30, 30) == pytest.approx(estimator.expected("never seen", 30, 30))
    for _ in range(RULES.least_handled):
        estimator.talked("complaints", 2_000.0)
    told, others = estimator.told("complaints", 30, 30), estimator.told("token", 30, 30)
    assert told is not None and others is not None
    assert told.seconds > 5 * others.seconds


def test_new_handle_times_replace_old_ones() -> None:
    estimator = steady(200.0)
    for _ in range(300):
        estimator.talked("efin", 400.0)
    assert estimator.expected("efin", 59, 40) == pytest.approx(600.0, rel=0.02)


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_what_is_no_duration_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="Remedy"):
        Estimator().talked("efin", seconds)
    with pytest.raises(ValueError, match="Remedy"):
        Estimator().waited(seconds, gave_up=False)


durations = st.floats(0, 7_200, allow_subnormal=False)


@settings(max_examples=asks(150), deadline=None)
@given(
    handled=st.lists(durations, min_size=20, max_size=60),
    waits=st.lists(st.tuples(durations, st.booleans()), max_size=40),
    serving=st.integers(0, 300),
    ahead=st.integers(0, 3_000),
)
def test_never_negative_greater_with_those_ahead_less_with_those_who_serve(
    handled: list[float], waits: list[tuple[float, bool]], serving: int, ahead: int
) -> None:
    estimator = seen(*handled)
    for seconds, gave_up in waits:
        estimator.waited(seconds, gave_up)
    told = [estimator.told("efin", k, serving) for k in (ahead, ahead + 1, 2 * ahead + 7)]
    more = estimator.told("efin", ahead, serving + 1)
    values = [value.seconds for value in told if value is not None]
    assert values == sorted(values)
    assert all(0.0 < value < math.inf for value in values)
    assert all(0.0 <= value.chance <= 1.0 for value in told if value is not None)
    if values:
        assert more is not None and more.seconds <= values[0] * (1 + 1e-9)
    expected = estimator.expected("efin", ahead, serving)
    assert expected is None or expected == values[0]


@dataclass
class Centre:
    """A small simulated centre: Poisson arrivals, log-normal handle times, callers who give up."""

    agents: int
    load: float  # offered, per agent
    patience: float
    mean: float = 360.0
    sigma: float = 0.7
    dice: random.Random = field(default_factory=lambda: random.Random(1500200))
    told: list[tuple[float, float]] = field(default_factory=list)  # expected, actual
    asked: int = 0

    def run(self, hours: float) -> None:
        """Tell each caller who must wait; note the actual wait of those who were served."""
        estimator, now, free = Estimator(), 0.0, self.agents
        waiting: list[tuple[float, float, float | None]] = []  # gives up at, since, told
        ends: list[tuple[float, float]] = []
        gap = self.mean / (self.agents * self.load)
        while now < hours * 3600:
            now += self.dice.expovariate(1 / gap)
            while ends and ends[0][0] <= now:
                end, handled = heapq.heappop(ends)
                estimator.talked("efin", handled)
                free += 1
                free -= self._next(end, waiting, ends, estimator)
            if free:
                free -= 1
                self._talk(now, ends)
                continue
            ahead = sum(leaves > now for leaves, _, _ in waiting)
            self.asked += 1
            told = estimator.expected("efin", ahead, self.agents)
            waiting.append((now + self.dice.expovariate(1 / self.patience), now, told))

    def _next(
        self,
        now: float,
        waiting: list[tuple[float, float, float | None]],
        ends: list[tuple[float, float]],
        estimator: Estimator,
    ) -> int:
        while waiting:
            leaves, since, told = waiting.pop(0)
            gave_up = leaves <= now
            estimator.waited(min(leaves, now) - since, gave_up)
            if not gave_up:
                if told is not None:
                    self.told.append((told, now - since))
                self._talk(now, ends)
                return 1
        return 0

    def _talk(self, now: float, ends: list[tuple[float, float]]) -> None:
        handled = self.dice.lognormvariate(math.log(self.mean) - self.sigma**2 / 2, self.sigma)
        heapq.heappush(ends, (now + handled, handled))


@pytest.mark.parametrize(
    "centre",
    [
        Centre(agents=40, load=0.95, patience=900.0),
        Centre(agents=40, load=1.3, patience=400.0),  # a filing day: many give up
        Centre(agents=150, load=1.15, patience=600.0),
        Centre(agents=8, load=1.1, patience=1_200.0),
    ],
    ids=["usual", "filing_day", "large", "small"],
)
def test_what_is_told_comes_true(centre: Centre) -> None:
    centre.run(hours=8.0 if centre.agents > 100 else 30.0)
    true = [
        abs(actual - told) <= max(RULES.margin_seconds, RULES.margin_share * told)
        for told, actual in centre.told
    ]
    assert len(true) > 150, "too little was told to judge"
    assert sum(true) / len(true) >= RULES.least_chance
    mean_told = sum(told for told, _ in centre.told) / len(true)
    mean_actual = sum(actual for _, actual in centre.told) / len(true)
    assert mean_told == pytest.approx(mean_actual, rel=0.15), "biased"


def test_a_small_team_is_told_less_often() -> None:
    small, large = Centre(4, 1.05, 1_200.0), Centre(80, 1.05, 600.0)
    small.run(hours=40.0)
    large.run(hours=10.0)
    assert len(small.told) / small.asked < len(large.told) / large.asked
