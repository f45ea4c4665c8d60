"""What every record of our calls promises flows: in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
import sqlalchemy as sa

from dialer.attempts import DialOutcome
from dialer.campaigns import CampaignKind, CampaignState
from dialer.contacts import NUMBER_KEY
from domain.calls import Call, CallEvent, EventKind
from domain.campaign_calls import CampaignCallsUnavailable, Matter, PlacedCall, VainCall
from domain.clock import SystemClock
from domain.ids import new_id
from ivr.campaign_look_ups import CampaignLookUps
from ivr.hours_tables import load_office_hours
from ivr.look_ups import WITHOUT_RECORD, LineHours, look_ups
from service.campaign_part import Names, load_tables, make_campaigns
from service.our_calls import look_ups_of_our_calls
from service.page_ports import OfficeCalendar
from storage.call_log import DurableCallLog
from storage.campaign_calls import BY_KEYPAD
from storage.campaign_tables import leads
from storage.database import Database
from storage.memory import MemoryDirectory
from storage.survey_marks import survey_marks
from storage.vault import Vault
from tests.postgres import PostgresServer
from tests.storage.called_world import (
    AGES_AGO,
    AS_OF,
    HOUR,
    NOW,
    NPWP,
    NUMBER,
    DatabaseWorld,
    Made,
    MemoryWorld,
    World,
)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def world(request: pytest.FixtureRequest, vault: Vault) -> AsyncIterator[World]:
    if request.param == "memory":
        yield MemoryWorld()
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    durable = DatabaseWorld(database, vault)
    yield durable
    durable.mends()
    await durable.attempts.close()
    database.close()


@pytest.mark.parametrize(
    ("made", "matter", "missed", "person"),
    [
        (Made(), Matter.FILING, True, True),
        (Made(kind=CampaignKind.REMINDER), Matter.FILING, False, True),
        (Made(kind=CampaignKind.REMINDER, period="2026-10"), Matter.PAYMENT, False, True),
        (Made(kind=CampaignKind.BILLING, npwp="0012345674123000"), Matter.PAYMENT, True, False),
        (Made(kind=CampaignKind.FIRST_PAYMENT, group="company"), Matter.PAYMENT, True, False),
        (Made(kind=CampaignKind.SURVEY, group="employee"), Matter.SURVEY, True, True),
        (Made(kind=CampaignKind.CALLBACK), Matter.OTHER, True, True),
    ],
)
async def test_a_call_of_ours_is_known_by_its_id(
    world: World, made: Made, matter: Matter, missed: bool, person: bool
) -> None:
    call_id, _ = await world.make(made)
    assert await world.calls.placed(call_id) == PlacedCall(
        call_id, matter, missed, made.period, AS_OF, person
    )
    assert await world.calls.placed(new_id()) is None


async def test_only_the_called_taxpayer_is_the_owner(world: World) -> None:
    call_id, _ = await world.make(Made())
    assert await world.calls.is_owner(call_id, NPWP)
    assert not await world.calls.is_owner(call_id, "3171054501900002")
    assert not await world.calls.is_owner(call_id, "")
    assert not await world.calls.is_owner(new_id(), NPWP)


async def test_the_number_is_not_called_any_more_and_after_proof_nor_is_the_taxpayer(world: World) -> None:
    call_id, _ = await world.make(Made())
    assert await world.calls.stop_calls(call_id, NOW, taxpayer=False)
    assert await world.stopped(NUMBER) and not await world.stopped(NPWP)
    for _ in range(2):
        assert await world.calls.stop_calls(call_id, NOW, taxpayer=True)
    assert await world.stopped(NUMBER) and await world.stopped(NPWP)
    assert not await world.calls.stop_calls(new_id(), NOW, taxpayer=True)


async def test_a_code_leads_to_its_call_while_it_is_remembered(world: World) -> None:
    call_id, code = await world.make(Made())
    (found,) = await world.calls.with_code(code, NOW - 2 * HOUR)
    assert (found.call_id, found.number, found.at) == (call_id, NUMBER, NOW - HOUR)
    assert NUMBER not in repr(found)
    assert await world.calls.with_code(code, NOW) == []
    assert await world.calls.with_code("no code", AGES_AGO) == []


@pytest.mark.parametrize(
    ("outcome", "known"),
    [
        (DialOutcome.ABANDONED, True),
        (DialOutcome.NO_ANSWER, True),
        (DialOutcome.HUNG_UP_EARLY, True),
        (DialOutcome.TALKED, False),
        (DialOutcome.NOT_IN_SERVICE, False),
        (None, False),
    ],
)
async def test_a_call_in_vain_is_known_by_its_number(
    world: World, outcome: DialOutcome | None, known: bool
) -> None:
    call_id, _ = await world.make(Made(outcome))
    expected = VainCall(call_id, "outbound/B", NOW - HOUR) if known else None
    assert await world.calls.in_vain(NUMBER, AGES_AGO) == expected
    assert await world.calls.in_vain("6281100009999", AGES_AGO) is None
    assert await world.calls.in_vain(NUMBER, NOW) is None


async def test_the_newest_call_to_a_number_counts(world: World) -> None:
    await world.make(Made(at=NOW - 3 * HOUR))
    await world.make(Made(DialOutcome.TALKED, at=NOW - 2 * HOUR))
    assert await world.calls.in_vain(NUMBER, AGES_AGO) is None
    newest, _ = await world.make(Made(DialOutcome.BUSY, at=NOW - HOUR))
    found = await world.calls.in_vain(NUMBER, AGES_AGO)
    assert found is not None and found.call_id == newest


@pytest.mark.parametrize("state", [CampaignState.STOPPED, CampaignState.FINISHED])
async def test_nobody_is_led_to_the_agents_of_a_campaign_that_is_over(
    world: World, state: CampaignState
) -> None:
    await world.make(Made(state=state))
    assert await world.calls.in_vain(NUMBER, AGES_AGO) is None


async def test_a_record_that_does_not_answer_says_so(world: World) -> None:
    call_id, code = await world.make(Made())
    world.breaks()
    for asked in (
        world.calls.placed(call_id),
        world.calls.is_owner(call_id, NPWP),
        world.calls.stop_calls(call_id, NOW, taxpayer=False),
        world.calls.with_code(code, AGES_AGO),
        world.calls.in_vain(NUMBER, AGES_AGO),
    ):
        with pytest.raises(CampaignCallsUnavailable) as caught:
            await asked
        assert NUMBER not in str(caught.value) and NPWP not in str(caught.value)


async def test_who_asked_for_a_stop_is_on_record(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    world = DatabaseWorld(database, vault)
    call_id, _ = await world.make(Made())
    await world.calls.stop_calls(call_id, NOW, taxpayer=False)
    (event,) = await world.suppressions.trail(world.key(NUMBER_KEY + NUMBER))
    assert (event.who, event.call_id, event.why, event.at) == (BY_KEYPAD, call_id, "do_not_call", NOW)
    await world.attempts.close()
    database.close()


async def test_a_call_whose_lead_is_gone_is_unavailable_and_not_wrong(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    world = DatabaseWorld(database, vault)
    call_id, _ = await world.make(Made())
    await database.write(lambda c: c.execute(sa.delete(leads)))
    with pytest.raises(CampaignCallsUnavailable):
        await world.calls.placed(call_id)
    assert await world.calls.is_owner(call_id, NPWP)
    await world.attempts.close()
    database.close()


async def test_marks_of_a_survey_are_counted_by_question(database: Database, vault: Vault) -> None:
    world = DatabaseWorld(database, vault)
    first = ""
    given = [{"clear": 5, "easy": 3}, {"clear": 5}, {"clear": 1}]
    call_log = DurableCallLog(database, vault, asyncio.get_running_loop())
    for index, answers in enumerate(given):
        made = Made(npwp=f"317105450190000{index}", number=f"628110000000{index}")
        call_id, _ = await world.make(made, first if index < 2 else "")
        attempt = await world.attempts.get(call_id)
        assert attempt is not None
        last, first = attempt.campaign_id, first or attempt.campaign_id
        call = Call(call_id, f"out-{call_id}", "flow:outbound_reminder", None, "v", NOW)
        rows = [
            CallEvent(call_id, seq, NOW, EventKind.SURVEYED, {"question": question, "mark": str(mark)})
            for seq, (question, mark) in enumerate(answers.items(), start=1)
        ]
        await call_log.open(call, rows)

    def marks_of(campaign_id: str) -> object:
        return database.read_now(lambda connection: survey_marks(connection, campaign_id))

    assert marks_of(first) == {"clear": {5: 2}, "easy": {3: 1}}
    assert marks_of(last) == {"clear": {1: 1}}
    assert marks_of("another") == {}
    await call_log.close()
    await world.attempts.close()


async def test_the_service_answers_flows_out_of_its_records(
    sqlite_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = partial(CampaignLookUps, deadline=60.0)  # on a busy machine too
    monkeypatch.setattr("service.our_calls.CampaignLookUps", patient)
    database = Database.open(sqlite_url)
    world = DatabaseWorld(database, vault)
    clock = SystemClock()
    at = clock.now() - HOUR
    call_id, code = await world.make(Made(DialOutcome.ABANDONED, at=at))
    hours = load_office_hours()
    names = Names.none()
    part = make_campaigns(database, vault, load_tables(), OfficeCalendar(lambda: hours), lambda: names)
    directory = MemoryDirectory([])
    asked = look_ups_of_our_calls(database, vault, world.attempts, part, directory, clock)
    answers = look_ups(LineHours(hours, clock), directory, asked)
    assert set(answers.of_call) == set(WITHOUT_RECORD) and not set(answers.at_once) & set(WITHOUT_RECORD)
    inbound = Call("c" * 32, "c", "1500200", NUMBER, "v", at)
    recognised = await answers.of_call["recognised_call"](inbound, {})
    assert recognised.facts == {"campaign_queue": "outbound/B", "attempt_id": call_id}
    assert (await answers.of_call["verification_code"](inbound, {"code": code})).word == "genuine"
    ours = Call(call_id, f"out-{call_id}", "flow:outbound_reminder", None, "v", at)
    assert (await answers.of_call["called_about"](ours, {})).word == "filing"
    assert (await answers.of_call["owner"](ours, {"npwp": NPWP})).word == "owner"
    told = await answers.of_call["duty"](ours, {"proven": "yes"})
    assert told.facts == {"tax_year": "2025", "deadline": "2026-03-31", "as_of": AS_OF.isoformat()}
    assert (await answers.of_call["stop_calls"](ours, {})).word == "stopped"
    assert await world.stopped(NUMBER)
    await world.attempts.close()
    database.close()
