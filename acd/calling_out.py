"""Calling back: the number is fetched durably first, and the agent may be gone by then."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from acd.actions import CallOut
from acd.ports import Callbacks, FloorLegs
from acd.record import RecordWriter
from domain.background import Background
from domain.legs import LiveLeg

NOT_PLACED = 38  # Q.850 "network out of order": told of a leg that could not be called at all


class CallingOut:
    """Places the calls of callbacks."""

    def __init__(self, legs: FloorLegs, rows: RecordWriter, gone: Callable[[str, int], None]) -> None:
        """`gone(leg, cause)` is told of a leg that was not called."""
        self.callbacks: Callbacks | None = None
        self._legs, self._rows, self._gone = legs, rows, gone
        self._fetching: set[str] = set()  # legs whose number is being fetched
        self._background = Background()

    def begin(self, action: CallOut) -> None:
        """Fetch the number and call it."""
        self._fetching.add(action.leg)
        self._background.begin(self._call(action))

    def give_up(self, leg: str, cause: int) -> bool:
        """Do not call a leg whose number is still being fetched. False: it is none of these."""
        if leg not in self._fetching:
            return False
        self._not_called(leg, cause)
        return True

    def live(self, legs: Sequence[LiveLeg]) -> None:
        """These legs live in Asterisk after a (re)connect."""
        if self.callbacks is not None:
            self.callbacks.live(legs)

    def leg_joined(self, leg: str) -> None:
        """A leg was joined in a bridge."""
        if self.callbacks is not None:
            self.callbacks.leg_joined(leg)

    def leg_gone(self, leg: str, cause: int) -> None:
        """A leg is gone."""
        if self.callbacks is not None:
            self.callbacks.leg_gone(leg, cause)

    async def stop(self) -> None:
        """Let go of what is under way."""
        await self._background.stop()

    async def _call(self, action: CallOut) -> None:
        # A crash after the call was placed must find it on record, or the person is called twice.
        await self._rows.settled()
        number = await self.callbacks.take(action) if self.callbacks is not None else None
        if action.leg not in self._fetching:  # the agent is gone meanwhile
            self.leg_gone(action.leg, NOT_PLACED)
            return
        if number is None:
            self._not_called(action.leg, NOT_PLACED)
        else:
            self._fetching.discard(action.leg)
            self._legs.call_out(action.leg, number, action.args, action.seconds)

    def _not_called(self, leg: str, cause: int) -> None:
        self._fetching.discard(leg)
        self._gone(leg, cause)
