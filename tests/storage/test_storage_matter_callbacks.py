"""Promises that the dialer makes, on a database: handed over once, followed to the end, given back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from desk.cases import move_case, open_case
from desk.complaint_steps import STEPS
from desk.complaints import complete, file_complaint, move_complaint
from desk.matter_codes import new_code
from desk.matter_rules import MatterRules
from desk.matters import Matter, MatterRefused
from desk.matters_callbacks import Purpose
from desk.matters_callbacks_table import load_callbacks
from desk.promises import Owner, make_promise, promise_result
from desk.standing import Rung
from dialer.campaigns import CampaignState
from dialer.disposed import NO_DISPOSITION
from dialer.dispositions import load_dispositions
from dialer.kinds import load_kinds
from dialer.leads import FollowUp, LeadState
from domain.directory import Taxpayer
from domain.ids import new_id
from domain.zones import Zone
from service.matter_callbacks import CORRECTED_WITHIN, CallbackStands, MatterCallbacks
from service.matter_campaigns import CampaignStands, MatterCampaigns
from storage.campaign_tables import lead_batches, leads
from storage.campaigns import DurableCampaigns
from storage.database import Database
from storage.leads import DurableLeads
from storage.list_known import KeysInUse
from storage.lists import DurableLists
from storage.matter_callbacks import DurableMatterCallbacks
from storage.matter_work_tables import matter_callbacks
from storage.matters import DurableMatters
from storage.outbound_tables import outbound_dispositions
from storage.vault import Vault
from tests.postgres import PostgresServer
from tests.unit.matter_world import AGENT, MONDAY, TAXPAYER, Office, act, origin

RULES = MatterRules.load(Office())
NUMBER, CHIEF = "628110000123", "e" * 32
NPWP = "0" * 12 + "4321"
WHOLE = {"unit": "KPP", "happened_on": "2025-05-30", "where": "Loket", "wish": "Loket", "evidence": "Foto"}
HOUR = timedelta(hours=1)
LATE = MONDAY + timedelta(days=3)


@dataclass
class Watch:
    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


class Register:
    async def by_id(self, taxpayer_id: str) -> Taxpayer | None:
        return Taxpayer(TAXPAYER, NPWP, "Contoh", resident_person=True, active=True)


@dataclass
class World:
    """Callbacks on a database, and what stands behind them."""

    database: Database
    vault: Vault
    watch: Watch = field(default_factory=Watch)

    def __post_init__(self) -> None:
        self.book = DurableMatters(self.database, self.vault)
        self.kept = DurableMatterCallbacks(self.database, self.vault, self.book)
        self.store = DurableCampaigns(self.database, lambda _: None)
        self.leads = DurableLeads(self.database, self.vault)
        dispositions = load_dispositions()
        self.campaigns = MatterCampaigns(
            CampaignStands(
                self.database, self.vault, self.kept, self.store, DurableLists(self.database, self.vault),
                load_kinds(), dispositions, RULES.promises, load_callbacks(), self.watch,
            )
        )  # fmt: skip
        self.callbacks = MatterCallbacks(
            CallbackStands(
                self.book, self.kept, self.store, RULES, Register(), dispositions, self.watch  # type: ignore[arg-type]
            )
        )  # fmt: skip

    async def confirmation(self) -> tuple[Matter, Matter]:
        """Put a complaint that is at its final confirmation on record, with the promise to the reporter."""
        said = {"reporter": "Contoh Pelapor", "contact": NUMBER, "what": "Antrean"}
        made = file_complaint(RULES.complaints, RULES.calendar, origin(Rung.ANONYMOUS), "service", said)
        await self.book.open(made)
        matter = await self.book.change(complete(RULES.complaints, made.matter, WHOLE, act()))
        for _ in range(STEPS.index("confirmation")):
            step = move_complaint(RULES.complaints, RULES.calendar, matter, "forward", act())
            matter = await self.book.change(step)
        told = promise_result(
            RULES.promises, RULES.calendar, matter, new_id(), new_code(), act(note="Petugas ditegur")
        )
        return matter, await self.book.open(told)

    async def result(self) -> tuple[Matter, Matter]:
        """Put a case that is done on record, with the promise to tell the taxpayer."""
        given = {"ne_reason": "abroad", "contact": NUMBER, "contact_name": "Contoh"}
        known = {"address": "Jalan Contoh 7"}
        case = await self.book.open(
            open_case(RULES.cases, RULES.calendar, origin(), "non_effective", given, known)
        )
        case = await self.book.change(move_case(RULES.calendar, case, "take", act()))
        case = await self.book.change(move_case(RULES.calendar, case, "finish", act(note="Selesai")))
        told = promise_result(RULES.promises, RULES.calendar, case, new_id(), new_code(), act(note="Selesai"))
        return case, await self.book.open(told)

    async def promise(self, owner: Owner = Owner.ANYONE) -> Matter:
        """Put a promise to call back on record."""
        made = make_promise(
            RULES.promises, RULES.calendar, origin(), at=MONDAY + HOUR, zone=Zone.WIB, owner=owner,
            number=NUMBER, confirmed=True, texts={"name": "Contoh", "about": "Jawaban"},
        )  # fmt: skip
        return await self.book.open(made)

    async def disposed(self, lead_id: int, code: str) -> None:
        """Let an agent's call with a lead end with a disposition."""
        row = {
            "call_id": new_id(), "number": 1, "attempt_id": new_id(), "campaign_id": "c", "lead_id": lead_id,
            "at": self.watch.now(), "done_by": AGENT, "agent": "90000001", "code": code, "owner": "",
        }  # fmt: skip
        await self.database.write(lambda one: one.execute(sa.insert(outbound_dispositions).values(row)))
        await self.leads.settle(lead_id, FollowUp(LeadState.DONE, self.watch.now(), code))

    async def put_off(self, lead_id: int, until: datetime, why: str) -> None:
        """Let the gate say that a lead is not called before a time."""
        of_lead = sa.update(leads).where(leads.c.lead_id == lead_id)
        await self.database.write(lambda one: one.execute(of_lead.values(due_at=until, reason=why)))

    async def look(self, later: timedelta = timedelta()) -> None:
        self.watch.at += later
        await self.callbacks.look()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def world(request: pytest.FixtureRequest, vault: Vault) -> AsyncIterator[World]:
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    yield World(database, vault)
    database.close()


