"""What a story itself knows of a day's calls: how many, and between which bounds each time must lie."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from domain.clock import SystemClock
from reporting.asking import Line, Question
from service.figures_part import make_figures
from service.secrets import MASTER_KEY
from storage.database import Database
from storage.tables import floor_agents
from storage.vault import Vault
from tests.sip.office import Clerk
from tests.sip.review_house import WITHIN, AtWork, House

Point = tuple[float, float]  # something happened between these (monotonic)


@dataclass
class Known:
    """What the test itself knows of the day's calls."""

    day: date
    no_agent_asked: list[str] = field(default_factory=list)  # call ids
    least: dict[str, float] = field(default_factory=dict)  # count of milliseconds → its bounds
    most: dict[str, float] = field(default_factory=dict)

    def lasted(self, count: str, begun: Point, ended: Point) -> None:
        """Something lasted from one point to another."""
        self.least[count] = self.least.get(count, 0.0) + max(0.0, ended[0] - begun[1]) * 1000
        self.most[count] = self.most.get(count, 0.0) + (ended[1] - begun[0]) * 1000


async def point(*deeds: Awaitable[object]) -> Point:
    """Do something that has happened once the last of its deeds is done."""
    asked = time.monotonic()
    for deed in deeds:
        await deed
    return asked, time.monotonic()


@asynccontextmanager
async def shift(house: House, number: str, page: Clerk, known: Known) -> AsyncIterator[AtWork]:
    """Somebody's work, from signing in to signing out."""
    asked = time.monotonic()
    async with house.at_work(number, page) as agent:
        begun = asked, time.monotonic()
        yield agent
        ended = await point(agent.asks("sign_out"), agent.until(declared="signed_out"))
        known.lasted("staffed_ms", begun, ended)


async def floor_is_written(house: House) -> None:
    """Wait until all agents have signed out on record: before, a day's counts would be of a part of it."""
    newest = sa.select(sa.func.max(floor_agents.c.n)).group_by(floor_agents.c.agent)
    query = sa.select(floor_agents.c.declared).where(floor_agents.c.n.in_(newest))
    deadline = time.monotonic() + WITHIN
    database = Database.open(house.installation.settings.database)
    try:
        while (found := set(database.read_now(lambda c: c.scalars(query).all()))) != {"signed_out"}:
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.1)
    finally:
        database.close()


def recomputed(house: House, day: date) -> Line:
    """Return the day's counts from the event log alone, in a process that has counted nothing yet."""
    settings = house.installation.settings
    database = Database.open(settings.database)
    try:
        vault = Vault.load(settings.secrets_folder / MASTER_KEY)
        figures = make_figures(database, vault, SystemClock()).figures
        (line,) = asyncio.run(figures.recomputed(Question(day, day)))
        return line
    finally:
        database.close()
