"""A whole installation: a caller asks for a person, an agent's phone rings, they talk, it ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from acd.requests import Ready, Request, SignIn, SignOut
from asterisk_conf.program import AsteriskProgram
from service.floor_client import FloorClient, Row
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from service.phone.handset import Login
from service.phone.station import AgentPhone
from tests.sip.installation import Installation

pytestmark = pytest.mark.sip

AGENT = "19900107"  # a made-up staff number
CALLER_HERTZ, AGENT_HERTZ = 700, 1100
TABLES = {
    "agents": f"agent,on_air_name,team,languages\n{AGENT},Melati,kup_1,id en\n",
    "competences": f"agent,skill,tier,level,expires\n{AGENT},general,A,3,\n",
    "rules": (
        "rule,value,about,assumed\nring_seconds,5,How long an agent's phone rings for an offer,yes\n"
        "wrap_up_seconds,2,The time for the note after a talk (ACW),yes\n"
    ),
}


@dataclass
class Desk:
    """An agent at work."""

    installation: Installation
    phone: AgentPhone

    def view(self) -> Row:
        """Return what the floor shows of the agent."""
        rows = FloorClient(self.installation.settings).rows("agents")
        return next(row for row in rows if row["agent"] == AGENT)

    async def until(self, within: float = 20.0, **wanted: str) -> None:
        """Wait for a state."""
        seen: Row = {}
        try:
            async with asyncio.timeout(within):
                while True:
                    seen = await asyncio.to_thread(self.view)
                    if wanted.items() <= seen.items():
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"wanted {wanted}, the floor shows {seen}") from None

    async def asks(self, request: Request) -> None:
        """Ask as the command line does."""
        await asyncio.to_thread(FloorClient(self.installation.settings).request, request)


@pytest.fixture(scope="module")
def installation(asterisk_program: AsteriskProgram) -> Iterator[Installation]:
    running = Installation()
    try:
        running.start()
        running.staff(TABLES, AGENT)
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def login(installation: Installation) -> Login:
    made = json.loads(installation.kring("agent", "account", "create", AGENT, "--json"))
    return Login(installation.sip, made["account"], made["secret"])


@pytest.fixture
async def desk(installation: Installation, login: Login) -> AsyncIterator[Desk]:
    """The agent, signed in and ready."""
    async with AgentPhone(login) as phone:
        desk = Desk(installation, phone)
        await desk.until(observed="idle")
        await desk.asks(SignIn(AGENT))
        await desk.asks(Ready(AGENT))
        await desk.until(declared="ready", observed="idle")
        yield desk
        await desk.asks(SignOut(AGENT))


async def connected(outside: Telephone, desk: Desk) -> tuple[PhoneCall, PhoneCall]:
    """A caller asks for a person and is joined with the agent; both are heard. Returns both ends."""
    caller = await outside.call("1500200")
    await caller.press("0")
    ringing = await desk.phone.rings()
    await desk.until(observed="offered")
    ringing.answer()
    caller.speaks(CALLER_HERTZ)
    ringing.speaks(AGENT_HERTZ)
    await ringing.hears_tone(CALLER_HERTZ)
    await caller.hears_tone(AGENT_HERTZ)
    await desk.until(observed="talking")
    return caller, ringing


async def test_the_agent_hangs_up_and_so_is_the_caller(desk: Desk) -> None:
    async with Telephone(desk.installation.sip) as outside:
        caller, agent = await connected(outside, desk)
        await agent.hang_up()
        await desk.until(observed="wrap_up")
        await caller.until_ended(within=15.0)  # the flow says goodbye first
        await desk.until(observed="idle", declared="ready")


async def test_the_caller_hangs_up_and_so_is_the_agent(desk: Desk) -> None:
    async with Telephone(desk.installation.sip) as outside:
        caller, agent = await connected(outside, desk)
        await caller.hang_up()
        await agent.until_ended(within=15.0)
        await desk.until(observed="wrap_up")
        await desk.until(observed="idle", declared="ready")


async def test_the_talk_outlives_the_service_and_ends_as_ever(desk: Desk) -> None:
    async with Telephone(desk.installation.sip) as outside:
        caller, agent = await connected(outside, desk)
        await asyncio.to_thread(desk.installation.kill_service)
        await agent.hears_tone(CALLER_HERTZ)
        await caller.hears_tone(AGENT_HERTZ)
        await desk.until(observed="talking", declared="ready")
        await caller.hang_up()
        await agent.until_ended(within=15.0)
        await desk.until(observed="wrap_up")
        await desk.until(observed="idle", declared="ready")


async def test_a_ring_in_vain_pauses_the_agent_and_the_caller_keeps_waiting(desk: Desk) -> None:
    async with Telephone(desk.installation.sip) as outside:
        caller = await outside.call("1500200")
        await caller.press("0")
        ringing = await desk.phone.rings()
        await ringing.until_ended(within=20.0)
        await desk.until(declared="paused", observed="idle")
        await desk.asks(Ready(AGENT))
        again = await desk.phone.rings()
        again.answer()
        caller.speaks(CALLER_HERTZ)
        await again.hears_tone(CALLER_HERTZ)
        await again.hang_up()
        await caller.until_ended(within=15.0)
