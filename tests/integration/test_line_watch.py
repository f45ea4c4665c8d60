"""A leg whose registration is gone is listened to: dead, it is ended at once; alive, it is left alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from asterisk_conf.accounts import RTP_TIMEOUT
from domain.accounts import Account, AccountKind
from service.line_watch import LISTENS, OUT_OF_ORDER, SETTLES, LineWatch
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from service.phone.station import AgentPhone
from tests.office import AGENT, Office

pytestmark = pytest.mark.asterisk

CALLER_HERTZ, AGENT_HERTZ = 700, 1100
LEG = "leg-1"


@asynccontextmanager
async def talking(office: Office, account: Account, phone: AgentPhone) -> AsyncIterator[PhoneCall]:
    """A caller and the agent hear each other."""
    async with Telephone(office.asterisk.sip) as outside:
        calling = asyncio.create_task(outside.call("1500200", listens=True))
        caller_leg = (await office.next_in()).channel.id
        await office.client.channels.answer(caller_leg)
        caller = await calling
        caller.speaks(CALLER_HERTZ)
        await office.ring(LEG, account)
        ringing = await phone.rings()
        ringing.answer()
        ringing.speaks(AGENT_HERTZ)
        await office.next_in()
        bridge = await office.client.bridges.create(type="mixing")
        await office.client.bridges.add_channel(bridge.id, channel=[caller_leg, LEG])
        await ringing.hears_tone(CALLER_HERTZ)
        await caller.hears_tone(AGENT_HERTZ)
        yield ringing
        await caller.hang_up()
        await office.client.bridges.destroy(bridge.id)


async def test_a_phone_that_died_and_registers_anew_ends_its_old_leg(office: Office) -> None:
    LineWatch(office.client)
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    async with office.phone(account, secret) as phone, talking(office, account, phone):
        phone.dies()
        died = time.monotonic()
        async with office.phone(account, secret) as again:
            assert again.is_registered
            await office.until(lambda: LEG in office.destroyed)
            assert office.destroyed[LEG].cause == OUT_OF_ORDER
            assert time.monotonic() - died < RTP_TIMEOUT, "the audio's time-out was not waited for"


async def test_a_talk_goes_on_that_only_lost_its_registration(office: Office) -> None:
    LineWatch(office.client)
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    async with office.phone(account, secret) as phone, talking(office, account, phone) as call:
        await phone.signs_off()
        await office.until(lambda: not office.accounts.is_reachable(account.account))
        await asyncio.sleep(SETTLES + LISTENS + 0.5)
        assert LEG not in office.destroyed
        await call.hears_tone(CALLER_HERTZ)
        await call.hang_up()
