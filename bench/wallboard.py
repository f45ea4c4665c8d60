"""`wallboard`: what wallboards cost the service with 500 agents and 1,000 callers waiting.

The floor is the real rule with the shipped queues; agents answer, talk, write notes and pause, callers come
and give up as in a deadline's busiest hour. The boards are real as well: the service's own look, rows and
messages. Time is moved by the bench and the board looks as often as it ever does, so what is measured is
processor time for each second of the floor, whatever else the machine does.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bench.figures import Report, at_least, at_most, percentile
from bench.wallboard_floor import BusyFloor
from web.wall_feed import AGAIN, COALESCE, WallFeed

AGENTS, WAITING = 500, 1000
SHARE = 0.1  # of one core
BOARDS = 20
FULL, SHORT = 120, 10  # seconds of the floor
_LOOKS = round(AGAIN / COALESCE)  # at most so many in a second


@dataclass(frozen=True, slots=True)
class Cost:
    """What a while cost, in seconds of processor time."""

    seconds: int  # of the floor
    board: float
    looks: tuple[float, ...]
    messages: int
    size: int  # bytes of them
    changes: int  # on the floor


def run(report: Report) -> None:
    """Measure and print."""
    seconds = SHORT if report.short else FULL
    report.machine("none: the floor's rule alone")
    for boards in (1, BOARDS):
        cost = asyncio.run(_watched(seconds, boards))
        name = "wallboard_cpu" if boards == 1 else f"wallboard_cpu_{boards}_boards"
        note = (
            f"{AGENTS} agents, {WAITING} waiting, {cost.changes / seconds:.0f} happenings a second, "
            f"{_LOOKS} looks a second; {cost.messages} messages, {cost.size / seconds / 1024:.0f} KiB/s"
        )
        report.add(at_most(name, cost.board / seconds, SHARE, "cores", note))
        if boards == 1:
            looks = [1000 * one for one in cost.looks]
            report.add(at_most("wallboard_look_p95", percentile(looks, 0.95), 50, "ms", f"of {len(looks)}"))
            report.add(at_least("wallboard_messages", cost.messages / seconds, 1, "messages a second"))


async def _watched(seconds: int, boards: int) -> Cost:
    floor = BusyFloor(AGENTS, WAITING)
    feed = WallFeed(floor.wall, floor.driver, floor.clock.now)
    readers = [feed.listen("all", lambda _: True) for _ in range(boards)]
    read = [0, 0]
    for reader in readers:
        await _take(reader, read)
    read[:] = [0, 0]
    looks: list[float] = []
    board = 0.0
    for _ in range(seconds):
        for _ in range(_LOOKS):
            floor.lives(AGAIN / _LOOKS)
            await asyncio.sleep(0)
            began = time.process_time()
            await floor.wall.refresh()
            feed.look()
            looks.append(time.process_time() - began)
            for reader in readers:
                await _take(reader, read)
            board += time.process_time() - began
    for reader in readers:
        await reader.aclose()  # type: ignore[attr-defined]
    return Cost(seconds, board, tuple(looks), read[0], read[1], floor.changes)


async def _take(reader: AsyncIterator[bytes], read: list[int]) -> None:
    message = await anext(reader)
    read[0] += 1
    read[1] += len(message)
