"""How long talks and wrap-ups last, learnt without assuming a shape."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TAIL = 1080  # seconds: ages from here on behave like this one
SECONDS = 1200  # the curve is kept by the second up to here; later ones behave like the last


def _edges() -> Floats:
    """Return the borders of the ages that are told apart: fine at first, coarser later."""
    fine = np.arange(0.0, 40.0, 1.0)
    middle = np.arange(40.0, 120.0, 4.0)
    late = 120.0 * 1.08 ** np.arange(31)
    return np.concatenate((fine, middle, late[late < SECONDS], [float(SECONDS)]))


EDGES = _edges()
WIDTHS = np.diff(EDGES)
AGES = np.arange(SECONDS + 1, dtype=np.float64)


class Lifetimes:
    """A life table that forgets: who came to each age, and who ended there, the old ones with less weight.

    Those still under way count as having come so far (they are censored), so a morning's first short talks
    do not make all talks look short.
    """

    def __init__(self, guess: float, memory: float = 1500.0, trust: float = 3.0) -> None:
        """`guess`: mean seconds before anything is known; `trust`: how many lifetimes that is worth."""
        self._growth = 1.0 / (1.0 - 1.0 / memory)
        self._weight = 1.0
        self._ends = np.zeros(len(WIDTHS))
        self._came = np.zeros(len(WIDTHS))
        self._seconds = 0.0  # all lifetimes together
        self._guess, self._trust = guess, trust

    def ended(self, seconds: float) -> None:
        """Learn one lifetime."""
        self._weight *= self._growth
        age = min(max(seconds, 0.0), SECONDS - 1e-6)
        last = int(np.searchsorted(EDGES, age, side="right")) - 1
        self._came[: last + 1] += self._weight
        self._ends[last] += self._weight
        self._seconds += self._weight * age
        if self._weight > 1e6:
            self._ends /= self._weight
            self._came /= self._weight
            self._seconds /= self._weight
            self._weight = 1.0

    def survival(self, running: Iterable[float] = ()) -> Floats:
        """Return the chance to last longer than 0, 1, … SECONDS; `running`: ages of those under way."""
        came, ends = self._came / self._weight, self._ends / self._weight
        seconds = self._seconds / self._weight
        ages = np.fromiter(running, dtype=np.float64)
        if len(ages):
            passed = (ages[:, None] - EDGES[:-1]) / WIDTHS  # one in the middle of an age counts half
            came += np.minimum(np.maximum(passed, 0.0), 1.0).sum(axis=0)
            seconds += float(ages.sum())
        pooled = (ends.sum() + self._trust) / (seconds + self._trust * self._guess)
        guessed = self._trust * np.exp(-EDGES[:-1] * pooled)  # who would have come by the guess
        ending = (ends + guessed * (1.0 - np.exp(-pooled * WIDTHS))) / (came + guessed)
        left = np.concatenate(([1.0], np.cumprod(1.0 - np.minimum(ending, 1.0))))
        curve: Floats = np.interp(AGES, EDGES, left)
        return curve

    def state(self) -> dict[str, Any]:
        """Return what was learnt, for `restore`."""
        return {
            "ends": (self._ends / self._weight).tolist(),
            "came": (self._came / self._weight).tolist(),
            "seconds": self._seconds / self._weight,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what was learnt. Raises ValueError when it is of other ages."""
        ends, came = np.array(state["ends"], dtype=float), np.array(state["came"], dtype=float)
        if ends.shape != WIDTHS.shape or came.shape != WIDTHS.shape:
            raise ValueError("the saved curve has other ages than this version's; leave it out to learn anew")
        self._ends, self._came, self._seconds, self._weight = ends, came, float(state["seconds"]), 1.0


def _ahead(survival: Floats, horizon: float) -> Floats:
    """Return for each age the chance to end within `horizon` seconds."""
    later = np.interp(AGES + horizon, AGES, survival)
    result: Floats = 1.0 - later / np.maximum(survival, 1e-12)
    result[TAIL:] = result[TAIL - 1]
    return result


def free_from_wrap_up(wrap_up: Floats, horizons: tuple[float, ...]) -> Floats:
    """Return the chance that a wrap-up of each age is over within each horizon: ages × horizons."""
    return np.stack([_ahead(wrap_up, horizon) for horizon in horizons], axis=1)


def free_from_talk(talk: Floats, wrap_up: Floats, horizons: tuple[float, ...]) -> Floats:
    """Return the chance that a talk of each age and its wrap-up are over: ages × horizons."""
    longest = math.ceil(max(horizons))
    longer = np.concatenate((talk, np.full(longest, talk[-1])))
    later = np.lib.stride_tricks.sliding_window_view(longer, longest + 1)
    ends = (later[:, :-1] - later[:, 1:]) / np.maximum(talk, 1e-12)[:, None]  # in each second from now
    ends[TAIL:] = ends[TAIL - 1]
    middle = np.arange(longest) + 0.5
    left = np.subtract.outer(np.asarray(horizons), middle)  # seconds for the wrap-up: horizons × seconds
    done = np.where(left > 0.0, 1.0 - np.interp(np.maximum(left, 0.0), AGES, wrap_up), 0.0)
    result: Floats = ends @ done.T
    return result
