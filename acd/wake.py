"""The one timer of the floor."""

import asyncio
import math
from collections.abc import Callable

from acd.ports import CallLater, Timer


class WakeTimer:
    """Calls a function at a moment that may be moved; only the last one set counts."""

    def __init__(
        self, monotonic: Callable[[], float], call_later: CallLater, fire: Callable[[], None]
    ) -> None:
        """`monotonic` and the moments given to `set` share one axis, in seconds."""
        self._monotonic = monotonic
        self._call_later = call_later
        self._fire = fire
        self._timer: Timer | None = None
        self._due = math.inf

    def set(self, due: float) -> None:
        """Fire at `due`, soon if that has passed; infinity: never."""
        if due == self._due:
            return
        self.forget()
        if due < math.inf:
            self._due = due
            self._timer = self._call_later(max(0.0, due - self._monotonic()), self._fired)

    def forget(self) -> None:
        """Do not fire."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = None, math.inf

    def _fired(self) -> None:
        self._timer, self._due = None, math.inf
        self._fire()


def on_the_loop(seconds: float, function: Callable[[], None]) -> Timer:
    """Call a function later, on the running event loop."""
    return asyncio.get_running_loop().call_later(seconds, function)
