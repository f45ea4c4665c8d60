"""`restart`: the service is killed (SIGKILL) with 100 callers in menus, and is back.

A third of the callers has pressed nothing yet, two thirds have chosen; some hear a prompt at that
moment, others are waited for. Afterwards each presses on, and what it hears shows where it stands.
The second part, with agents, is `bench.restart_agents`.
"""

import asyncio
import random
from dataclasses import dataclass, field

from bench import processes, restart_agents
from bench.figures import Report, at_most
from bench.phone import Caller, CallFailed, Exchange, caller_numbers, play
from bench.processes import CONTROL_SECONDS, HOST, Back, Installation

CALLERS = 100
_ARRIVING = 12.0  # seconds over which callers come: longer than a menu lasts
_SLACK = 3.0
WORDS = {"1": "one", "2": "two"}


def run(report: Report) -> None:
    """Measure and print."""
    callers = 10 if report.short else CALLERS
    with processes.running("places") as product:
        report.machine(product.program.version)
        result = play(_kill_with_callers(product, callers))
        note = (
            f"{callers} callers; {result.back}; "
            f"{result.repeated} heard their menu again; first failures: {result.failures[:3]}"
        )
        report.add(at_most("restart_lost", result.lost, 0, "calls", note))
        report.add(at_most("restart_under_control", result.back.control, CONTROL_SECONDS, "s", note))
        report.add(at_most("restart_not_where_they_were", result.elsewhere, 0, "calls", note))
        report.add(at_most("restart_keys_asked_twice", result.asked_twice, 0, "keys", note))
    restart_agents.run(report)


@dataclass(slots=True)
class _Result:
    """What became of the callers."""

    back: Back = field(default_factory=Back)
    lost: int = 0  # ended before their time
    elsewhere: int = 0  # heard something that does not belong to where they were
    asked_twice: int = 0  # heard a menu again in which they had chosen
    repeated: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Walker:
    """A caller on the way through the two menus of `flows/places`."""

    leg: Caller
    first: str  # the key of the first menu
    second: str
    chosen: bool = False  # whether the first key was pressed before the kill

    async def come(self) -> None:
        """Go to where the kill finds the caller."""
        await self.leg.hears("bench_menu", _SLACK)
        if self.chosen:
            await asyncio.sleep(random.uniform(0.5, 2.0))
            await self.leg.press(self.first)
            await self.leg.hears("bench_service", _SLACK)

    async def go_on(self, result: _Result) -> None:
        """Press what is left, hear what belongs to all the keys."""
        standing = "bench_service" if self.chosen else "bench_menu"
        for begun in self.leg.heard:
            result.repeated += begun.prompt == standing
            result.asked_twice += self.chosen and begun.prompt == "bench_menu"
            result.elsewhere += begun.prompt not in {standing, "bench_menu"}
        self.leg.heard.clear()
        if not self.chosen:
            await self.leg.press(self.first)
            await self.leg.hears("bench_service", _SLACK)
            await asyncio.sleep(0.5)
        await self.leg.press(self.second)
        await self.leg.hears(f"bench_{WORDS[self.first]}_{WORDS[self.second]}", _SLACK)
        await self.leg.is_hung_up_on(2.0 + _SLACK)


async def _kill_with_callers(product: Installation, count: int) -> _Result:
    result = _Result()
    local, remote = (HOST, processes.CALLERS_SIP), (HOST, processes.SIP)
    async with Exchange(local, remote, processes.CALLERS_AUDIO, product.repertoire()) as exchange:
        who = caller_numbers()

        async def arrive(place: int) -> _Walker:
            await asyncio.sleep(place / count * _ARRIVING)
            leg = await exchange.call(processes.NUMBER, who())
            walker = _Walker(leg, "12"[place % 2], "12"[place // 2 % 2], chosen=place % 3 > 0)
            await walker.come()
            return walker

        walkers = await asyncio.gather(*(arrive(place) for place in range(count)))
        result.back = await asyncio.to_thread(product.kill_and_wait)
        outcomes = await asyncio.gather(*(walker.go_on(result) for walker in walkers), return_exceptions=True)
        for walker, outcome in zip(walkers, outcomes, strict=True):
            if isinstance(outcome, CallFailed):
                ended = walker.leg.ended
                result.lost += ended
                result.elsewhere += not ended
                result.failures.append(str(outcome))
            elif outcome is not None:
                raise outcome
    return result
