"""An agent's phone dies in a talk and comes back: the talk goes on, and the caller never left the line."""

import asyncio
import json
import time
from collections.abc import Iterator

import pytest

from asterisk_conf.accounts import RTP_TIMEOUT
from asterisk_conf.program import AsteriskProgram
from domain.floor_log import LegRow, Phase
from service.floor_client import FloorClient
from service.phone.client import Telephone
from service.phone.handset import Login
from service.phone.sounds import SoundLibrary
from service.phone.station import AgentPhone
from storage.database import Database
from storage.floor_reader import FloorReader
from tests.sip.agent import KEYS, Agent
from tests.sip.caller import Caller
from tests.sip.installation import Installation

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

STAFF = "70000003"  # a made-up staff number
CALLER_HERTZ, AGENT_HERTZ, BACK_HERTZ = 700, 1100, 1500
TABLES = {
    "agents": f"agent,on_air_name,team,languages\n{STAFF},Melati,satu,id en\n",
    "competences": f"agent,skill,tier,level,expires\n{STAFF},general,A,3,\n",
    "rules": (
        "rule,value,about,assumed\n"
        "rejoin_seconds,30,How long a talk is kept for an agent whose line died,yes\n"
    ),
}


@pytest.fixture(scope="module")
def staffed(asterisk_program: AsteriskProgram) -> Iterator[Installation]:
    """An installation of its own, for its service is killed."""
    running = Installation()
    running.start()
    running.staff(TABLES, STAFF)
    yield running
    running.stop()


def login(staffed: Installation) -> Login:
    made = json.loads(staffed.kring("agent", "account", "create", STAFF, "--json"))
    return Login(staffed.sip, made["account"], made["secret"])


async def talks(person: Caller, agent: Agent) -> None:
    await person.calls().is_greeted().presses("1").hears("npwp_or_not").presses("0").hears("connecting")
    await agent.is_offered_a_call().accepts().speaks(AGENT_HERTZ)
    await person.speaks(CALLER_HERTZ).hears_tone(AGENT_HERTZ)
    await agent.hears_tone(CALLER_HERTZ)


async def observed(staffed: Installation, wanted: str, within: float = 20.0) -> str:
    """Wait until the agent is observed in a state; return the id of their call."""
    deadline = time.monotonic() + within
    while True:
        rows = await asyncio.to_thread(FloorClient(staffed.settings).rows, "agents")
        row = next(row for row in rows if row["agent"] == STAFF)
        if row["observed"] == wanted:
            return str(row["call_id"])
        assert time.monotonic() < deadline, f"{row['observed']}, not {wanted}"
        await asyncio.sleep(0.1)


def phases(staffed: Installation, call_id: str) -> list[tuple[Phase, str, float]]:
    """Return the ended phases of the agent's leg on record."""
    database = Database.open(staffed.settings.database)
    try:
        rows = [row for row in FloorReader(database).of_call(call_id) if isinstance(row, LegRow)]
    finally:
        database.close()
    assert len({row.leg for row in rows}) == 1, "one record of one talk"
    return [(row.phase, row.outcome, row.seconds) for row in rows if row.seconds is not None]


@pytest.mark.parametrize("killed", [False, True], ids=["service_lives", "service_is_killed_meanwhile"])
async def test_a_phone_that_died_takes_its_agent_back_into_the_talk(
    staffed: Installation, library: SoundLibrary, killed: bool
) -> None:
    account = await asyncio.to_thread(login, staffed)
    async with Telephone(staffed.sip, library) as outside:
        person = Caller(outside, staffed)
        async with AgentPhone(account) as first:
            agent = Agent(first)
            await agent.signs_in().goes_ready()
            await talks(person, agent)
            first.dies()
        if killed:  # the phone is away, its leg is ended for want of sound, and then the service dies too
            await observed(staffed, "rejoining", within=RTP_TIMEOUT + 15.0)
            await asyncio.to_thread(staffed.kill_service)
        async with AgentPhone(account) as second:
            again = Agent(second)
            await again.is_offered_a_call(within=20.0).accepts().speaks(BACK_HERTZ)
            await again.hears_tone(CALLER_HERTZ)
            await person.hears_tone(BACK_HERTZ)
            assert person.call.ended is None, "the caller never left the line"
            call_id = await observed(staffed, "talking")
            await again.presses(KEYS["hold"]).waits(1.0)
            await again.presses(KEYS["hold"]).hears_tone(CALLER_HERTZ)
            await person.hangs_up()
            await again.is_hung_up().ends_wrap_up().signs_out()
    found = await asyncio.to_thread(phases, staffed, call_id)
    outcomes = [(phase, outcome) for phase, outcome, _ in found]
    cut = outcomes.index((Phase.TALK, "line_died"))
    assert outcomes[cut + 1] == (Phase.REJOIN, "rejoined")
    assert found[cut + 1][2] < 30.0
