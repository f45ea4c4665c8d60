"""Whole numbers by their groups of three digits, as both languages speak them."""

from collections.abc import Callable

LARGEST = 10**15 - 1
_POWERS = range(4, -1, -1)  # of a thousand, up to LARGEST


def in_thousands(value: int, group: Callable[[int, int], tuple[str, ...]]) -> tuple[str, ...]:
    """Speak a whole number; `group(part, power)` speaks `part` times the `power`-th power of a thousand.

    `part` is 1 to 999. Raises ValueError beyond ±`LARGEST`.
    """
    if abs(value) > LARGEST:
        raise ValueError(f"a number beyond {LARGEST} cannot be spoken")
    if value < 0:
        return ("minus", *in_thousands(-value, group))
    if value == 0:
        return ("d_0",)
    spoken: tuple[str, ...] = ()
    for power in _POWERS:
        part = value // 1000**power % 1000
        if part:
            spoken += group(part, power)
    return spoken
