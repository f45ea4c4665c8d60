"""What the pages need from the running service: a port, so that pages know no adapter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether calls can be served now; if not, why (one sentence each)."""

    reasons: tuple[str, ...]
    facts: dict[str, str] = field(default_factory=dict)  # versions and the like, never personal

    @property
    def ready(self) -> bool:
        """Return whether nothing stands in the way."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that is inside now, without anything personal."""

    call_id: str
    since: datetime  # aware
    flow: str
    step: str
    language: str | None = None  # "id" or "en"; None until it is known
    queue: str | None = None  # the waiting room's queue, while the call waits there


@dataclass(frozen=True, slots=True)
class Line:
    """Whether callers are let in, and until or from when."""

    open: bool
    shut: bool  # by an administrator, whatever the hour
    until: datetime | None = None  # aware: the next change by the timetable, if known


class Operations(Protocol):
    """The running service, as its pages see it."""

    @property
    def dial(self) -> Sequence[str]:
        """The addresses to dial, e.g. `sip:1500200@127.0.0.1:5060`."""
        ...

    async def readiness(self) -> Readiness:
        """Find out whether calls can be served now."""
        ...

    def calls(self) -> Sequence[LiveCall]:
        """Return the calls inside, oldest first."""
        ...

    async def line(self) -> Line:
        """Return whether the line is open."""
        ...

    async def shut_line(self) -> None:
        """Close the line at once; callers inside stay."""
        ...

    async def reopen_line(self) -> None:
        """Let the timetable decide again."""
        ...

    def metrics(self) -> tuple[bytes, str]:
        """Return the metrics and their content type."""
        ...
