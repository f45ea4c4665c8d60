"""Ports to the durable record of calls."""

from collections.abc import Awaitable, Sequence
from typing import Protocol

from domain.calls import Call, CallEvent


class CallLogUnavailable(Exception):
    """The call record cannot be written or read at the moment."""


class CallLog(Protocol):
    """The durable, append-only record of calls.

    `open` and `append` may be called from the event loop only. They queue the rows at once, in
    order, and return an awaitable that is done when the rows are durable (they then survive the
    death of the process). Rows of many calls share one commit; rows that are not `urgent` may wait
    some milliseconds for others.
    """

    def open(self, call: Call, events: Sequence[CallEvent], *, urgent: bool = True) -> Awaitable[None]:
        """Record a new call with its first events."""
        ...

    def append(self, events: Sequence[CallEvent], *, urgent: bool = True) -> Awaitable[None]:
        """Append events; an ENDED event also closes the call's header.

        Raises (through the awaitable) CallLogUnavailable.
        """
        ...

    async def unfinished(self) -> list[Call]:
        """Return the calls that have no end yet, oldest first."""
        ...

    async def on_channel(self, channel: str) -> Call | None:
        """Return the call, ended or not, that a channel of Asterisk carried; None if none did."""
        ...

    async def events(self, call_id: str) -> list[CallEvent]:
        """Return a call's events in order, secrets decrypted."""
        ...


class FlowArchive(Protocol):
    """Every version of the flow book that any call ever used."""

    async def save(self, version: str, files: dict[str, str]) -> None:
        """Keep a version: file name → text. Saving a known version again changes nothing."""
        ...

    async def load(self, version: str) -> dict[str, str]:
        """Return a kept version's files. Raises KeyError if it was never kept."""
        ...
