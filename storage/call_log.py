"""The durable call record on SQLite or PostgreSQL."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

import sqlalchemy as sa

from domain.call_log import CallLogUnavailable
from domain.calls import Call, CallEvent, EndReason, EventKind
from storage.database import Database, DatabaseProblem, problem
from storage.rows import CallRow, EventRow, Rows, check_continuous
from storage.tables import call_events, calls, utc_text
from storage.vault import Vault, VaultProblem
from storage.writers import EndRow, PostgresWriter, RowConflict, SqliteWriter, WriteFailed, Writer


@dataclass(frozen=True, slots=True)
class CallLogLimits:
    """How much is kept waiting, and for how long."""

    queued_rows: int = 50_000  # more are refused: the database is hopelessly behind
    batch_rows: int = 2_000  # one commit
    between_commits: float = 0.003  # seconds; rows that come closer together share a commit
    unhurried: float = 0.02  # seconds that rows for which nobody waits may wait for others
    give_up_after: float = 5.0  # seconds of failing before a batch is refused


class _Item:
    """Rows that one `open` or `append` brought, and who waits for them."""

    __slots__ = ("call", "done", "end", "error", "rows")

    def __init__(
        self, done: "asyncio.Future[None]", call: CallRow | None, rows: list[EventRow], end: EndRow | None
    ) -> None:
        self.done = done
        self.call = call
        self.rows = rows
        self.end = end
        self.error: CallLogUnavailable | None = None

    @property
    def call_id(self) -> str:
        return self.rows[0][0] if self.rows else self.call[0] if self.call else ""


class DurableCallLog:
    """The call record (`domain.call_log.CallLog`) on a database.

    One thread writes, one batch at a time. Whatever is queued while a commit runs goes into the next
    one, so the cost of a commit is shared under load and the latency of an urgent row is one commit
    when idle. Rows are encoded and sealed where they are queued, so a mistake in them is raised to
    whoever made it.

    A refused append wrote nothing. Later rows of the same call are refused until the missing ones
    are appended again, in order: the record has no gaps. Appending rows again that did become
    durable (an answer lost with a connection) is accepted and changes nothing.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        loop: asyncio.AbstractEventLoop,
        limits: CallLogLimits = CallLogLimits(),
    ) -> None:
        self._database = database
        self._rows = Rows(vault)
        self._loop = loop
        self._limits = limits
        self._batches: SimpleQueue[list[_Item] | None] = SimpleQueue()
        self._waiting: list[_Item] = []
        self._writing = False  # the thread has a batch
        self._due: asyncio.Handle | None = None  # the next hand-over
        self._due_soon = False
        self._urgent = False  # somebody waits for a row that was not handed over yet
        self._last_commit = 0.0
        self._drained = asyncio.Event()
        self._backlog = 0
        self._refused: str | None = None
        self._closing = False
        self._last: dict[str, int] = {}  # the writer's: call → last durable event, of open calls
        writer = SqliteWriter if database.is_sqlite else PostgresWriter
        self._writer: Writer = writer(database.raw)
        self._thread = threading.Thread(target=self._run, name="call-log", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """How many rows wait to become durable."""
        return self._backlog

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
        self._closing = self._urgent = True
        self._plan()
        while self._writing or self._waiting:
            self._drained.clear()
            await self._drained.wait()
        self._batches.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _put(self, call: Call | None, events: Sequence[CallEvent], urgent: bool) -> Awaitable[None]:
        check_continuous(call, events)
        done = self._loop.create_future()
        header = None if call is None else self._rows.call_row(call)
        rows = [self._rows.event_row(event) for event in events]
        end = _end(events)
        if call is None and not rows:
            done.set_result(None)
            return done
        if self._closing or self._backlog + len(rows) > self._limits.queued_rows:
            why = "it is closed" if self._closing else f"{self._backlog} rows wait already"
            done.set_exception(CallLogUnavailable(f"The call record takes no more rows: {why}."))
            return done
        self._backlog += len(rows)
        self._waiting.append(_Item(done, header, rows, end))
        self._urgent = self._urgent or urgent
        self._plan()
        return done

    def _plan(self) -> None:
        """See to it that what waits is handed over: soon if somebody waits for it."""
        if self._writing or not self._waiting:
            return
        if self._due is not None:
            if self._due_soon or not self._urgent:
                return
            self._due.cancel()
        self._due_soon = self._urgent
        if self._urgent:
            # One hand-over for all that this turn of the loop queues: waking the thread for each
            # row would cost more than writing it.
            self._due = self._loop.call_soon(self._hand_over)
        else:
            self._due = self._loop.call_later(self._limits.unhurried, self._hand_over)

    def _hand_over(self) -> None:
        pause = self._last_commit + self._limits.between_commits - time.monotonic()
        if pause > 0 and not self._closing:
            # uvloop counts whole milliseconds: less would be called again at once, and again.
            self._due = self._loop.call_later(max(pause, 0.001), self._hand_over)
            return
        size = count = 0
        while count < len(self._waiting) and size < self._limits.batch_rows:
            size += len(self._waiting[count].rows)
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        self._due, self._writing = None, True
        self._urgent = self._urgent and bool(self._waiting)
        self._batches.put(batch)

    def _resolve(self, batch: list[_Item]) -> None:
        self._last_commit = time.monotonic()
        for item in batch:
            self._backlog -= len(item.rows)
            if item.done.done():
                continue  # whoever waited was cancelled; the rows are written all the same
            if item.error is None:
                item.done.set_result(None)
            else:
                item.done.set_exception(item.error)
        self._writing = False
        if self._waiting:
            self._plan()
        else:
            self._drained.set()

    # From here on: the writer's thread.

    def _run(self) -> None:
        while (batch := self._batches.get()) is not None:
            self._write(batch)
            try:
                self._loop.call_soon_threadsafe(self._resolve, batch)
            except RuntimeError:  # the loop is closed: nobody waits any more
                break
        self._writer.close()

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
