"""Personal numbers as they may be shown: the last four digits at most."""

HIDDEN = "…"
_SHOWN = 4
_LEAST = 2 * _SHOWN  # of a shorter number, four digits would give away too much


def mask(number: str) -> str:
    """Return a number with all but its last four digits hidden, e.g. `…4321`.

    Of a number with fewer than eight characters nothing is shown.
    """
    return HIDDEN + number[-_SHOWN:] if len(number) >= _LEAST else HIDDEN
