"""Which agents owe a disposition: learnt from the floor, so that a note's time does not end without one.

When the time itself is over there is none, and that is on record. After a restart the record is swept.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from acd.floor_views import AgentView
from acd.requests import Actor, EndWrapUp, Ready, Refused, Request, Role
from domain.background import Background
from service.outbound_calls import OutboundCalls
from service.outbound_dispositions import Dispositions
from web.floor_port import FloorPort
from web.outbound_port import OutboundUnavailable

log = logging.getLogger(__name__)

DISPOSITION_FIRST = "disposition_first"
"""The floor's word for a note's time that an agent cannot end yet."""

_TALKS = frozenset({"talking", "holding", "consulting", "rejoining"})
_WRITES = "wrap_up"


class OwedDispositions:
    """Watches the floor. One for the service, on its event loop."""

    def __init__(self, floor: FloorPort, calls: OutboundCalls, dispositions: Dispositions) -> None:
        self._floor, self._calls, self._dispositions = floor, calls, dispositions
        self._on: dict[str, str] = {}  # agent → the call they talk on, or write the note of
        self._ours: dict[str, bool | None] = {}  # of these calls: whether we placed it; None: asked just now
        self._said: set[str] = set()  # of these calls: those with a disposition
        self._ears: list[Callable[[str], None]] = []
        self._background = Background()
        floor.watch(self._look)

    async def stop(self) -> None:
        """Let go of what runs."""
        await self._background.stop()

    def on_missing(self, ear: Callable[[str], None]) -> None:
        """Call `ear(staff number)` when an agent's time was over without a disposition."""
        self._ears.append(ear)

    def busy(self) -> frozenset[str]:
        """Return the calls that agents have now."""
        return frozenset(self._on.values())

    def given(self, call_id: str) -> None:
        """A call has its disposition."""
        if call_id in self._on.values():
            self._said.add(call_id)

    def owes(self, agent: str) -> bool:
        """Whether an agent writes the note of a call of ours that nobody else has, without a disposition."""
        call_id = self._on.get(agent, "")
        if not self._ours.get(call_id) or call_id in self._said:
            return False
        views = self._floor.agents()
        writes = any(one.agent == agent and one.observed == _WRITES for one in views)
        return writes and not any(one.call_id == call_id and one.observed in _TALKS for one in views)

    def check_request(self, actor: Actor, request: Request) -> None:
        """Refuse an agent's own end of the note's time while a disposition is owed. For the floor.

        Raises acd.requests.Refused.
        """
        if actor.role is Role.AGENT and isinstance(request, EndWrapUp | Ready) and self.owes(request.agent):
            raise Refused(DISPOSITION_FIRST, "Give the call's disposition first.")

    async def sweep(self) -> None:
        """Take up what was left over by a restart. Every now and then; raises nothing."""
        await self._quietly(partial(self._dispositions.sweep, self.busy))

    def _look(self) -> None:
        left = [
            (view.agent, before)
            for view in self._floor.agents()
            if (before := self._look_at(view)) is not None
        ]
        has = set(self._on.values())
        for agent, call_id in left:
            # A colleague who has the call now will say what came of it.
            if call_id not in has and self._ours.get(call_id) is not False and call_id not in self._said:
                self._background.begin(self._quietly(partial(self._done, agent, call_id)))
        self._ours = {call_id: ours for call_id, ours in self._ours.items() if call_id in has}
        self._said &= has

    def _look_at(self, view: AgentView) -> str | None:
        """Return the call that an agent has no more; None: nothing of the kind happened."""
        agent, before = view.agent, self._on.get(view.agent, "")
        has = view.call_id if view.observed in _TALKS or view.observed == _WRITES else ""
        if has == before:
            return None
        if has:
            self._on[agent] = has
            if has not in self._ours:
                self._ours[has] = None
                self._background.begin(self._quietly(partial(self._learn, has)))
        else:
            del self._on[agent]
        return before or None

    async def _learn(self, call_id: str) -> None:
        """Find out whether we placed a call, and whether it has its disposition already."""
        attempt = await self._calls.attempt(call_id)
        said = attempt is not None and bool(await self._dispositions.of(call_id))
        if call_id in self._ours:
            self._ours[call_id] = attempt is not None
            if said:
                self._said.add(call_id)

    async def _done(self, agent: str, call_id: str) -> None:
        """The last agent's note is over: without a disposition that is on record."""
        called = await self._calls.called(call_id)
        if called is not None and called.placed and await self._dispositions.none_given(called, agent):
            for ear in self._ears:
                ear(agent)

    async def _quietly(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except OutboundUnavailable:
            log.warning("dispositions cannot be read or written; they are taken up again later")
