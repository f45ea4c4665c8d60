"""Upper confidence bounds of a share (Wilson's score, one-sided), and what they leave."""

import math
from statistics import NormalDist


def z_of(confidence: float) -> float:
    """Return the standard normal quantile of a one-sided confidence (0.5 to below 1)."""
    return NormalDist().inv_cdf(confidence)


def upper_bound(abandoned: int, answered: int, z: float) -> float:
    """Return the upper bound of the share; 1.0 when nothing was answered."""
    if answered <= 0:
        return 1.0
    share, more = abandoned / answered, z * z / answered
    root = math.sqrt(max(share * (1.0 - share), 0.0) * more + more * more / 4.0)
    return min((share + more / 2.0 + root) / (1.0 + more), 1.0)


def allowance(answered: int, share: float, z: float) -> float:
    """Return how many may be abandoned before the upper bound passes `share`; negative with few answers.

    The bound reaches `share` where the count lies z standard deviations below what `share` would give:
    for 1,000 answers, 3 % and z = 1.645 that is 30 - 1.645 × 5.39 = 21.1 calls.
    """
    return answered * share - z * math.sqrt(answered * share * (1.0 - share))
