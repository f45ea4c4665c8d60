"""People we called, on the real thing: joined with an agent at once, or told who called; killed meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import pytest

import ari
from asterisk_conf.program import AsteriskProgram
from asterisk_conf.settings import APPLICATION, ARI_USER
from domain.calls import EndReason, EventKind
from domain.ids import new_id
from service.floor_client import FloorClient, Row
from service.outbound_events import OUTBOUND
from service.phone.calls import PhoneCall
from service.phone.handset import Login
from service.phone.sounds import SoundLibrary
from service.phone.station import AgentPhone
from service.secrets import MASTER_KEY, read_secrets
from storage.call_reader import CallNotFound, CallReader, RecordedCall, RecordedEvent
from storage.database import Database
from storage.vault import Vault
from tests.sip.agent import Agent
from tests.sip.installation import Installation

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

FIRST, SECOND, CALLEE = (
    "70000011",
    "70000012",
    "70000013",
)  # made-up staff numbers; the last is nobody's agent
CALLEE_HERTZ, FIRST_HERTZ = 700, 1100
TABLES = {
    "agents": (
        "agent,on_air_name,team,languages\n"
        f"{FIRST},Melati,satu,id en\n{SECOND},Kenanga,satu,id en\n{CALLEE},Anggrek,satu,id en\n"
    ),
    "competences": (
        "agent,skill,tier,level,expires\n"
        f"{FIRST},outbound,A,3,\n{SECOND},outbound,B,3,\n{CALLEE},complaints,C,3,\n"
    ),
}
WITHIN = 20.0


@dataclass
class Dialler:
    """Places calls as the dialer does, straight to the phone of the person who is called."""

    installation: Installation
    client: ari.Client
    account: str  # of that phone
    phone: AgentPhone

    async def reaches(self, agent: str = "", flow: str = "outbound_agent") -> tuple[str, PhoneCall]:
        """Call the person, who answers and speaks; return the attempt and their end of the call."""
        attempt = new_id()
        await self.client.channels.originate_with_id(
            f"out-{attempt}",
            endpoint=f"PJSIP/{self.account}",
            app=APPLICATION,
            app_args=f"{OUTBOUND},{flow},outbound/A,{agent},id,",
            timeout=20,
        )
        person = await self.phone.rings(WITHIN)
        person.answer()
        await person.until_answered(WITHIN)
        person.speaks(CALLEE_HERTZ)
        return attempt, person

    async def view(self, agent: str) -> Row:
        rows = await asyncio.to_thread(FloorClient(self.installation.settings).rows, "agents")
        return next(row for row in rows if row["agent"] == agent)

    async def until(self, agent: str, **wanted: str) -> None:
        """Wait for an agent's state."""
        seen: Row = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(WITHIN):
                while not wanted.items() <= (seen := await self.view(agent)).items():
                    await asyncio.sleep(0.05)
                return
        raise AssertionError(f"wanted {wanted}, the floor shows {seen}")

    async def record(self, attempt: str) -> tuple[RecordedCall, list[RecordedEvent]]:
        """Return the call of an attempt once its end is on record."""
        async with asyncio.timeout(WITHIN):
            while True:
                call, events = await asyncio.to_thread(self._record, attempt)
                if call.ended_at is not None:
                    return call, events
                await asyncio.sleep(0.1)

    async def is_on_record(self, attempt: str) -> None:
        """Wait until the call's first rows are durable."""
        async with asyncio.timeout(WITHIN):
            while True:
                with suppress(CallNotFound):
                    await asyncio.to_thread(self._record, attempt)
                    return
                await asyncio.sleep(0.02)

    def _record(self, attempt: str) -> tuple[RecordedCall, list[RecordedEvent]]:
        settings = self.installation.settings
        database = Database.open(settings.database)
        try:
            reader = CallReader(database, Vault.load(settings.secrets_folder / MASTER_KEY))
            call = reader.find(attempt)
            return call, reader.events(call.call_id)
        finally:
            database.close()


@pytest.fixture(scope="module")
def staffed(asterisk_program: AsteriskProgram) -> Iterator[Installation]:
    """An installation of its own, for its service is killed."""
    running = Installation()
    running.start()
    try:
        running.staff(TABLES, FIRST)
        yield running
    finally:
        running.stop()


