"""The matcher's indexes: lines of waiting calls, cells of free agents, and which doors join them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from heapq import heapify, heappop, heappush
from operator import itemgetter
from typing import cast

from msgspec import Struct

from acd.skills import Ability, Gate, Language, Requirement, Reserve, Ring, Skillbook, Tier, admits

AgentEntry = tuple[float, str, int, "Desk"]
"""Order (when the agent became free, unless told otherwise), staff number, serial, the agent."""

SPARE = 16  # dead entries a heap may hold before it is worth sweeping


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


class Heads:
    """Rank and entry time of each line's first call, side by side: a decision reads them all.

    Rank is the time of entry minus what priority is worth; less is served earlier; inf if empty.
    The lists grow but are never replaced. Slot 0 is no line's: always empty.
    """

    def __init__(self) -> None:
        self.rank = [math.inf]
        self.since = [math.inf]

    def add(self) -> int:
        """Return the slot of a new line."""
        self.rank.append(math.inf)
        self.since.append(math.inf)
        return len(self.rank) - 1


class Line:
    """The waiting calls of one queue, language and priority, longest wait first.

    The first call has waited longest, so its ring is the widest: an agent who may not take it may
    take none behind it. Calls nearly always come in order, so a queue beats a heap: it touches
    two places of memory where a heap touches dozens.
    """

    __slots__ = (
        "boost", "calls", "chain", "dead", "heads", "key", "last", "opens", "plan", "requirement", "rings",
        "slot", "timer_at", "widest",
    )  # fmt: skip

    def __init__(
        self, key: tuple[str, str, int], row: Requirement, plan: tuple[Ring, ...], chain: tuple[str, ...],
        boost: float, heads: Heads,
    ) -> None:  # fmt: skip
        self.key, self.requirement, self.plan, self.chain, self.boost = key, row, plan, chain, boost
        self.heads, self.slot = heads, heads.add()
        self.calls: deque[Call] = deque()  # the first one always waits; others may have left
        self.last = -math.inf  # nobody in line came later
        self.dead = 0
        self.rings: list[tuple[float, list[tuple[Cell, tuple[Held, ...]]]]] = [
            (ring.after_s, []) for ring in plan
        ]
        self.opens = tuple(ring.after_s for ring in plan)
        self.widest = plan[-1].after_s
        self.timer_at = math.inf

    def ring_of(self, gate: Gate) -> int | None:
        """Return the first ring that admits a competence, or None."""
        for number, ring in enumerate(self.plan):
            if admits(ring, self.chain, self.key[1], gate):
                return number
        return None

    def cells(self) -> Iterator[Cell]:
        """Return every cell whose agents some ring admits."""
        return (cell for _, cells in self.rings for cell, _ in cells)

    def put(self, call: Call) -> bool:
        """Let a call wait in its place; return whether it is the first."""
        calls, since = self.calls, call.since
        if calls and since > self.last:
            calls.append(call)
            self.last = since
            return False
        place = bisect_left(calls, (since, call.call_id), key=_place)
        calls.insert(place, call)
        if since > self.last:
            self.last = since
        if place == 0:
            self.show()
        return place == 0

    def show(self) -> None:
        """Make the first call one that waits, and note it; sweep when most have left."""
        calls = self.calls
        if self.dead:
            while calls and calls[0].number:
                calls.popleft()
                self.dead -= 1
            if self.dead > len(calls) // 2 + SPARE:
                self.calls = calls = deque(call for call in calls if not call.number)
                self.dead = 0
        heads, slot = self.heads, self.slot
        if calls:
            since = calls[0].since
            heads.since[slot] = since
            heads.rank[slot] = since - self.boost
        else:
            heads.rank[slot] = heads.since[slot] = math.inf
            self.last = -math.inf


def _place(call: Call) -> tuple[float, str]:
    return call.since, call.call_id


WAITING, GONE = 0, -1
"""What a call's offer number says when it is not an offer's."""


class Call(Struct, eq=False):
    """A call in the room, and its offer while it has one: one object, since one is made per match.

    A struct, as its constructor is not run by the interpreter: half the price of a class's own.
    """

    call_id: str
    line: Line
    since: float
    number: int = WAITING
    desk: Desk = cast("Desk", None)  # this and the next two are set by an offer
    ring: int = 0
    claimed: bool = False


Door = tuple[int, float, Line, int]
"""A line's slot, when it opens (seconds of waiting), the line, the ring."""


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
        self._cells_of: dict[str, list[Cell]] = {skill: [] for skill in book.skills}
        self._lines_of: dict[str, list[Line]] = {skill: [] for skill in book.skills}
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
            requirement = self._book.requirement(queue)
            if requirement is None:
                raise UnknownQueue(f"queue `{queue}` has no requirement. Remedy: add it to requirements.csv")
            boost = (requirement.priority + priority) * self._worth
            plan, chain = self._book.plans[requirement.plan].rings, self._book.chain(requirement.skill)
            line = self.lines[key] = Line(key, requirement, plan, chain, boost, self.heads)
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


class UnknownQueue(LookupError):
    """A call came for a queue that no requirement names."""
