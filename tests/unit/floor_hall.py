"""A floor's driver on the real floor, with pretended legs, a record in memory and a clock of its own."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from acd.actions import CallOut
from acd.driver import FloorDriver
from acd.floor import Floor
from acd.floor_rules import FloorRules
from acd.requests import Actor, Ready, Role, SignIn
from acd.tables_csv import load
from domain.call_log import CallLogUnavailable
from domain.floor_log import AgentRow, FloorRow, LegRow
from domain.legs import LiveLeg
from domain.waiting_room import TalkEnd, WaitingCall

AGENT, ACCOUNT = "19900107", "a00000000000000f"
SELF = Actor(AGENT, Role.AGENT)
TABLES = {
    "skills": "skill,about,levels,wider,assumed\nefin,EFIN,5,,yes\n",
    "agents": f"agent,on_air_name,team,languages\n{AGENT},Melati,one,id\n",
    "competences": f"agent,skill,tier,level,expires\n{AGENT},efin,B,3,\n",
    "rings": "plan,after_s,tiers,least_level,reach,assumed\nb_first,0,B,1,0,yes\n",
    "requirements": "queue,skill,tier,plan,priority,assumed\nefin,efin,B,b_first,0,yes\n",
}
RULES = FloorRules(ring_seconds=15, connect_seconds=5, wrap_up_seconds=30, lease_seconds=3)


class Clock:
    """A clock that only a test moves; timers fire when it passes them."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = itertools.count()
        self._cancelled: set[int] = set()

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 3, 31, 2, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def call_later(self, seconds: float, function: Callable[[], None]) -> "Clock.Timer":
        serial = next(self._serial)
        heapq.heappush(self._timers, (self.seconds + seconds, serial, function))
        return Clock.Timer(serial, self._cancelled)

    def advance(self, seconds: float) -> None:
        end = self.seconds + seconds
        while self._timers and self._timers[0][0] <= end:
            due, serial, function = heapq.heappop(self._timers)
            if serial not in self._cancelled:
                self.seconds = max(self.seconds, due)
                function()
        self.seconds = end

    @property
    def pending(self) -> int:
        return sum(serial not in self._cancelled for _, serial, _ in self._timers)

    @dataclass
    class Timer:
        serial: int
        cancelled: set[int]

        def cancel(self) -> None:
            self.cancelled.add(self.serial)


@dataclass
class Legs:
    """Notes every verb in order."""

    done: list[tuple[str, ...]] = field(default_factory=list)
    args: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def ring(
        self, leg: str, account: str, args: Sequence[str], seconds: float, *, quick: bool = False
    ) -> None:
        self.args[leg] = tuple(args)
        self.done.append(("ring", leg, account))

    def call_out(self, leg: str, number: str, args: Sequence[str], seconds: float) -> None:
        self.done.append(("call_out", leg, number))

    def hang_up(self, leg: str, cause: int = 16) -> None:
        self.done.append(("hang_up", leg))

    def open_bridge(self, bridge: str) -> None:
        self.done.append(("open", bridge))

    def join(self, bridge: str, leg: str) -> None:
        self.done.append(("join", bridge, leg))

    def part(self, bridge: str, leg: str) -> None:
        self.done.append(("part", bridge, leg))

    def close_bridge(self, bridge: str) -> None:
        self.done.append(("close", bridge))

    def start_music(self, leg: str, announced: str = "") -> None:
        self.done.append(("music", leg, announced) if announced else ("music", leg))

    def stop_music(self, leg: str) -> None:
        self.done.append(("quiet", leg))

    def play(self, leg: str, playback: str, sounds: Sequence[str]) -> None:
        self.done.append(("play", leg))

    def snoop(self, leg: str, target: str, *, whisper: bool) -> None:
        self.done.append(("snoop", leg, target))

    def of(self, verb: str) -> list[tuple[str, ...]]:
        return [deed for deed in self.done if deed[0] == verb]


