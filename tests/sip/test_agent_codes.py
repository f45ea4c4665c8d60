"""An agent with nothing but a SIP phone: dial codes, keys in a talk, what the command line shows of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
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
TABLES = {
    "agents": f"agent,on_air_name,team,languages\n{AGENT},Melati,satu,id en\n{COLLEAGUE},Kenanga,satu,id\n",
    "competences": f"agent,skill,tier,level,expires\n{AGENT},pph,B,3,\n{COLLEAGUE},complaints,C,3,\n",
}


@pytest.fixture(scope="module")
def office(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The running service, with two agents in its tables."""
    folder = tmp_path_factory.mktemp("tables")
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    installation.kring("acd", "tables", "import", str(folder))
    return installation


async def _kring(office: Installation, *words: str) -> str:
    return await asyncio.to_thread(office.kring, *words)


async def _state(office: Installation) -> dict[str, Any]:
    rows = await asyncio.to_thread(FloorClient(office.settings).rows, "agents")
    return next((row for row in rows if row["agent"] == AGENT), {})


async def _becomes(office: Installation, declared: str, observed: str, within: float = 8.0) -> dict[str, Any]:
    async with asyncio.timeout(within):
        while True:
            state = await _state(office)
            if (state.get("declared"), state.get("observed")) == (declared, observed):
                return state
            await asyncio.sleep(0.1)


@pytest.fixture
async def agent(office: Installation, library: SoundLibrary) -> AsyncIterator[Agent]:
    """An agent whose phone is registered with an account made by the command line."""
    async with asyncio.timeout(5):  # until the imported tables are in force
        while not await _state(office):
            await asyncio.sleep(0.1)
    made = json.loads(await _kring(office, "agent", "account", "create", AGENT, "--json"))
    login = Login(office.sip, made["account"], made["secret"])
    async with AgentPhone(login, library) as phone:
        assert phone.is_registered
        yield Agent(phone)
    await _kring(office, "agent", "account", "revoke", made["account"])


NewCaller = Callable[[], Caller]


async def test_an_agent_works_a_call_with_a_phone_alone(
    office: Installation, agent: Agent, caller: NewCaller
) -> None:
    await agent.signs_in()
    await _becomes(office, "paused", "idle")
    await agent.goes_ready()
    await _becomes(office, "ready", "idle")

    person = caller()
    person.calls("021500200").waits(1).presses("2").hears("npwp_or_not", language="en")
    person.presses("2").hears("main_menu_without_npwp", language="en").presses("4")
    await person.hears("pph_menu", language="en").presses("2").hears("connecting")
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
    assert "accepted" in path
    assert "bicara" in path
    assert "menahan" in path
