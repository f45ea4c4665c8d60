"""What the tests of cases, complaints, promises and requests share."""

from datetime import UTC, date, datetime

from desk.matter_codes import new_code
from desk.matters import Act, Matter, Origin
from desk.standing import Rung
from domain.ids import new_id
from ivr.hours import DayKind
from ivr.hours_tables import load_office_hours

AGENT, COLLEAGUE = "a" * 32, "b" * 32  # staff_id
TAXPAYER, NUMBER = "synthetic-0001", "08110000123"
MONDAY = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)  # 10.00 WIB


class Office:
    """The product's own calendar, as the service wires it."""

    def __init__(self) -> None:
        self._hours = load_office_hours()

    def works(self, day: date) -> bool:
        return self._hours.day(day).kind is DayKind.WORKING


def origin(rung: Rung = Rung.FULL, at: datetime = MONDAY, by: str = AGENT) -> Origin:
    taxpayer = None if rung is Rung.ANONYMOUS else TAXPAYER
    return Origin(new_id(), new_code(), "call-1", rung, taxpayer, by, "alfa", at)


def act(at: datetime = MONDAY, who: str = AGENT, note: str = "") -> Act:
    return Act(who, at, note)


def states(matter: Matter) -> tuple[str, int]:
    return matter.state, matter.version
