"""The durable record of the floor on SQLite or PostgreSQL."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.call_log import CallLogUnavailable
from domain.floor_log import AgentRow, FloorRow, LegRow
from storage.batches import USUAL, Batches, Item, WriteLimits
from storage.database import Database, DatabaseProblem, problem
from storage.floor_rows import TABLES, TableRow, agent_of, leg_of, table_row
from storage.floor_writers import FloorWriter, PostgresFloorWriter, SqliteFloorWriter
from storage.sessions import RowConflict, WriteFailed
from storage.tables import floor_agents, floor_legs, floor_offers, floor_open_legs, metadata

T = TypeVar("T")

# More than the call record keeps: these rows have nobody who would bring them again.
LIMITS = replace(USUAL, queued_rows=200_000)


class _Item(Item):
    """Rows that one `write` brought."""

    __slots__ = ("rows",)

    def __init__(self, done: "asyncio.Future[None]", rows: Sequence[tuple[str, TableRow]]) -> None:
        super().__init__(done, len(rows))
        self.rows = rows


class DurableFloorLog:
    """The floor's record (`domain.floor_log.FloorLog`) on a database.

    One thread writes, one batch at a time (`storage.batches`); the rows of one `write` are durable
    together or not at all. When the database fails, whoever waits is told after
    `limits.give_up_after`, the rows are kept in memory, and they are tried again before anything that
    came later and every `limits.idle_try` seconds. Only what is wrong in itself is refused for good,
    alone: a leg's row whose number is taken, or a value that the database does not store.
    """

    def __init__(
        self, database: Database, loop: asyncio.AbstractEventLoop, limits: WriteLimits = LIMITS
    ) -> None:
        """Blocking; raises DatabaseProblem."""
        self._database = database
        self._loop = loop
        self._limits = limits
        self._refused: str | None = None
        self._kept: list[_Item] = []  # the writer's: refused, to be written first
        self._kept_rows = 0
        self._n = database.read_now(_highest_n)
        self._writer: FloorWriter = (
            SqliteFloorWriter(database.raw, database.turn)
            if database.is_sqlite
            else PostgresFloorWriter(database.raw)
        )
        self._batches = Batches[_Item](
            "floor-log", loop, limits, self._write, self._close_writer, lambda: bool(self._kept)
        )

    @property
    def backlog(self) -> int:
        """How many rows wait to become durable, those that were refused before too."""
        return self._batches.backlog + self._kept_rows

    @property
    def trouble(self) -> str | None:
        """Why rows were refused and are being tried again, or None when all is well."""
        return self._refused

    def write(self, rows: Sequence[FloorRow], *, urgent: bool = True) -> Awaitable[None]:
        """Queue rows at once; the awaitable is done when they are durable.

        Rows that are not `urgent` may wait some milliseconds for others. Raises ValueError at once for
        a time without zone or a leg's row not numbered from 1; then none of the rows was queued.
        """
        done = self._loop.create_future()
        encoded = []
        for row in rows:
            # The time makes it unique among processes, the counter among rows.
            self._n = max(self._n + 1, time.time_ns())
            encoded.append(table_row(self._n, row))
        refusal = self._batches.refusal(len(rows), self._kept_rows)
        if not encoded:
            done.set_result(None)
        elif refusal is not None:
            done.set_exception(refusal)
        else:
            self._batches.put(_Item(done, encoded), urgent=urgent)
        return done

    async def agents(self) -> Sequence[AgentRow]:
        """Return the last row of every agent, in the order of staff numbers."""
        rows = await self._read(lambda connection: connection.execute(_LAST_OF_AGENTS).all())
        return [agent_of(row) for row in rows]

    async def open_legs(self) -> Sequence[LegRow]:
        """Return the last row of every leg that is in a phase, oldest first."""
        query = (
            sa.select(floor_legs)
            .join(floor_open_legs, floor_open_legs.c.n == floor_legs.c.n)
            .order_by(floor_legs.c.n)
        )
        return [leg_of(row) for row in await self._read(lambda c: c.execute(query).all())]

    async def last_offer(self) -> int:
        """Return the highest offer number ever used; 0 if none was."""
        query = sa.select(sa.func.max(floor_offers.c.number))
        return await self._read(lambda connection: connection.execute(query).scalar()) or 0

    async def close(self) -> None:
        """Write what is queued, then stop. What is refused even then is lost; `backlog` counts it."""
        await self._batches.close()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except DatabaseProblem as error:
            raise CallLogUnavailable(str(error)) from error

    # From here on: the writer's thread.

    def _write(self, batch: list[_Item]) -> None:
        # While rows are kept the database is known to fail: nobody is made to wait for it again.
        patience = 0.0 if self._kept else self._limits.give_up_after
        items = [*self._kept, *batch]
        left = self._try(items, time.monotonic() + patience)
        for item in left:
            item.error = CallLogUnavailable(
                f"The floor's record cannot be written; the rows are kept and tried again. {self._refused}"
            )
        self._kept = left
        self._kept_rows = sum(item.size for item in left)

    def _try(self, items: list[_Item], deadline: float) -> list[_Item]:
        """Write items in order; return those that could not be written by then."""
        pause = 0.02
        while items:
            try:
                items = self._written(items)
            except WriteFailed as error:
                cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
                self._refused = str(problem(cause, self._database.engine.url))
                if time.monotonic() + pause > deadline:
                    self._renew()
                    return items
                time.sleep(pause)
                pause = min(pause * 2, 0.5)
                self._renew()
        self._refused = None
        return []

    def _written(self, items: list[_Item]) -> list[_Item]:
        """Write all items, or if one of them is wrong the first half; return those that are left."""
        try:
            self._writer.write(_by_table(items))
        except RowConflict:
            if len(items) > 1:
                half = len(items) // 2
                return self._written(items[:half]) + items[half:]
            items[0].error = CallLogUnavailable(
                "A row is there already with something else in it, or cannot be stored; it is not kept."
            )
        return []

    def _renew(self) -> None:
        try:
            self._writer.renew()
        except WriteFailed:
            return  # the next write fails as well, and is counted there

    def _close_writer(self) -> None:
        if self._kept:
            self._write([])
        self._writer.close()


def _by_table(items: Sequence[_Item]) -> dict[str, list[TableRow]]:
    found: dict[str, list[TableRow]] = {}
    for item in items:
        for table, row in item.rows:
            found.setdefault(table, []).append(row)
    return found


def _highest_n(connection: Connection) -> int:
    tables = [metadata.tables[name] for name in TABLES]
    return max(connection.execute(sa.select(sa.func.max(t.c.n))).scalar() or 0 for t in tables)


def _last_of_agents() -> "sa.Select[Any]":
    """Return a query that steps from agent to agent in the index: reading all rows would take seconds."""
    names = sa.select(sa.func.min(floor_agents.c.agent).label("agent")).cte("names", recursive=True)
    following = (
        sa.select(sa.func.min(floor_agents.c.agent))
        .where(floor_agents.c.agent > names.c.agent)
        .scalar_subquery()
    )
    names = names.union_all(sa.select(following).where(names.c.agent.is_not(None)))
    last = (
        sa.select(sa.func.max(floor_agents.c.n))
        .where(floor_agents.c.agent == names.c.agent)
        .correlate(names)
        .scalar_subquery()
    )
    return (
        sa.select(floor_agents)
        .select_from(names.join(floor_agents, floor_agents.c.n == last))
        .order_by(floor_agents.c.agent)
    )


_LAST_OF_AGENTS = _last_of_agents()
