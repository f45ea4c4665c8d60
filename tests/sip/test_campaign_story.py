"""Outbound campaigns from the manager's file to the called people's ears, on the real thing.

A list is loaded and approved by a second person; a progressive campaign calls its people one by one, a
reminder without agents calls another; the kill switch ends all of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from asterisk_conf.program import AsteriskProgram
from dialer.attempts import Attempt, AttemptState, DialOutcome
from recording.recordings import Mark, MarkKind, Recording
from recording.states import State
from service.phone.sounds import SoundLibrary
from service.phone.station import AgentPhone
from service.secrets import MASTER_KEY
from storage.attempt_reader import AttemptReader
from storage.campaign_tables import leads
from storage.database import Database
from storage.recordings import DurableRecordings
from storage.vault import Vault
from tests.sip.agent import Agent
from tests.sip.ahead import Ahead
from tests.sip.office import Clerk, demo_passwords, login_of
from tests.sip.people import ANSWERS, BUSY, RINGS, People

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

AGENT, USER = "1005", "agen1005"  # of the example tables; works for outbound only
TALKS, IS_BUSY, RINGS_IN_VAIN, IS_CANCELLED, IS_REMINDED = (f"6281100007{n:03}" for n in (1, 2, 3, 4, 5))
NPWP = dict(zip((TALKS, IS_BUSY, RINGS_IN_VAIN, IS_CANCELLED, IS_REMINDED), range(1, 6), strict=True))
DOES = {TALKS: ANSWERS, IS_BUSY: BUSY, RINGS_IN_VAIN: RINGS, IS_CANCELLED: RINGS, IS_REMINDED: ANSWERS}
PERSON_HERTZ, AGENT_HERTZ = 700, 1100
WITHIN = 40.0  # seconds, on however busy a machine
SEALED_WITHIN = 120.0  # seconds: the worker has the lowest priority


def npwp(number: str) -> str:
    """Return a made-up NIK, another one for each number."""
    return f"31710102029000{NPWP[number]:02}"


def sheet(*numbers: str) -> bytes:
    """Return a list of these people."""
    rows = [f"{npwp(number)};Contoh {number[-1]};+{number};WIB" for number in numbers]
    return "\r\n".join(["NPWP;Nama Wajib Pajak;No HP;Zona", *rows, ""]).encode()


@dataclass
class House:
    """The installation, the people outside, and who works here."""

    installation: Ahead
    people: People
    manager: Clerk
    chief: Clerk
    officer: Clerk  # the agent, at the page
    agent: Agent  # the same, at the phone

    async def list_of(self, title: str, *numbers: str) -> str:
        """Load a list through the API, and let a second person approve it."""
        content, manager = sheet(*numbers), self.manager
        upload = await manager.posts("/api/lists/uploads", {"kind": "csv", "size": len(content)})
        sent = f"/api/lists/uploads/{upload['upload_id']}"
        await manager.puts(f"{sent}/pieces?at=0", content)
        found = await manager.posts(f"{sent}/inspect", {"source": "contoh"})
        names = ("header", "role", "name", "required")
        today = self.installation.now().date()
        order = {
            "upload_id": upload["upload_id"], "title": title, "requester": "region_on_request",
            "unit": "Kanwil Contoh", "order_number": "ND-7", "legal_basis": "Contoh",
            "cut_off": str(today), "expires_on": str(today + timedelta(days=1)), "source": "contoh",
            "columns": [{name: one[name] for name in names} for one in found["columns"]],
        }  # fmt: skip
        list_id = (await manager.posts("/api/lists", order))["list_id"]
        async with asyncio.timeout(WITHIN):
            while (seen := await manager.gets(f"/api/lists/{list_id}"))["overview"]["state"] == "loading":
                await asyncio.sleep(0.1)
        assert seen["overview"]["counts"]["accepted"] == len(numbers), seen
        await manager.is_refused(f"/api/lists/{list_id}/approve")
        await self.chief.posts(f"/api/lists/{list_id}/approve")
        return str(list_id)

    async def campaign(self, list_id: str, **definition: str) -> str:
        """Define a campaign, give it the list, and let the supervisor start it."""
        plain = {"needs_poro": "no", "ring_seconds": "15", "tax_period": "2025", **definition}
        made = await self.manager.posts("/api/campaigns", plain)
        campaign_id = str(made["overview"]["campaign_id"])
        await self.manager.posts(f"/api/campaigns/{campaign_id}/lists", {"list_id": list_id})
        await self.chief.posts(f"/api/campaigns/{campaign_id}/start")
        return campaign_id

    async def attempt(self, number: str, known: Callable[[Attempt], bool]) -> Attempt:
        """Wait until the only attempt to a number is so."""
        found: list[Attempt] = []
        async with asyncio.timeout(WITHIN):
            while not found or not known(found[0]):
                await asyncio.sleep(0.1)
                every = await asyncio.to_thread(self._attempts)
                found = [one for one in every if one.number == number]
                assert len(found) <= 1, f"{number} has several attempts"
        return found[0]

    async def ended(self, number: str) -> Attempt:
        """Wait until the only attempt to a number is over."""
        return await self.attempt(number, lambda one: one.state is AttemptState.ENDED)

    def _attempts(self) -> list[Attempt]:
        database = Database.open(self.installation.settings.database)
        try:
            reader = AttemptReader(database, self._vault())
            return list(reader.newest(self.installation.now() - timedelta(hours=1)))
        finally:
            database.close()

    def lead(self, lead_id: int) -> tuple[str, str]:
        """Return the state and the reason of a lead."""
        database = Database.open(self.installation.settings.database)
        try:
            query = sa.select(leads.c.state, leads.c.reason).where(leads.c.lead_id == lead_id)
            row = database.read_now(lambda connection: connection.execute(query).one())
            return str(row.state), str(row.reason)
        finally:
            database.close()

    async def records(self) -> None:
        """Wait until the person has heard the notice, and what is said is recorded."""
        async with asyncio.timeout(WITHIN):
            while [one.state for one in await asyncio.to_thread(self.recordings)] != [State.STARTED]:
                await asyncio.sleep(0.1)

    def recordings(self) -> list[Recording]:
        """Return every recording."""
        return self._of_recordings(lambda book: book.in_state(*State))

    def marks(self, recording_id: str) -> list[Mark]:
        """Return a recording's marks."""
        return self._of_recordings(lambda book: book.marks(recording_id))

    def _of_recordings(self, ask: Callable[[DurableRecordings], Any]) -> list[Any]:
        async def read() -> list[Any]:
            database = Database.open(self.installation.settings.database)
            try:
                return list(await ask(DurableRecordings(database)))
            finally:
                database.close()

        return asyncio.run(read())

    def _vault(self) -> Vault:
        return Vault.load(self.installation.settings.secrets_folder / MASTER_KEY)


