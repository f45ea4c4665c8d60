"""How much is asked of a law, in an ordinary run and in a search (`make laws`)."""

from hypothesis import settings

_USUAL = 100  # examples of a law that says nothing of its own


def asks(examples: int) -> int:
    """Return the `max_examples` of a law whose examples cost more, or less, than the usual.

    `examples`: of an ordinary run. A search asks as many times more of every law.
    """
    return max(1, examples * settings().max_examples // _USUAL)
