"""Callers and agents on the real thing: SIP phones, Asterisk, the floor, the database."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

import asterisk_conf.accounts
from domain.calls import EndReason
from service.phone.handset import Login
from service.phone.station import AgentPhone
from tests.sip.agent import KEYS, Agent
from tests.sip.caller import Caller
from tests.sip.installation import Installation

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

NewCaller = Callable[[], Caller]
NewAgent = Callable[[str], Awaitable[Agent]]
FIRST, SECOND = "70000001", "70000002"  # made-up staff numbers
CALLER_HERTZ, FIRST_HERTZ, SECOND_HERTZ = 700, 1100, 1500

AGENTS = f"""agent,on_air_name,team,languages
{FIRST},Melati,satu,id en
{SECOND},Kenanga,satu,id en
"""
COMPETENCES = f"""agent,skill,tier,level,expires
{FIRST},pph,B,3,
{SECOND},pph,B,1,
"""
RULES = """rule,value,about,assumed
rejoin_seconds,2,How long a talk is kept for an agent whose line died,yes
"""


@pytest.fixture(scope="module")
def staffed(installation: Installation) -> Installation:
    """The installation with two agents in its tables."""
    installation.staff({"agents": AGENTS, "competences": COMPETENCES, "rules": RULES}, FIRST)
    return installation


@pytest.fixture
async def new_agent(staffed: Installation) -> AsyncIterator[NewAgent]:
    """Make an account for a staff number and a phone that has registered with it."""
    async with AsyncExitStack() as stack:

        async def make(staff: str) -> Agent:
            made = json.loads(staffed.kring("agent", "account", "create", staff, "--json"))
            phone = AgentPhone(Login(staffed.sip, made["account"], made["secret"]))
            await stack.enter_async_context(phone)
            stack.callback(staffed.kring, "agent", "account", "revoke", made["account"])
            assert phone.is_registered
            return Agent(phone)

        yield make


def _into_the_room(call: Caller) -> Caller:
    """Walk without NPWP to the waiting room of PPh applications."""
    call.calls().waits(1)
    for key in "2242":
        call.presses(key).waits(0.5)
    return call


async def test_a_caller_and_an_agent_talk_hold_and_part(caller: NewCaller, new_agent: NewAgent) -> None:
    agent = await new_agent(FIRST)
    await agent.signs_in().goes_ready()
    call = caller()
    await _into_the_room(call)
    await agent.is_offered_a_call().accepts().speaks(FIRST_HERTZ)
    await call.speaks(CALLER_HERTZ).hears_tone(FIRST_HERTZ)
    await agent.hears_tone(CALLER_HERTZ).presses(KEYS["hold"])
    await call.waits(1.0)
    await agent.presses(KEYS["hold"]).hears_tone(CALLER_HERTZ)
    await call.waits(asterisk_conf.accounts.RTP_TIMEOUT).hears_tone(FIRST_HERTZ)  # a living phone is not cut
    await agent.hangs_up()
    ended = await call.call.until_ended(15.0)
    assert ended.by == "far_end"
    header, _ = await call.record()
    assert header.end_reason is not EndReason.CALLER_HUNG_UP
    await agent.ends_wrap_up().signs_out()


async def test_an_agents_phone_without_power_sends_the_caller_to_the_next_agent(
    caller: NewCaller, new_agent: NewAgent
) -> None:
    first, second = await new_agent(FIRST), await new_agent(SECOND)
    await first.signs_in().goes_ready()
    call = caller()
    await _into_the_room(call)
    await first.is_offered_a_call().accepts().speaks(FIRST_HERTZ)
    await call.speaks(CALLER_HERTZ).hears_tone(FIRST_HERTZ)
    await second.signs_in().goes_ready()
    await first.loses_power()
    await second.is_offered_a_call(within=20.0).accepts().speaks(SECOND_HERTZ).hears_tone(CALLER_HERTZ)
    await call.hears_tone(SECOND_HERTZ).hangs_up()
    await second.is_hung_up().signs_out()
