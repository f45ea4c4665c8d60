"""A day's calls through the real matcher on a virtual clock. Pure: chance is drawn from a seed.

Erlang A says what one pool of agents does in which everybody takes every call. The simulator has the queues,
skills, tiers and rings of the tables in force, handle times that are not exponential, phones that ring, and
shifts that begin and end; so it says what the same roster does here. Not in it: missed rings, consultations,
transfers, calls to a certain agent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np

from acd.commands import CancelOffer, Command, Offer
from acd.matcher import Matcher
from acd.skills import Ability, Language, Skillbook
from reporting.planning.plans import SLOT, SlotPlan

_SECONDS = SLOT * 60.0


@dataclass(frozen=True, slots=True)
class World:
    """What a day is played with."""

    book: Skillbook
    abilities: Sequence[Ability]  # of agents, in the order they come on duty; repeated for a greater roster
    mix: Mapping[str, float]  # queue → share of the calls; each has a requirement
    slots: Sequence[SlotPlan]
    patience: float
    ring: float
    sigma: float
    english: float
    within: float


@dataclass(frozen=True, slots=True)
class Calls:
    """One day's calls as they were drawn; times in seconds since opening."""

    arrivals: Sequence[float]
    queues: Sequence[int]  # places in World.mix
    english: Sequence[bool]
    handles: Sequence[float]
    patiences: Sequence[float]


@dataclass(slots=True)
class Played:
    """What came of a day. By interval and by queue: called, answered in time, gave up."""

    slots: list[list[int]]
    queues: list[list[int]]
    waited: float = 0.0  # seconds of all callers
    busy: float = 0.0  # seconds of agents, from the ring on
    there: float = 0.0  # seconds of agents on duty, and of those who end a talk after it
    lost: list[int] = field(default_factory=list)  # calls that nobody was told the end of: a fault


def draw(world: World, seed: int) -> Calls:
    """Return a day's calls; the same seed gives the same ones, whatever the roster."""
    dice = np.random.default_rng((1500200, seed))
    counts = dice.poisson([slot.calls for slot in world.slots])
    number = int(counts.sum())
    places = np.repeat(np.arange(len(world.slots)), counts)
    order = np.argsort(arrivals := (places + dice.random(number)) * _SECONDS)
    shares = np.array(list(world.mix.values()))
    means = np.array([slot.handle for slot in world.slots])[places[order]]
    return Calls(
        arrivals[order].tolist(),
        dice.choice(len(shares), number, p=shares / shares.sum()).tolist(),
        (dice.random(number) < world.english).tolist(),
        (means * dice.lognormal(-(world.sigma**2) / 2, world.sigma, number)).tolist(),
        dice.exponential(world.patience, number).tolist(),
    )


def play(world: World, calls: Calls, roster: Sequence[int]) -> Played:
    """Run a day from opening until the last caller has been seen to. `roster`: agents by interval."""
    return _Day(world, calls, roster).run()


_ROSTER, _END, _LEAVE, _ANSWER, _ARRIVE = range(5)


