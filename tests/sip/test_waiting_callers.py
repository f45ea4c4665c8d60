"""A caller who waits, on the real thing: the place in line, and a callback that keeps it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from asterisk_conf.program import AsteriskProgram
from call_flows.book import read_folder
from domain.calls import EndReason, EventKind
from service.phone.client import Telephone
from service.phone.handset import Login
from service.phone.sounds import SoundLibrary
from service.phone.station import AgentPhone
from tests.desk_phone import DeskPhone
from tests.real_asterisk import free_port
from tests.sip.agent import Agent
from tests.sip.caller import Caller
from tests.sip.installation import Installation

OUTSIDE = free_port()  # where the trunk that takes our own calls listens
AGENT = "90000001"
AGENT_SPEAKS, PERSON_SPEAKS = 700.0, 1100.0  # Hz
EVERY = "15s"  # long enough for the longest message here, so that none cuts another off


@pytest.fixture(scope="module")
def hurried(
    asterisk_program: AsteriskProgram, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation whose waiting rooms speak more often, and shorter."""
    folder: Path = tmp_path_factory.mktemp("flows")
    for name, text in read_folder().items():
        hurry = text.replace("every: 45s", f"every: {EVERY}")
        short = hurry.replace("messages: [waiting_thanks, waiting_channels]", "messages: place_first")
        (folder / name).write_text(short, encoding="utf-8")
    running = Installation()
    settings = f'flows = "{folder}"\noutbound = "127.0.0.1:{OUTSIDE}"\noutbound_hours = "always"\n'
    (running.home / "kring.toml").write_text(settings, encoding="utf-8")
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def caller(hurried: Installation, library: SoundLibrary) -> AsyncIterator[Caller]:
    async with Telephone(hurried.sip, library) as phone:
        yield Caller(phone, hurried, "081100001999")


async def test_a_callback_keeps_the_place_of_a_caller_who_hears_it(
    caller: Caller, hurried: Installation
) -> None:
    await caller.calls().is_greeted().presses("1").hears("npwp_or_not").presses("0")
    await caller.hears("connecting", "recording_notice", "place_first", "music", within=40)
    await caller.hears("place_first", "place_first", "music", within=40)
    await caller.hears("place_first", "place_first", "callback_offer", within=40).presses("1")
    await caller.hears("callback_confirm", within=40).presses("1")
    await caller.hears("callback_booked", "goodbye").is_hung_up(EndReason.CALLBACK)
    _, events = await caller.record()
    assert [event.data["how"] for event in events if event.kind is EventKind.DEQUEUED] == ["callback"]
    waiting = await asyncio.to_thread(hurried.kring, "callbacks", "list")
    assert "general" in waiting and "1999" in waiting and "81100001999" not in waiting


async def test_who_booked_is_called_back_when_an_agent_is_free(hurried: Installation) -> None:
    """The booking of the test before: an agent comes, is rung first, and then the person is."""
    tables = {
        "agents": f"agent,on_air_name,team,languages\n{AGENT},Melati,satu,id en\n",
        "competences": f"agent,skill,tier,level,expires\n{AGENT},general,A,2,\n",
    }
    await asyncio.to_thread(hurried.staff, tables, AGENT)
    made = json.loads(await asyncio.to_thread(hurried.kring, "agent", "account", "create", AGENT, "--json"))
    login = Login(hurried.sip, made["account"], made["secret"])
    async with (
        DeskPhone(hurried.sip, "outside", "", tone=PERSON_SPEAKS, port=OUTSIDE) as person,
        AgentPhone(login) as phone,
    ):
        agent = Agent(phone)
        await agent.signs_in().goes_ready().is_offered_a_call().accepts().speaks(AGENT_SPEAKS)
        ring = await person.next_ring(within=10)
        assert ring.headers.startswith("INVITE sip:6281100001999@")
        assert "1500200" in ring.caller
        person.answer(ring)
        await agent.hears_tone(PERSON_SPEAKS)
        assert await person.hears(AGENT_SPEAKS)
        await agent.hangs_up()
        async with asyncio.timeout(20):
            await ring.over.wait()
    assert "1999" not in await asyncio.to_thread(hurried.kring, "callbacks", "list")
