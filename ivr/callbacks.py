"""Callbacks in turn: whether one can be booked now, until when it lives, and the booking itself."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.callbacks import Callback, CallbackBook, CallbacksUnavailable
from domain.clock import Clock
from ivr.hours import WIB, Opening
from ivr.look_ups import LineHours


@dataclass(frozen=True, slots=True)
class CallbackRule:
    """How long callbacks live; in force from `since` (a row of ivr/data/callbacks.yaml)."""

    since: date
    lives: timedelta
    least: timedelta  # of the opening hours, that must be left
    attempts: int = 1  # at most
    again: timedelta = timedelta(minutes=5)  # from a vain attempt to the next
    assumed: bool = False


class Bookings:
    """Books callbacks inside opening hours."""

    def __init__(
        self, book: CallbackBook, line: LineHours, rules: Sequence[CallbackRule], clock: Clock
    ) -> None:
        """`rules`: at least one, in order of time. Raises ValueError for none."""
        if not rules:
            raise ValueError("there is no rule for callbacks; give at least one")
        self._book = book
        self._line = line
        self._rules = rules
        self._clock = clock

    def until(self, now: datetime) -> datetime | None:
        """Return until when a callback booked now would live (aware, UTC); None if none can be booked."""
        answer = self._line.hours.at(now, shut=self._line.shut)
        if answer.opening is not Opening.OPEN:
            return None
        rule = self._rule(now)
        closing = answer.day.closing.astimezone(UTC)
        return min(now + rule.lives, closing) if closing - now >= rule.least else None

    def open_at(self, now: datetime) -> bool:
        """Return whether people may be called back at an aware time."""
        return self._line.hours.at(now, shut=self._line.shut).opening is Opening.OPEN

    def again_at(self, callback: Callback, now: datetime) -> datetime | None:
        """Return when to try again after an attempt in vain (aware, UTC); None: not any more."""
        rule = self._rule(now)
        again = now + rule.again
        return again if callback.attempts < rule.attempts and again < callback.expires_at else None

    def possible(self) -> bool:
        """Return whether a callback can be booked now."""
        return self.until(self._clock.now()) is not None

    def _rule(self, now: datetime) -> CallbackRule:
        day = now.astimezone(WIB).date()
        return self._rules[max(bisect_right(self._rules, day, key=lambda row: row.since) - 1, 0)]

    async def book(
        self, call_id: str, number: str, queue: str, language: str, since: datetime
    ) -> Callback | None:
        """Book durably; the callback may be an earlier one for the same number and queue.

        `number` as of `domain.phone.callback_number`, `since`: the place in line (aware). None when it
        is too late, the book cannot be written, or the call's one callback is closed already.
        """
        now = self._clock.now()
        until = self.until(now)
        if until is None:
            return None
        try:
            booked = await self._book.book(call_id, number, queue, language, since, until, now)
        except CallbacksUnavailable:
            return None
        return booked if booked.closed_at is None else None

    async def withdraw(self, call_id: str) -> None:
        """Take a booking back: its caller was served, or left, in the meantime.

        A book that cannot be written keeps it; the person is then rung once more than needed.
        """
        try:
            await self._book.withdrawn(call_id, self._clock.now())
        except CallbacksUnavailable:
            return
