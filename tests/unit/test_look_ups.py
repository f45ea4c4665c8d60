import asyncio
from datetime import UTC, datetime

from call_flows.look_ups import LOOK_UPS
from call_flows.verbs.call_back import BOOK
from domain.directory import DirectoryUnavailable, Taxpayer
from domain.npwp import check_digit
from ivr.hours_tables import load_office_hours
from ivr.look_ups import FindTaxpayer, LineHours, look_ups
from ivr.stay import OF_CALL

COMPANY = Taxpayer("tp-9", "0012345674123000", "PT Contoh", resident_person=False, active=True)


class Register:
    """Knows one company; may be out of order, or slow."""

    def __init__(self, *, broken: bool = False, delay: float = 0) -> None:
        self.broken, self.delay = broken, delay
        self.asked: list[str] = []

    async def find(self, npwp: str) -> Taxpayer | None:
        self.asked.append(npwp)
        await asyncio.sleep(self.delay)
        if self.broken:
            raise DirectoryUnavailable
        return COMPANY if npwp == COMPANY.npwp else None


class StoppedClock:
    def __init__(self, text: str) -> None:
        self.time = datetime.fromisoformat(text).astimezone(UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0


async def test_fifteen_digits_of_a_company_are_found_under_sixteen() -> None:
    register = Register()
    answer = await FindTaxpayer(register)({"npwp": COMPANY.npwp[1:]})
    assert (answer.word, answer.facts) == ("found", {"taxpayer_id": "tp-9"})


async def test_an_unknown_number_is_not_found_after_every_reading_was_asked() -> None:
    register = Register()
    number = "01345678" + check_digit("01345678") + "123000"
    answer = await FindTaxpayer(register)({"npwp": number})
    assert answer.word == "not_found"
    assert register.asked == ["0" + number, number]


async def test_a_register_out_of_order_or_too_slow_is_unavailable() -> None:
    assert (await FindTaxpayer(Register(broken=True))({"npwp": COMPANY.npwp})).word == "unavailable"
    slow = FindTaxpayer(Register(delay=5), deadline=0.01)
    assert (await slow({"npwp": COMPANY.npwp})).word == "unavailable"


def test_hours_and_greeting_follow_the_clock_and_the_switch() -> None:
    line = LineHours(load_office_hours(), StoppedClock("2026-11-23T09:00+07:00"))
    assert line.office_hours({}).word == "open"
    assert line.part_of_day({}).word == "morning"
    line.shut = True
    assert line.office_hours({}).word == "shut"
    night = LineHours(load_office_hours(), StoppedClock("2026-11-23T21:00+07:00"))
    assert night.office_hours({}).word == "closed"
    assert night.office_hours({}).facts == {"opens": "08:00", "closes": "16:00"}


def test_every_declared_look_up_is_there_and_no_other() -> None:
    line = LineHours(load_office_hours(), StoppedClock("2026-11-23T09:00+07:00"))
    there = look_ups(line, Register())
    of_call = OF_CALL | {BOOK}
    assert not of_call & (set(there.at_once) | set(there.asking))
    assert set(there.at_once) | set(there.asking) | of_call == set(LOOK_UPS)
