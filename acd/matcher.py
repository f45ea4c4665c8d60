"""Decides, at every event, which waiting call is offered to which free agent.

The laws: one call, one agent, one offer; no free agent while a call waits that the rings and
reserves let them take; among calls the lowest rank first (time of entry, minus what priority is
worth: so a call of low priority overtakes later ones of high priority as it ages); among agents the
innermost ring first, then by the order given with `free`, by default the longest free. A call keeps
its time of entry through failed offers.

All times are seconds on one axis that never steps back; `since` may lie before the start of it, so
a restarted service gives places back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from acd.commands import CancelOffer, Command, Offer, PauseAgent, Why
from acd.leases import Leases
from acd.lines import GONE, WAITING, Call, Door, Line
from acd.pools import (
    AgentEntry,
    Desk,
    Index,
    Stand,
    before,
    first_of,
    kept_with_one_more,
    look,
    rest,
    take,
)  # fmt: skip
from acd.skills import Ability, Skillbook


@dataclass(frozen=True, slots=True)
class MatcherRules:
    """Durations in seconds. None of them is published by the centre."""

    ring_seconds: float = 15.0  # how long an agent's phone rings
    quick_ring_seconds: float = 1.5  # the same, of a phone that answers by itself
    connect_seconds: float = 5.0  # from the agent's answer to being joined with the caller
    seconds_per_priority: float = 60.0  # the waiting that one step of priority counts for


_make = tuple.__new__  # of an Offer: half the price of calling the class
# Reading a member through its class costs ten times as much.
_AWAY, _FREE, _OFFERED, _BUSY = Stand.AWAY, Stand.FREE, Stand.OFFERED, Stand.BUSY


class Matcher:
    """All waiting calls and all agents. Every event returns what is to be done now."""

    def __init__(self, book: Skillbook, rules: MatcherRules | None = None, first_number: int = 1) -> None:
        self.book = book
        self.rules = rules or MatcherRules()
        self.calls: dict[str, Call] = {}
        self.desks: dict[str, Desk] = {}
        self.offers: dict[int, Call] = {}
        self.index = Index(book, self.rules.seconds_per_priority)
        self._ranks, self._sinces = self.index.heads.rank, self.index.heads.since
        self._lines = self.index.lines
        self.next_number = first_number
        self._serial = 0
        self._due = math.inf
        self._widenings: list[tuple[float, int, Line]] = []
        self._leases = Leases()
        self._connecting, self._connect_seconds = self._leases.connecting, self.rules.connect_seconds
        self._ringing, self._quick = self._leases.ringing, self._leases.quick
        self._ring_seconds, self._quick_seconds = self.rules.ring_seconds, self.rules.quick_ring_seconds

    # -- calls ------------------------------------------------------------------------------

    def enter(
        self, call_id: str, queue: str, language: str, since: float, now: float, priority: int = 0,
        only: str = "", quick: bool = False, at_any_work: bool = False,
    ) -> Sequence[Command]:  # fmt: skip
        """Let a call wait since a moment; a call that is inside keeps its place.

        `priority` is added to the queue's own. `only` one agent may take it, if their ability has their
        own gate (`acd.skills.own_gate`); `quick`: the phone answers by itself; `at_any_work`: all may take
        it whose ability has the skill at any work (`acd.skills.ANY_WORK`). Raises acd.lines.UnknownQueue.
        """
        if only:
            line = self.index.own_line(queue, language, priority, only)
        elif at_any_work:
            line = self.index.open_line(queue, language, priority)
        else:
            line = self._lines.get((queue, language, priority)) or self.index.line(queue, language, priority)
        commands = self._advance(now) if now >= self._due else []
        if call_id in self.calls:
            return commands
        call = self.calls[call_id] = Call(call_id, line, since)
        if quick:
            call.quick = True
        if line.calls and since > line.last:  # as Line.put, at the price of a match
            line.calls.append(call)
            line.last = since
        elif line.put(call):
            offer = self._serve(line, now)
            if offer is not None:
                commands.append(offer)
        return commands

    def leave(self, call_id: str, now: float) -> Sequence[Command]:
        """Take a call out: the caller hung up or the flow's limit was reached. Idempotent."""
        commands = self._advance(now) if now >= self._due else []
        call = self.calls.pop(call_id, None)
        if call is None:
            return commands
        if call.number == WAITING:
            call.number = GONE
            call.line.dead += 1
            call.line.show()
            self._watch(call.line, now)
            return commands
        desk = call.desk
        commands.append(self._close(call, Why.CALLER_LEFT, GONE))
        if call.claimed:
            # Who has answered is on the line until their leg is gone, and is free when told so.
            desk.stand = _BUSY
        else:
            self._release(desk, desk.order, now, commands)
        return commands

    # -- agents -----------------------------------------------------------------------------

    def define_agent(self, agent: str, ability: Ability, now: float) -> Sequence[Command]:
        """Make an agent known, or change what they can be chosen for; a free agent stays free."""
        commands = self._advance(now) if now >= self._due else []
        desk = self.desks.get(agent)
        profile = self.index.profile(ability)
        if desk is None:
            self.desks[agent] = Desk(agent, profile)
        elif desk.stand is _FREE:
            take(desk)
            desk.profile, desk.stand = profile, _AWAY
            self._release(desk, desk.order, now, commands)
        else:
            desk.profile = profile
        return commands

    def free(self, agent: str, now: float, order: float | None = None) -> Sequence[Command]:
        """Tell that an agent can take a call: declared ready, observed idle.

        `order` decides among free agents, less is chosen earlier; by default now, so the longest
        free comes first. Without effect on who is free or being rung. Raises KeyError: not defined.
        """
        commands = self._advance(now) if now >= self._due else []
        desk = self.desks[agent]
        if desk.call is None and desk.stand is not _FREE:
            self._release(desk, now if order is None else order, now, commands)
        return commands

    def away(self, agent: str, now: float) -> Sequence[Command]:
        """Tell that an agent can take no call: paused, signed out, phone gone, busy. Idempotent.

        A call that is being offered to them goes back to its place. Raises KeyError: not defined.
        """
        commands = self._advance(now) if now >= self._due else []
        desk = self.desks[agent]
        if desk.stand is _FREE:
            take(desk)
        if desk.call:
            line = self._give_back(desk.call, Why.AGENT_AWAY, commands)
            self._settle([line], now, commands)
        desk.stand = _AWAY
        return commands

    def forget_agent(self, agent: str, now: float) -> Sequence[Command]:
        """Strike an agent off; an offer to them is taken back. Idempotent."""
        if agent not in self.desks:
            return self._advance(now) if now >= self._due else []
        commands = self.away(agent, now)
        del self.desks[agent]
        return commands

    # -- offers -----------------------------------------------------------------------------

    def claim(self, number: int, now: float) -> tuple[bool, Sequence[Command]]:
        """The agent answered. Returns whether the call is theirs: once, and only in time."""
        commands: Sequence[Command] = self._advance(now) if now >= self._due else ()
        call = self.offers.get(number)
        if call is None or call.claimed:
            return False, commands
        call.claimed = True
        call.desk.stand = _BUSY
        deadline = now + self._connect_seconds
        self._connecting.append((deadline, number, call))
        if deadline < self._due:
            self._due = deadline
        return True, commands

    def connected(self, number: int, now: float) -> tuple[bool, Sequence[Command]]:
        """Agent and caller are joined: the call has left the room. False if the offer is void."""
        commands: Sequence[Command] = self._advance(now) if now >= self._due else ()
        call = self.offers.get(number)
        if call is None or not call.claimed:
            return False, commands
        del self.offers[number], self.calls[call.call_id]
        call.number = GONE
        call.desk.call = None
        return True, commands

    def fail(self, number: int, now: float) -> Sequence[Command]:
        """The agent's phone rejected the call, could not be rung or died: next agent, same place."""
        commands = self._advance(now) if now >= self._due else []
        call = self.offers.get(number)
        if call is None:
            return commands
        line = self._give_back(call, Why.REFUSED, commands)
        commands.append(PauseAgent(call.desk.agent, Why.REFUSED))
        self._settle([line], now, commands)
        return commands

    # -- time -------------------------------------------------------------------------------

    @property
    def wake_at(self) -> float:
        """When `tick` is due at the latest; inf if nothing is pending. May be early, never late."""
        return self._due

    def tick(self, now: float) -> Sequence[Command]:
        """Let time pass: rings time out, leases end, rings widen."""
        return self._advance(now) if now >= self._due else []

    def _advance(self, now: float) -> list[Command]:
        commands: list[Command] = []
        lines: dict[Line, None] = {}
        for call in self._leases.over(now):
            void, reason = (
                (Why.LEASE_ENDED, Why.NOT_CONNECTED) if call.claimed else (Why.RING_TIME_OUT, Why.MISSED_RING)
            )
            lines[self._give_back(call, void, commands)] = None
            commands.append(PauseAgent(call.desk.agent, reason))
        while self._widenings and self._widenings[0][0] <= now:
            when, _, line = heappop(self._widenings)
            if when == line.timer_at:
                line.timer_at = math.inf
                lines[line] = None
        self._due = min(self._leases.next(), self._widenings[0][0] if self._widenings else math.inf)
        self._settle(lines, now, commands)
        return commands

    def _watch(self, line: Line, now: float) -> None:
        """See to it that the line is looked at when its first call's ring widens."""
        since = self._sinces[line.slot]
        if since + line.widest <= now or not line.calls:
            return
        when = math.inf
        for opens in line.opens:
            when = since + opens
            if when > now:
                break
        if when < line.timer_at:
            line.timer_at = when
            self._serial += 1
            heappush(self._widenings, (when, self._serial, line))
            if when < self._due:
                self._due = when

    # -- matching ---------------------------------------------------------------------------

    def _settle(
        self, lines: Iterable[Line], now: float, commands: list[Command], by: Desk | None = None
    ) -> None:
        """Serve the lines in the order of their first calls until none can be served.

        With `by`, an agent to whom alone any chance is due: until that agent is taken.
        """
        order = [first_of(line) for line in lines if line.calls]
        heapify(order)
        while order:
            line = heappop(order)[2].line
            offer = self._serve(line, now)
            if offer is not None:  # an offer only takes an agent away: no other line gains by it
                commands.append(offer)
                if by is not None and by.stand is not _FREE:
                    return
                if line.calls:
                    heappush(order, first_of(line))

    def _serve(self, line: Line, now: float) -> Offer | None:
        """Offer a line's first call to the best free agent, if there is one."""
        since = self._sinces[line.slot]
        for number, (opens, cells) in enumerate(line.rings):
            if since + opens > now:
                break
            best: AgentEntry | None = None
            for cell, guards in cells:
                if cell.free and not (guards and any(held.free <= held.keep for held in guards)):
                    entry = cell.first()
                    if best is None or entry < best:
                        best = entry
            if best is not None:
                desk = best[3]
                take(desk)
                return self._offer(line, desk, number, now)
        self._watch(line, now)
        return None

    def _release(self, desk: Desk, order: float, now: float, commands: list[Command]) -> None:
        """Give a free agent the best call they may take, or let them rest."""
        desk.order = order
        profile = desk.profile
        if profile.held:
            for held in profile.held:
                if held.free == held.keep:
                    self._lend(desk, now, commands)
                    return
        found: Door | None = None
        ranks, sinces = self._ranks, self._sinces
        seen = profile.ranks(ranks)
        ranked = sorted(seen)  # faster than min of floats, and shows whether two are alike
        best = ranked[0]
        if best < math.inf:
            door = profile.doors[seen.index(best) - 1]
            if sinces[door[0]] + door[1] <= now and best < ranked[1]:
                found = door
            else:
                best, found = look(profile, self.index.heads, now)
        for door, guards in profile.guarded:
            slot = door[0]
            rank = ranks[slot]
            if (
                rank <= best
                and sinces[slot] + door[1] <= now
                and (rank < best or before(door, found))
                and not kept_with_one_more(guards)
            ):
                best, found = rank, door
        if found is None:
            self._serial += 1
            rest(desk, self._serial)
        else:
            commands.append(self._offer(found[2], desk, found[3], now))

    def _lend(self, desk: Desk, now: float, commands: list[Command]) -> None:
        """Let an agent rest with whom a reserve can lend; the one it lends may be another."""
        self._serial += 1
        rest(desk, self._serial)
        lines = {door[2]: None for door in desk.profile.all_doors()}
        for keeper in desk.profile.held:
            if keeper.free == keeper.keep + 1:
                lines |= keeper.lines()
        self._settle(lines, now, commands, desk)

    def _offer(self, line: Line, desk: Desk, ring: int, now: float) -> Offer:
        calls, sinces, slot = line.calls, self._sinces, line.slot
        call = calls.popleft()
        if calls and not line.dead:  # as Line.show, at the price of a match
            since = sinces[slot] = calls[0].since
            self._ranks[slot] = since - line.boost
        else:
            line.show()
        if now - line.widest < sinces[slot] < math.inf:
            self._watch(line, now)
        number = call.number = self.next_number
        self.next_number = number + 1
        call.desk, call.ring, call.claimed = desk, ring, False
        self.offers[number] = desk.call = call
        desk.stand = _OFFERED
        ringing, lease = self._ringing, self._ring_seconds
        if call.quick:
            ringing, lease = self._quick, self._quick_seconds
        deadline = now + lease
        ringing.append((deadline, number, call))
        if deadline < self._due:
            self._due = deadline
        return _make(Offer, (call.call_id, desk.agent, number, lease, ring))

    def _give_back(self, call: Call, why: Why, commands: list[Command]) -> Line:
        """Void an offer and put its call back in its place; the agent is away."""
        commands.append(self._close(call, why, WAITING))
        line = call.line
        line.put(call)
        return line

    def _close(self, call: Call, why: Why, number: int) -> CancelOffer:
        desk, void = call.desk, call.number
        del self.offers[void]
        call.number = number
        desk.call, desk.stand = None, _AWAY
        return CancelOffer(void, call.call_id, desk.agent, why)
