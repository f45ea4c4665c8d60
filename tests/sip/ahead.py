"""`kring` with its clock set ahead, for people may only be called at certain hours of working days.

    python -m tests.sip.ahead SECONDS serve --keep

The service's clock is a port, and this puts another one in its place; every rule of when somebody may be
called stays as it is. The clock goes forward only: Asterisk carries out no order that is late by its own.
"""

import sys
from datetime import UTC, datetime, time, timedelta

from desk.working_days import WIB
from domain.clock import SystemClock
from ivr.hours_tables import load_office_hours
from service.page_ports import OfficeCalendar
from tests.sip.installation import Installation

MORNING = time(10)  # in all three zones somebody may be called


class Ahead(Installation):
    """An installation on the next working day at ten, whose calls to people go to `trunk`."""

    def __init__(self, trunk: str) -> None:
        super().__init__()
        self.ahead = until_a_working_morning(datetime.now(UTC))
        seconds = str(self.ahead.total_seconds())
        self.program = (sys.executable, "-m", "tests.sip.ahead", seconds)
        # The guard's own hours go by Asterisk's clock, which stays; tests/integration holds them.
        self.set(KRING_OUTBOUND=trunk, KRING_OUTBOUND_HOURS="always")

    def now(self) -> datetime:
        """Return the time as the service has it."""
        return datetime.now(UTC) + self.ahead


def until_a_working_morning(now: datetime) -> timedelta:
    """Return how far ahead the next working day's morning is."""
    calendar = OfficeCalendar(load_office_hours)
    day = now.astimezone(WIB).date() + timedelta(days=1)
    while not calendar.works(day):
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, WIB) - now


def main() -> None:
    """Run `kring` so many seconds ahead."""
    ahead = timedelta(seconds=float(sys.argv.pop(1)))

    def now(self: SystemClock) -> datetime:
        return datetime.now(UTC) + ahead

    setattr(SystemClock, "now", now)  # noqa: B010 - a method, which may not be assigned otherwise
    from service.cli import main as kring

    kring()


if __name__ == "__main__":
    main()
