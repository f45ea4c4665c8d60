"""The line's hours and switch, as they are in force in this process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, time

from domain.clock import Clock
from ivr.hours import Day, DayKind, OfficeHours
from ivr.look_ups import LineHours
from web.operations import Line


@dataclass(frozen=True, slots=True)
class AlwaysOpen(OfficeHours):
    """Hours without an end, so that the service can be tried on a Sunday night."""

    def day(self, day: date) -> Day:
        """Return a working day from midnight to midnight."""
        return replace(OfficeHours.day(self, day), kind=DayKind.WORKING, opens=time.min, closes=time.max)


def always_open(hours: OfficeHours) -> OfficeHours:
    """Return the same hours, but never closed."""
    return AlwaysOpen(hours.timetable, hours.calendar, hours.overrides)


class LineState:
    """Keeps the look-ups' hours and switch fresh: other processes may change both."""

    def __init__(
        self,
        look_ups: LineHours,
        clock: Clock,
        fetch: Callable[[], Awaitable[tuple[bool, OfficeHours]]],
    ) -> None:
        """`fetch` returns the switch and the hours as they are now."""
        self.on_shut: Callable[[], None] = lambda: None  # called when the line is shut
        self._look_ups = look_ups
        self._clock = clock
        self._fetch = fetch

    async def refresh(self) -> None:
        """Take over the switch and the hours."""
        was_shut = self._look_ups.shut
        self._look_ups.shut, self._look_ups.hours = await self._fetch()
        if self._look_ups.shut and not was_shut:
            self.on_shut()

    def line(self) -> Line:
        """Return the state for the pages."""
        answer = self._look_ups.hours.at(self._clock.now(), shut=self._look_ups.shut)
        until = None if isinstance(self._look_ups.hours, AlwaysOpen) else answer.next_change
        return Line(open=answer.word == "open", shut=self._look_ups.shut, until=until)
