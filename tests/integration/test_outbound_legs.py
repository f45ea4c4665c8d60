"""Legs that the dialer placed, on a real Asterisk: ringing, refused, cancelled, answered."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from unittest.mock import Mock

import pytest

from asterisk_conf.settings import APPLICATION
from dialer.ports import LineEnd
from domain.accounts import AccountKind
from domain.ids import new_id
from ivr.outbound import DialedEnd, Errand
from ivr.switchboard import Leg, Switchboard
from service.agent_telephony import AriLegControl
from service.outbound_events import OutboundEvents
from service.phone.calls import PhoneCall
from service.phone.station import AgentPhone
from service.telephony import AriEvents, DeskCalls, FloorEar
from tests.office import AGENT, Office
from tests.unit.test_outbound_events import Ear

pytestmark = pytest.mark.asterisk

BUSY = 486
WITHIN = 20.0


@dataclass
class Seats:
    """A switchboard that notes who arrives and who is gone."""

    events: OutboundEvents
    arrived_legs: list[Leg] = field(default_factory=list)
    gone_legs: list[str] = field(default_factory=list)

    def arrived(self, leg: Leg) -> None:
        self.arrived_legs.append(leg)
        assert leg.errand is not None
        self.events.answered(leg.errand.call_id, leg.errand.amd)

    def gone(self, channel: str, cause: int) -> None:
        self.gone_legs.append(channel)


class Lines:
    """Places calls to one phone, as the dialer does."""

    def __init__(self, office: Office, account: str, phone: AgentPhone) -> None:
        self.office, self.account, self.phone = office, account, phone
        self.ear, events = Ear(), OutboundEvents()
        events.connect(self.ear)
        self.seats, client = Seats(events), office.client
        self.events = events
        switchboard = Mock(spec_set=Switchboard)
        switchboard.arrived.side_effect = self.seats.arrived
        switchboard.gone.side_effect = self.seats.gone
        floor, desk = Mock(spec_set=FloorEar), Mock(spec_set=DeskCalls)
        AriEvents(client, switchboard, floor, desk, AriLegControl(client).take_stock, events)

    async def calls(self, seconds: int = 20, queue: str = "outbound/A") -> tuple[str, PhoneCall]:
        attempt = new_id()
        await self.office.client.channels.originate_with_id(
            f"out-{attempt}",
            endpoint=f"PJSIP/{self.account}",
            app=APPLICATION,
            app_args=f"outbound,outbound_agent,{queue},,en,",
            timeout=seconds,
        )
        return attempt, await self.phone.rings(WITHIN)

    async def ends(self, attempt: str) -> LineEnd:
        found: list[LineEnd] = []

        def ended() -> bool:
            found[:] = [word for word in self.ear.told if isinstance(word, LineEnd)]
            return attempt in {end.attempt_id for end in found}

        await self.office.until(ended, WITHIN)
        return next(end for end in found if end.attempt_id == attempt)


@pytest.fixture
async def lines(office: Office) -> AsyncIterator[Lines]:
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    async with office.phone(account, secret) as phone:
        await office.until(lambda: office.accounts.is_reachable(account.account))
        yield Lines(office, account.account, phone)


async def test_a_phone_rings_and_refuses(lines: Lines) -> None:
    attempt, person = await lines.calls()
    await lines.office.until(lambda: ("rings", attempt) in lines.ear.told, WITHIN)
    person.answer(BUSY)
    assert await lines.ends(attempt) == LineEnd(attempt, 17, BUSY, answered=False)
    assert not person.quick, "who is called answers as they like"


async def test_nobody_answers(lines: Lines) -> None:
    attempt, person = await lines.calls(seconds=1)
    await person.until_ended(WITHIN)
    end = await lines.ends(attempt)
    assert (end.answered, end.cause) == (False, 19)


async def test_a_call_that_rings_is_cancelled(lines: Lines) -> None:
    attempt, person = await lines.calls()
    await lines.office.client.channels.hangup(f"out-{attempt}")
    await person.until_ended(WITHIN)
    assert not (await lines.ends(attempt)).answered
    assert lines.seats.arrived_legs == []


async def test_who_answers_arrives_with_the_errand_and_the_lines_end_waits_for_the_flows(
    lines: Lines,
) -> None:
    attempt, person = await lines.calls(queue="outbound_survey/B")
    person.answer()
    await lines.office.until(lambda: bool(lines.seats.arrived_legs), WITHIN)
    (leg,) = lines.seats.arrived_legs
    assert leg == Leg(
        f"out-{attempt}", "", "", up=True,
        errand=Errand(attempt, "outbound_agent", "outbound_survey/B", "", "en", ""),
    )  # fmt: skip
    await person.hang_up()
    await lines.office.until(lambda: leg.channel in lines.office.destroyed, WITHIN)
    assert leg.channel in lines.seats.gone_legs
    assert LineEnd not in {type(word) for word in lines.ear.told}
    lines.events.over(attempt, DialedEnd.HUNG_UP_EARLY)
    assert (await lines.ends(attempt)).answered
