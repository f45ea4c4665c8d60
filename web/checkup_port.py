"""What the status page needs of the checks of the installation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at, as `kring doctor` tells it."""

    about: str
    found: str
    remedy: str | None
    severity: str  # good, note, warning, wrong


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that was found, and when."""

    at: datetime  # aware, UTC
    findings: Sequence[Found]


class Checkup(Protocol):
    """Checks of the installation, made beside the service."""

    def newest(self) -> Checked | None:
        """Return what was found last; None: nothing was checked yet."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether a check runs now."""
        ...

    def ask(self) -> None:
        """Let a check begin now, unless one runs."""
        ...
