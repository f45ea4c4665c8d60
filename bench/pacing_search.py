"""Finds afterwards the best that a peer could have been set to, on the very days that are measured."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bench.pacing_days import Day
from bench.pacing_floor import Floor, Tally, Way
from bench.pacing_peers import FixedRatio, Vicidial, VicidialSettings

LIMIT = 3.0  # per cent of answered calls
NEVER = 3.5  # per cent: no day is above
FEW = 0.01  # share of days that may be above LIMIT
SAMPLE = 5  # a search looks at every so many days first
STEPS = 6  # halvings of a ratio's range
TUNINGS = 36  # drawn for the adaptive level
FINALISTS = 3
Limit = Literal["each day", "all days together"]
LIMITS: Sequence[Limit] = ("each day", "all days together")


@dataclass(slots=True)
class Result:
    """What came of a way of pacing on some days."""

    name: str
    tally: Tally = field(default_factory=Tally)
    days: list[float] = field(default_factory=list)  # abandonment of each, per cent

    def keeps(self, limit: Limit) -> bool:
        """Return whether the limit was kept."""
        if self.tally.abandonment > LIMIT:
            return False
        if limit == "all days together":
            return True
        return self.above <= FEW * len(self.days) and max(self.days) <= NEVER

    @property
    def above(self) -> int:
        """Return how many days were above the limit."""
        return sum(day > LIMIT for day in self.days)


def played(name: str, make: Callable[[], Way], days: Sequence[Day]) -> Result:
    """Play days, each with a new way of pacing: for those that remember nothing overnight."""
    result = Result(name)
    for day in days:
        tally = Floor(day, make()).play()
        result.tally.add(tally)
        result.days.append(tally.abandonment)
    return result


def best_of(results: Sequence[Result], limit: Limit) -> Result | None:
    """Return the one that kept agents busiest within the limit."""
    kept = [result for result in results if result.keeps(limit)]
    return max(kept, key=lambda result: result.tally.occupancy, default=None)


def best_ratio(days: Sequence[Day], limit: Limit) -> Result | None:
    """Return the best fixed ratio, to free agents or to all, by halving on a sample and then on all days."""
    ranges: dict[Literal["present", "free"], tuple[float, float]] = {
        "present": (1.0, 2.0),
        "free": (1.0, 12.0),
    }
    sample = days[::SAMPLE]
    sampled = {of: _halve(of, low, high, sample, limit) for of, (low, high) in ranges.items()}
    kept = {of: result.tally.occupancy for of, (_, result) in sampled.items() if result is not None}
    if not kept:
        return None
    of = max(kept, key=lambda one: kept[one])
    ratio, result = sampled[of]
    if len(sample) == len(days):
        return result
    return _halve(of, 0.85 * ratio, 1.15 * ratio, days, limit)[1]


def _halve(
    of: Literal["present", "free"], low: float, high: float, days: Sequence[Day], limit: Limit
) -> tuple[float, Result | None]:
    """Return the greatest ratio found that keeps the limit, and what came of it."""
    best, ratio = None, low
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        result = played(f"{middle:.2f} lines for each agent {of}", _ratio(middle, of), days)
        if result.keeps(limit):
            low = ratio = middle
            best = result if best is None else best_of([best, result], limit)
        else:
            high = middle
    return ratio, best


def _ratio(ratio: float, of: Literal["present", "free"]) -> Callable[[], Way]:
    return lambda: FixedRatio(ratio, of)


def best_vicidial(days: Sequence[Day], limit: Limit, tunings: int = TUNINGS) -> Result | None:
    """Return the best tuning: many drawn and tried on a sample, the best tried on all days."""
    sample = days[::SAMPLE]
    tried: list[tuple[Result, VicidialSettings]] = []
    for settings in _tunings(tunings, days[0].agents):
        tried.append((played(_named(settings), _level(settings), sample), settings))
        if not tried[-1][0].keeps("all days together") and settings.drop_limit > 0.025:
            # The sample's days are too few to judge by: a lower brake may keep what this one just missed.
            lower = replace(settings, drop_limit=0.024)
            tried.append((played(_named(lower), _level(lower), sample), lower))
    tried.sort(key=lambda one: (one[0].keeps(limit), one[0].tally.occupancy), reverse=True)
    if len(sample) == len(days):
        return best_of([result for result, _ in tried], limit)
    finals = [played(_named(settings), _level(settings), days) for _, settings in tried[:FINALISTS]]
    return best_of(finals, limit) or _first_kept(tried[FINALISTS:], days, limit)


def _first_kept(
    tried: Sequence[tuple[Result, VicidialSettings]], days: Sequence[Day], limit: Limit
) -> Result | None:
    """Return the next best that keeps the limit on all days, when the finalists only did on the sample."""
    for _, settings in tried[: 2 * FINALISTS]:
        result = played(_named(settings), _level(settings), days)
        if result.keeps(limit):
            return result
    return None


def _level(settings: VicidialSettings) -> Callable[[], Way]:
    return lambda: Vicidial(settings)


def _named(settings: VicidialSettings) -> str:
    counted = "ready agents only" if settings.available_only else "all agents"
    return (
        f"{settings.mode} brake at {settings.drop_limit:.1%}, cap {settings.most:.2f}, target "
        f"{settings.target:+.1f}, intensity {settings.intensity:+.0f}, {counted}"
    )


def _tunings(count: int, agents: int) -> list[VicidialSettings]:
    """Return tunings: the usual ones, a ladder of caps over ready agents (the best known way), and others."""
    ladder = [
        VicidialSettings(most=1.4 * 1.16**step, available_only=True, drop_limit=0.028)
        for step in range(count // 3)
    ]
    draw = random.Random(agents)
    others = [
        VicidialSettings(
            drop_limit=draw.choice((0.015, 0.02, 0.025, 0.03)),
            target=draw.choice((-0.2, -0.1, -0.05, 0.0, 0.05)) * agents,
            intensity=draw.choice((-40.0, -20.0, 0.0, 20.0, 40.0)),
            most=draw.uniform(1.05, 1.6) if draw.random() < 0.5 else draw.uniform(1.6, 6.0),
            mode=draw.choice(("hard", "average", "tapered")),
            available_only=draw.random() < 0.5,
        )
        for _ in range(count - len(ladder) - 1)
    ]
    return [VicidialSettings(), *ladder, *others]
