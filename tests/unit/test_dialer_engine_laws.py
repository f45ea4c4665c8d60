"""The engine on a virtual clock through random kills, faults and calls: nobody is dialled twice."""

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.attempts import UNFINISHED, AttemptState
from dialer.engine import Engine
from dialer.ports import Dial, LineLife
from tests.laws import asks
from tests.unit.engine_world import ROLE, Lines, World
from tests.unit.virtual_time import run

SETTLED = 240.0  # virtual seconds within which everything unfinished is looked up and ended
BARRED = 1.0  # seconds after which nothing is dialled any more


class Mortal:
    """A port of an engine that may be killed: what it asks then does not happen, and it hears no answer."""

    def __init__(self, real: object, life: "Life") -> None:
        self._real, self._life = real, life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if inspect.iscoroutinefunction(found):
            return self._slow(found)
        return self._quick(found) if callable(found) else found

    def _slow(self, real: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*words: object, **named: object) -> object:
            await self._life.goes_on()
            result = await real(*words, **named)
            await self._life.goes_on()
            return result

        return call

    def _quick(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: object, **named: object) -> object:
            if self._life.over:
                raise asyncio.CancelledError
            return real(*words, **named)

        return call


@dataclass
class Life:
    """Of one engine."""

    over: bool = False

    async def goes_on(self) -> None:
        while self.over:
            await asyncio.sleep(3600)


