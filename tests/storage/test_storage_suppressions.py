"""Who must not be called, who has filed or paid, and earlier attempts as the gate sees them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from dialer.attempts import DialOutcome
from dialer.campaigns import Campaign, CampaignKind, CampaignState
from dialer.dry_run import CALLED, DryRun
from dialer.gate import Gate, Standing
from dialer.kinds import OutcomeKind, load_caps, load_kinds
from dialer.leads import LeadsUnavailable
from dialer.lists import ListState
from dialer.outcomes import load_outcomes
from dialer.reasons import WhyNot
from domain.directory import DirectoryUnavailable
from domain.zones import Zone
from storage.attempt_tables import attempts
from storage.campaign_facts import RecordedFacts
from storage.campaign_tables import suppression_events, suppressions, taxpayer_outcomes
from storage.database import Database, DatabaseProblem
from storage.solved import Outcome, OutcomeFeed
from storage.suppressions import DurableSuppressions
from storage.vault import Vault
from tests.storage.campaign_world import CUT_OFF, NINE, CampaignWorld
from tests.unit.dialling_world import Office, key, lead

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NON_FILER, BILLING = CampaignKind.NON_FILER.value, CampaignKind.BILLING.value


@pytest.fixture
def world(database: Database, vault: Vault) -> CampaignWorld:
    return CampaignWorld(database, vault)


async def test_who_is_suppressed_is_found_until_it_is_lifted_and_the_trail_stays(database: Database) -> None:
    book = DurableSuppressions(database)
    await book.add(key("t1"), "do_not_call", "staff-1", NINE, "call-1")
    await book.add(key("n1"), "wrong_number", "staff-1", NINE)
    await book.add(key("n1"), "wrong_number", "staff-2", NINE + DAY)
    asked = [key("t1"), key("n1"), key("n2"), key("t1")]
    assert await book.find(asked) == {key("t1"): "do_not_call", key("n1"): "wrong_number"}
    assert await book.find([]) == {}
    assert await book.counts() == {"do_not_call": 1, "wrong_number": 1}
    await book.remove(key("t1"), "staff-2", NINE + DAY)
    await book.remove(key("t1"), "staff-2", NINE + DAY)
    assert await book.find(asked) == {key("n1"): "wrong_number"}
    steps = [(one.act, one.why, one.who, one.call_id) for one in await book.trail(key("t1"))]
    assert steps == [("added", "do_not_call", "staff-1", "call-1"), ("lifted", "do_not_call", "staff-2", "")]
    assert len(await book.trail(key("n1"))) == 1


async def test_what_a_person_asked_for_is_stronger_than_what_was_found_out(database: Database) -> None:
    book = DurableSuppressions(database)
    await book.add(key("n1"), "wrong_number", "staff-1", NINE)
    await book.add(key("n1"), "do_not_call", "staff-1", NINE)
    await book.add(key("n1"), "wrong_number", "staff-1", NINE)
    assert await book.find([key("n1")]) == {key("n1"): "do_not_call"}
    with pytest.raises(ValueError, match="nobody is suppressed"):
        await book.add(key("n1"), "solved", "staff-1", NINE)


async def test_the_trail_cannot_be_rewritten(database: Database) -> None:
    await DurableSuppressions(database).add(key("t1"), "do_not_call", "staff-1", NINE)
    with pytest.raises(DatabaseProblem, match="append-only"):
        database.write_now(lambda c: c.execute(sa.delete(suppression_events)))


async def test_many_keys_are_asked_in_one_go(database: Database) -> None:
    book = DurableSuppressions(database)
    await book.add(key("t4321"), "do_not_call", "staff-1", NINE)
    assert await book.find([key(f"t{number}") for number in range(5000)]) == {key("t4321"): "do_not_call"}


async def test_whoever_filed_or_paid_since_the_cut_off_is_solved_for_what_the_campaign_is_about(
    database: Database,
) -> None:
    feed = OutcomeFeed(database, load_kinds())
    rows = [
        Outcome(key("t1"), OutcomeKind.FILED, "2025", CUT_OFF),
        Outcome(key("t2"), OutcomeKind.FILED, "2025", CUT_OFF - DAY),
        Outcome(key("t3"), OutcomeKind.PAID, "2026-04", CUT_OFF + DAY),
        Outcome(key("t4"), OutcomeKind.FILED, "2026-04", CUT_OFF + DAY),
    ]
    assert await feed.keep(rows, "djp-online", NINE) == 4
    assert await feed.keep([*rows, replace(rows[0], period="2024")], "djp-online", NINE) == 1
    assert await feed.keep([], "djp-online", NINE) == 0
    contacts = [lead(number).contact for number in range(1, 6)]
    assert await feed.since(contacts, NON_FILER, CUT_OFF) == {key("t1"), key("t4")}
    assert await feed.since(contacts, NON_FILER, CUT_OFF, "2025") == {key("t1")}
    assert await feed.since(contacts, NON_FILER, CUT_OFF - DAY) == {key("t1"), key("t2"), key("t4")}
    assert await feed.since(contacts, BILLING, CUT_OFF) == {key("t3")}
    # A survey is about nothing that could be solved: the directory is not even asked.
    database.write_now(lambda c: taxpayer_outcomes.drop(c))
    try:
        assert await feed.since(contacts, CampaignKind.SURVEY.value, CUT_OFF) == frozenset()
        with pytest.raises(DirectoryUnavailable):
            await feed.since(contacts, NON_FILER, CUT_OFF)
    finally:
        database.write_now(lambda c: taxpayer_outcomes.create(c))


def dial(
    world: CampaignWorld, number: int, taxpayer: bytes, number_key: bytes, *states: str, outcome: str = ""
) -> None:
    """Put an attempt on record that went through these states after its intent."""
    attempt_id, ended = f"{number:032}", NINE - HOUR
    row = {
        "attempt_id": attempt_id, "campaign_id": "c" * 32, "version": 1, "lead_id": 1, "ordinal": 1,
        "taxpayer_key": taxpayer, "number_key": number_key, "sealed_number": b"", "zone": "wib",
        "mode": "progressive", "agent": "", "engine": "e1", "code_key": b"", "sealed_code": b"",
        "intended_at": NINE - HOUR, "state": "intent", "step": 0, "changed_at": NINE,
    }  # fmt: skip
    steps = []
    for step, state in enumerate(states, start=1):
        values: dict[str, object] = {"state": state, "step": step}
        if state in ("ended", "not_sent"):
            values |= {"ended_at": ended, "outcome": outcome}
        steps.append(sa.update(attempts).where(attempts.c.attempt_id == attempt_id).values(**values))

    def keep(connection: sa.Connection) -> None:
        for statement in (sa.insert(attempts).values(**row), *steps):
            connection.execute(statement)

    world.database.write_now(keep)


async def test_the_gate_sees_attempts_to_the_taxpayer_and_to_the_number(world: CampaignWorld) -> None:
    campaign_id = await world.running(1)
    (it,) = await world.leads.lease(campaign_id, set(Zone), NINE, 1, "e1", NINE + HOUR)
    taxpayer, numbers = it.contact.taxpayer_key, it.contact.number_keys
    over = ("dialing", "ended")
    dial(world, 1, taxpayer, numbers[0], *over, outcome=DialOutcome.BUSY.value)
    dial(world, 2, key("other"), numbers[0], *over, outcome=DialOutcome.ABANDONED.value)
    dial(world, 3, taxpayer, key("x"), *over, outcome=DialOutcome.REFUSED_BY_GUARD.value)
    dial(world, 4, taxpayer, key("y"), "not_sent")
    dial(world, 5, key("other"), numbers[1], "dialing")
    dial(world, 6, key("stranger"), key("z"), *over, outcome=DialOutcome.BUSY.value)
    facts = RecordedFacts(world.database, load_outcomes())
    past = (await facts.past([it]))[it.lead_id]
    assert {(one.attempt_id[-1], one.counts) for one in past.taxpayer} == {("1", True), ("3", False)}
    assert {(one.attempt_id[-1], one.rests) for one in past.number} == {("1", False), ("2", True)}
    assert await facts.past([lead(99)]) == {}
    second = (await facts.past([replace(it, number=1)]))[it.lead_id]
    assert [one.ended_at for one in second.number] == [None]


async def test_the_gate_knows_how_lists_stand(world: CampaignWorld) -> None:
    facts = RecordedFacts(world.database, load_outcomes())
    list_id = world.new_list(0, state=ListState.WITHDRAWN, expires_on=date(2026, 7, 1))
    found = (await facts.lists([list_id, "nothing"]))[list_id]
    assert (found.state, found.cut_off, found.expires_on) == (ListState.WITHDRAWN, CUT_OFF, date(2026, 7, 1))


async def test_the_dry_run_of_a_real_campaign_counts_everybody(world: CampaignWorld) -> None:
    campaign_id = await world.running(40)
    campaign: Campaign = await world.campaigns.get(campaign_id)
    feed, book = OutcomeFeed(world.database, load_kinds()), DurableSuppressions(world.database)
    leased = await world.leads.lease(campaign_id, set(Zone), NINE, 40, "e1", NINE + HOUR)
    await feed.keep([Outcome(leased[0].contact.taxpayer_key, OutcomeKind.FILED, "2025", CUT_OFF)], "x", NINE)
    await book.add(leased[1].contact.taxpayer_key, "do_not_call", "staff-1", NINE)
    await book.add(leased[2].contact.number_keys[0], "wrong_number", "staff-1", NINE)
    dial(world, 1, leased[3].contact.taxpayer_key, key("x"), "dialing")
    facts = RecordedFacts(world.database, load_outcomes())
    gate = Gate(facts, book, feed, load_caps(), Office())
    report = await DryRun(gate, facts, world.leads, Office()).run(campaign, NINE)
    assert report.refused == {
        WhyNot.SOLVED: 1,
        WhyNot.DO_NOT_CALL: 1,
        WhyNot.WRONG_NUMBER: 1,
        WhyNot.BEING_CALLED: 1,
    }
    assert (report.called, report.leads) == (36, 40)
    assert len(report.examples[CALLED]) == 20
    running = replace(campaign, state=CampaignState.RUNNING)
    answers = await gate.judge(running, leased, Standing(NINE, killed=False, ready=True))
    told = {one.why for one in answers.values() if one is not None}
    assert told == set(report.refused)


async def test_a_record_that_is_gone_stops_the_gate(world: CampaignWorld) -> None:
    world.database.write_now(lambda c: suppressions.drop(c))
    try:
        with pytest.raises(LeadsUnavailable):
            await DurableSuppressions(world.database).find([key("t1")])
    finally:
        world.database.write_now(lambda c: suppressions.create(c))