async def test_a_confirmation_is_called_and_what_was_said_moves_the_complaint(world: World) -> None:
    complaint, promise = await world.confirmation()
    await world.look()
    assert await world.kept.running() == []  # nobody switched it on
    await world.campaigns.switch_on(CHIEF)
    await world.look()
    await world.look()  # handed over once
    [handed] = await world.kept.running()
    assert (handed.promise_id, handed.purpose) == (promise.matter_id, Purpose.CONFIRMATION)
    assert await world.kept.of_lead(handed.lead_id) == handed
    [lead] = await world.leads.lease(handed.campaign_id, [Zone.UNKNOWN], LATE, 5, "engine", LATE + HOUR)
    assert (lead.due_at, lead.promised, lead.owner) == (promise.due_at, True, "")
    person = lead.contact.person
    assert (person.numbers, person.npwp, person.fields["perihal"]) == ((NUMBER,), "", "Petugas ditegur")
    assert person.fields["kode_perkara"] == f"{complaint.code[:4]}-{complaint.code[4:]}"
    await world.disposed(lead.lead_id, "settled")
    await world.look()
    assert len(await world.kept.running()) == 1  # the agent may still correct it
    await world.look(CORRECTED_WITHIN)
    assert await world.kept.running() == []
    kept, moved = await world.book.get(promise.matter_id), await world.book.get(complaint.matter_id)
    assert (kept.state, "dialer" in kept.words) == ("kept", False)
    assert moved.state == "outcome_validation"
    last = (await world.book.trail(complaint.matter_id))[-1]
    assert (last.who, last.words) == (AGENT, {"result": "settled"})


