"""The floor as the dialer sees it (`dialer.ports.OutboundFloor`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from acd.driver import FloorDriver
from acd.skills import Tier
from dialer.ports import OutboundAgent, Team


class FloorForOutbound:
    """Teams, borrowed agents and agents kept for a call, by skill and tier, over the floor's driver."""

    def __init__(self, floor: FloorDriver) -> None:
        self._floor = floor
        self._watchers: list[Callable[[], None]] = []
        self._told = self._asking = False
        floor.watch(self._changed)

    def team(self, skill: str, tier: Tier) -> Team:
        """Return who works for outbound of this skill and tier now."""
        views = self._floor.outbound.team(queue_of(skill, tier))
        return Team(tuple(OutboundAgent(view.agent, view.state, view.since, view.outbound) for view in views))

    def borrow(self, skill: str, tier: Tier, wanted: int) -> int:
        """Borrow free agents of inbound up to `wanted` in all; return how many are borrowed now."""
        queue = queue_of(skill, tier)
        before = self._floor.outbound.borrow(queue, 0)
        if wanted <= before:
            return before
        # Who asks in vain is not told of it as of a change, or would ask again at once, for ever.
        self._asking = True
        try:
            now = self._floor.outbound.borrow(queue, wanted)
        finally:
            self._asking = False
        if now != before:
            self._changed()
        return now

    def give_back(self, skill: str, tier: Tier) -> None:
        """Give all borrowed agents back."""
        self._floor.outbound.give_back(queue_of(skill, tier))

    def keep(self, agent: str, attempt_id: str, seconds: float) -> bool:
        """Let a free agent take no call but this one, which is being placed for them, for so long at most."""
        return self._floor.outbound.keep(agent, attempt_id, seconds)

    def release(self, attempt_id: str) -> None:
        """Keep nobody for a call that will not come. Idempotent."""
        self._floor.outbound.release(attempt_id)

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after every change; return what ends that.

        Changes of one moment are told once, right after it: a callback may ask the floor for something.
        """
        self._watchers.append(callback)
        return partial(self._watchers.remove, callback)

    def _changed(self) -> None:
        if not self._told and not self._asking:
            self._told = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._told = False
        for callback in list(self._watchers):
            callback()


def queue_of(skill: str, tier: Tier) -> str:
    """Return the queue of a skill and tier."""
    return f"{skill}/{tier}"
