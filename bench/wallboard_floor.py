"""A floor in the busiest hour, on a clock that the bench moves: the real rule, real rows, no Asterisk."""

import asyncio
import heapq
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count

from acd.driver import FloorDriver
from acd.floor import Floor
from acd.floor_rules import FloorRules
from acd.requests import Actor, EndWrapUp, Pause, Ready, Refused, Role, SignIn
from acd.skills import Skillbook
from acd.tables_csv import COLUMNS, DATA, load
from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow
from domain.ids import new_id
from domain.waiting_room import TalkEnd, WaitingCall
from ivr.announcements import Announcing
from reporting.facts import load_service_levels
from reporting.wall_messages import SentMessage
from reporting.wall_rows import Row
from reporting.wall_thresholds import ThresholdChange
from service.wall_source import Alarms, LiveWall, WallGround
from web.operations import Line, Readiness

BEGAN = datetime(2026, 3, 31, 3, 0, tzinfo=UTC)  # a filing deadline, 10.00 WIB
TALK, WRAP_UP, PATIENCE = 240.0, 30.0, 600.0  # mean seconds
PAUSES, PAUSE = 0.05, 120.0  # after so many calls, for so many seconds


class MovedClock:
    """A clock that goes when it is told to."""

    passed = 0.0

    def now(self) -> datetime:
        """Return the wall time."""
        return BEGAN + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        """Return seconds."""
        return 100_000.0 + self.passed