@pytest.fixture
async def house(asterisk_program: AsteriskProgram, library: SoundLibrary) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        people = await stack.enter_async_context(People(DOES, library))
        installation = Ahead(people.address)
        await asyncio.to_thread(installation.start)
        stack.callback(installation.stop)
        passwords = await asyncio.to_thread(demo_passwords, installation, AGENT, WITHIN)
        login = asyncio.create_task(asyncio.to_thread(login_of, installation, AGENT))
        manager, chief, officer = await asyncio.gather(
            *(Clerk.signs_in(installation, name, passwords[name]) for name in ("manajer", "supervisor", USER))
        )
        for clerk in (manager, chief, officer):
            stack.push_async_callback(clerk.leaves)
        phone = await stack.enter_async_context(AgentPhone(await login))
        yield House(installation, people, manager, chief, officer, Agent(phone))


async def test_a_list_becomes_calls_to_each_person_once_until_the_switch_is_thrown(house: House) -> None:
    people = house.people
    listed = await house.list_of("Belum lapor", TALKS, IS_BUSY, RINGS_IN_VAIN, IS_CANCELLED)
    reminded = await house.list_of("Pengingat", IS_REMINDED)
    await house.agent.signs_in().goes_ready()
    with_agents = await house.campaign(
        listed, title="Belum lapor 2025", kind="non_filer", script="non_filer", flow="outbound_agent"
    )
    await talks(house)
    without = await house.campaign(
        reminded,
        title="Pengingat 2025",
        kind="reminder",
        script="reminder",
        flow="outbound_reminder",
        pacing="agentless",
    )
    await asyncio.gather(is_reminded(house), is_stopped(house))
    await nobody_answers(house)
    await is_recorded(house, with_agents)

    called = [call.number for call in people.calls]
    assert sorted(called) == sorted(DOES), "everybody once"
    assert set(people.callers) == {"1500200"}
    results = await house.manager.gets(f"/api/campaigns/{with_agents}/results")
    assert results["attempts"] == 4
    outcomes = {one["code"]: one["leads"] for one in results["outcomes"]}
    assert outcomes == {"talked": 1, "busy": 1, "no_answer": 1, "cancelled": 1}
    assert [one["code"] for one in results["dispositions"]] == ["promised_to_file"]
    assert (await house.manager.gets(f"/api/campaigns/{without}/results"))["attempts"] == 1


