"""How urgent alarms about recordings are."""

from enum import IntEnum

from recording.recordings import AlarmKind


class Urgency(IntEnum):
    """How soon somebody has to look."""

    LOOK = 1  # in the course of the day
    AT_ONCE = 2  # recordings are being lost, or were tampered with


_AT_ONCE = frozenset(
    {
        AlarmKind.NOT_STARTED,
        AlarmKind.LOST,
        AlarmKind.KEYS,
        AlarmKind.STORE,
        AlarmKind.MISSING_OBJECT,
        AlarmKind.TAMPERED,
    }
)
DISK_WORDS = {15: "low", 8: "short", 3: "critical"}  # detail of a DISK alarm, by the level in per cent


def urgency(kind: AlarmKind, detail: str = "") -> Urgency:
    """Return how soon somebody has to look at an alarm."""
    disk_now = kind is AlarmKind.DISK and not detail.endswith(DISK_WORDS[15])
    clock_now = kind is AlarmKind.PERSON_REQUEST and not detail.startswith("soon")
    return Urgency.AT_ONCE if kind in _AT_ONCE or disk_now or clock_now else Urgency.LOOK