def _login(staffed: Installation, staff: str) -> Login:
    made = json.loads(staffed.kring("agent", "account", "create", staff, "--json"))
    return Login(staffed.sip, made["account"], made["secret"])


@pytest.fixture(scope="module")
def logins(staffed: Installation) -> dict[str, Login]:
    return {staff: _login(staffed, staff) for staff in (FIRST, SECOND, CALLEE)}


NewAgent = Callable[..., Awaitable[Agent]]


@pytest.fixture
async def new_agent(logins: dict[str, Login]) -> AsyncIterator[NewAgent]:
    async with AsyncExitStack() as stack:

        async def make(staff: str, *, answers_itself: bool = True) -> Agent:
            phone = AgentPhone(logins[staff], answers_itself=answers_itself)
            await stack.enter_async_context(phone)
            return Agent(phone)

        yield make


@pytest.fixture
async def dialler(
    staffed: Installation, logins: dict[str, Login], library: SoundLibrary
) -> AsyncIterator[Dialler]:
    password = read_secrets(staffed.settings).ari_password
    client = ari.Client(
        f"http://127.0.0.1:{staffed.settings.ari_port}", ARI_USER, password, "dialler-of-test"
    )
    running = asyncio.create_task(client.run())
    await client.ready()
    async with AgentPhone(logins[CALLEE], library) as phone:
        yield Dialler(staffed, client, logins[CALLEE].user, phone)
    await client.close()
    await running


async def test_a_person_and_an_agent_are_joined_at_once_and_stay_so_when_the_service_is_killed(
    dialler: Dialler, new_agent: NewAgent
) -> None:
    agent = await new_agent(FIRST)
    await agent.signs_in().goes_ready()
    attempt, person = await dialler.reaches()
    await agent.is_offered_a_call().speaks(FIRST_HERTZ).hears_tone(CALLEE_HERTZ)
    await person.hears_tone(FIRST_HERTZ, WITHIN)
    assert agent.call.quick and agent.call.answered_at is not None, "the phone answered by itself"
    await asyncio.to_thread(dialler.installation.kill_service)
    await agent.hears_tone(CALLEE_HERTZ)
    await person.hears_tone(FIRST_HERTZ, WITHIN)
    await dialler.until(FIRST, declared="ready", observed="talking", call_id=attempt, queue="outbound/A")
    await agent.hangs_up()
    await person.until_ended(WITHIN)
    await dialler.until(FIRST, declared="ready", observed="wrap_up")
    await agent.ends_wrap_up().signs_out()
    call, events = await dialler.record(attempt)
    assert (call.call_id, call.dialled) == (attempt, "flow:outbound_agent")
    assert call.end_reason is EndReason.COMPLETED
    assert EventKind.RECOVERED in {event.kind for event in events}


async def test_a_call_for_one_agent_goes_to_nobody_else_and_the_person_is_told_who_called(
    dialler: Dialler, new_agent: NewAgent
) -> None:
    other = await new_agent(SECOND)
    await other.signs_in().goes_ready()
    attempt, person = await dialler.reaches(agent=FIRST)
    await person.until(lambda: any(heard.kind != "word" for heard in person.heard), WITHIN)
    await other.is_offered_nothing(0.1)
    await person.hang_up()
    await other.signs_out()
    call, events = await dialler.record(attempt)
    assert call.end_reason is EndReason.CALLER_HUNG_UP
    assert [event.data["how"] for event in events if event.kind is EventKind.DEQUEUED] == ["limit"]


async def test_killed_while_an_agents_phone_rings_nobody_is_left_alone(
    dialler: Dialler, new_agent: NewAgent
) -> None:
    agent = await new_agent(FIRST, answers_itself=False)
    await agent.signs_in().goes_ready()
    attempt, person = await dialler.reaches()
    await agent.is_offered_a_call()
    await dialler.is_on_record(attempt)
    await asyncio.to_thread(dialler.installation.kill_service)
    await person.until(lambda: any(heard.kind != "word" for heard in person.heard), WITHIN)
    await person.hang_up()
    await agent.is_hung_up().signs_out()
    _, events = await dialler.record(attempt)
    assert EventKind.RECOVERED in {event.kind for event in events}
    assert "limit" in [event.data["how"] for event in events if event.kind is EventKind.DEQUEUED]