async def talks(house: House) -> None:
    """Somebody answers, and an agent is there at once; what came of it is kept through the API."""
    person = await house.people.called(TALKS, WITHIN)
    await person.until_answered(WITHIN)
    person.speaks(PERSON_HERTZ)
    await house.agent.is_offered_a_call(WITHIN)
    await person.hears("recording_notice", within=WITHIN)
    await house.agent.speaks(AGENT_HERTZ).hears_tone(PERSON_HERTZ, WITHIN)
    await person.hears_tone(AGENT_HERTZ, WITHIN)
    assert house.agent.call.quick, "the phone answered by itself"
    assert len(house.people.calls) == 1, "no line without an agent"
    attempt = await house.attempt(TALKS, lambda one: one.joined_at is not None)
    about = f"/api/calls/{attempt.attempt_id}/disposition"
    assert (await house.officer.gets(about))["needed"]
    promised = {"code": "promised_to_file", "promised_on": str(house.installation.now().date())}
    await house.officer.posts(about, promised)
    await house.records()
    await house.agent.hangs_up()
    await person.until_ended(WITHIN)
    attempt = await house.ended(TALKS)
    assert (attempt.outcome, attempt.disposition) == (DialOutcome.TALKED, "promised_to_file")
    assert house.lead(attempt.lead_id) == ("done", "promised_to_file")
    await house.agent.ends_wrap_up()


async def is_recorded(house: House, campaign_id: str) -> None:
    """The one talk was recorded, after the person was told; the reminder without an agent was not."""
    async with asyncio.timeout(SEALED_WITHIN):
        while True:
            (recording,) = await asyncio.to_thread(house.recordings)
            if recording.state is State.SEALED:
                break
            assert recording.state is not State.LOST, recording.cause
            await asyncio.sleep(0.2)
    assert (recording.direction, recording.campaign_id, recording.agent) == ("out", campaign_id, AGENT)
    marks = await asyncio.to_thread(house.marks, recording.recording_id)
    kinds = [mark.kind for mark in marks]
    assert MarkKind.NOTICE in kinds
    assert MarkKind.TALK in kinds


async def nobody_answers(house: House) -> None:
    """Whoever is busy, or does not answer, is left in peace for the time of the rules."""
    busy = await house.ended(IS_BUSY)
    assert (busy.outcome, busy.sip_code) == (DialOutcome.BUSY, BUSY)
    vain = await house.ended(RINGS_IN_VAIN)
    assert (vain.outcome, vain.answered_at) == (DialOutcome.NO_ANSWER, None)
    assert house.lead(busy.lead_id) == ("ready", "busy")
    assert house.lead(vain.lead_id) == ("ready", "no_answer")


async def is_reminded(house: House) -> None:
    """A reminder without an agent: what is one's own is told only to who keys the right number."""
    person = await house.people.called(IS_REMINDED, WITHIN)
    await person.hears("called_by_us", within=WITHIN)
    await person.hears("reminder_filing", within=WITHIN)
    await person.press("1")
    await person.hears("npwp_enter", within=WITHIN)
    await person.press(f"{npwp(TALKS)}#")
    await person.hears("proof_other", within=WITHIN)
    await person.hears("npwp_enter", within=WITHIN)
    assert not {one.name for one in person.heard} & {"duty_filing_year"}, "nothing is proved yet"
    await person.press(f"{npwp(IS_REMINDED)}#")
    await person.hears("duty_filing_year", within=WITHIN)
    await person.hang_up()
    attempt = await house.ended(IS_REMINDED)
    assert (attempt.answered_at is not None, attempt.mode, attempt.joined) == (True, "agentless", "")


async def is_stopped(house: House) -> None:
    """The switch is thrown: what rings is silent at once, who talks goes on, and nobody else is called."""
    ringing = await house.people.called(IS_CANCELLED, WITHIN)
    answered = await house.people.called(IS_REMINDED, WITHIN)
    await answered.until_answered(WITHIN)
    await house.chief.posts("/api/outbound/switch/throw", {"reason": "Contoh gangguan"})
    assert (await ringing.until_ended(WITHIN)).by == "far_end"
    assert answered.ended is None
    attempt = await house.ended(IS_CANCELLED)
    assert (attempt.outcome, attempt.answered_at) == (DialOutcome.CANCELLED, None)
