"""What a check of the installation finds."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is."""

    GOOD = "good"
    NOTE = "note"  # nothing is wrong; somebody should know
    WARNING = "warning"  # it works, and will not for ever or not for everybody
    WRONG = "wrong"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` is None when it is well.

    `severity`: without one it is WRONG with a remedy and GOOD without.
    """

    about: str
    found: str
    remedy: str | None = None
    severity: Severity | None = None

    def __post_init__(self) -> None:
        """Decide on the severity where none was given."""
        if self.severity is None:
            decided = Severity.GOOD if self.remedy is None else Severity.WRONG
            object.__setattr__(self, "severity", decided)


def warning(about: str, found: str, remedy: str) -> Finding:
    """Return something that works and will not for ever, or not for everybody."""
    return Finding(about, found, remedy, Severity.WARNING)


def note(about: str, found: str, remedy: str | None = None) -> Finding:
    """Return something that somebody should know."""
    return Finding(about, found, remedy, Severity.NOTE)
