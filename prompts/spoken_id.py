"""Numbers, digits, dates, times, money and codes as Indonesian words.

Every function returns keys of `words.yaml` in the order in which they are spoken. Pure.
"""

from datetime import date, time

from prompts.grouping import groups
from prompts.texts import PAUSE
from prompts.thousands import in_thousands

_SCALES = ("", "ribu", "juta", "miliar", "triliun")


def number(value: int) -> tuple[str, ...]:
    """Speak a whole number, e.g. 1_250_000 as *satu juta dua ratus lima puluh ribu*.

    Raises ValueError beyond ±`prompts.thousands.LARGEST`.
    """
    return in_thousands(value, _group)


def _group(part: int, power: int) -> tuple[str, ...]:
    if power == 1 and part == 1:
        return ("seribu",)
    return (*_below_thousand(part), *((_SCALES[power],) if power else ()))


def _below_thousand(value: int) -> tuple[str, ...]:
    hundreds, rest = divmod(value, 100)
    if hundreds == 0:
        return _below_hundred(rest)
    head = ("seratus",) if hundreds == 1 else (f"d_{hundreds}", "ratus")
    return (*head, *_below_hundred(rest))


def _below_hundred(value: int) -> tuple[str, ...]:
    if value == 0:
        return ()
    if value < 10:
        return (f"d_{value}",)
    if value < 12:
        return ("sepuluh",) if value == 10 else ("sebelas",)
    if value < 20:
        return (f"d_{value - 10}", "belas")
    tens, ones = divmod(value, 10)
    return (f"d_{tens}", "puluh", *_below_hundred(ones))


def digits(value: str) -> tuple[str, ...]:
    """Speak digits one by one, a pause between groups. Raises ValueError for anything but digits."""
    if not (value.isascii() and value.isdigit()):
        raise ValueError("only the digits 0 to 9 can be spoken digit by digit")
    spoken: list[str] = []
    for group in groups(value):
        if spoken:
            spoken.append(PAUSE)
        spoken.extend(f"d_{digit}" for digit in group)
    return tuple(spoken)


def code(value: str) -> tuple[str, ...]:
    """Speak a code letter by letter in the service's own spelling alphabet, digits as digits.

    Raises ValueError for anything but letters A–Z and digits.
    """
    if not (value.isascii() and value.isalnum()):
        raise ValueError("only the letters A to Z and the digits 0 to 9 can be spelled")
    spoken: list[str] = []
    for group in groups(value.lower()):
        if spoken:
            spoken.append(PAUSE)
        spoken.extend(f"d_{sign}" if sign.isdigit() else f"letter_{sign}" for sign in group)
    return tuple(spoken)


def day(value: date) -> tuple[str, ...]:
    """Speak a date with cardinals, e.g. *tiga puluh satu Maret dua ribu dua puluh enam*."""
    return (*number(value.day), f"month_{value.month}", *number(value.year))


def month(value: date) -> tuple[str, ...]:
    """Speak a month of a year, e.g. *Maret dua ribu dua puluh lima*."""
    return (f"month_{value.month}", *number(value.year))


def weekday(value: date) -> tuple[str, ...]:
    """Speak the day of the week, e.g. *Senin*."""
    return (f"weekday_{value.isoweekday()}",)


def clock(value: time) -> tuple[str, ...]:
    """Speak a time of day on 24 hours, e.g. 08.05 as *delapan nol lima* (after *pukul*)."""
    if value.minute == 0:
        return number(value.hour)
    return (*number(value.hour), *(("d_0",) if value.minute < 10 else ()), *number(value.minute))


def money(value: int) -> tuple[str, ...]:
    """Speak an amount of whole rupiah, e.g. 100_000 as *seratus ribu rupiah*."""
    return (*number(value), "rupiah")
