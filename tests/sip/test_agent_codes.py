"""An agent with nothing but a SIP phone: dial codes, keys in a talk, what the command line shows of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from service.floor_client import FloorClient
from service.phone.handset import Login
from service.phone.sounds import SoundLibrary
from service.phone.station import AgentPhone
from tests.sip.agent import KEYS, Agent
from tests.sip.caller import Caller
from tests.sip.installation import Installation

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

AGENT, COLLEAGUE = "90000001", "90000002"
SPEAKS = 700.0  # Hz: the caller's voice
SUPERVISOR_SPEAKS = 1100.0  # Hz
TABLES = {
    "agents": f"agent,on_air_name,team,languages\n{AGENT},Melati,satu,id en\n{COLLEAGUE},Kenanga,satu,id\n",
    "competences": f"agent,skill,tier,level,expires\n{AGENT},pph,B,3,\n{COLLEAGUE},complaints,C,3,\n",
}


@pytest.fixture(scope="module")
def office(installation: Installation) -> Installation:
    """The running service, with two agents in its tables."""
    installation.staff(TABLES, AGENT)
    return installation


async def _kring(office: Installation, *words: str) -> str:
    return await asyncio.to_thread(office.kring, *words)


async def _state(office: Installation, number: str = AGENT) -> dict[str, Any]:
    rows = await asyncio.to_thread(FloorClient(office.settings).rows, "agents")
    return next((row for row in rows if row["agent"] == number), {})


async def _becomes(
    office: Installation, declared: str, observed: str, number: str = AGENT, within: float = 20.0
) -> dict[str, Any]:
    async with asyncio.timeout(within):
        while True:
            state = await _state(office, number)
            if (state.get("declared"), state.get("observed")) == (declared, observed):
                return state
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _at_work(office: Installation, library: SoundLibrary, number: str) -> AsyncIterator[Agent]:
    """An agent whose phone is registered with an account made by the command line."""
    async with asyncio.timeout(20):  # until the imported tables are in force
        while not await _state(office, number):
            await asyncio.sleep(0.1)
    made = json.loads(await _kring(office, "agent", "account", "create", number, "--json"))
    login = Login(office.sip, made["account"], made["secret"])
    async with AgentPhone(login, library) as phone:
        assert phone.is_registered
        yield Agent(phone)
    await _kring(office, "agent", "account", "revoke", made["account"])


@pytest.fixture
async def agent(office: Installation, library: SoundLibrary) -> AsyncIterator[Agent]:
    async with _at_work(office, library, AGENT) as agent:
        yield agent


@pytest.fixture
async def colleague(office: Installation, library: SoundLibrary) -> AsyncIterator[Agent]:
    async with _at_work(office, library, COLLEAGUE) as agent:
        yield agent


NewCaller = Callable[[], Caller]


async def test_an_agent_works_a_call_with_a_phone_alone(
    office: Installation, agent: Agent, caller: NewCaller
) -> None:
    await agent.signs_in()
    await _becomes(office, "paused", "idle")
    await agent.goes_ready()
    await _becomes(office, "ready", "idle")

    person = caller()
    await _asks_about_income_tax(person)
    await agent.is_offered_a_call().accepts()
    person.call.speaks(SPEAKS)
    await agent.hears_tone(SPEAKS)
    state = await _becomes(office, "ready", "talking")

    await agent.presses(KEYS["hold"])
    await _becomes(office, "ready", "holding")
    await agent.presses(KEYS["hold"])
    await _becomes(office, "ready", "talking")
    await agent.hears_tone(SPEAKS)

    await agent.presses(KEYS["transfer"].replace("T", "999#"))  # no such target: nothing happens
    await agent.pauses("2")  # on a second line of the phone: takes effect after the call
    paused = await _becomes(office, "paused", "talking")
    assert paused["reason"] == "prayer"

    await agent.presses(KEYS["end_call"]).is_hung_up()
    await _becomes(office, "paused", "wrap_up")
    await agent.ends_wrap_up()
    await _becomes(office, "paused", "idle")
    await agent.signs_out()
    await _becomes(office, "signed_out", "idle")

    path = await _kring(office, "acd", "explain", state["call_id"])
    assert f"ke agen {AGENT}" in path
    assert "tersambung" in path
    assert "bicara" in path
    assert "menahan" in path


async def test_a_call_is_consulted_about_handed_on_and_transferred_by_keys_alone(
    office: Installation, agent: Agent, colleague: Agent, caller: NewCaller
) -> None:
    await asyncio.gather(agent.signs_in().goes_ready(), colleague.signs_in().goes_ready())
    person = caller()
    await _asks_about_income_tax(person)
    await agent.is_offered_a_call().accepts()
    person.call.speaks(SPEAKS)
    await agent.hears_tone(SPEAKS)

    await agent.presses(f"*40{COLLEAGUE}#")
    await colleague.is_offered_a_call().accepts()
    await _becomes(office, "ready", "consulting")
    await agent.presses(KEYS["complete_transfer"]).is_hung_up()
    await colleague.hears_tone(SPEAKS)

    await agent.ends_wrap_up()
    await colleague.presses("*3172#").is_hung_up()  # to income tax, tier B: the first agent again
    await agent.is_offered_a_call().accepts().hears_tone(SPEAKS)
    await person.hangs_up()
    await asyncio.gather(agent.is_hung_up(), colleague.signs_out())
    await agent.signs_out()


async def test_a_supervisor_listens_whispers_barges_in_and_takes_over(
    office: Installation, agent: Agent, colleague: Agent, caller: NewCaller
) -> None:
    await asyncio.gather(agent.signs_in().goes_ready(), colleague.signs_in())
    person = caller()
    await _asks_about_income_tax(person)
    await agent.is_offered_a_call().accepts()
    person.call.speaks(SPEAKS)
    await agent.hears_tone(SPEAKS)
    call_id = (await _becomes(office, "ready", "talking"))["call_id"]

    async def supervises(act: str) -> None:
        await _kring(office, "agent", act, "--agent", AGENT, "--supervisor", COLLEAGUE)

    listening = asyncio.create_task(supervises("listen"))
    await colleague.is_offered_a_call().accepts().hears_tone(SPEAKS)
    await listening
    person.call.speaks(0)
    colleague.call.speaks(SUPERVISOR_SPEAKS)
    with pytest.raises(AssertionError):
        await agent.call.hears_tone(SUPERVISOR_SPEAKS, within=2.0)
    await supervises("whisper")
    await agent.hears_tone(SUPERVISOR_SPEAKS)
    with pytest.raises(AssertionError):
        await person.call.hears_tone(SUPERVISOR_SPEAKS, within=2.0)
    await supervises("barge")
    await person.hears_tone(SUPERVISOR_SPEAKS)
    await supervises("take-over")
    await agent.is_hung_up()
    await person.hears_tone(SUPERVISOR_SPEAKS).hangs_up()
    await colleague.is_hung_up()

    path = await _kring(office, "acd", "explain", call_id)
    for act in ("listen", "whisper", "barge", "take_over"):
        assert f": {act} pada agen {AGENT}" in path
    await asyncio.gather(agent.signs_out(), colleague.signs_out())


async def _asks_about_income_tax(person: Caller) -> None:
    person.calls("021500200").waits(1).presses("2").hears("npwp_or_not", language="en")
    person.presses("2").hears("main_menu_without_npwp", language="en").presses("4")
    await person.hears("pph_menu", language="en").presses("2").hears("connecting")