class Record:
    """The floor's record; `broken` makes it refuse, `slow` keeps rows from becoming durable."""

    def __init__(self) -> None:
        self.rows: list[FloorRow] = []
        self.agents_before: list[AgentRow] = []
        self.legs_before: list[LegRow] = []
        self.broken = False
        self.slow: asyncio.Event | None = None

    def write(self, rows: Sequence[FloorRow]) -> Awaitable[None]:
        self.rows.extend(rows)
        return asyncio.ensure_future(self._durable())

    async def _durable(self) -> None:
        if self.slow is not None:
            await self.slow.wait()
        if self.broken:
            raise CallLogUnavailable("the disk is full")

    async def agents(self) -> Sequence[AgentRow]:
        return self.agents_before

    async def open_legs(self) -> Sequence[LegRow]:
        return self.legs_before

    async def last_offer(self) -> int:
        return 41


@dataclass
class Door:
    """What the flows are told."""

    told: list[tuple[str, ...]] = field(default_factory=list)
    joined: list[tuple[str, str]] = field(default_factory=list)

    def room_left(self, call_id: str, how: str) -> None:
        self.told.append(("left", call_id, how))

    def agent_joined(self, call_id: str, agent: str) -> None:
        self.joined.append((call_id, agent))

    def talk_over(self, call_id: str, how: TalkEnd, queue: str = "") -> None:
        self.told.append(("over", call_id, how.value, queue))


@dataclass
class Counts:
    """An observer that counts."""

    rows: int = 0
    unwritten: int = 0
    failed: int = 0

    def floor_row(self, row: FloorRow) -> None:
        self.rows += 1

    def floor_record_failed(self) -> None:
        self.unwritten += 1

    def floor_failed(self) -> None:
        self.failed += 1


@dataclass
class Callbacks:
    """One callback in the book."""

    number: str | None = "62811000123"
    taken: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, action: CallOut) -> str | None:
        self.taken += 1
        await self.gate.wait()
        return self.number

    def live(self, legs: Sequence[LiveLeg]) -> None: ...
    def leg_joined(self, leg: str) -> None: ...
    def leg_gone(self, leg: str, cause: int) -> None: ...


class Hall:
    """A driver with everything pretended around it."""

    def __init__(self) -> None:
        self.clock, self.legs, self.record = Clock(), Legs(), Record()
        self.door, self.counts, self.callbacks = Door(), Counts(), Callbacks()
        ids = (f"{n:032x}" for n in itertools.count(1))
        floor = Floor(load(TABLES), RULES, lambda: next(ids), first_offer=42)
        self.driver = FloorDriver(
            floor, self.legs, self.record, self.clock, self.counts, self.clock.call_later
        )
        self.driver.connect(self.door, self.callbacks)

    async def opened(self) -> "Hall":
        """Restored, connected, the agent ready."""
        await self.driver.restore()
        self.driver.control_back([], [])
        self.driver.phone(AGENT, ACCOUNT, True)
        self.driver.request(SELF, SignIn(AGENT))
        self.driver.request(SELF, Ready(AGENT))
        return self

    def enter(self, call_id: str = "c1", waited: float = 0.0) -> None:
        since = self.clock.now() - timedelta(seconds=waited)
        self.driver.enter(WaitingCall(call_id, f"chan-{call_id}", "efin", "id", since, {}))

    def rung(self) -> str:
        """The leg rung last."""
        return self.legs.of("ring")[-1][1]

    def talk(self, call_id: str = "c1") -> str:
        """Bring a waiting call together with the agent; return the agent's leg."""
        leg = self.rung()
        self.driver.leg_up(leg)
        assert self.door.told[-1] == ("left", call_id, "answered")
        self.driver.handed_over(call_id, f"chan-{call_id}")
        self.driver.joined(f"talk-{call_id}", leg)
        self.driver.joined(f"talk-{call_id}", f"chan-{call_id}")
        return leg

    def observed(self) -> tuple[str, str]:
        view = next(view for view in self.driver.agents() if view.agent == AGENT)
        return view.declared, view.observed