class WildLines(Lines):
    """Asterisk that may take an order and not say so, and that looks at every order it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.late = False  # the order is taken, its answer is lost
        self.check: Callable[[Dial], None] = lambda _: None

    async def place(self, dial: Dial) -> bool:
        if self.takes:
            self.check(dial)
        taken = await super().place(dial)
        if taken and self.late:
            raise TimeoutError
        return taken


class Wild(World):
    """A world in which anything may happen to the engine."""

    def __init__(self) -> None:
        self.life, self.barred_since, self.engines = Life(), float("inf"), 1
        super().__init__(holder="process-1")
        self.lines: WildLines = self.lines

    def new_engine(self, holder: str, most_lines: int = 30) -> Engine:
        if not isinstance(self.lines, WildLines):
            self.lines = WildLines()
            self.lines.check = self._check
        real = (self.attempts, self.leads, self.lines, self.floor)
        self.life = life = Life()
        self.attempts, self.leads, self.lines, self.floor = (Mortal(one, life) for one in real)  # type: ignore[assignment]
        try:
            return super().new_engine(holder, most_lines)
        finally:
            self.attempts, self.leads, self.lines, self.floor = real

    def _check(self, dial: Dial) -> None:
        assert self.attempts.rows[dial.attempt_id].state is AttemptState.DIALING, (
            "on record before it is sent"
        )
        assert self.clock.monotonic() - self.barred_since <= BARRED, "nothing is dialled while it is barred"

    # -- what happens ---------------------------------------------------------------------------

    async def is_killed(self, seconds: int) -> None:
        """`kill -9`, and a new process some seconds later."""
        dead, self.life.over = self.engine, True
        self.lines.engine = None
        for task in [*dead._loops, *dead._tasks]:
            task.cancel()
        dead._unwatch()
        if dead._due is not None:
            dead._due.cancel()
        await asyncio.sleep(seconds / 4)
        self.attempts.roles.pop(ROLE, None)
        self.engines += 1
        self.engine = self.new_engine(f"process-{self.engines}")
        self.lines.engine = self.engine
        self.engine.start()

    async def asterisk_goes(self, seconds: int) -> None:
        self.lines.ready = False
        self.engine.lost()
        await self._barred(seconds)
        self.lines.ready = True
        self.engine.back()

    async def is_stopped_by_people(self, seconds: int) -> None:
        self.orders.killed = True
        await self._barred(seconds)
        self.orders.killed = False

    async def database_goes(self, seconds: int) -> None:
        self.orders.broken = self.attempts.broken = self.leads.broken = True
        await self._barred(seconds)
        self.orders.broken = self.attempts.broken = self.leads.broken = False

    async def clock_jumps(self, seconds: int) -> None:
        self.clock.wrong += timedelta(seconds=(seconds - 4) * 600)

    async def answers_get_lost(self, seconds: int) -> None:
        self.lines.late = True
        await asyncio.sleep(seconds)
        self.lines.late = False

    async def orders_get_lost(self, seconds: int) -> None:
        self.lines.fails = TimeoutError
        await asyncio.sleep(seconds)
        self.lines.fails = None

    async def orders_are_refused(self, seconds: int) -> None:
        self.lines.takes = False
        await asyncio.sleep(seconds)
        self.lines.takes = True

    async def ends_are_not_heard(self, seconds: int) -> None:
        self.lines.deaf = self.lines.blind = True
        await asyncio.sleep(seconds)
        self.lines.deaf = self.lines.blind = False

    async def somebody_answers(self, seconds: int) -> None:
        if self.lines.ringing and self.lines.engine is not None:
            attempt = self.lines.ringing[seconds % len(self.lines.ringing)]
            self.lines.answer(attempt)
            if seconds % 2 and self.floor.agents:
                self.engine.joined(attempt, next(iter(self.floor.agents)))

    async def a_call_ends(self, seconds: int) -> None:
        if self.lines.alive:
            attempts = list(self.lines.alive)
            self.lines.end(attempts[seconds % len(attempts)], 17, 486)

    async def agents_change(self, seconds: int) -> None:
        name = str(seconds)
        if name in self.floor.agents:
            self.floor.leaves(name)
        else:
            self.agents(name)

    async def _barred(self, seconds: int) -> None:
        self.barred_since = self.clock.monotonic()
        await asyncio.sleep(seconds)
        self.barred_since = float("inf")

    # -- the end --------------------------------------------------------------------------------

    async def settles(self) -> None:
        """Nothing more is wanted, and everything works."""
        self.orders.campaigns.clear()
        for attempt in list(self.lines.alive):
            if self.lines.alive[attempt] is LineLife.UP:
                self.lines.end(attempt)
        began = self.clock.monotonic()
        while unfinished := self._unfinished():
            assert self.clock.monotonic() - began < SETTLED, unfinished
            await asyncio.sleep(1)

    def _unfinished(self) -> list[str]:
        return [one for one, row in self.attempts.rows.items() if row.state in UNFINISHED]


HAPPENINGS = (
    Wild.is_killed, Wild.is_killed, Wild.asterisk_goes, Wild.is_stopped_by_people, Wild.database_goes,
    Wild.clock_jumps, Wild.answers_get_lost, Wild.orders_get_lost, Wild.orders_are_refused,
    Wild.ends_are_not_heard, Wild.somebody_answers, Wild.somebody_answers, Wild.a_call_ends, Wild.a_call_ends,
    Wild.agents_change,
)  # fmt: skip


@settings(max_examples=asks(10), suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 8), st.integers(0, 12)), min_size=1, max_size=16
    )
)
def test_whatever_happens_nobody_is_dialled_twice_and_every_attempt_ends(
    story: list[tuple[Callable[[Wild, int], Any], int, int]],
) -> None:
    async def whole() -> Wild:
        world = Wild()
        world.agents("1", "2", "3")
        async with world:
            for happens, seconds, quarters in story:
                await happens(world, seconds)
                await asyncio.sleep(quarters / 4)
            await world.settles()
        return world

    world = run(whole())
    ids = Counter(dial.attempt_id for dial in world.lines.placed)
    numbers = Counter(dial.number for dial in world.lines.placed)
    assert set(ids.values()) <= {1} and set(numbers.values()) <= {1}
    assert ids.keys() <= world.attempts.rows.keys()
    assert world.counts.failures == 0
