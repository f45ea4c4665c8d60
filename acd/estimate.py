"""How long a waiting call is still expected to wait; withheld when it cannot be told honestly.

While every agent who could take a call is busy, `serving` of them end their handling at a rate of
serving ÷ mean handle time, and each of the k calls ahead gives up at a rate of its own. So the wait
is a sum of k + 1 stages (W. Whitt, "Predicting Queueing Delays", Management Science 45(6), 1999):

    expected = Σ 1 ÷ (serving ÷ handle + j · giving_up),   j = 0 … ahead

which assumes that the caller stays. What is told counts as true when the wait ends within a margin
of it; a value whose chance of that is too small is withheld.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EstimateRules:
    """When an expected wait may be told. None of it is published by the centre."""

    least_handled: int = 20  # handle times seen before a queue's own are trusted, and before any are
    weight: float = 0.02  # of the newest handle time: about the last hundred count
    margin_seconds: float = 60.0  # a told wait is true within this, or within `margin_share` of it
    margin_share: float = 0.4
    least_chance: float = 0.7  # that it comes true; else it is withheld
    assumed: bool = True


class HandleTimes:
    """Mean and variance of handle times, the newest weighing most."""

    __slots__ = ("mean", "seen", "variance")

    def __init__(self) -> None:
        self.seen = 0
        self.mean = 0.0  # seconds
        self.variance = 0.0  # seconds squared

    def add(self, seconds: float, weight: float) -> None:
        """Count a handle time; the first ones weigh alike."""
        self.seen += 1
        share = max(weight, 1.0 / self.seen)
        step = seconds - self.mean
        self.mean += share * step
        self.variance = (1.0 - share) * (self.variance + share * step * step)

    def uncertainty(self, weight: float) -> float:
        """Return the squared relative error of the mean. Of equal handle times it is 0."""
        effective = min(self.seen, 2.0 / weight - 1.0)
        return self.variance / (self.mean * self.mean * effective)


class Estimator:
    """Learns handle times and patience as calls end; tells expected waits. Every call costs O(1)."""

    def __init__(self, rules: EstimateRules | None = None) -> None:
        self.rules = rules or EstimateRules()
        self._all = HandleTimes()
        self._queues: dict[str, HandleTimes] = {}
        self._gave_up = 0.0  # calls, the newest weighing most
        self._waited = 0.0  # seconds that calls waited, weighted likewise

    def talked(self, queue: str, seconds: float) -> None:
        """Count an agent's handle time: talk, hold and wrap-up together, in seconds.

        Raises ValueError when it is negative or no number.
        """
        if not 0.0 <= seconds < math.inf:
            raise ValueError(f"handle time of `{queue}` is {seconds}. Remedy: give seconds of 0 or more")
        times = self._queues.get(queue)
        if times is None:
            times = self._queues[queue] = HandleTimes()
        times.add(seconds, self.rules.weight)
        self._all.add(seconds, self.rules.weight)

    def waited(self, seconds: float, gave_up: bool) -> None:
        """Count a wait that ended, by an answer or because the caller hung up. Optional.

        Callers give up at the rate (how many did) ÷ (how long all waited): the maximum likelihood
        when answers cut patience short. Without it nobody ahead is assumed to give up.
        Raises ValueError when it is negative or no number.
        """
        if not 0.0 <= seconds < math.inf:
            raise ValueError(f"a wait of {seconds}. Remedy: give seconds of 0 or more")
        keep = 1.0 - self.rules.weight / 10.0  # giving up is rare: remember longer
        self._gave_up = keep * self._gave_up + gave_up
        self._waited = keep * self._waited + seconds

    def expected(self, queue: str, ahead: int, serving: int) -> float | None:
        """Return the seconds a call is still expected to wait; None: withheld.

        `ahead`: calls to be served before it that want the same agents. `serving`: agents who could
        take it, signed in and not away, in the widest ring that is open to it. Greater with `ahead`.
        """
        told = self.told(queue, ahead, serving)
        if told is None or told.chance < self.rules.least_chance:
            return None
        return told.seconds

    def told(self, queue: str, ahead: int, serving: int) -> Told | None:
        """Return the estimate with its spread, withheld or not; None: nothing to estimate from."""
        times = self._queues.get(queue, self._all)
        if times.seen < self.rules.least_handled:
            times = self._all
        if serving <= 0 or ahead < 0 or times.seen < self.rules.least_handled:
            return None
        if times.mean < 1.0:  # seconds: no talk is that short, so there is nothing to go by
            return None
        rate = serving / times.mean
        giving_up = self._gave_up / max(self._waited, 1.0)
        mean, squares = _stages(rate, giving_up, ahead)
        # The ends of many agents' talks come like a Poisson process, however long each talk is.
        spread = math.sqrt(squares + mean * mean * times.uncertainty(self.rules.weight))
        margin = max(self.rules.margin_seconds, self.rules.margin_share * mean)
        return Told(mean, spread, margin)


@dataclass(frozen=True, slots=True)
class Told:
    """An estimate: the mean, the standard deviation and what it may be off by, all in seconds."""

    seconds: float
    spread: float
    margin: float

    @property
    def chance(self) -> float:
        """Return the chance that the wait ends within the margin, as if it were gamma distributed."""
        shape = (self.seconds / self.spread) ** 2
        return _gamma((self.seconds + self.margin) / self.seconds, shape) - _gamma(
            (self.seconds - self.margin) / self.seconds, shape
        )


def _stages(rate: float, giving_up: float, ahead: int) -> tuple[float, float]:
    """Return the sum of 1 ÷ (rate + j · giving_up) over j = 0 … ahead, and of their squares.

    By the Euler–Maclaurin formula after the first stage; less than 1 % off.
    """
    first = 1.0 / rate
    if not ahead:
        return first, first * first
    if giving_up * ahead < 1e-6 * rate:
        return (ahead + 1) * first, (ahead + 1) * first * first
    begin, end = rate + giving_up, rate + ahead * giving_up
    low, high = 1.0 / begin, 1.0 / end
    mean = first + math.log(end * low) / giving_up + (low + high) / 2
    mean += giving_up * (low * low - high * high) / 12
    squares = first * first + (low - high) / giving_up + (low * low + high * high) / 2
    return mean, squares


def _gamma(ratio: float, shape: float) -> float:
    """Return the chance that a gamma value is at most `ratio` × its mean (Wilson and Hilferty 1931)."""
    if ratio <= 0.0:
        return 0.0
    ninth = 1.0 / (9.0 * shape)
    return 0.5 * math.erfc((1.0 - ninth - math.cbrt(ratio)) / math.sqrt(2.0 * ninth))