async def test_a_reporter_who_is_not_reached_leaves_it_to_the_validation(world: World) -> None:
    complaint, promise = await world.confirmation()
    await world.campaigns.switch_on(CHIEF)
    await world.look()
    [handed] = await world.kept.running()
    await world.leads.settle(handed.lead_id, FollowUp(LeadState.DONE, world.watch.now(), "no_answer"))
    await world.look(CORRECTED_WITHIN)
    assert (await world.book.get(promise.matter_id)).state == "given_up"
    last = (await world.book.trail(complaint.matter_id))[-1]
    assert (last.state, last.who, last.words) == ("outcome_validation", "system", {"result": "not_reached"})


@pytest.mark.parametrize(
    ("code", "result", "told", "letter"),
    [
        ("answered", "reached", "told", False),
        ("refused", "declined", "not_told", True),
        ("do_not_call", "not_reached", "not_told", True),
        ("wrong_number", "not_reached", "not_told", True),
    ],
)
async def test_a_cases_result_that_nobody_heard_becomes_a_letter_at_once(
    world: World, code: str, result: str, told: str, letter: bool
) -> None:
    case, promise = await world.result()
    await world.campaigns.switch_on(CHIEF)
    await world.look()
    [handed] = await world.kept.running()
    assert handed.purpose is Purpose.RESULT
    await world.disposed(handed.lead_id, code)
    await world.look(CORRECTED_WITHIN)
    await world.look()  # one letter, not two
    trail = await world.book.trail(case.matter_id)
    assert (trail[-1].what, dict(trail[-1].words)) == (told, {"result": result, "disposition": code})
    assert (await world.book.get(promise.matter_id)).state == ("given_up" if letter else "kept")
    found = [one for one in await world.book.of_call(case.call_id) if one.topic == "written_notice"]
    assert [(one.parent, one.state, one.body["about"]) for one in found] == (
        [(case.matter_id, "open", "Selesai")] if letter else []
    )
    for one in found:
        [opened] = await world.book.trail(one.matter_id)
        assert (opened.who, dict(opened.words)) == ("system", {"disposition": code})


async def test_each_call_in_vain_is_on_the_trail_with_when_it_is_due_again(world: World) -> None:
    _, promise = await world.confirmation()
    await world.campaigns.switch_on(CHIEF)
    await world.look()
    [handed] = await world.kept.running()
    made = sa.select(lead_batches.c.leads).where(lead_batches.c.campaign_id == handed.campaign_id)
    assert world.database.read_now(lambda one: one.execute(made).scalar_one()) == 1
    for call in (1, 2):
        again = world.watch.now() + 3 * HOUR
        await world.leads.settle(handed.lead_id, FollowUp(LeadState.READY, again, "no_answer"))
        await world.look()
        await world.look()  # told once
        now = await world.book.get(promise.matter_id)
        assert (now.state, now.due_at, now.attempts) == ("open", again, call)
    capped = again + 5 * HOUR
    await world.put_off(handed.lead_id, capped, "cap_24h")
    await world.look()
    await world.look()
    assert (await world.book.get(promise.matter_id)).due_at == capped
    await world.leads.settle(handed.lead_id, FollowUp(LeadState.DONE, world.watch.now(), "no_answer"))
    await world.look()  # nobody spoke: there is nothing to correct
    over = await world.book.get(promise.matter_id)
    assert (over.state, over.attempts, set(over.words)) == ("given_up", 3, {"zone", "owner", "place"})
    trail = await world.book.trail(promise.matter_id)
    assert [(event.what, event.words.get("disposition")) for event in trail] == [
        ("opened", None), ("handed_over", None), ("tried", "no_answer"), ("tried", "no_answer"),
        ("put_off", "cap_24h"), ("give_up", "no_answer"),
    ]  # fmt: skip


