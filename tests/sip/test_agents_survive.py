"""The service is killed at each step between caller and agent; the phones are real and go on."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import pytest

from asterisk_conf.program import AsteriskProgram
from service.phone.client import Telephone
from service.phone.handset import Login
from service.phone.sounds import SoundLibrary
from service.phone.station import AgentPhone
from tests.sip.agent import KEYS, Agent
from tests.sip.caller import Caller
from tests.sip.installation import Installation

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

NewAgent = Callable[[str], Awaitable[Agent]]
FIRST, SECOND = "70000001", "70000002"  # made-up staff numbers
CALLER_HERTZ, FIRST_HERTZ, SECOND_HERTZ = 700, 1100, 1500
TABLES = {
    "agents": f"agent,on_air_name,team,languages\n{FIRST},Melati,satu,id en\n{SECOND},Kenanga,satu,id en\n",
    "competences": f"agent,skill,tier,level,expires\n{FIRST},general,A,3,\n{SECOND},complaints,C,3,\n",
}


@pytest.fixture(scope="module")
def staffed(asterisk_program: AsteriskProgram) -> Iterator[Installation]:
    """An installation of its own, for its service is killed."""
    running = Installation()
    running.start()
    running.staff(TABLES, FIRST)
    yield running
    running.stop()


@pytest.fixture
async def new_agent(staffed: Installation) -> AsyncIterator[NewAgent]:
    async with AsyncExitStack() as stack:

        async def make(staff: str) -> Agent:
            made = json.loads(staffed.kring("agent", "account", "create", staff, "--json"))
            phone = AgentPhone(Login(staffed.sip, made["account"], made["secret"]))
            await stack.enter_async_context(phone)
            stack.callback(staffed.kring, "agent", "account", "revoke", made["account"])
            return Agent(phone)

        yield make


@pytest.fixture
async def person(staffed: Installation, library: SoundLibrary) -> AsyncIterator[Caller]:
    async with Telephone(staffed.sip, library) as phone:
        yield Caller(phone, staffed)


async def _killed(staffed: Installation) -> None:
    """`kill -9` of the service, and its successor is ready."""
    await asyncio.to_thread(staffed.kill_service)


async def _state(staffed: Installation, staff: str) -> tuple[str, str]:
    """What an agent declared, and what is observed of them."""
    lines = await asyncio.to_thread(staffed.kring, "acd", "agents", "--json")
    rows = [json.loads(line) for line in lines.splitlines()]
    return next((row["declared"], row["observed"]) for row in rows if row["agent"] == staff)


async def _asks_for_a_person(person: Caller) -> None:
    await person.calls().is_greeted().presses("1").hears("npwp_or_not").presses("0").hears("connecting")


async def _talks(person: Caller, agent: Agent) -> None:
    await _asks_for_a_person(person)
    await agent.is_offered_a_call().accepts().speaks(FIRST_HERTZ)
    await person.speaks(CALLER_HERTZ).hears_tone(FIRST_HERTZ)
    await agent.hears_tone(CALLER_HERTZ)


async def _parts(person: Caller, agent: Agent) -> None:
    await person.hangs_up()
    await agent.is_hung_up().ends_wrap_up().signs_out()


async def test_killed_while_a_phone_rings(staffed: Installation, new_agent: NewAgent, person: Caller) -> None:
    agent = await new_agent(FIRST)
    await agent.signs_in().goes_ready()
    await _asks_for_a_person(person)
    await agent.is_offered_a_call()
    await _killed(staffed)
    if agent.call.ended is not None:  # the ring was cut; the caller is offered again
        await agent.is_offered_a_call(within=20.0)
    await agent.accepts().speaks(FIRST_HERTZ)
    await person.speaks(CALLER_HERTZ).hears_tone(FIRST_HERTZ)
    await agent.hears_tone(CALLER_HERTZ)
    await _parts(person, agent)


async def test_killed_in_a_talk(staffed: Installation, new_agent: NewAgent, person: Caller) -> None:
    agent = await new_agent(FIRST)
    await agent.signs_in().goes_ready()
    await _talks(person, agent)
    await _killed(staffed)
    await agent.hears_tone(CALLER_HERTZ)
    await person.hears_tone(FIRST_HERTZ)
    await _parts(person, agent)


async def test_killed_on_hold(staffed: Installation, new_agent: NewAgent, person: Caller) -> None:
    agent = await new_agent(FIRST)
    await agent.signs_in().goes_ready()
    await _talks(person, agent)
    await agent.presses(KEYS["hold"]).waits(1.0)
    await _killed(staffed)
    await agent.presses(KEYS["hold"]).hears_tone(CALLER_HERTZ)
    await person.hears_tone(FIRST_HERTZ)
    await _parts(person, agent)


async def test_killed_in_a_consultation(staffed: Installation, new_agent: NewAgent, person: Caller) -> None:
    agent, colleague = await new_agent(FIRST), await new_agent(SECOND)
    await agent.signs_in().goes_ready()
    await colleague.signs_in().goes_ready()
    await _talks(person, agent)
    await agent.presses(f"*40{SECOND}#")
    await colleague.is_offered_a_call().accepts().speaks(SECOND_HERTZ)
    await agent.hears_tone(SECOND_HERTZ)
    await _killed(staffed)
    await agent.presses(KEYS["complete_transfer"]).is_hung_up()
    await colleague.hears_tone(CALLER_HERTZ)
    await person.hears_tone(SECOND_HERTZ).hangs_up()
    await colleague.is_hung_up().signs_out()
    await agent.ends_wrap_up().signs_out()


async def test_killed_after_a_transfer(staffed: Installation, new_agent: NewAgent, person: Caller) -> None:
    agent, colleague = await new_agent(FIRST), await new_agent(SECOND)
    await agent.signs_in().goes_ready()
    await _talks(person, agent)
    await agent.presses("*3193#").is_hung_up()  # complaints, tier C: nobody is there yet
    await _killed(staffed)
    await colleague.signs_in().goes_ready().is_offered_a_call().accepts().speaks(SECOND_HERTZ)
    await person.hears_tone(SECOND_HERTZ)
    await colleague.hears_tone(CALLER_HERTZ)
    await person.hangs_up()
    await colleague.is_hung_up().signs_out()
    await agent.ends_wrap_up().signs_out()


async def test_killed_in_wrap_up(staffed: Installation, new_agent: NewAgent, person: Caller) -> None:
    agent = await new_agent(FIRST)
    await agent.signs_in().goes_ready()
    await _talks(person, agent)
    await person.hangs_up()
    await agent.is_hung_up()
    await _killed(staffed)
    assert await _state(staffed, FIRST) == ("ready", "wrap_up")
    await agent.ends_wrap_up()
    assert await _state(staffed, FIRST) == ("ready", "idle")
    await agent.signs_out()
