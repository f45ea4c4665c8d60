"""How many of many independent yes-or-no things come true (Poisson-binomial), at several horizons at once.

The tail comes from mean, variance and third moment (the normal distribution with Volkova's refinement): sums
that can be kept up one by one. Its error is below 0.01 from about ten things on, and it is quick.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HORIZONS = (3.0, 6.0, 9.0, 12.0, 16.0, 20.0)  # seconds
WIDTH = len(HORIZONS)
COLUMNS = 3 * WIDTH  # of a table: means, variances, third moments, each by horizon
CERTAIN = 1e-9  # a variance below this is none
FAR = 6.0  # standard deviations


def into_columns(chances: Floats, table: Floats) -> None:
    """Write the moments of single things with these chances (things × horizons) into a table's rows."""
    table[:, :WIDTH] = chances
    np.multiply(chances, 1.0 - chances, out=table[:, WIDTH : 2 * WIDTH])
    np.multiply(table[:, WIDTH : 2 * WIDTH], 1.0 - 2.0 * chances, out=table[:, 2 * WIDTH :])


class Crowd:
    """The moments of a count, by horizon."""

    def __init__(self, moments: Sequence[float]) -> None:
        """`moments`: a row as `into_columns` writes it, or a sum of such rows."""
        self._moments = list(moments)

    def add(self, thing: Sequence[float]) -> None:
        """Add one thing."""
        self._moments = [have + more for have, more in zip(self._moments, thing, strict=True)]

    def remove(self, thing: Sequence[float]) -> None:
        """Remove one."""
        self._moments = [have - less for have, less in zip(self._moments, thing, strict=True)]

    def risk(self, least: int, weights: Sequence[float], enough: float = 1.0) -> float:
        """Return the chance, weighted over the horizons, that the count reaches `least`.

        Counting stops above `enough`. Weights for the first horizons only are fine.
        """
        moments, total = self._moments, 0.0
        for horizon, weight in enumerate(weights):
            total += weight * tail(
                least, moments[horizon], moments[horizon + WIDTH], moments[horizon + 2 * WIDTH]
            )
            if total > enough:
                break
        return total


def tail(least: int, mean: float, variance: float, third: float) -> float:
    """Return P(count >= least) from mean, variance and third central moment."""
    if least <= 0:
        return 1.0
    if variance < CERTAIN:
        return 1.0 if mean >= least - 0.5 else 0.0
    deviation = math.sqrt(variance)
    x = (least - 0.5 - mean) / deviation
    if x > FAR:
        return 0.0
    skew = third / (variance * deviation)
    above = 0.5 * math.erfc(x * 0.7071067811865476)
    above -= skew * (1.0 - x * x) * math.exp(-0.5 * x * x) * 0.0664903800669  # 1 / (6 √(2π))
    return min(max(above, 0.0), 1.0)
