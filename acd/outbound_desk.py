"""The counter at which outbound work asks the floor for agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from acd.floor_views import OutboundView
from acd.happenings import AgentNotWanted, AgentsGivenBack, AgentsWanted, AgentWanted, Happening
from acd.ports import FloorRulesEngine


class OutboundDesk:
    """Borrows agents from inbound, keeps them for a call, says who is there. On the floor's event loop."""

    def __init__(self, floor: FloorRulesEngine, tell: Callable[[Happening], None]) -> None:
        """`tell` tells the floor something, through its driver."""
        self._floor, self._tell = floor, tell

    def borrow(self, queue: str, count: int) -> int:
        """Let inbound lend free agents to an outbound queue, `count` in all; return how many it has now."""
        if count > self._floor.borrowed(queue):
            self._tell(AgentsWanted(queue, count))
        return self._floor.borrowed(queue)

    def give_back(self, queue: str) -> None:
        """Let a queue's borrowed agents take inbound calls again; who talks does so afterwards."""
        if self._floor.borrowed(queue):
            self._tell(AgentsGivenBack(queue))

    def keep(self, agent: str, call_id: str, seconds: float) -> bool:
        """Let a free agent take no call but the one that is placed for them; False: they are not free."""
        self._tell(AgentWanted(agent, call_id, seconds))
        return self._floor.kept_for(call_id) == agent

    def release(self, call_id: str) -> None:
        """Keep nobody for a call that will not come. Idempotent."""
        if self._floor.kept_for(call_id):
            self._tell(AgentNotWanted(call_id))

    def team(self, queue: str) -> Sequence[OutboundView]:
        """Return who works for an outbound queue now, by staff number."""
        return self._floor.team(queue)
