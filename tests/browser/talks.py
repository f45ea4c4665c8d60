"""A caller on the trunk and a page, joined."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.ids import new_id
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from tests.browser.page_server import PageServer
from tests.browser.phone_page import WITHIN, PhonePage
from tests.office import AGENT, Office

CALLER = 700.0  # Hz


@dataclass(frozen=True)
class Talk:
    """A talk that is on."""

    caller: PhoneCall
    leg: str  # the agent's


async def ring(office: Office, server: PageServer, *, quick: bool = False) -> str:
    """Ring the agent's page; return the leg. `quick`: so that it answers by itself."""
    account = office.accounts.of_sessions()[-1]
    assert account.agent == AGENT
    leg = f"leg-{new_id()}"
    await office.until(lambda: office.accounts.is_reachable(account.account), WITHIN)
    await office.ring(leg, account, quick=quick)
    return leg


@asynccontextmanager
async def talk(
    office: Office, server: PageServer, phone: PhonePage, *, quick: bool = False
) -> AsyncIterator[Talk]:
    """Let a caller and the page talk; the caller speaks `CALLER` Hz. At the end all is hung up.

    With `quick` nobody touches the page: it answers by itself.
    """
    async with Telephone(office.asterisk.sip) as outside:
        calling = asyncio.create_task(outside.call("1500200", within=WITHIN))
        caller_leg = (await office.next_in(WITHIN)).channel.id
        await office.client.channels.answer(caller_leg)
        caller = await calling
        caller.speaks(CALLER)
        leg = await ring(office, server, quick=quick)
        if not quick:
            await phone.becomes("ringing")
            await phone.do("answer()")
        assert (await office.next_in(WITHIN)).channel.id == leg
        bridge = await office.client.bridges.create(type="mixing")
        await office.client.bridges.add_channel(bridge.id, channel=[caller_leg, leg])
        try:
            yield Talk(caller, leg)
        finally:
            await caller.hang_up(WITHIN)
            if leg not in office.destroyed:
                await office.client.channels.hangup(leg)
                await office.until(lambda: leg in office.destroyed, WITHIN)
            await office.client.bridges.destroy(bridge.id)
