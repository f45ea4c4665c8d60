"""Callbacks under way: who waits to be called back, the attempts, and what came of them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from acd.actions import CallOut
from domain.background import Background
from domain.callbacks import Callback, CallbackBook, CallbackOutcome, CallbacksUnavailable
from domain.clock import Clock
from domain.legs import LiveLeg
from ivr.callbacks import Bookings

log = logging.getLogger(__name__)

CALLBACK = "callback"  # the first of a callback leg's arguments; the third is the call's id
# A row this young may be of a call whose flow has not finished the booking yet.
SETTLED = timedelta(seconds=10)
_BUSY = frozenset({17, 21})  # Q.850: user busy, call rejected
_NO_ANSWER = frozenset({16, 18, 19, 20, 31})  # normal clearing, no user responding, no answer, absent


def outcome_of(cause: int) -> CallbackOutcome:
    """Return what an attempt came to that ended before the person was joined (Q.850 cause)."""
    if cause in _BUSY:
        return CallbackOutcome.BUSY
    return CallbackOutcome.NO_ANSWER if cause in _NO_ANSWER else CallbackOutcome.FAILED


class CallbackLine(Protocol):
    """Where people wait to be called back (`acd.driver.FloorDriver`). Both are idempotent."""

    def enter_callback(self, call_id: str, queue: str, language: str, since: datetime) -> None:
        """Let a person wait: nobody is on the line."""
        ...

    def withdraw_callback(self, call_id: str, why: str) -> None:
        """Take a person out."""
        ...


@dataclass(frozen=True, slots=True)
class _Ended:
    """An attempt that is over, for the book."""

    call_id: str
    outcome: CallbackOutcome
    at: datetime
    again_at: datetime | None


class CallbackCalls:
    """`acd.ports.Callbacks` over the callback book.

    `restore` before Asterisk is connected, then `look` every few seconds.
    """

    def __init__(self, book: CallbackBook, bookings: Bookings, line: CallbackLine, clock: Clock) -> None:
        self._book = book
        self._bookings = bookings
        self._line = line
        self._clock = clock
        self._open: dict[str, Callback] = {}
        self._attempts: dict[str, str] = {}  # leg → call
        self._unwritten: list[_Ended] = []
        self._background = Background()

    async def restore(self) -> None:
        """Learn what is on record. Raises CallbacksUnavailable."""
        self._open = {row.call_id: row for row in await self._book.open()}

    async def look(self) -> None:
        """Let those wait whose turn may come, and close what has expired; a book out of order waits."""
        try:
            await self._write_ended()
            for row in await self._book.expired(self._clock.now()):
                self._open.pop(row.call_id, None)
                self._line.withdraw_callback(row.call_id, "expired")
            await self.restore()
        except CallbacksUnavailable:
            log.warning("the callback book cannot be read or written")
            return
        self._let_wait()

    def _let_wait(self) -> None:
        now = self._clock.now()
        if not self._bookings.open_at(now):
            return
        running = set(self._attempts.values())
        for row in self._open.values():
            due = row.not_before is None or row.not_before <= now
            if due and row.taken_at is None and row.booked_at + SETTLED <= now and row.call_id not in running:
                self._line.enter_callback(row.call_id, row.queue, row.language, row.since)

    # ---- What the floor's driver tells (acd.ports.Callbacks)

    async def take(self, action: CallOut) -> str | None:
        """Begin the attempt durably; return the number to call, None if it must not be called."""
        try:
            row = await self._book.taken(action.call_id, self._clock.now())
        except CallbacksUnavailable:
            return None
        if row is None:
            return None
        self._open[row.call_id] = row
        self._attempts[action.leg] = row.call_id
        return row.number

    def live(self, legs: Sequence[LiveLeg]) -> None:
        """These legs live in Asterisk: their attempts go on, every other one is over."""
        found = {leg.leg: leg.args[2] for leg in legs if leg.args[:1] == (CALLBACK,) and len(leg.args) > 2}
        for leg in [leg for leg in self._attempts if leg not in found]:
            self._end(self._attempts.pop(leg), CallbackOutcome.UNKNOWN)
        for leg, call_id in found.items():
            row = self._open.get(call_id)
            if row is not None and row.taken_at is not None:
                self._attempts[leg] = call_id
                self._line.enter_callback(call_id, row.queue, row.language, row.since)
        running = set(self._attempts.values())
        for row in list(self._open.values()):
            if row.taken_at is not None and row.call_id not in running:
                self._end(row.call_id, CallbackOutcome.UNKNOWN)
        self._let_wait()

    def leg_joined(self, leg: str) -> None:
        """A leg was joined in a bridge: if it is a callback's, the person was reached."""
        call_id = self._attempts.pop(leg, None)
        if call_id is not None:
            self._end(call_id, CallbackOutcome.REACHED)

    def leg_gone(self, leg: str, cause: int) -> None:
        """A leg is gone: if it is a callback's, the attempt came to nothing."""
        call_id = self._attempts.pop(leg, None)
        if call_id is not None:
            self._end(call_id, outcome_of(cause))

    # ---- The book

    def _end(self, call_id: str, outcome: CallbackOutcome) -> None:
        now = self._clock.now()
        row = self._open.pop(call_id, None)
        again_at = None
        if row is not None and outcome is not CallbackOutcome.REACHED:
            again_at = self._bookings.again_at(row, now)
        self._unwritten.append(_Ended(call_id, outcome, now, again_at))
        self._background.begin(self._write_or_wait())

    async def _write_or_wait(self) -> None:
        try:
            await self._write_ended()
        except CallbacksUnavailable:
            log.warning("the end of a callback could not be written yet")

    async def _write_ended(self) -> None:
        """Write what ended, in order. Raises CallbacksUnavailable; the rest is tried again later."""
        while self._unwritten:
            ended = self._unwritten[0]
            await self._book.attempted(ended.call_id, ended.outcome, ended.at, ended.again_at)
            if self._unwritten and self._unwritten[0] is ended:
                del self._unwritten[0]
