"""What every record of our calls promises flows: in memory, on SQLite and on PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import pytest
import sqlalchemy as sa

from acd.skills import Tier
from dialer.attempts import Attempt, AttemptLimits, DialOutcome
from dialer.campaigns import CampaignKind, CampaignState, Definition
from dialer.contacts import NPWP_KEY, NUMBER_KEY
from dialer.outcomes import load_outcomes
from domain.calls import Call, CallEvent, EventKind
from domain.campaign_calls import CampaignCalls, CampaignCallsUnavailable, Matter, PlacedCall, VainCall
from domain.ids import new_id
from domain.zones import Zone
from storage.attempts import DurableAttempts
from storage.call_log import DurableCallLog
from storage.campaign_calls import BY_KEYPAD, CampaignCallRecord
from storage.campaign_calls_memory import MemoryCampaignCalls, RememberedCall
from storage.campaign_tables import campaigns, lead_batches, leads
from storage.campaigns import DurableCampaigns
from storage.database import Database
from storage.leads import DurableLeads
from storage.list_tables import contacts, lists
from storage.lists import DurableLists
from storage.suppressions import DurableSuppressions
from storage.survey_marks import SurveyMarks
from storage.tables import UtcTime
from storage.vault import Vault
from tests.postgres import PostgresServer

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY_BEGAN = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
HOUR, AGES_AGO = timedelta(hours=1), NOW - timedelta(days=3000)
AS_OF = date(2026, 11, 1)
NPWP, NUMBER = "3171054501900001", "6281100001234"
FREE = AttemptLimits(90, 90, 90, 90, 90, 90, rest_after_abandoned_hours=0)


@dataclass(frozen=True)
class Made:
    """One call of ours, as a test asks for it."""

    outcome: DialOutcome | None = DialOutcome.NO_ANSWER  # None: it is not over
    kind: CampaignKind = CampaignKind.NON_FILER
    period: str = "2025"
    npwp: str = NPWP
    number: str = NUMBER
    group: str = ""
    at: datetime = NOW - HOUR
    state: CampaignState = CampaignState.RUNNING


class World(Protocol):
    @property
    def calls(self) -> CampaignCalls: ...

    async def make(self, made: Made) -> tuple[str, str]: ...

    async def stopped(self, value: str) -> bool: ...

    def breaks(self) -> None: ...


class MemoryWorld:
    def __init__(self) -> None:
        self._made: list[RememberedCall] = []
        self.calls = MemoryCampaignCalls()

    async def make(self, made: Made) -> tuple[str, str]:
        call_id, code = new_id(), f"{len(self._made):06d}"
        matter = {
            CampaignKind.NON_FILER: Matter.FILING,
            CampaignKind.REMINDER: Matter.PAYMENT if "-" in made.period else Matter.FILING,
            CampaignKind.SURVEY: Matter.SURVEY,
            CampaignKind.CALLBACK: Matter.OTHER,
        }.get(made.kind, Matter.PAYMENT)
        placed = PlacedCall(
            call_id,
            matter,
            made.kind is not CampaignKind.REMINDER,
            made.period,
            AS_OF,
            made.group != "company" and made.npwp[0] != "0",
        )
        self._made.append(
            RememberedCall(
                placed,
                made.npwp,
                made.number,
                code,
                made.at,
                "outbound/B",
                in_vain=made.outcome not in {None, DialOutcome.TALKED, DialOutcome.NOT_IN_SERVICE},
                agents_left=made.state in {CampaignState.RUNNING, CampaignState.PAUSED},
            )
        )
        self.calls = MemoryCampaignCalls(*self._made)
        return call_id, code

    async def stopped(self, value: str) -> bool:
        return value in self.calls.stopped

    def breaks(self) -> None:
        self.calls.broken = True


class DatabaseWorld:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self.attempts = DurableAttempts(database, vault, load_outcomes(), asyncio.get_running_loop())
        self._campaigns = DurableCampaigns(database, lambda _: None)
        self.suppressions = DurableSuppressions(database)
        self.calls = CampaignCallRecord(
            self.attempts,
            self._campaigns,
            DurableLeads(database, vault),
            DurableLists(database, vault),
            self.suppressions,
            vault,
        )
        self._count = 0
        self.broken = False

    async def make(self, made: Made, campaign_id: str = "") -> tuple[str, str]:
        self._count += 1
        definition = Definition(
            "T", made.kind, "non_filer", "outbound_agent", tier=Tier.B, tax_period=made.period
        )
        if not campaign_id:
            campaign_id = (await self._campaigns.create(definition, "staff-1", NOW)).campaign_id
        await self._database.write(lambda c: self._keep(c, made, campaign_id))
        attempt = Attempt(
            new_id(),
            campaign_id,
            self._count,
            self.key(NPWP_KEY + made.npwp),
            self.key(NUMBER_KEY + made.number),
            made.number,
            mode="progressive",
            engine="dialer",
            version=1,
            zone=Zone.WIB.value,
            intended_at=made.at,
        )
        kept = await self.attempts.intend(attempt, FREE, DAY_BEGAN)
        await self.attempts.take("dialer", "process-1", 60)
        assert await self.attempts.sending(attempt.attempt_id, made.at, "process-1")
        if made.outcome is not None:
            assert await self.attempts.ended(attempt.attempt_id, made.outcome, made.at + timedelta(minutes=1))
        return attempt.attempt_id, kept.code

    def key(self, text: str) -> bytes:
        return self._vault.lookup_key(text)[:16]

    def _keep(self, connection: sa.Connection, made: Made, campaign_id: str) -> None:
        """Put a list of one contact and its lead in place, as the loading of lists would."""
        n = self._count
        connection.execute(
            sa.update(campaigns).where(campaigns.c.campaign_id == campaign_id).values(state=made.state.value)
        )
        list_row = {column.name: _nothing(column) for column in lists.columns if not column.nullable}
        list_row |= {"list_id": f"list-{n}", "state": "approved", "requester": "directorate_regular"}
        list_row |= {"cut_off": AS_OF, "expires_on": AS_OF, "reasons": "{}", "sheets": "[]"}
        connection.execute(sa.insert(lists).values(list_row))
        text = json.dumps([made.npwp, "Contoh", [made.number], {}]).encode()
        body = self._vault.seal(text, b"contacts/%d" % n)  # as storage.list_rows keeps it
        connection.execute(
            sa.insert(contacts).values(
                contact_id=n,
                list_id=f"list-{n}",
                row=2,
                taxpayer_key=self.key(NPWP_KEY + made.npwp),
                number_keys=self.key(NUMBER_KEY + made.number),
                zone=Zone.WIB.value,
                taxpayer_group=made.group,
                sealed_body=body,
            )
        )
        batch_row = {column.name: _nothing(column) for column in lead_batches.columns if not column.nullable}
        batch_row |= {"batch_id": n, "campaign_id": campaign_id, "list_id": f"list-{n}", "completed_at": NOW}
        connection.execute(sa.insert(lead_batches).values(batch_row))
        lead_row = {column.name: _nothing(column) for column in leads.columns if not column.nullable}
        lead_row |= {"lead_id": n, "batch_id": n, "contact_id": n, "zone": "wib", "state": "ready"}
        connection.execute(sa.insert(leads).values(lead_row))

    async def stopped(self, value: str) -> bool:
        keys = [self.key(NPWP_KEY + value), self.key(NUMBER_KEY + value)]
        return bool(await self.suppressions.find(keys))

    def breaks(self) -> None:
        self._rename("attempts", "attempts_away")
        self.broken = True

    def mends(self) -> None:
        """The next test has the same database."""
        if self.broken:
            self._rename("attempts_away", "attempts")

    def _rename(self, table: str, name: str) -> None:
        self._database.write_now(lambda c: c.execute(sa.text(f"ALTER TABLE {table} RENAME TO {name}")))


def _nothing(column: "sa.Column[object]") -> object:
    if isinstance(column.type, UtcTime):
        return NOW
    nothing: dict[type, object] = {int: 0, float: 0.0, str: "", bytes: b"", date: AS_OF, bool: False}
    return nothing[column.type.python_type]


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
    marks = SurveyMarks(database)
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
    assert await marks.of_campaign(first) == {"clear": {5: 2}, "easy": {3: 1}}
    assert await marks.of_campaign(last) == {"clear": {1: 1}}
    assert await marks.of_campaign("another") == {}
    await call_log.close()
    await world.attempts.close()
