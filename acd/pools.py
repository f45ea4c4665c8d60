"""The matcher's indexes: lines of waiting calls, cells of free agents, and which doors join them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from heapq import heapify, heappop, heappush
from operator import itemgetter

from acd.lines import SPARE, Call, Door, Heads, Line, UnknownQueue
from acd.skills import (
    ANY_WORK,
    Ability,
    Gate,
    Language,
    Requirement,
    Reserve,
    Ring,
    RingPlan,
    Skillbook,
    Tier,
    own_gate,
)

AgentEntry = tuple[float, str, int, "Desk"]
"""Order (when the agent became free, unless told otherwise), staff number, serial, the agent."""

_ALONE = RingPlan("own", (Ring(0.0, frozenset(Tier), 0, 0),))
"""The rings of a call for one agent only."""


class Held:
    """A reserve and how many of its agents are free."""

    __slots__ = ("cells", "free", "keep", "skill", "tier")

    def __init__(self, row: Reserve) -> None:
        self.skill, self.tier, self.keep = row.skill, row.tier, row.keep
        self.free = 0
        self.cells: list[Cell] = []

    def lines(self) -> dict[Line, None]:
        """Return what the free agents of the reserve could take, if it lends them."""
        agents = (
            entry[3] for cell in self.cells if cell.free for entry in cell.heap if entry[3].entry is entry
        )
        return {door[2]: None for desk in agents for door in desk.profile.all_doors()}


class Cell:
    """The free agents with one competence in one language and the same reserves."""

    __slots__ = ("free", "gate", "heap", "held", "profiles", "rings")

    def __init__(self, gate: Gate, held: tuple[Held, ...]) -> None:
        self.gate, self.held = gate, held
        self.rings: dict[Line, int] = {}  # the first ring of each line that admits its agents
        self.profiles: list[Profile] = []
        self.heap: list[AgentEntry] = []  # lazily: an entry counts while its agent still has it
        self.free = 0

    def sweep(self) -> None:
        """Drop the entries of agents that are no longer free."""
        self.heap[:] = [entry for entry in self.heap if entry[3].entry is entry]
        heapify(self.heap)

    def first(self) -> AgentEntry:
        """Return the first free agent's entry; there must be one."""
        heap = self.heap
        while heap[0][3].entry is not heap[0]:
            heappop(heap)
        return heap[0]


class Profile:
    """What all agents of one ability share."""

    __slots__ = ("ability", "cells", "doors", "guarded", "held", "ranks")

    def __init__(self, ability: Ability, cells: tuple[Cell, ...], held: tuple[Held, ...]) -> None:
        self.ability, self.cells, self.held = ability, cells, held
        self.doors: list[Door] = []
        self.guarded: list[tuple[Door, tuple[Held, ...]]] = []  # with the reserves that may shut it
        self.ranks = itemgetter(0, 0)  # of Heads.rank: inf, and what is behind each of the doors

    def add(self, door: Door) -> None:
        """Add a door that no reserve may shut."""
        self.doors.append(door)
        self.ranks = itemgetter(0, *[door[0] for door in self.doors])

    def all_doors(self) -> Iterator[Door]:
        """Return every door, shut by a reserve or not."""
        yield from self.doors
        yield from (door for door, _ in self.guarded)


class Stand(Enum):
    """Where an agent stands for the matcher."""

    AWAY = auto()
    FREE = auto()
    OFFERED = auto()
    BUSY = auto()


class Desk:
    """An agent as the matcher knows them."""

    __slots__ = ("agent", "call", "entry", "order", "profile", "stand")

    def __init__(self, agent: str, profile: Profile) -> None:
        self.agent, self.profile = agent, profile
        self.stand = Stand.AWAY
        self.order = 0.0
        self.entry: AgentEntry | None = None
        self.call: Call | None = None  # offered or claimed


