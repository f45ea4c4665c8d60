"""What every watch over matters promises: in memory, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.base import Executable

from desk.cases import load_cases, move_case, open_case
from desk.complaint_referrals import Wish, answer, refer, referral_signals
from desk.complaints import file_complaint, load_complaints, move_complaint
from desk.matters import MatterBook, MatterChanged, MatterKind, Moved
from desk.matters_assignment import Burden
from desk.matters_proof import AskedProof, ProofBook, ProofOutcome
from desk.matters_watch import MatterWatch, Reached
from desk.matters_work import Means, Signal, SignalKind, load_work
from desk.standing import Rung
from domain.ids import new_id
from storage.database import Database, DatabaseProblem
from storage.matter_proofs import DurableProofBook
from storage.matter_watch import DurableMatterWatch
from storage.matter_watch_memory import MemoryMatterWatch, MemoryProofBook
from storage.matter_work_tables import matter_proofs, matter_signals
from storage.matters import DurableMatters
from storage.matters_memory import MemoryMatters
from storage.vault import Vault
from tests.postgres import PostgresServer
from tests.unit.matter_world import AGENT, COLLEAGUE, MONDAY, NUMBER, TAXPAYER, Office, act, origin

CASES, COMPLAINTS, OFFICE = load_cases(), load_complaints(), Office()
RULE = load_work().versions[-1]
DAY = timedelta(days=1)
WORK = frozenset({MatterKind.CASE, MatterKind.COMPLAINT})
EVERYBODY = Reached()


@dataclass(frozen=True)
class Kept:
    """A watch, its book, and its proofs."""

    watch: MatterWatch
    book: MatterBook
    proofs: ProofBook


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kept(request: pytest.FixtureRequest, vault: Vault) -> Iterator[Kept]:
    if request.param == "memory":
        memory = MemoryMatters()
        yield Kept(MemoryMatterWatch(memory), memory, MemoryProofBook())
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    yield Kept(
        DurableMatterWatch(database), DurableMatters(database, vault), DurableProofBook(database, vault)
    )
    database.close()


def case(days: int = 0) -> Moved:
    given = {"ne_reason": "abroad", "contact": NUMBER, "contact_name": "Contoh Rahasia"}
    return open_case(CASES, OFFICE, origin(Rung.FULL, MONDAY + days * DAY), "non_effective", given, {})


def complaint() -> Moved:
    said = {"reporter": "Contoh Pelapor", "contact": NUMBER, "what": "Antrean"}
    return file_complaint(COMPLAINTS, OFFICE, origin(Rung.ANONYMOUS), "service", said)


async def test_a_signal_is_raised_once_and_stands_until_its_step_is_over(kept: Kept) -> None:
    matter = await kept.book.open(complaint())
    due = matter.due_on
    assert due is not None
    early = Signal(matter.matter_id, SignalKind.REMINDER, matter.state, due)
    late = replace(early, kind=SignalKind.OVERDUE)
    assert await kept.watch.raise_signals([early], MONDAY) == [early]
    assert await kept.watch.raise_signals([early, late], MONDAY) == [late]
    [stands] = await kept.watch.standing_signals(EVERYBODY, AGENT)
    assert (stands.signal, stands.raised_at) == (late, MONDAY)
    assert (stands.matter.code, dict(stands.matter.body)) == (matter.code, {})
    assert await kept.watch.standing_signals(Reached(team="beta")) == []
    assert await kept.watch.standing_signals(Reached(assignee=AGENT)) == []
    await kept.watch.saw([stands.signal_id, "unknown"], AGENT, MONDAY)
    await kept.watch.saw([stands.signal_id], AGENT, MONDAY)
    assert await kept.watch.standing_signals(EVERYBODY, AGENT) == []  # nor the lesser one
    assert len(await kept.watch.standing_signals(EVERYBODY, COLLEAGUE)) == 1
    await kept.book.change(move_complaint(COMPLAINTS, OFFICE, matter, "withdraw", act()))
    assert await kept.watch.standing_signals(EVERYBODY) == []


async def test_the_clock_of_a_disposition_rings_beside_that_of_the_step_until_it_is_answered(
    kept: Kept,
) -> None:
    made = complaint()
    matter = await kept.book.open(made)
    asked = act(MONDAY, note="Rahasia")
    sent = refer(RULE, OFFICE, matter, [made.event], "klip", Wish("kpp", "KPP Contoh", 1), asked)
    matter = await kept.book.change(sent)
    assert [one.matter.matter_id for one in await kept.watch.disposed()] == [matter.matter_id]
    [story] = await kept.watch.disposed(most=1)
    assert [(event.what, event.note) for event in story.trail] == [("referred", "")]
    assert await kept.watch.disposed(after=matter.matter_id) == []
    raised = referral_signals(RULE, OFFICE, story.matter, story.trail, MONDAY + 2 * DAY)
    assert len(await kept.watch.raise_signals(raised, MONDAY)) == 1
    assert await kept.watch.raise_signals(raised, MONDAY) == []
    assert matter.due_on is not None
    own = Signal(matter.matter_id, SignalKind.REMINDER, matter.state, matter.due_on)
    await kept.watch.raise_signals([own], MONDAY)
    first, second = await kept.watch.standing_signals(EVERYBODY, AGENT)
    assert (first.signal.due_on, second.signal) == (date(2025, 6, 3), own)
    assert first.referral is not None
    assert (first.referral.to_unit, first.referral.unit_name, first.referral.question) == (
        "kpp",
        "KPP Contoh",
        "",
    )
    assert second.referral is None
    assert [one.signal for one in await kept.watch.standing_signals(EVERYBODY, most=1)] == [first.signal]
    assert await kept.watch.standing_signals(Reached(team="beta")) == []
    await kept.watch.saw([first.signal_id], AGENT, MONDAY)
    assert [one.signal for one in await kept.watch.standing_signals(EVERYBODY, AGENT)] == [own]
    trail = await kept.book.trail(matter.matter_id)
    await kept.book.change(answer(matter, trail, sent.event.number, act(note="Sudah")))
    assert [one.signal for one in await kept.watch.standing_signals(EVERYBODY)] == [own]


async def test_clocks_that_end_by_a_day_come_page_by_page_without_what_was_said(kept: Kept) -> None:
    matters = [await kept.book.open(one) for one in (case(), case(), case(days=7))]
    await kept.book.change(move_case(OFFICE, matters[0], "withdraw", act()))
    until = date(2025, 6, 30)
    found = await kept.watch.clocks(until)
    assert [one.matter_id for one in found] == sorted(one.matter_id for one in matters[1:])
    assert all(not one.body for one in found)
    assert await kept.watch.clocks(until, found[0].matter_id, most=1) == [found[1]]
    assert await kept.watch.clocks(date(2025, 6, 1)) == []


async def test_what_everybody_has_to_do_and_when_they_were_last_given_something(kept: Kept) -> None:
    one, two, three = [await kept.book.open(made) for made in (case(), case(), case(days=21))]
    await kept.book.change(move_case(OFFICE, one, "assign", act(who="c" * 32), COLLEAGUE))
    await kept.book.change(move_case(OFFICE, two, "take", act(MONDAY + DAY)))
    await kept.book.change(move_case(OFFICE, three, "assign", act(MONDAY + 2 * DAY), COLLEAGUE))
    assert two.due_on is not None
    burdens = await kept.watch.burdens(two.due_on + DAY)
    assert burdens == {
        COLLEAGUE: Burden(2, 1, MONDAY + 2 * DAY),
        AGENT: Burden(1, 1, MONDAY + DAY),
    }
    counts = await kept.watch.open_by_step(EVERYBODY, two.due_on + DAY)
    assert counts == {("case", "assigned"): (2, 1), ("case", "working"): (1, 1)}
    assert await kept.watch.open_by_step(Reached(assignee=AGENT), two.due_on) == {("case", "working"): (1, 0)}


async def test_what_nobody_has_waits_the_longest_first(kept: Kept) -> None:
    first, second, taken = [await kept.book.open(made) for made in (case(), case(days=1), case())]
    await kept.book.change(move_case(OFFICE, taken, "take", act()))
    await kept.book.open(complaint())
    kinds = [MatterKind.CASE]
    found = await kept.watch.unassigned(kinds, MONDAY + DAY)
    assert [one.matter_id for one in found] == [first.matter_id, second.matter_id]
    assert [one.matter_id for one in await kept.watch.unassigned(kinds, MONDAY)] == [first.matter_id]
    assert len(await kept.watch.unassigned([MatterKind.COMPLAINT], MONDAY, most=1)) == 1


async def test_stories_are_those_of_matters_open_in_a_span(kept: Kept) -> None:
    old, new = [await kept.book.open(made) for made in (case(), case(days=7))]
    await kept.book.change(move_case(OFFICE, old, "withdraw", act(MONDAY + DAY, note="rahasia")))
    found = await kept.watch.stories(WORK, MONDAY, MONDAY + 8 * DAY)
    assert [story.matter.matter_id for story in found] == [old.matter_id, new.matter_id]
    assert [event.what for event in found[0].trail] == ["opened", "withdraw"]
    assert {event.note for event in found[0].trail} == {""}
    assert await kept.watch.stories(WORK, MONDAY, MONDAY + 8 * DAY, team="beta") == []
    later = await kept.watch.stories(WORK, MONDAY + 2 * DAY, MONDAY + 8 * DAY)
    assert [story.matter.matter_id for story in later] == [new.matter_id]
    assert await kept.watch.stories({MatterKind.COMPLAINT}, MONDAY, MONDAY + 8 * DAY) == []


async def test_of_two_tries_at_a_proof_one_is_told_to_look_again(kept: Kept) -> None:
    proof = AskedProof(
        new_id(), "call-1", TAXPAYER, Means.OTP, MONDAY, AGENT, MONDAY + DAY, "ref-1", simulated=True
    )
    await kept.proofs.add(proof)
    await kept.proofs.add(replace(proof, proof_id=new_id(), call_id="call-2"))
    assert await kept.proofs.of_call("call-1") == [proof]
    after = replace(proof, tries=1, outcome=ProofOutcome.VALID, decided_at=MONDAY)
    await kept.proofs.decide(proof, after)
    with pytest.raises(MatterChanged):
        await kept.proofs.decide(proof, after)
    assert await kept.proofs.of_call("call-1") == [after]


async def test_signals_are_append_only_and_references_are_sealed(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    watch, proofs = DurableMatterWatch(database), DurableProofBook(database, vault)
    await watch.raise_signals([Signal("m" * 32, SignalKind.OVERDUE, "answer", MONDAY.date())], MONDAY)
    for change in (sa.delete(matter_signals), sa.update(matter_signals).values(kind="reminder")):
        with pytest.raises(DatabaseProblem):
            database.write_now(change_by(change))
    proof = AskedProof(
        new_id(), "call-1", TAXPAYER, Means.OTP, MONDAY, AGENT, MONDAY + DAY, "code 4711", simulated=True
    )
    await proofs.add(proof)
    sealed = sa.select(matter_proofs.c.sealed_reference)
    [row] = database.read_now(lambda connection: connection.execute(sealed).all())
    assert b"4711" not in row[0]
    database.close()


def change_by(change: Executable) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(change)