class _Day:
    """One day under way."""

    def __init__(self, world: World, calls: Calls, roster: Sequence[int]) -> None:
        self._world, self._calls, self._roster = world, calls, roster
        self._queues = tuple(world.mix)
        self._matcher = Matcher(world.book)
        self._ring = min(world.ring, 0.9 * self._matcher.rules.ring_seconds)
        self._agents = [f"{number:04d}" for number in range(max(roster, default=0))]
        for number, agent in enumerate(self._agents):
            self._matcher.define_agent(agent, world.abilities[number % len(world.abilities)], 0.0)
        self._played = Played([[0, 0, 0] for _ in world.slots], [[0, 0, 0] for _ in self._queues])
        self._events: list[tuple[float, int, int, str]] = []  # when, kind, number, agent
        self._settled = bytearray(len(calls.arrivals))
        self._on_duty: set[str] = set()
        self._busy: set[str] = set()
        self._left_at: dict[str, float] = {}
        self._offered: dict[int, Offer] = {}

    def run(self) -> Played:
        events, matcher = self._events, self._matcher
        for slot in range(len(self._roster)):
            heappush(events, (slot * _SECONDS, _ROSTER, slot, ""))
        if self._calls.arrivals:
            heappush(events, (self._calls.arrivals[0], _ARRIVE, 0, ""))
        steps = (self._change, self._end, self._leave, self._answer, self._arrive)
        while True:
            now = events[0][0] if events else math.inf
            due = matcher.wake_at
            if due < now:
                self._do(matcher.tick(due), due)
            elif now == math.inf:
                break
            else:
                _, kind, number, agent = heappop(events)
                steps[kind](now, number, agent)
        played = self._played
        played.lost = [call for call, settled in enumerate(self._settled) if not settled]
        return played

    def _change(self, now: float, slot: int, _: str) -> None:
        """Send some agents home and let others begin; who is talking ends the talk first."""
        wanted = self._roster[slot]
        roster = set(self._agents[:wanted])
        self._played.there += _SECONDS * wanted
        for agent in sorted(self._on_duty - roster):
            self._left_at[agent] = now
            self._do(self._matcher.away(agent, now), now)
        begin = sorted(roster - self._on_duty)
        self._on_duty = roster
        for agent in begin:
            if agent not in self._busy:
                self._do(self._matcher.free(agent, now), now)

    def _arrive(self, now: float, call: int, _: str) -> None:
        calls = self._calls
        if call + 1 < len(calls.arrivals):
            heappush(self._events, (calls.arrivals[call + 1], _ARRIVE, call + 1, ""))
        for counts in self._counts(call):
            counts[0] += 1
        language = Language.ENGLISH if calls.english[call] else Language.INDONESIAN
        queue = self._queues[calls.queues[call]]
        heappush(self._events, (now + calls.patiences[call], _LEAVE, call, ""))
        self._do(self._matcher.enter(str(call), queue, language, now, now), now)

    def _leave(self, now: float, call: int, _: str) -> None:
        if self._settled[call]:
            return
        self._settle(call, now)
        for counts in self._counts(call):
            counts[2] += 1
        self._do(self._matcher.leave(str(call), now), now)

    def _answer(self, now: float, number: int, agent: str) -> None:
        offer = self._offered.pop(number, None)
        if offer is None:
            return  # taken back while it rang
        mine, commands = self._matcher.claim(number, now)
        self._do(commands, now)
        joined, commands = self._matcher.connected(number, now)
        call = int(offer.call)
        if not (mine and joined) or self._settled[call] or agent in self._busy:
            raise RuntimeError(f"call {call} was offered twice, or agent {agent} had two")
        self._settle(call, now)
        self._busy.add(agent)
        if now - self._calls.arrivals[call] <= self._world.within:
            for counts in self._counts(call):
                counts[1] += 1
        self._played.busy += self._ring + self._calls.handles[call]
        heappush(self._events, (now + self._calls.handles[call], _END, call, agent))
        self._do(commands, now)

    def _end(self, now: float, _: int, agent: str) -> None:
        self._busy.discard(agent)
        if agent in self._on_duty:
            self._do(self._matcher.free(agent, now), now)
        else:
            self._played.there += now - self._left_at[agent]

    def _do(self, commands: Iterable[Command], now: float) -> None:
        for command in commands:
            if isinstance(command, Offer):
                self._offered[command.number] = command
                heappush(self._events, (now + self._ring, _ANSWER, command.number, command.agent))
            elif isinstance(command, CancelOffer):
                self._offered.pop(command.number, None)

    def _settle(self, call: int, now: float) -> None:
        self._settled[call] = 1
        self._played.waited += now - self._calls.arrivals[call]

    def _counts(self, call: int) -> tuple[list[int], list[int]]:
        slot = min(int(self._calls.arrivals[call] / _SECONDS), len(self._played.slots) - 1)
        return self._played.slots[slot], self._played.queues[self._calls.queues[call]]
