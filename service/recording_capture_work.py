"""Performs the orders of the rules of capture, those of one call one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from domain.clock import Clock
from recording.capture_orders import Anew, Announce, Begin, Calm, End, Hush, Lose, Note, Order, Started, Warn
from recording.capture_ports import Notices, Recorder, RecorderRefused
from recording.ports import Alarms, RecordingBook, RecordingsUnavailable
from recording.recordings import AlarmKind, Mark, MarkKind, Recording

log = logging.getLogger(__name__)

NEW_VOICE = "new_voice"  # detail of a GAP: another agent, or one more, joined
RUNS = ("recording", "silenced")
AGAIN = 1.0  # seconds until the record, or Asterisk, is tried again


class Told(Protocol):
    """Who is told what came of orders."""

    def announced(self, call_id: str, ok: bool) -> None:
        """The notice came to its end, or could not be played."""
        ...

    def started(self, call_id: str, now: float) -> None:
        """Asterisk records since `now` (monotonic)."""
        ...

    def not_started(self, call_id: str, cause: str) -> None:
        """The order failed."""
        ...

    def status(self, call_id: str) -> str:
        """Return how a call's recording is now: `recording`, `silenced`, or neither (it does not run)."""
        ...


class Counts(Protocol):
    """Counts recordings. Called on the event loop: return at once."""

    def recording_began(self, after: float) -> None:
        """One began so many seconds after it was wanted."""
        ...

    def recording_failed(self, cause: str) -> None:
        """An order to begin failed."""
        ...

    def recording_ended(self, seconds: float) -> None:
        """One ended."""
        ...

    def silence_failed(self) -> None:
        """Asterisk was not told of a silence; sealing makes it good."""
        ...


@dataclass(frozen=True, slots=True)
class Hands:
    """What orders are performed with."""

    book: RecordingBook
    alarms: Alarms
    recorder: Recorder
    notices: Notices
    clock: Clock
    counts: Counts
    stopped: Callable[[str], None]  # told of each recording that waits to be sealed


