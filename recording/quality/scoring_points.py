"""Points shared out in whole hundredths, so that every sum is exact. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

HUNDRED = 10_000
"""A whole form in hundredths of a point."""


def points(hundredths: int) -> Decimal:
    """Return hundredths as points with two decimals."""
    return Decimal(hundredths).scaleb(-2)


def share_out(whole: int, weights: Sequence[Decimal | int]) -> list[int]:
    """Return `whole` hundredths in parts that are as the weights, and together exactly `whole`.

    Nearest parts (the method of Webster and Sainte-Laguë, ties to the earlier one). Unlike rounding with the
    largest remainders it never gives anybody less when another one leaves, so that a yes in place of an N/A
    cannot cost a hundredth elsewhere. What divides without a rest is given exactly. Raises ValueError: no
    weights, or one that is not above 0.
    """
    exact = [Fraction(weight) for weight in weights]
    if not exact or min(exact) <= 0:
        raise ValueError("points are shared among weights above 0")
    one = Fraction(whole) / sum(exact)
    parts = [_nearest(weight * one) for weight in exact]
    # Each part is at most half a hundredth off, so that a few steps at most are left.
    while sum(parts) < whole:
        place = min(range(len(parts)), key=lambda at: (-exact[at] / (2 * parts[at] + 1), at))
        parts[place] += 1
    while sum(parts) > whole:
        taken = [at for at in range(len(parts)) if parts[at]]
        place = max(taken, key=lambda at: (-exact[at] / (2 * parts[at] - 1), at))
        parts[place] -= 1
    return parts


def _nearest(value: Fraction) -> int:
    """Return the nearest whole number, a half downwards."""
    return -((1 - 2 * value) // 2)
