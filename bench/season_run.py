"""Runs a season's calls through the real matcher on a virtual clock and counts what came of them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush

from acd.commands import Command, Offer
from acd.idle import IdleShares
from acd.matcher import Matcher
from bench.season_world import (
    QUEUES,
    SLOT,
    WITHIN,
    Day,
    Pair,
    ability_of,
    book_of,
    shipped,
)

NIGHT = 86_400.0  # seconds from one opening to the next
NAMES = tuple(QUEUES)


@dataclass(slots=True)
class Tally:
    """What came of a season. Waits are of all calls, those who gave up included."""

    by_queue: list[tuple[int, int]] = field(default_factory=list)  # offered, answered in time
    answered: int = 0
    gave_up: int = 0
    right_tier: int = 0  # answered by an agent with the skill and tier that the queue requires
    waits: array[float] = field(default_factory=lambda: array("f"))  # seconds
    idle: list[float] = field(default_factory=list)  # seconds, by agent
    due: list[float] = field(default_factory=list)  # an even share of the idle time of the same hours
    staffed: float = 0.0  # seconds of all agents

    @property
    def offered(self) -> int:
        """Return how many called."""
        return self.answered + self.gave_up

    @property
    def service_level(self) -> float:
        """Return the share of all callers answered in time."""
        return sum(in_time for _, in_time in self.by_queue) / self.offered

    @property
    def worst_queue(self) -> tuple[str, float]:
        """Return the queue with the lowest service level."""
        levels = [in_time / max(1, offered) for offered, in_time in self.by_queue]
        return NAMES[levels.index(min(levels))], min(levels)

    @property
    def occupancy(self) -> float:
        """Return the share of the agents' time on duty that they were not free."""
        return 1.0 - sum(self.idle) / self.staffed

    @property
    def fairness(self) -> float:
        """Return the most idle ÷ the least idle agent, each against an even share of the same hours."""
        shares = [idle / due for idle, due in zip(self.idle, self.due, strict=True) if due > 0]
        return max(shares) / min(shares)