class CaptureWork:
    """A chain of orders per call. What cannot be put on record is tried again until it can."""

    def __init__(self, hands: Hands, told: Told) -> None:
        self._on, self._told = hands, told
        self._chains: dict[str, asyncio.Task[None]] = {}
        self._planned: set[str] = set()  # recordings that are on record

    def perform(self, call_id: str, orders: Sequence[Order]) -> None:
        """Perform orders after those that the call has still to come."""
        if not orders:
            return
        # Silence does not wait for what is being written.
        hushes = [order for order in orders if type(order) is Hush]
        rest = [order for order in orders if type(order) is not Hush]
        if hushes:
            self._chain(f"{call_id}/hush", hushes[-1:])
        if rest:
            self._chain(call_id, rest)

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._chains:
            await asyncio.wait(list(self._chains.values()))

    async def stop(self, seconds: float = 3.0) -> None:
        """Let what is under way come to its end for so long, and let go of the rest."""
        if self._chains:
            await asyncio.wait(list(self._chains.values()), timeout=seconds)
        for task in list(self._chains.values()):
            task.cancel()

    def _chain(self, name: str, orders: Sequence[Order]) -> None:
        before = self._chains.get(name)
        call_id = name.partition("/")[0]
        at = self._on.clock.now()
        task = asyncio.get_running_loop().create_task(self._run(call_id, orders, at, before))
        self._chains[name] = task
        task.add_done_callback(lambda done: self._done(name, done))

    def _done(self, name: str, task: asyncio.Task[None]) -> None:
        if self._chains.get(name) is task:
            del self._chains[name]

    async def _run(
        self, call_id: str, orders: Sequence[Order], at: datetime, before: asyncio.Task[None] | None
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        for order in orders:
            try:
                await self._perform(call_id, order, at)
            except Exception:
                log.exception("an order of capture failed", extra={"order": type(order).__name__})

    async def _perform(self, call_id: str, order: Order, at: datetime) -> None:
        on = self._on
        match order:
            case Begin(recording, again):
                await self._begin(recording, again=again)
            case Announce(_, language):
                # Not part of the chain: marks and ends do not wait for it.
                said = asyncio.ensure_future(on.notices.say(call_id, language))
                said.add_done_callback(lambda done: self._said(call_id, done))
            case Started(recording_id, late_ms):
                await self._until_kept(lambda: on.book.move(recording_id, "start", at, {"lost_ms": late_ms}))
            case Anew():
                await self._anew(call_id, order)
            case Note(recording_id, marks):
                await self._until_kept(lambda: on.book.mark(recording_id, marks))
            case Hush(channel, silent):
                await self._hush(channel, silent)
            case End():
                await self._end(order, at)
            case _:
                await self._tell(order, at)

    async def _tell(self, order: Order, at: datetime) -> None:
        on = self._on
        match order:
            case Lose(recording, cause):
                await self._until_kept(lambda: self._plan(recording))
                lost = {"cause": cause}
                await self._until_kept(lambda: on.book.move(recording.recording_id, "lose", at, lost))
            case Warn(kind, recording_id, detail):
                await on.alarms.raise_alarm(kind, recording_id, detail)
            case Calm(kind, recording_id):
                await on.alarms.clear(kind, recording_id)

    async def _begin(self, recording: Recording, *, again: bool) -> None:
        on, recording_id = self._on, recording.recording_id
        wanted = on.clock.monotonic()
        try:
            await self._plan(recording)  # before the order: a file without a row would be nobody's
            if again:
                await on.recorder.end(recording_id, recording.channel)
            began = await on.recorder.begin(recording_id, recording.channel, on.clock.monotonic)
        except RecordingsUnavailable:
            cause = "record"
        except RecorderRefused as error:
            cause = error.cause
        else:
            on.counts.recording_began(on.clock.monotonic() - wanted)
            self._told.started(recording.call_id, began)
            return
        on.counts.recording_failed(cause)
        log.warning("a recording did not begin", extra={"recording": recording_id, "cause": cause})
        self._told.not_started(recording.call_id, cause)

    async def _plan(self, recording: Recording) -> None:
        if recording.recording_id not in self._planned:
            await self._on.book.plan(recording)
            self._planned.add(recording.recording_id)

    async def _anew(self, call_id: str, order: Anew) -> None:
        """Record on in a part; state what is missing before it. Tried again while the call is recorded."""
        on, recording_id, warned = self._on, order.recording_id, False
        gap = Mark(MarkKind.GAP, max(0, round((order.since - order.began) * 1000)), None, NEW_VOICE)
        while True:
            try:
                part = await on.recorder.anew(recording_id, order.channel, order.began, on.clock.monotonic)
            except RecorderRefused as error:
                if self._told.status(call_id) not in RUNS:  # the leg is gone: what was missed is at the end
                    await self._until_kept(lambda: on.book.mark(recording_id, [gap]))
                    return
                if not warned:
                    warned = True
                    on.counts.recording_failed(error.cause)
                    await on.alarms.raise_alarm(AlarmKind.NOT_STARTED, recording_id, f"anew_{error.cause}")
                    await self._until_kept(lambda: on.book.mark(recording_id, [gap]))
                await asyncio.sleep(AGAIN)
            else:
                break
        if warned:
            await on.alarms.clear(AlarmKind.NOT_STARTED, recording_id)
        # Silence that was told meanwhile reached no recorder.
        if self._told.status(call_id) == "silenced":
            await self._hush(order.channel, True)
        ended = replace(gap, until_ms=max(part, gap.from_ms))
        await self._until_kept(lambda: on.book.mark(recording_id, [ended]))

    async def _hush(self, channel: str, on: bool) -> None:
        try:
            await self._on.recorder.hush(channel, on=on)
        except RecorderRefused as error:
            self._on.counts.silence_failed()
            log.warning("Asterisk was not told of a silence", extra={"cause": error.cause})

    async def _end(self, order: End, at: datetime) -> None:
        on = self._on
        if order.alive:
            await on.recorder.end(order.recording_id, order.channel)
        await on.recorder.closed(order.recording_id)
        await on.recorder.join(order.recording_id)
        facts: dict[str, object] = {"expected_ms": order.expected_ms}
        if order.cause:
            facts["cause"] = order.cause
        await self._until_kept(lambda: on.book.move(order.recording_id, "stop", at, facts))
        self._planned.discard(order.recording_id)
        on.counts.recording_ended(order.expected_ms / 1000)
        on.stopped(order.recording_id)

    def _said(self, call_id: str, done: asyncio.Future[bool]) -> None:
        ok = not done.cancelled() and done.exception() is None and done.result()
        self._told.announced(call_id, ok)

    async def _until_kept(self, write: Callable[[], Awaitable[object]]) -> None:
        """Write, again and again while the record is away: what Asterisk has must not be forgotten."""
        while True:
            try:
                await write()
            except RecordingsUnavailable:
                await asyncio.sleep(AGAIN)
            else:
                return