async def test_a_stopped_campaign_gives_promises_back_and_they_are_handed_over_anew(world: World) -> None:
    await world.campaigns.switch_on(CHIEF)
    promise, mine = await world.promise(), await world.promise(Owner.MINE)
    await world.look()
    [first] = await world.kept.running()
    assert (first.promise_id, first.purpose) == (promise.matter_id, Purpose.FOLLOW_UP)
    assert (await world.book.get(mine.matter_id)).version == 1  # an agent's own stays the agent's
    await world.campaigns.switch_off(CHIEF)
    await world.look()
    assert await world.kept.running() == []
    assert "dialer" not in (await world.book.get(promise.matter_id)).words
    assert (await world.leads.get(first.lead_id)).state is LeadState.DONE
    await world.campaigns.switch_on(CHIEF)
    await world.look()
    [second] = await world.kept.running()
    assert (second.round, second.lead_id) == (2, first.lead_id + 1)
    assert [one.round for one in await world.kept.of_promise(promise.matter_id)] == [1, 2]
    assert [event.what for event in await world.book.trail(promise.matter_id)] == [
        "opened", "handed_over", "taken_back", "handed_over",
    ]  # fmt: skip


async def test_a_list_that_is_over_gives_promises_back(world: World) -> None:
    await world.campaigns.switch_on(CHIEF)
    promise = await world.promise()
    await world.look()
    await world.look(timedelta(days=900))
    assert await world.kept.running() == []
    assert "dialer" not in (await world.book.get(promise.matter_id)).words
    assert {one.state for one in await world.campaigns.standing()} == {"off"}


async def test_a_talk_that_nobody_spoke_of_goes_back_to_people(world: World) -> None:
    await world.campaigns.switch_on(CHIEF)
    promise = await world.promise()
    await world.look()
    [handed] = await world.kept.running()
    await world.disposed(handed.lead_id, NO_DISPOSITION)
    await world.look(CORRECTED_WITHIN)
    back = await world.book.get(promise.matter_id)
    assert (back.state, back.closed_at) == ("open", None)


async def test_it_is_switched_on_once_and_goes_on_when_nobody_was_left(world: World) -> None:
    await world.campaigns.switch_on(CHIEF)
    await world.campaigns.switch_on(CHIEF)
    standing = await world.campaigns.standing()
    assert [(one.purpose, one.state, one.running) for one in standing] == [
        (purpose, "running", 0) for purpose in Purpose
    ]
    assert len(await world.store.all()) == len(Purpose)
    for campaign in await world.store.all():
        await world.store.move(campaign.campaign_id, CampaignState.FINISHED, "system", MONDAY)
    await world.promise()
    await world.look()
    await world.look()
    states = {one.purpose: one.state for one in await world.campaigns.standing()}
    assert states[Purpose.FOLLOW_UP] == "running"
    assert states[Purpose.RESULT] == "finished"
    await world.campaigns.switch_off(CHIEF)
    await world.look()
    await world.look()  # nothing is handed over
    assert {one.state for one in await world.campaigns.standing()} == {"stopped"}
    assert await world.kept.running() == []


async def test_the_service_does_not_approve_its_own_list(world: World) -> None:
    with pytest.raises(MatterRefused, match="callbacks_refused"):
        await world.campaigns.switch_on("system")


async def test_who_is_called_back_may_be_on_another_list_as_well(world: World) -> None:
    await world.campaigns.switch_on(CHIEF)
    await world.promise()
    await world.look()
    key = world.vault.lookup_key(f"npwp:{NPWP}")[:16]
    [handed] = await world.kept.running()
    assert (await world.leads.get(handed.lead_id)).contact.taxpayer_key == key
    assert KeysInUse(world.database, MONDAY.date()).find([key]) == frozenset()
    rows = sa.select(matter_callbacks.c.settled_at)
    assert world.database.read_now(lambda one: one.execute(rows).scalars().all()) == [None]
