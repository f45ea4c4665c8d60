"""What the checks of the installation find, and what the status page needs of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

Value = str | int | float | list[str]


class Severity(StrEnum):
    """How bad it is."""

    GOOD = "good"
    NOTE = "note"  # nothing is wrong; somebody should know
    WARNING = "warning"  # it works, and will not for ever or not for everybody
    WRONG = "wrong"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. What it says stands in `web/texts/findings.yaml`, by its code."""

    about: str  # which part of the installation: `finding_about.ABOUT`
    code: str  # what was found: `finding.CODE`, and what to do: `finding_remedy.CODE`
    severity: Severity
    values: Mapping[str, Value] = field(default_factory=dict)  # what the texts have in braces
    detail: str = ""  # what a program or a reader of ours said, word for word in English


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that was found, and when."""

    at: datetime  # aware, UTC
    findings: Sequence[Finding]


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
