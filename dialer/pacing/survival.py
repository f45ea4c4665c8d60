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
    """A life table that forgets: ends and time at risk by age, the old ones with less weight.

    Those still under way count as time at risk (they are censored), so a morning's first short talks do
    not make all talks look short.
    """

    def __init__(self, guess: float, memory: float = 1500.0, trust: float = 3.0) -> None:
        """`guess`: mean seconds before anything is known; `trust`: the weight of that in lifetimes."""
        self._growth = 1.0 / (1.0 - 1.0 / memory)
        self._weight = 1.0
        self._ends = np.zeros(len(WIDTHS))
        self._at_risk = np.zeros(len(WIDTHS))
        self._guess, self._trust = guess, trust

    def ended(self, seconds: float) -> None:
        """Learn one lifetime."""
        self._weight *= self._growth
        age = min(max(seconds, 0.0), SECONDS - 1e-6)
        last = int(np.searchsorted(EDGES, age, side="right")) - 1
        self._at_risk[:last] += self._weight * WIDTHS[:last]
        self._at_risk[last] += self._weight * (age - EDGES[last])
        self._ends[last] += self._weight
        if self._weight > 1e6:
            self._ends /= self._weight
            self._at_risk /= self._weight
            self._weight = 1.0

    def survival(self, running: Iterable[float] = ()) -> Floats:
        """Return the chance to last longer than 0, 1, … SECONDS; `running`: ages of those under way."""
        at_risk, ends = self._at_risk / self._weight, self._ends / self._weight
        for age in running:
            at_risk += np.clip(age - EDGES[:-1], 0.0, WIDTHS)
        pooled = (ends.sum() + self._trust) / (at_risk.sum() + self._trust * self._guess)
        share = self._trust * WIDTHS * np.exp(-EDGES[:-1] * pooled)  # what the guess would have had at risk
        hazard = (ends + pooled * share) / (at_risk + share)
        total = np.concatenate(([0.0], np.cumsum(hazard * WIDTHS)))
        return np.exp(-np.minimum(np.interp(AGES, EDGES, total), 600.0))

    def state(self) -> dict[str, list[float]]:
        """Return what was learnt, for `restore`."""
        return {
            "ends": (self._ends / self._weight).tolist(),
            "at_risk": (self._at_risk / self._weight).tolist(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what was learnt. Raises ValueError when it is of other ages."""
        ends, at_risk = np.array(state["ends"], dtype=float), np.array(state["at_risk"], dtype=float)
        if ends.shape != WIDTHS.shape or at_risk.shape != WIDTHS.shape:
            raise ValueError("the saved curve has other ages than this version's; leave it out to learn anew")
        self._ends, self._at_risk, self._weight = ends, at_risk, 1.0


def _ahead(survival: Floats, horizon: float) -> Floats:
    """Return for each age the chance to end within `horizon` seconds."""
    later = np.interp(AGES + horizon, AGES, survival)
    result: Floats = 1.0 - later / np.maximum(survival, 1e-200)
    result[TAIL:] = result[TAIL - 1]
    return result


def free_from_wrap_up(wrap_up: Floats, horizons: tuple[float, ...]) -> Floats:
    """Return the chance that a wrap-up of each age is over within each horizon: ages × horizons."""
    return np.stack([_ahead(wrap_up, horizon) for horizon in horizons], axis=1)


def free_from_talk(talk: Floats, wrap_up: Floats, horizons: tuple[float, ...]) -> Floats:
    """Return the chance that a talk of each age and its wrap-up are over: ages × horizons."""
    longest = math.ceil(max(horizons))
    later = np.minimum(np.add.outer(np.arange(SECONDS + 1), np.arange(longest + 1)), SECONDS)
    left_then = talk[later] / np.maximum(talk, 1e-200)[:, None]
    left_then[TAIL:] = left_then[TAIL - 1]
    ends = left_then[:, :-1] - left_then[:, 1:]  # within each second from now
    middle = np.arange(longest) + 0.5
    left = np.subtract.outer(np.asarray(horizons), middle)  # seconds for the wrap-up: horizons × seconds
    done = np.where(left > 0.0, 1.0 - np.interp(np.maximum(left, 0.0), AGES, wrap_up), 0.0)
    result: Floats = ends @ done.T
    return result
