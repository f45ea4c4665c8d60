"""The durable call record on SQLite or PostgreSQL."""

import asyncio
import time
from collections.abc import Awaitable, Sequence

import sqlalchemy as sa

from domain.call_log import CallLogUnavailable
from domain.calls import Call, CallEvent, EndReason, EventKind
from storage.batches import USUAL, Batches, Item, WriteLimits
from storage.database import Database, DatabaseProblem, problem
from storage.rows import CallRow, EventRow, Rows, check_continuous
from storage.sessions import RowConflict, WriteFailed
from storage.tables import call_events, calls, utc_text
from storage.vault import Vault, VaultProblem
from storage.writers import EndRow, PostgresWriter, SqliteWriter, Writer


class _Item(Item):
    """Rows that one `open` or `append` brought."""

    __slots__ = ("call", "end", "rows")

    def __init__(
        self, done: "asyncio.Future[None]", call: CallRow | None, rows: list[EventRow], end: EndRow | None
    ) -> None:
        super().__init__(done, len(rows))
        self.call = call
        self.rows = rows
        self.end = end

    @property
    def call_id(self) -> str:
        return self.rows[0][0] if self.rows else self.call[0] if self.call else ""


class DurableCallLog:
    """The call record (`domain.call_log.CallLog`) on a database.

    One thread writes, one batch at a time (`storage.batches`). Rows are encoded and sealed where they
    are queued, so a mistake in them is raised to whoever made it.

    A refused append wrote nothing. Later rows of the same call are refused until the missing ones
    are appended again, in order: the record has no gaps. Appending rows again that did become
    durable (an answer lost with a connection) is accepted and changes nothing.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        loop: asyncio.AbstractEventLoop,
        limits: WriteLimits = USUAL,
    ) -> None:
        self._database = database
        self._rows = Rows(vault)
        self._loop = loop
        self._limits = limits
        self._refused: str | None = None
        self._last: dict[str, int] = {}  # the writer's: call → last durable event, of open calls
        self._writer: Writer = (
            SqliteWriter(database.raw, database.turn) if database.is_sqlite else PostgresWriter(database.raw)
        )
        self._batches = Batches[_Item]("call-log", loop, limits, self._write, self._writer.close)

    @property
    def backlog(self) -> int:
        """How many rows wait to become durable."""
        return self._batches.backlog

    @property
    def trouble(self) -> str | None:
        """Why the last batch was refused or is being retried, or None when all is well."""
        return self._refused

    def open(self, call: Call, events: Sequence[CallEvent], *, urgent: bool = True) -> Awaitable[None]:
        """Record a new call with its first events (numbered from 1)."""
        return self._put(call, events, urgent)

    def append(self, events: Sequence[CallEvent], *, urgent: bool = True) -> Awaitable[None]:
        """Append events of one call, numbered on from its last; ENDED also closes its header.

        Raises ValueError at once for events of several calls, with a gap between them, or an ENDED
        event whose `reason` is no EndReason.
        """
        return self._put(None, events, urgent)

    async def unfinished(self) -> list[Call]:
        """Return the calls that have no end yet, oldest first."""
        query = (
            sa.select(calls).where(calls.c.ended_at.is_(None)).order_by(calls.c.started_at, calls.c.call_id)
        )
        try:
            rows = await self._database.read(lambda connection: connection.execute(query).all())
            return [self._rows.call(row) for row in rows]
        except (DatabaseProblem, VaultProblem) as error:
            raise CallLogUnavailable(str(error)) from error

    async def on_channel(self, channel: str) -> Call | None:
        """Return the latest call that a channel carried."""
        query = sa.select(calls).where(calls.c.channel == channel).order_by(calls.c.call_id.desc()).limit(1)
        try:
            row = await self._database.read(lambda connection: connection.execute(query).first())
            return None if row is None else self._rows.call(row)
        except (DatabaseProblem, VaultProblem) as error:
            raise CallLogUnavailable(str(error)) from error

    async def events(self, call_id: str) -> list[CallEvent]:
        """Return a call's events in order, secrets decrypted."""
        query = sa.select(call_events).where(call_events.c.call_id == call_id).order_by(call_events.c.seq)
        try:
            rows = await self._database.read(lambda connection: connection.execute(query).all())
            return [self._rows.event(row) for row in rows]
        except (DatabaseProblem, VaultProblem) as error:
            raise CallLogUnavailable(str(error)) from error

    async def close(self) -> None:
        """Write what is queued, then stop. Later appends are refused."""
        await self._batches.close()

    def _put(self, call: Call | None, events: Sequence[CallEvent], urgent: bool) -> Awaitable[None]:
        check_continuous(call, events)
        done = self._loop.create_future()
        header = None if call is None else self._rows.call_row(call)
        rows = [self._rows.event_row(event) for event in events]
        end = _end(events)
        if call is None and not rows:
            done.set_result(None)
            return done
        refusal = self._batches.refusal(len(rows))
        if refusal is not None:
            done.set_exception(refusal)
        else:
            self._batches.put(_Item(done, header, rows, end), urgent=urgent)
        return done

    # From here on: the writer's thread.

    def _write(self, batch: list[_Item]) -> None:
        deadline = time.monotonic() + self._limits.give_up_after
        if not all(self._follows(item) for item in batch):
            self._write_one_by_one(batch, deadline)
            return
        opens = [item.call for item in batch if item.call is not None]
        rows = [row for item in batch for row in item.rows]
        ends = [item.end for item in batch if item.end is not None]
        try:
            self._writer.write(opens, rows, ends)
        except (RowConflict, WriteFailed):
            for item in batch:
                self._last.pop(item.call_id, None)
            self._write_one_by_one(batch, deadline)
            return
        self._refused = None
        for item in batch:
            if item.end is not None:
                self._last.pop(item.call_id, None)

    def _follows(self, item: _Item) -> bool:
        """Whether the item is known to continue its call, and if so count it as written."""
        call_id = item.call_id
        last = 0 if item.call is not None else self._last.get(call_id)
        if last is None or (item.rows and item.rows[0][1] != last + 1):
            return False
        self._last[call_id] = last + len(item.rows)
        return True

    def _write_one_by_one(self, batch: list[_Item], deadline: float) -> None:
        """The careful way: asks the database what it has, so that one bad item fails alone."""
        for item in batch:
            self._last.pop(item.call_id, None)
        for item in batch:
            try:
                self._with_retries(item, deadline)
            except CallLogUnavailable as error:
                self._last.pop(item.call_id, None)
                item.error = error

    def _with_retries(self, item: _Item, deadline: float) -> None:
        pause = 0.02
        while True:
            try:
                self._write_carefully(item)
            except WriteFailed as error:
                cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
                self._refused = str(problem(cause, self._database.engine.url))
                if time.monotonic() + pause > deadline:
                    raise CallLogUnavailable(f"The call record cannot be written. {self._refused}") from error
                time.sleep(pause)
                pause = min(pause * 2, 0.5)
                self._renew()
            else:
                self._refused = None
                return

    def _renew(self) -> None:
        try:
            self._writer.renew()
        except WriteFailed:
            return  # the next write fails as well, and is counted there

    def _write_carefully(self, item: _Item) -> None:
        last = self._writer.last_seq(item.call_id)
        if last is None and item.call is None:
            raise CallLogUnavailable("The call was never opened in the record. Remedy: open it first.")
        known = last or 0
        first = item.rows[0][1] if item.rows else known + 1
        if first > known + 1:
            raise CallLogUnavailable(f"The call's record ends at row {known}; row {known + 1} is missing.")
        kept = self._writer.kept(item.call_id, range(first, known + 1))
        if kept != [(row[3], row[4]) for row in item.rows[: len(kept)]]:
            raise CallLogUnavailable(f"Row {first} of the call is there already, with something else in it.")
        opens = [item.call] if item.call is not None and last is None else []
        rows = item.rows[len(kept) :]
        ends = [item.end] if item.end is not None else []
        if opens or rows or ends:
            try:
                self._writer.write(opens, rows, ends)
            except RowConflict as error:
                raise CallLogUnavailable("Another process writes this call's record.") from error
        if item.end is None:
            self._last[item.call_id] = known + len(rows)


def _end(events: Sequence[CallEvent]) -> EndRow | None:
    for event in events:
        if event.kind is EventKind.ENDED:
            return utc_text(event.at), EndReason(event.data.get("reason", "")).value, event.call_id
    return None
