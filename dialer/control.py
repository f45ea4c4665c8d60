"""The control group: taxpayers who are not called, so that the effect of calling can be told.

Chosen by the taxpayer's key, which is a fingerprint under the installation's own key: nobody can say who is
in it without that key, the same taxpayer falls on the same side in every campaign and list, and whoever is
in a small group is in each greater one.
"""

from dialer.contacts import Key

THRESHOLD_BYTES = 4
_ALL = 1 << (8 * THRESHOLD_BYTES)


def threshold(share: float) -> bytes | None:
    """Return what the last bytes of a key must be below to belong to the group; None: all do.

    Raises ValueError for what is no share (0-1).
    """
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is no share of 0 to 1")
    least = round(share * _ALL)
    return None if least >= _ALL else least.to_bytes(THRESHOLD_BYTES, "big")


def in_control(key: Key, share: float) -> bool:
    """Whether a taxpayer is in the control group."""
    least = threshold(share)
    return least is None or key[-THRESHOLD_BYTES:] < least
