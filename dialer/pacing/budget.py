"""What is left of the limit, over the day and over the rolling window, and the risk that a dial may carry."""

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

from dialer.pacing.bounds import allowance, upper_bound, z_of
from dialer.pacing.settings import PacingSettings

BUCKET = 10.0  # seconds: the window forgets in steps of so many
DRIFT = 0.6  # per hour and call left: how fast the usual risk follows what is left
QUICK = 0.25  # per call left: how fast the risk of the moment follows
FAR = 5.0  # calls: more than these left do not hasten anything
LOWEST_USUAL = math.log(0.01)
NOTHING_LEFT = math.log(0.03)  # as risky as the limit itself: what is left stays what it is


class Count:
    """Answered and abandoned, since a day began or over the last seconds."""

    def __init__(self, seconds: float = math.inf) -> None:
        self.answered = self.abandoned = 0
        self._seconds = seconds
        self._buckets: deque[list[float]] = deque()  # begins, answered, abandoned

    def add(self, now: float, answered: int, abandoned: int) -> None:
        """Count."""
        self.answered += answered
        self.abandoned += abandoned
        if self._seconds == math.inf:
            return
        if not self._buckets or now - self._buckets[-1][0] >= BUCKET:
            self._buckets.append([now, 0, 0])
        self._buckets[-1][1] += answered
        self._buckets[-1][2] += abandoned

    def forget(self, now: float) -> None:
        """Drop what is older than the window."""
        while self._buckets and now - self._buckets[0][0] > self._seconds:
            _, answered, abandoned = self._buckets.popleft()
            self.answered -= int(answered)
            self.abandoned -= int(abandoned)

    def state(self, now: float) -> list[list[float]]:
        """Return age, answered, abandoned of what is counted."""
        if self._seconds == math.inf:
            return [[0.0, self.answered, self.abandoned]]
        return [
            [max(now - begins, 0.0), answered, abandoned] for begins, answered, abandoned in self._buckets
        ]

    def restore(self, state: list[list[float]], now: float, elapsed: float) -> None:
        """Take back what was counted `elapsed` seconds before now. Raises ValueError, TypeError."""
        for age, answered, abandoned in state:
            if not 0 <= abandoned <= answered + abandoned or age < 0:
                raise ValueError("counts of calls cannot be negative")
            self.add(now - elapsed - age, int(answered), int(abandoned))
        self.forget(now)


class Budget:
    """Keeps the limit."""

    def __init__(self, settings: PacingSettings) -> None:
        self._settings = settings
        self._share = settings.limit.share
        self._z = z_of(settings.limit.confidence)
        self._least, self._most = math.log(settings.least_theta), math.log(settings.most_theta)
        self._first = math.log(settings.first_theta)
        self.day = Count()
        self.window = Count(settings.limit.window_seconds)
        self.usual = self._first  # log of the theta that was right lately
        self._moved = math.nan

    def add(self, now: float, *, answered: int = 0, abandoned: int = 0) -> None:
        """Count calls."""
        self.day.add(now, answered, abandoned)
        self.window.add(now, answered, abandoned)

    def new_day(self) -> None:
        """Begin a day: its counts are zero; the window and what was learnt stay."""
        self.day = Count()

    def upper_bound(self) -> float:
        """Return the upper bound of the day's abandonment."""
        return upper_bound(self.day.abandoned, self.day.answered, self._z)

    def left(self) -> float:
        """Return how many more may be abandoned before an upper bound, of day or window, passes the limit."""
        return min(
            allowance(count.answered, self._share, self._z) - count.abandoned
            for count in (self.day, self.window)
        )

    def theta(self, now: float) -> float:
        """Return the greatest chance of finding no agent that a new dial may carry now.

        A slow part finds the risk that uses up what is allowed, a quick part steers about it; with nothing
        left it falls to the least within a few calls. A day begins with care, and as long as one more
        abandoned call would put it over the limit, as it would before 34 answers, only the least is risked.
        """
        self.window.forget(now)
        left = self.left()
        ahead = min(max(left - self._settings.reserve, -FAR), FAR)
        cautious = self.day.answered < self._settings.cautious_answers
        if not cautious and now > self._moved:
            hours = min(now - self._moved, 5.0) / 3600.0
            self.usual = min(max(self.usual + DRIFT * hours * ahead, LOWEST_USUAL), self._most)
        self._moved = now
        theta = self.usual + QUICK * (left - self._settings.reserve)
        if cautious:
            theta = min(theta, self._first)
        if left < 0.0:
            theta = min(theta, NOTHING_LEFT + 0.5 * left)
        if self.day.abandoned + 1 > self._share * self.day.answered:
            theta = self._least
        return math.exp(min(max(theta, self._least), self._most))

    def state(self, now: float) -> dict[str, Any]:
        """Return counts and the usual theta."""
        return {"day": self.day.state(now), "window": self.window.state(now), "usual": self.usual}

    def restore(self, state: Mapping[str, Any], now: float, *, elapsed: float, same_day: bool) -> None:
        """Take back a state. Raises KeyError, TypeError, ValueError."""
        if same_day:
            self.day.restore(state["day"], now, 0.0)
        self.window.restore(state["window"], now, elapsed)
        self.usual = min(max(float(state["usual"]), LOWEST_USUAL), self._most)
