"""Days of outbound work for the pacing bench: who answers when, how long talks last, who is there.

Everything random comes from the day's seed and is drawn by the number of the dial or talk, so that every
way of pacing meets the same people in the same order.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

HOUR = 3600.0
RING_LIMIT = 25.0  # seconds after which a dial is given up
EVERY = 4500.0  # seconds between an agent's pauses, on average
BLOCK = 4096  # drawn at a time

Draw = Callable[[np.random.Generator, int], "np.ndarray"]  # so many seconds


@dataclass(frozen=True, slots=True)
class Absence:
    """An agent is away from `begins` until `ends` (seconds of the day); a talk is finished first."""

    agent: int
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Day:
    """One day. Times are seconds from its beginning, rates are shares of dials that a person answers."""

    seed: int
    agents: int
    seconds: float
    rates: tuple[float, ...]  # of equal slots of the day
    ring: Draw  # until a person answers; longer than RING_LIMIT is not answered
    talk: Draw
    wrap_up: Draw
    fails_early: float = 0.0  # share of the unanswered that end within a few seconds: busy, not in service
    absences: tuple[Absence, ...] = ()
    no_leads: tuple[tuple[float, float], ...] = ()  # from, until: the list has run out

    def rate(self, now: float) -> float:
        """Return the answer rate at a time."""
        slot = int(now / self.seconds * len(self.rates))
        return self.rates[min(slot, len(self.rates) - 1)]


def gamma(shape: float, mean: float) -> Draw:
    """Return a gamma distribution of this mean."""
    return lambda random, size: random.gamma(shape, mean / shape, size)


def log_normal(median: float, sigma: float) -> Draw:
    """Return a log-normal distribution."""
    return lambda random, size: random.lognormal(math.log(median), sigma, size)


def weibull(shape: float, scale: float) -> Draw:
    """Return a Weibull distribution."""
    return lambda random, size: scale * random.weibull(shape, size)


def uniform(low: float, high: float) -> Draw:
    """Return a uniform distribution."""
    return lambda random, size: random.uniform(low, high, size)


def always(seconds: float) -> Draw:
    """Return the same each time."""
    return lambda random, size: np.full(size, seconds)


def either(share: float, one: Draw, other: Draw) -> Draw:
    """Return a mixture: `share` of draws are of `one`."""

    def draw(random: np.random.Generator, size: int) -> np.ndarray:
        return np.where(random.random(size) < share, one(random, size), other(random, size))

    return draw


def stream(draw: Draw, *seed: int) -> Iterator[float]:
    """Yield draws without end, the same for the same seed."""
    random = np.random.default_rng(seed)
    while True:
        yield from draw(random, BLOCK).tolist()


def stationary(agents: int, seed: int = 1, hours: float = 8.0) -> Day:
    """Return the day on which nothing changes."""
    return Day(
        seed,
        agents,
        hours * HOUR,
        (0.25,),
        ring=gamma(4.0, 11.0),
        talk=log_normal(90.0, 0.5),
        wrap_up=always(15.0),
    )


TALKS: Sequence[Draw] = (
    log_normal(90.0, 0.5),
    gamma(1.0, 95.0),
    either(0.4, log_normal(20.0, 0.6), log_normal(140.0, 0.35)),  # refusals, and those who listen
    weibull(2.0, 110.0),
    log_normal(65.0, 1.0),
)
WRAP_UPS: Sequence[Draw] = (always(15.0), gamma(1.0, 15.0), uniform(5.0, 35.0), log_normal(14.0, 0.6))


def restless(agents: int, number: int, hours: float = 8.0) -> Day:
    """Return one of the days on which everything changes, by its number."""
    random = np.random.default_rng((2026, agents, number))
    begins_high = number % 2
    return Day(
        7_000 + number,
        agents,
        hours * HOUR,
        tuple(0.35 if (hour + begins_high) % 2 else 0.15 for hour in range(max(1, int(hours)))),
        ring=gamma(4.0, float(random.uniform(9.0, 13.0))),
        talk=TALKS[number % len(TALKS)],
        wrap_up=WRAP_UPS[number % len(WRAP_UPS)],
        fails_early=0.05,
        absences=_absences(random, agents, hours * HOUR),
        no_leads=_gaps(random, hours * HOUR),
    )


def _absences(random: np.random.Generator, agents: int, seconds: float) -> tuple[Absence, ...]:
    """Return pauses, the midday break one after the other, a meeting without warning, early leavers."""
    found: list[Absence] = []
    for agent in range(agents):
        clock = float(random.exponential(EVERY))
        while clock < seconds:
            length = float(random.uniform(180, 720))
            found.append(Absence(agent, clock, clock + length))
            clock += length + float(random.exponential(EVERY))
        lunch = seconds * (0.35 + 0.3 * agent / agents) + float(random.uniform(-120, 120))
        found.append(Absence(agent, lunch, lunch + 1800))
        if random.random() < 0.1:
            found.append(Absence(agent, float(random.uniform(0.7, 0.95)) * seconds, math.inf))
    if random.random() < 0.5:
        begins = float(random.uniform(0.1, 0.9)) * seconds
        called = random.permutation(agents)[: agents // 4].tolist()
        found += [Absence(agent, begins, begins + 900) for agent in called]
    return tuple(found)


def _gaps(random: np.random.Generator, seconds: float) -> tuple[tuple[float, float], ...]:
    """Return when the list has run out, until the next is loaded: every other day, 5 to 15 minutes."""
    if random.random() < 0.5:
        return ()
    begins = float(random.uniform(0.2, 0.9)) * seconds
    return ((begins, begins + float(random.uniform(300, 900))),)
