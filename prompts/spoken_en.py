"""Numbers, digits, dates, times, money and codes as English words.

Every function returns keys of `words.yaml` in the order in which they are spoken. Pure. Digits and
codes are spoken as in Indonesian: the keys are the same.
"""

from datetime import date, time

from prompts.spoken_id import code, digits, weekday
from prompts.thousands import in_thousands

__all__ = ["clock", "code", "day", "digits", "money", "month", "number", "weekday"]

_SCALES = ("", "thousand", "million", "billion", "trillion")


def number(value: int) -> tuple[str, ...]:
    """Speak a whole number, e.g. 1_250 as *one thousand two hundred fifty*.

    Raises ValueError beyond ±`prompts.thousands.LARGEST`.
    """
    return in_thousands(value, _group)


def _group(part: int, power: int) -> tuple[str, ...]:
    return (*_below_thousand(part), *((_SCALES[power],) if power else ()))


def _below_thousand(value: int) -> tuple[str, ...]:
    hundreds, rest = divmod(value, 100)
    head = (f"d_{hundreds}", "hundred") if hundreds else ()
    return (*head, *_below_hundred(rest))


def _below_hundred(value: int) -> tuple[str, ...]:
    if value == 0:
        return ()
    if value < 10:
        return (f"d_{value}",)
    if value < 20:
        return (f"n_{value}",)
    tens, ones = divmod(value, 10)
    return (f"n_{tens * 10}", *_below_hundred(ones))


def day(value: date) -> tuple[str, ...]:
    """Speak a date, e.g. *March thirty-first, twenty twenty-six*."""
    tens, ones = divmod(value.day, 10)
    if value.day <= 20 or ones == 0:
        ordinal: tuple[str, ...] = (f"o_{value.day}",)
    else:
        ordinal = (f"n_{tens * 10}", f"o_{ones}")
    return (f"month_{value.month}", *ordinal, *_year(value.year))


def month(value: date) -> tuple[str, ...]:
    """Speak a month of a year, e.g. *March twenty twenty-five*."""
    return (f"month_{value.month}", *_year(value.year))


def _year(value: int) -> tuple[str, ...]:
    century, rest = divmod(value, 100)
    if century % 10 == 0 and rest < 10:
        return number(value)  # two thousand five
    if rest == 0:
        return (*number(century), "hundred")
    return (*number(century), *(("oh",) if rest < 10 else ()), *number(rest))


def clock(value: time) -> tuple[str, ...]:
    """Speak a time of day, e.g. 16.05 as *four oh five p.m.*."""
    half = "am" if value.hour < 12 else "pm"
    hour = number(value.hour % 12 or 12)
    if value.minute == 0:
        return (*hour, half)
    return (*hour, *(("oh",) if value.minute < 10 else ()), *number(value.minute), half)


def money(value: int) -> tuple[str, ...]:
    """Speak an amount of whole rupiah, e.g. 100_000 as *one hundred thousand rupiah*."""
    return (*number(value), "rupiah")
