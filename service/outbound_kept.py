"""Whoever a call is placed for is kept free for it: nothing else rings at their phone until it is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dialer.ports import Dial, LineLife, OutboundFloor, OutboundLines

BEYOND_THE_RING = 5.0  # seconds for which they are still kept should nothing be told of the call


class LinesWithAgents:
    """The dialer's lines (`dialer.ports.OutboundLines`), which keep the agent of a dial first.

    A dial for an agent who is not free is not sent. Who was kept is free again with the call's talk, with
    its end (`gone`), or when it is cancelled.
    """

    def __init__(self, lines: OutboundLines, floor: OutboundFloor) -> None:
        self._lines, self._floor = lines, floor

    @property
    def ready(self) -> bool:
        """Whether calls can be placed."""
        return self._lines.ready

    async def place(self, dial: Dial) -> bool:
        """Send it. False: certainly not sent. Raises TimeoutError: it is not known whether it was sent."""
        seconds = dial.seconds + BEYOND_THE_RING
        if dial.agent and not self._floor.keep(dial.agent, dial.attempt_id, seconds):
            return False
        sent = await self._lines.place(dial)
        if not sent:
            self._floor.release(dial.attempt_id)
        return sent

    def cancel(self, attempt_id: str) -> None:
        """Hang up a call that rings. Idempotent."""
        self._floor.release(attempt_id)
        self._lines.cancel(attempt_id)

    async def look(self, attempt_ids: Collection[str]) -> Mapping[str, LineLife]:
        """Return how these calls live in Asterisk now. Raises OSError when that cannot be told."""
        return await self._lines.look(attempt_ids)

    def gone(self, attempt_id: str) -> None:
        """A call's line is gone (`service.outbound_events.OutboundEvents.on_gone`)."""
        self._floor.release(attempt_id)
