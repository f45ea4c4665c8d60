"""Ports to callbacks: callers who chose to be called back in turn, and callers whose calls were lost.

A callback keeps the place of the call it was booked on. It is open until it was attempted for the
last time, expired or was withdrawn; of the open ones at most one is being attempted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class CallbacksUnavailable(Exception):
    """The book of callbacks cannot be read or written at the moment; nothing was changed."""


class CallbackOutcome(StrEnum):
    """What came of an attempt, or closed a callback without one."""

    REACHED = "reached"  # the person answered and was joined with an agent
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"  # the person answered and did not want the call any more
    FAILED = "failed"  # no line, number refused by the network, agent gone before the answer
    UNKNOWN = "unknown"  # a restart came in between; counts as an attempt
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # the caller rang again and was served, or said so


@dataclass(frozen=True, slots=True)
class Callback:
    """One callback, open or closed."""

    call_id: str  # the call it was booked on; it waits in the room under the same id
    number: str = field(repr=False)  # E.164 digits without plus, as `domain.phone.caller_number` gives
    queue: str
    language: str
    since: datetime  # aware, UTC: its place in line
    booked_at: datetime
    expires_at: datetime
    attempts: int = 0  # begun, the running one included
    taken_at: datetime | None = None  # an attempt is running since then
    not_before: datetime | None = None  # the next attempt waits until then
    outcome: CallbackOutcome | None = None  # of the last attempt, or why it was closed
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LostCaller:
    """A caller whose call was lost while waiting or talking; they did nothing to end it."""

    call_id: str
    number: str = field(repr=False)  # as in `Callback`
    queue: str
    language: str  # of the last prompt they heard
    since: datetime  # aware, UTC: when they began to wait
    lost_at: datetime
    answered: bool  # an agent had taken the call already


class CallbackBook(Protocol):
    """The durable book of callbacks. Every method raises CallbacksUnavailable.

    Times are aware. What a method returned is durable. A method that names a callback that is not
    open changes nothing and returns None: whoever asked came too late.
    """

    async def book(
        self,
        call_id: str,
        number: str,
        queue: str,
        language: str,
        since: datetime,
        expires_at: datetime,
        at: datetime,
    ) -> Callback:
        """Book a callback and return the one in force for this number and queue.

        If one is open already (then its `call_id` is another) it stays, with the older of the two
        places. Booking again for the same call returns what was booked. Raises ValueError for a number
        that is not digits, or an `expires_at` that is not after `at`.
        """
        ...

    async def open(self) -> Sequence[Callback]:
        """Return the open callbacks, the longest waiting first; those being attempted too."""
        ...

    async def taken(self, call_id: str, at: datetime) -> Callback | None:
        """An attempt begins: return the callback to dial, or None if it must not be dialled.

        None when it is closed, being attempted already, has expired, or its `not_before` is to come.
        """
        ...

    async def attempted(
        self, call_id: str, outcome: CallbackOutcome, at: datetime, again_at: datetime | None = None
    ) -> Callback | None:
        """The running attempt ended. Without `again_at` the callback is closed; with it, open again then."""
        ...

    async def withdrawn(self, call_id: str, at: datetime) -> Callback | None:
        """Close a callback that is no longer wanted, unless it is being attempted."""
        ...

    async def expired(self, at: datetime) -> Sequence[Callback]:
        """Close every callback that has expired by `at` and is not being attempted; return them."""
        ...


class LostCallers(Protocol):
    """Tells whom to call back after a breakdown."""

    async def lost_callers(self, since: datetime) -> Sequence[LostCaller]:
        """Return callers who waited or talked and whose calls ended as lost from `since` on.

        Longest waiting first, each number once. Withheld numbers are left out, and callers who have
        rung again since and reached an agent. Raises CallbacksUnavailable.
        """
        ...