class BusyFloor:
    """So many agents at work and so many callers in line, while one looks. Made on a running loop."""

    def __init__(self, agents: int, waiting: int) -> None:
        self.clock = MovedClock()
        self._dice = random.Random(1500200)
        self._waiting = waiting
        self._numbers = count(1)
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._timers: dict[int, tuple[float, Callable[[], None]]] = {}
        self.rows: list[EntryRow] = []
        self.changes = 0
        self.line: set[str] = set()  # calls that wait
        book = _book(agents)
        self.queues = [row.queue for row in book.tables.requirements]
        floor = Floor(book, FloorRules.of(book.tables.rules), new_id, 1)
        self.driver = FloorDriver(floor, self, self, self.clock, self, self._call_later)
        self.driver.connect(self)
        self.driver.control_back([], [])
        self.wall = LiveWall(self._ground(book))
        for number in book.agents:
            self.driver.phone(number, _account(number), True)
            self._ask(number, SignIn(number))
            self._ask(number, Ready(number))
        while len(self.line) < waiting:
            self._caller_comes()
            self.lives(0.01)
        self.changes = 0

    def lives(self, seconds: float) -> None:
        """Let so many seconds pass; what is due happens in its order."""
        until = self.clock.passed + seconds
        while self._due and self._due[0][0] <= until:
            at, number, work = heapq.heappop(self._due)
            self.clock.passed = max(self.clock.passed, at)
            if self._timers.pop(number, None) is not None:
                self.changes += 1
                work()
        self.clock.passed = until

    # ---- Callers and agents

    def _caller_comes(self) -> None:
        call = f"c{next(self._numbers)}"
        self.line.add(call)
        queue = self._dice.choice(self.queues)
        self.driver.enter(WaitingCall(call, f"leg-{call}", queue, "id", self.clock.now(), {}))
        self._later(self._dice.expovariate(1 / PATIENCE), lambda: self._gives_up(call))

    def _gives_up(self, call: str) -> None:
        if call in self.line:
            self.line.discard(call)
            self.driver.leave(call, "caller_hung_up")
            self._caller_comes()

    def _talk_ends(self, call: str, agent: str) -> None:
        self.driver.leave(call, "caller_hung_up")
        self._later(self._dice.expovariate(1 / WRAP_UP), lambda: self._note_ends(agent))

    def _note_ends(self, agent: str) -> None:
        if self._dice.random() < PAUSES:
            self._ask(agent, Pause(agent, "prayer"))
            self._later(PAUSE, lambda: self._ask(agent, Ready(agent)))
        self._ask(agent, EndWrapUp(agent))

    def _ask(self, agent: str, request: SignIn | Ready | Pause | EndWrapUp) -> None:
        try:
            self.driver.request(Actor(agent, Role.AGENT), request)
        except Refused:
            return  # the state went on by itself meanwhile

    def _later(self, seconds: float, work: Callable[[], None]) -> int:
        number = next(self._numbers)
        self._timers[number] = self.clock.passed + seconds, work
        heapq.heappush(self._due, (self.clock.passed + seconds, number, work))
        return number

    def _call_later(self, seconds: float, work: Callable[[], None]) -> "_Timer":
        return _Timer(self, self._later(max(0.0, seconds), work))

    def forget(self, number: int) -> None:
        """Let a timer be over."""
        self._timers.pop(number, None)

    # ---- The legs (acd.ports.FloorLegs): every phone answers after two seconds

    def ring(
        self, leg: str, account: str, args: Sequence[str], seconds: float, *, quick: bool = False
    ) -> None:
        """Let a phone ring."""
        self._later(2.0, lambda: self.driver.leg_up(leg))

    def hang_up(self, leg: str, cause: int = 16) -> None:
        """End a leg."""
        self._later(0.05, lambda: self.driver.leg_gone(leg, cause))

    def join(self, bridge: str, leg: str) -> None:
        """Join a leg."""
        self._later(0.05, lambda: self.driver.joined(bridge, leg))

    def open_bridge(self, bridge: str) -> None:
        """Nothing to do."""

    def part(self, bridge: str, leg: str) -> None:
        """Nothing to do."""

    def close_bridge(self, bridge: str) -> None:
        """Nothing to do."""

    def start_music(self, leg: str, announced: str = "") -> None:
        """Nothing to do."""

    def stop_music(self, leg: str) -> None:
        """Nothing to do."""

    def play(self, leg: str, playback: str, sounds: Sequence[str]) -> None:
        """Nothing to do."""

    def snoop(self, leg: str, target: str, *, whisper: bool) -> None:
        """Nothing to do."""

    def call_out(self, leg: str, number: str, args: Sequence[str], seconds: float) -> None:
        """Nothing to do."""

    # ---- The flows (domain.waiting_room.RoomExit)

    def room_left(self, call_id: str, how: str) -> None:
        """An agent takes the call."""
        self.line.discard(call_id)
        self._later(0.05, lambda: self.driver.handed_over(call_id, f"leg-{call_id}"))

    def agent_joined(self, call_id: str, agent: str) -> None:
        """They talk; another caller comes, so that the line stays as long as it is."""
        self._later(self._dice.expovariate(1 / TALK), lambda: self._talk_ends(call_id, agent))
        if len(self.line) < self._waiting:
            self._caller_comes()

    def talk_over(self, call_id: str, how: TalkEnd, queue: str = "") -> None:
        """Nothing to do."""

    # ---- The record (domain.floor_log.FloorLog, acd.ports.FloorObserver)

    def write(self, rows: Sequence[FloorRow]) -> Awaitable[None]:
        """Keep the entries."""
        self.rows += [row for row in rows if isinstance(row, EntryRow)]
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def agents(self) -> Sequence[AgentRow]:
        """Return nothing."""
        return ()

    async def open_legs(self) -> Sequence[LegRow]:
        """Return nothing."""
        return ()

    async def last_offer(self) -> int:
        """Return none."""
        return 0

    def floor_row(self, row: FloorRow) -> None:
        """Nothing to do."""

    def floor_record_failed(self) -> None:
        """Nothing to do."""

    def floor_failed(self) -> None:
        """A bench of a floor that fails measures nothing."""
        raise RuntimeError("the floor failed; see the log above")

    # ---- What the board stands on beside the floor

    async def since(self, day: date) -> tuple[int, Sequence[EntryRow]]:
        """Return every entry (`storage.wall_day.EntriesOfDay`)."""
        return len(self.rows), list(self.rows)

    async def after(self, number: int) -> tuple[int, Sequence[EntryRow]]:
        """Return the entries after a number."""
        return len(self.rows), self.rows[number:]

    async def newest(self) -> Sequence[ThresholdChange]:
        """Return no threshold of one's own."""
        return ()

    async def recent(self, since: datetime, limit: int = 50) -> Sequence[SentMessage]:
        """Return no message."""
        return ()

    def _ground(self, book: Skillbook) -> WallGround:
        async def line() -> Line:
            return Line(open=True, shut=False)

        async def readiness() -> Readiness:
            return Readiness(())

        async def alarms() -> Alarms:
            return Alarms((), 0)

        async def campaigns() -> Mapping[str, Row]:
            return {}

        async def nothing() -> None: ...

        return WallGround(
            agents=self.driver.agents,
            queues=self.driver.queues,
            book=lambda: book,
            entries=self,  # type: ignore[arg-type]
            levels=load_service_levels(),
            thresholds=self,  # type: ignore[arg-type]
            messages=self,  # type: ignore[arg-type]
            announcing=Announcing(self.clock),
            line=line,
            readiness=readiness,
            trunks=lambda: {"in": (len(self.line), 2000)},
            alarms=alarms,
            campaigns=campaigns,
            look_at_announcements=nothing,
            clock=self.clock,
        )


class _Timer:
    """A timer of the driver (`acd.ports.Timer`)."""

    def __init__(self, floor: BusyFloor, number: int) -> None:
        self._floor, self._number = floor, number

    def cancel(self) -> None:
        """Forget it."""
        self._floor.forget(self._number)


def _account(number: str) -> str:
    return f"a{int(number):015x}"


def _book(agents: int) -> Skillbook:
    """Return the shipped tables with agents of five skills each, by turns."""
    files = {
        name: (DATA / f"{name}.csv").read_text("utf-8")
        for name in COLUMNS
        if name not in ("agents", "competences")
    }
    skills = sorted({line.split(",")[1] for line in files["requirements"].splitlines()[1:]})
    numbers = [f"8{place:04d}" for place in range(agents)]
    rows = [f"{number},Nama {number},tim{place % 20},id en" for place, number in enumerate(numbers)]
    files["agents"] = "\n".join(["agent,on_air_name,team,languages", *rows, ""])
    tiers = "AABBC"
    competences = [
        f"{number},{skills[(place + step) % len(skills)]},{tiers[place % len(tiers)]},3,"
        for place, number in enumerate(numbers)
        for step in range(5)
    ]
    files["competences"] = "\n".join(["agent,skill,tier,level,expires", *competences, ""])
    return load(files)
