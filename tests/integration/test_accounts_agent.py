"""The script of an agent, before the floor: what it does reaches Asterisk, what it expects can fail."""

import asyncio

import pytest

from domain.accounts import AccountKind
from service.phone.calls import NotHeard
from service.phone.station import NotRung
from tests.office import AGENT, Office
from tests.sip.agent import CODES, KEYS, Agent

pytestmark = pytest.mark.asterisk

AGENT_HERTZ = 1100
REJECTED, NORMAL = 17, 16


async def test_an_agent_dials_accepts_talks_and_presses(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    keys: list[str] = []
    office.client.on_event("ChannelDtmfReceived", lambda event: keys.append(event.digit))
    async with office.phone(account, secret) as phone:
        agent = Agent(phone)
        signing_in = asyncio.ensure_future(agent.signs_in())
        arrived = await office.next_in()
        assert arrived.args == ["desk", account.account, CODES["sign_in"]]
        await office.client.channels.answer(arrived.channel.id)
        await office.client.channels.hangup(arrived.channel.id)
        await signing_in
        await office.ring("leg-a", account)
        await agent.is_offered_a_call().accepts(after=0.1).speaks(AGENT_HERTZ)
        await office.next_in()
        with pytest.raises(NotHeard, match="expected 700 Hz"):
            await agent.hears_tone(700, within=0.3)
        await agent.presses(KEYS["hold"]).hangs_up()
        await office.until(lambda: "leg-a" in office.destroyed)
        # Outside a bridge Asterisk names no cause for a BYE; a dead line always has one (44).
        assert office.destroyed["leg-a"].cause in (0, NORMAL)
        assert "".join(keys) == KEYS["hold"]


async def test_an_agent_rejects_ignores_and_is_not_rung(office: Office) -> None:
    account, secret = await office.accounts.create(AGENT, AccountKind.DESK)
    async with office.phone(account, secret) as phone:
        agent = Agent(phone)
        await agent.is_offered_nothing(0.2)
        await office.ring("leg-b", account)
        await agent.is_offered_a_call().rejects()
        await office.until(lambda: "leg-b" in office.destroyed)
        assert office.destroyed["leg-b"].cause == REJECTED
        await office.ring("leg-c", account)
        await agent.is_offered_a_call()
        await office.client.channels.hangup("leg-c")
        await agent.ignores(within=5.0)
        with pytest.raises(NotRung):
            await agent.is_offered_a_call(within=0.2)