class Index:
    """Joins lines and profiles through cells, whichever of them comes first."""

    def __init__(self, book: Skillbook, seconds_per_priority: float) -> None:
        self._book = book
        self._worth = seconds_per_priority
        thresholds = {ring.least_level for plan in book.plans.values() for ring in plan.rings}
        self._thresholds = sorted(thresholds, reverse=True)
        self.heads = Heads()
        self.lines: dict[tuple[str, str, int], Line] = {}
        self._doors: dict[tuple[int, int], Door] = {}
        self._cells: dict[tuple[Gate, tuple[Held, ...]], Cell] = {}
        self._own: dict[tuple[str, str, int, str], Line] = {}  # of one agent each
        self._cells_of: defaultdict[str, list[Cell]] = defaultdict(list)  # by skill
        self._lines_of: defaultdict[str, list[Line]] = defaultdict(list)
        self._profiles: dict[frozenset[Gate], Profile] = {}
        self._held: Mapping[tuple[str, Tier], Held] = {
            (row.skill, row.tier): Held(row) for row in book.reserves
        }
        for row in book.tables.requirements:  # those implied by skill and tier are rare: made when used
            for language in Language:
                self.line(row.queue, language, 0)

    def line(self, queue: str, language: str, priority: int) -> Line:
        """Return the line of a kind of call. Raises UnknownQueue."""
        key = (queue, language, priority)
        line = self.lines.get(key)
        if line is None:
            row = self._requirement(queue)
            line = self._made(key, row, self._book.plans[row.plan], self._book.chain(row.skill))
            self.lines[key] = line
        return line

    def own_line(self, queue: str, language: str, priority: int, agent: str) -> Line:
        """Return the line of calls that only one agent may take. Raises UnknownQueue."""
        key = (queue, language, priority, agent)
        line = self._own.get(key)
        if line is None:
            chain = (own_gate(agent, language).skill,)
            line = self._made(key[:3], self._requirement(queue), _ALONE, chain, agent)
            self._own[key] = line
        return line

    def open_line(self, queue: str, language: str, priority: int) -> Line:
        """Return the line of calls that all may take who know its skill, whatever work they are on.

        Raises UnknownQueue.
        """
        key = (ANY_WORK + queue, language, priority)
        line = self.lines.get(key)
        if line is None:
            row = self._requirement(queue)
            chain = tuple(ANY_WORK + skill for skill in self._book.chain(row.skill))
            line = self._made((queue, language, priority), row, self._book.plans[row.plan], chain)
            self.lines[key] = line
        return line

    def _requirement(self, queue: str) -> Requirement:
        row = self._book.requirement(queue)
        if row is None:
            raise UnknownQueue(f"queue `{queue}` has no requirement. Remedy: add it to requirements.csv")
        return row

    def _made(
        self,
        key: tuple[str, str, int],
        row: Requirement,
        plan: RingPlan,
        chain: tuple[str, ...],
        only: str = "",
    ) -> Line:
        """Make a line and join it with those who can be chosen for it."""
        boost = (row.priority + key[2]) * self._worth
        line = Line(key, row, plan.rings, chain, boost, self.heads, only)
        for skill in chain:
            self._lines_of[skill].append(line)
            for cell in self._cells_of[skill]:
                self._join(line, cell)
        for profile in dict.fromkeys(profile for cell in line.cells() for profile in cell.profiles):
            self._add_door(profile, line)
        return line

    def profile(self, ability: Ability) -> Profile:
        """Return what agents of an ability share."""
        gates = frozenset(self._banded(gate) for gate in ability.gates)
        profile = self._profiles.get(gates)
        if profile is None:
            pairs = {(gate.skill, gate.tier) for gate in gates}
            held = tuple(held for pair, held in self._held.items() if pair in pairs)
            cells = tuple(self._cell(gate, held) for gate in sorted(gates))
            profile = self._profiles[gates] = Profile(ability, cells, held)
            for cell in cells:
                cell.profiles.append(profile)
            for line in dict.fromkeys(line for cell in cells for line in cell.rings):
                self._add_door(profile, line)
        return profile

    def _banded(self, gate: Gate) -> Gate:
        """Return the competence at the highest level that any ring asks for: fewer cells to look into."""
        band = next((level for level in self._thresholds if level <= gate.level), 0)
        return Gate(gate.skill, gate.tier, band, gate.language)

    def _cell(self, gate: Gate, held: tuple[Held, ...]) -> Cell:
        cell = self._cells.get((gate, held))
        if cell is None:
            cell = self._cells[gate, held] = Cell(gate, held)
            for keeper in held:
                if (gate.skill, gate.tier) == (keeper.skill, keeper.tier):
                    keeper.cells.append(cell)  # between them these hold every agent of the reserve
            self._cells_of[gate.skill].append(cell)
            for line in self._lines_of[gate.skill]:
                self._join(line, cell)
        return cell

    def _join(self, line: Line, cell: Cell) -> None:
        ring = line.ring_of(cell.gate)
        if ring is None:
            return
        cell.rings[line] = ring
        guards = guards_of(cell.held, line)
        line.rings[ring][1].append((cell, guards))

    def _add_door(self, profile: Profile, line: Line) -> None:
        ring = min(cell.rings[line] for cell in profile.cells if line in cell.rings)
        guards = guards_of(profile.held, line)
        # Shared by all profiles: what is read at every decision stays in the processor's cache.
        door = self._doors.setdefault((line.slot, ring), (line.slot, line.plan[ring].after_s, line, ring))
        if guards:
            profile.guarded.append((door, guards))
        else:
            profile.add(door)


def guards_of(held: tuple[Held, ...], line: Line) -> tuple[Held, ...]:
    """Return the reserves that may keep their agents from a line: those of another skill."""
    if line.only:
        return ()
    return tuple(keeper for keeper in held if keeper.skill != line.requirement.skill)


def rest(desk: Desk, serial: int) -> None:
    """Put an agent among the free; the serial tells this time from any other."""
    entry = desk.entry = (desk.order, desk.agent, serial, desk)
    desk.stand = Stand.FREE
    for cell in desk.profile.cells:
        heappush(cell.heap, entry)
        cell.free += 1
        if len(cell.heap) > 2 * cell.free + SPARE:
            cell.sweep()
    for held in desk.profile.held:
        held.free += 1


def take(desk: Desk) -> None:
    """Take an agent from among the free."""
    desk.entry = None
    for cell in desk.profile.cells:
        cell.free -= 1
    for held in desk.profile.held:
        held.free -= 1


def look(profile: Profile, heads: Heads, now: float) -> tuple[float, Door | None]:
    """Return the best rank behind the open doors that no reserve may shut, and its door."""
    best = math.inf
    found: Door | None = None
    for door in profile.doors:
        slot = door[0]
        rank = heads.rank[slot]
        if rank <= best and heads.since[slot] + door[1] <= now and (rank < best or before(door, found)):
            best, found = rank, door
    return best, found


def first_of(line: Line) -> tuple[float, str, Call]:
    """Return a line's first call with what orders it among those of other lines."""
    call = line.calls[0]
    return line.heads.rank[line.slot], call.call_id, call


def before(door: Door, other: Door | None) -> bool:
    """Return whether a line's first call comes before another's of the same rank."""
    return other is not None and door[2].calls[0].call_id < other[2].calls[0].call_id


def kept_with_one_more(guards: Sequence[Held]) -> bool:
    """Return whether a reserve has none to lend when one more agent joins it."""
    return any(held.free < held.keep for held in guards)
