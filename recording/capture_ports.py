"""What capture stands on: Asterisk's recorder, the notice, what is known of calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from recording.policies import Policies


class RecorderRefused(Exception):
    """Asterisk did not do it: `cause` is a word for the record."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain files of a recording as they are."""

    there: bool  # both are
    closed: bool  # nobody writes any more
    audio_ms: int  # of the longer one
    written_at: float  # seconds since 1970, of the last write


class Recorder(Protocol):
    """Records a leg's two sides into the folder of plain audio."""

    async def begin(self, recording_id: str, channel: str, monotonic: Callable[[], float]) -> float:
        """Begin; both files are there when this returns. Return since when. Raises RecorderRefused."""
        ...

    async def anew(
        self, recording_id: str, channel: str, began: float, monotonic: Callable[[], float]
    ) -> int:
        """Record on into files of their own, to be joined after the end; return since which millisecond.

        Raises RecorderRefused: nothing records the leg now.
        """
        ...

    async def join(self, recording_id: str) -> None:
        """Put what was recorded anew into the two files, each at its time; never raises. Idempotent."""
        ...

    async def end(self, recording_id: str, channel: str) -> None:
        """End the recording of a leg that lives; never raises."""
        ...

    async def closed(self, recording_id: str) -> None:
        """Return when the files were closed, or will not be in any time worth waiting."""
        ...

    async def hush(self, channel: str, *, on: bool) -> None:
        """Write silence on both sides, or sound again. Raises RecorderRefused."""
        ...

    async def plain(self, recording_id: str) -> Plain:
        """Return what is in the folder; never raises."""
        ...

    async def check(self) -> str:
        """Return a word for why nothing can be recorded now, or an empty one."""
        ...


class Notices(Protocol):
    """Says the notice to both who talk."""

    async def say(self, call_id: str, language: str) -> bool:
        """Return whether it was played to its end."""
        ...


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call."""

    direction: str = "in"
    campaign_id: str = ""
    kind: str = ""  # of the campaign


class Calls(Protocol):
    """Knows calls beside what the floor sees of them."""

    async def facts(self, call_id: str) -> CallFacts:
        """Return what is known. Raises RecordingsUnavailable."""
        ...

    def heard(self, call_id: str) -> str:
        """Return the language in which a call's flow said the notice to its end; empty: it did not."""
        ...

    async def live(self) -> Sequence[str]:
        """Return Asterisk's ids of the legs that live. Raises RecorderRefused."""
        ...


class PoliciesInForce(Protocol):
    """The table of what is recorded."""

    def now(self) -> Policies:
        """Return what is in force."""
        ...