class Season:
    """One season in one kind of rings. An offer is answered at once: ringing is part of handling."""

    def __init__(self, rings: str, agents: Sequence[tuple[Pair, Pair]], longest_free: bool = False) -> None:
        self.matcher = Matcher(book_of(rings))
        self.tally = Tally()
        self._shares = IdleShares()
        self._longest_free = longest_free
        self._right = _right(agents)
        self._names = [f"{number:04d}" for number in range(len(agents))]
        for name, pairs in zip(self._names, agents, strict=True):
            self.matcher.define_agent(name, ability_of(pairs, rings), 0.0)
        self._first = 0  # of the roster; moves on each day, so that everybody gets every kind of day
        self._on_duty: set[str] = set()
        self._busy: set[str] = set()
        self._ends: list[tuple[float, str]] = []
        self._leaves: list[tuple[float, int]] = []
        self._settled = bytearray()  # by call: answered or gone
        self._offered, self._in_time = [0] * len(NAMES), [0] * len(NAMES)
        self._begin = 0.0
        self._open = True
        self._day: Day

    def run(self, number: int, day: Day) -> None:
        """Run one day: from opening until the last caller who came in time has been seen to."""
        self._begin, self._day = number * NIGHT, day
        self._settled = bytearray(len(day.arrivals))
        arrivals = [*day.arrivals, math.inf]
        slots = [*(count * SLOT for count in range(len(day.roster) + 1)), math.inf]
        call = slot = 0
        ends, leaves, matcher = self._ends, self._leaves, self.matcher
        while True:
            end = ends[0][0] if ends else math.inf
            leave = leaves[0][0] if leaves else math.inf
            now = min(slots[slot], end, leave, arrivals[call])
            due = matcher.wake_at - self._begin
            if due < now:
                self._do(matcher.tick(self._begin + due), due)
            elif now == math.inf:
                break
            elif now == slots[slot]:
                if slot < len(day.roster):
                    self._change_roster(slot, now)
                else:
                    self._close(now)
                slot += 1
            elif now == end:
                self._end(heappop(ends)[1], now)
            elif now == leave:
                self._leave(heappop(leaves)[1], now)
            else:
                self._arrive(call, now)
                call += 1
        self._send_home(self._on_duty, NIGHT / 2)
        self._open = True
        self._first = (self._first + max(day.roster) // 2 + 1) % len(self._names)

    def finish(self) -> Tally:
        """Return the whole count."""
        tally, end = self.tally, self._begin + NIGHT
        tally.by_queue = list(zip(self._offered, self._in_time, strict=True))
        for name in self._names:
            with suppress(KeyError):  # never on duty
                had, due = self._shares.had_and_due(name, end)
                tally.idle.append(had)
                tally.due.append(due)
        return tally

    def _arrive(self, call: int, now: float) -> None:
        day, at = self._day, self._begin + now
        queue, language = day.queues[call], "en" if day.english[call] else "id"
        self._offered[queue] += 1
        self._do(self.matcher.enter(str(call), NAMES[queue], language, at, at), now)
        if not self._settled[call]:
            heappush(self._leaves, (now + day.patiences[call], call))

    def _leave(self, call: int, now: float) -> None:
        if self._settled[call]:
            return
        self._settled[call] = 1
        self.tally.gave_up += 1
        self.tally.waits.append(now - self._day.arrivals[call])
        self._do(self.matcher.leave(str(call), self._begin + now), now)

    def _end(self, agent: str, now: float) -> None:
        self._busy.discard(agent)
        if agent in self._on_duty:
            self._rest(agent, now)

    def _rest(self, agent: str, now: float) -> None:
        at = self._begin + now
        order = self._shares.free(agent, at) if self._open else None
        self._do(self.matcher.free(agent, at, None if self._longest_free else order), now)

    def _do(self, commands: Sequence[Command], now: float) -> None:
        for command in commands:
            if isinstance(command, Offer):
                self._answer(command, now)

    def _answer(self, offer: Offer, now: float) -> None:
        call, agent, day, tally, at = int(offer.call), offer.agent, self._day, self.tally, self._begin + now
        mine, _ = self.matcher.claim(offer.number, at)
        joined, _ = self.matcher.connected(offer.number, at)
        if not (mine and joined) or self._settled[call] or agent in self._busy:
            raise RuntimeError(f"call {call} was offered twice, or agent {agent} had two")
        self._settled[call] = 1
        self._busy.add(agent)
        self._shares.taken(agent, at)
        queue, wait = day.queues[call], now - day.arrivals[call]
        tally.answered += 1
        tally.right_tier += queue in self._right[int(agent)]
        tally.waits.append(wait)
        self._in_time[queue] += wait <= WITHIN
        heappush(self._ends, (now + day.handles[call], agent))

    def _change_roster(self, slot: int, now: float) -> None:
        """Send some agents home and let others begin; who is talking ends the talk first."""
        size, wanted = len(self._names), self._day.roster[slot]
        roster = {self._names[(self._first + place) % size] for place in range(wanted)}
        self._send_home(self._on_duty - roster, now)
        begin = sorted(roster - self._on_duty)
        self._on_duty = roster
        self.tally.staffed += SLOT * wanted
        for agent in begin:
            self._shares.on_duty(agent, self._begin + now)
            if agent not in self._busy:
                self._rest(agent, now)

    def _close(self, now: float) -> None:
        """Count idle time no more; those on duty see to the calls that still wait."""
        self._open = False
        for agent in sorted(self._on_duty):
            self._shares.off_duty(agent, self._begin + now)

    def _send_home(self, agents: Iterable[str], now: float) -> None:
        for agent in sorted(agents):
            self.matcher.away(agent, self._begin + now)
            self._shares.off_duty(agent, self._begin + now)
        self._on_duty = self._on_duty.difference(agents)


def _right(agents: Sequence[tuple[Pair, Pair]]) -> list[frozenset[int]]:
    """Return by agent the queues whose skill and tier they have."""
    requirements = shipped().requirements
    needs = [(requirements[name].skill, requirements[name].tier) for name in NAMES]
    return [frozenset(index for index, need in enumerate(needs) if need in pairs) for pairs in agents]
