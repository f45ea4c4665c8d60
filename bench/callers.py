"""Callers who walk the benches' menu: greeting, menu, key, service, key, goodbye, end."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.ear import Repertoire
from bench.phone import Caller, CallFailed, Exchange

_SLACK = 3.0  # seconds on top of what a prompt lasts before it counts as missing


@dataclass(slots=True)
class Walks:
    """What happened to the callers of one arm."""

    repertoire: Repertoire
    completed: int = 0
    failures: list[str] = field(default_factory=list)
    keys_pressed: int = 0
    keys_heeded: int = 0  # followed by the prompt they lead to
    after_key_ms: list[float] = field(default_factory=list)  # key's end to the next prompt's first packet
    packets_missing: int = 0
    prompts_clipped: int = 0

    async def walk(self, exchange: Exchange, number: str, who: str, *, hasty: bool) -> None:
        """Place one call. The hasty press into the prompt, the patient after it."""
        try:
            leg = await exchange.call(number, who)
        except CallFailed as failure:
            self.failures.append(str(failure))
            return
        try:
            await leg.hears("bench_greeting", _SLACK)
            await leg.hears("bench_menu", self._lasts("bench_greeting") + _SLACK)
            await self._press_and_hear(leg, "bench_menu", "bench_service", hasty)
            await self._press_and_hear(leg, "bench_service", "bench_goodbye", hasty)
            await leg.is_hung_up_on(self._lasts("bench_goodbye") + _SLACK)
            self.completed += 1
        except CallFailed as failure:
            self.failures.append(str(failure))
        finally:
            self.packets_missing += leg.ear.missing
            self.prompts_clipped += leg.ear.clipped
            await exchange.hang_up(leg)

    async def _press_and_hear(self, leg: Caller, while_in: str, then: str, hasty: bool) -> None:
        lasts = self._lasts(while_in)
        await asyncio.sleep(random.uniform(1.0, lasts - 1.0) if hasty else lasts + random.uniform(0.3, 1.0))
        ended = await leg.press("1")
        self.keys_pressed += 1
        heard = await leg.hears(then, _SLACK)
        self.keys_heeded += 1
        self.after_key_ms.append((heard.at - ended) / 1e6)

    def _lasts(self, prompt: str) -> float:
        return self.repertoire.seconds(prompt)


async def steadily(
    walks: Walks, exchange: Exchange, number: str, who: Callable[[], str], *, rate: float, seconds: float
) -> None:
    """Let callers arrive at an even rate for so long, every other one hasty; wait for the last."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        for count in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + count / rate - loop.time()))
            group.create_task(walks.walk(exchange, number, who(), hasty=count % 2 == 1))


async def always(
    walks: Walks, exchange: Exchange, number: str, who: Callable[[], str], *, callers: int, seconds: float
) -> None:
    """Keep so many patient callers inside for so long: who is done calls again; wait for the last.

    Everybody calls once at least.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds

    async def again_and_again(place: int) -> None:
        await asyncio.sleep(place * 0.05)  # 20 new calls a second, not all at once
        while True:
            await walks.walk(exchange, number, who(), hasty=False)
            if loop.time() >= end:
                return

    async with asyncio.TaskGroup() as group:
        for place in range(callers):
            group.create_task(again_and_again(place))
