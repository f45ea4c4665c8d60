"""What calls proved, profiles of the register and calls' stories, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from desk.card import LiveCall, StoryUnavailable, Tree
from desk.proof import ActKind, Holder, Outcome, ProofAct, ProofConflict, ProofsUnavailable, Relation
from desk.proof_desk import ProofDesk, ProvedStandings
from desk.proof_rules import load_proof_tables
from desk.standing import Rung
from domain.audit import AuditRow
from domain.calls import Call, CallEvent, EventKind
from domain.clock import SystemClock
from domain.directory import DirectoryUnavailable, ProofItem
from domain.floor_log import EntryRow, FloorRow, LegRow, Phase
from storage.call_stories import DurableStories
from storage.callbacks import DurableCallbacks
from storage.database import Database, DatabaseProblem
from storage.directory import DatabaseDirectory
from storage.floor_rows import table_row
from storage.proof_tables import proof_acts, taxpayer_profiles
from storage.proofs import DurableProofs
from storage.rows import Rows
from storage.synthetic import synthetic_taxpayers
from storage.synthetic_profiles import synthetic_record
from storage.tables import call_events, calls, metadata
from storage.vault import Vault

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
CALL = "c" * 32
ACT = ProofAct(
    CALL, 1, NOW, "s" * 32, ActKind.VALIDATION, "caller", Outcome.MATCHED, "synthetic-0001", Holder.PERSON
)


async def test_acts_are_kept_in_order_and_come_back_as_they_were(database: Database, vault: Vault) -> None:
    proofs = DurableProofs(database, vault)
    item = replace(ACT, seq=2, kind=ActKind.ITEM, detail="efin", outcome=Outcome.NOT_MATCHED)
    note = ProofAct(CALL, 3, NOW, "t" * 32, ActKind.RECEIVER, "self", Outcome.NOTED)
    for act in (ACT, item, note, replace(ACT, call_id="d" * 32)):
        await proofs.append(act)
    assert await proofs.acts(CALL) == [ACT, item, note]
    assert await proofs.acts("e" * 32) == []


async def test_of_two_acts_at_one_place_the_first_is_kept(database: Database, vault: Vault) -> None:
    proofs = DurableProofs(database, vault)
    await proofs.append(ACT)
    for other in (replace(ACT, outcome=Outcome.NOT_MATCHED), replace(ACT, seq=3)):
        with pytest.raises(ProofConflict):
            await proofs.append(other)
    assert await proofs.acts(CALL) == [ACT]


@pytest.mark.parametrize("statement", ["UPDATE proof_acts SET outcome = 'matched'", "DELETE FROM proof_acts"])
async def test_the_record_of_proofs_is_append_only(database: Database, vault: Vault, statement: str) -> None:
    proofs = DurableProofs(database, vault)
    await proofs.append(replace(ACT, outcome=Outcome.NOT_MATCHED))
    with pytest.raises(DatabaseProblem, match="append-only"):
        database.write_now(lambda connection: connection.execute(sa.text(statement)))
    assert [act.outcome for act in await proofs.acts(CALL)] == [Outcome.NOT_MATCHED]


async def test_whose_data_was_asked_about_is_sealed_and_can_be_found(
    database: Database, vault: Vault
) -> None:
    await DurableProofs(database, vault).append(ACT)
    row = database.read_now(lambda connection: connection.execute(sa.select(proof_acts)).one())
    assert b"synthetic" not in bytes(row.sealed_taxpayer)
    assert bytes(row.taxpayer_lookup) == vault.lookup_key("synthetic-0001")


async def test_proofs_that_cannot_be_kept_say_so(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    database.write_now(lambda connection: connection.execute(sa.text("DROP TABLE proof_acts")))
    proofs = DurableProofs(database, vault)
    with pytest.raises(ProofsUnavailable):
        await proofs.append(ACT)
    with pytest.raises(ProofsUnavailable):
        await proofs.acts(CALL)
    database.close()


# ---- The register


async def test_the_register_holds_a_profile_of_everybody(database: Database, vault: Vault) -> None:
    directory, people = DatabaseDirectory(database, vault), synthetic_taxpayers(20)
    directory.fill_if_empty(people)
    for person in people:
        taxpayer_id = person.taxpayer.taxpayer_id
        assert await directory.by_id(taxpayer_id) == person.taxpayer
        assert await directory.profile(taxpayer_id) == synthetic_record(person).profile
    assert await directory.by_id("synthetic-9999") is None
    assert await directory.profile("synthetic-9999") is None


async def test_a_register_of_before_gets_its_profiles(database: Database, vault: Vault) -> None:
    directory, people = DatabaseDirectory(database, vault), synthetic_taxpayers(20)
    directory.fill_if_empty(people)
    database.write_now(lambda connection: connection.execute(sa.delete(taxpayer_profiles)))
    assert directory.fill_if_empty(people) == 0
    last = people[-1]
    assert await directory.profile(last.taxpayer.taxpayer_id) == synthetic_record(last).profile


async def test_answers_are_compared_and_not_told(database: Database, vault: Vault) -> None:
    directory, people = DatabaseDirectory(database, vault), synthetic_taxpayers(8)
    directory.fill_if_empty(people)
    for person in people:
        taxpayer_id, record = person.taxpayer.taxpayer_id, synthetic_record(person)
        shown = record.profile
        held = {
            **record.secrets,
            ProofItem.NAME: person.taxpayer.name,
            ProofItem.ADDRESS: shown.address,
            ProofItem.PHONE: shown.phone,
            ProofItem.EMAIL: shown.email,
            ProofItem.REPRESENTATIVE: shown.representative,
            ProofItem.BIRTH_DATE: f"{shown.born_on:%d-%m-%Y}" if shown.born_on else "",
            ProofItem.REGISTERED_ON: f"{shown.registered_on:%d-%m-%Y}",
        }
        for item, value in held.items():
            if value:
                assert await directory.matches(taxpayer_id, item, value), item
                assert await directory.matches(taxpayer_id, item, _OTHER[item]) is False, item
            else:
                assert await directory.matches(taxpayer_id, item, _OTHER[item]) is None, item


_OTHER = {
    ProofItem.NAME: "Orang Lain",
    ProofItem.EFIN: "1234567890",
    ProofItem.AUTHORISATION_CODE: "LAIN01",
    ProofItem.MOTHER_NAME: "Orang Lain",
    ProofItem.ADDRESS: "Jalan Lain 1",
    ProofItem.PHONE: "0811999999",
    ProofItem.EMAIL: "lain@contoh.invalid",
    ProofItem.REPRESENTATIVE: "Orang Lain",
    ProofItem.BIRTH_DATE: "01-01-1901",
    ProofItem.REGISTERED_ON: "01-01-1901",
}


async def test_nothing_of_a_profile_is_in_the_database_in_clear(database: Database, vault: Vault) -> None:
    people = synthetic_taxpayers(10)
    DatabaseDirectory(database, vault).fill_if_empty(people)
    rows = database.read_now(lambda connection: connection.execute(sa.select(taxpayer_profiles)).all())
    stored = b"".join(bytes(row.sealed_profile) + bytes(row.sealed_secrets) for row in rows)
    for person in people:
        record = synthetic_record(person)
        for value in (record.profile.address, record.profile.phone, *record.secrets.values()):
            assert value.encode() not in stored


def test_made_up_profiles_are_plainly_nobodys_and_fit_the_person() -> None:
    for person in synthetic_taxpayers(50):
        record, taxpayer = synthetic_record(person), person.taxpayer
        assert record == synthetic_record(person)
        assert "Contoh" in record.profile.address
        assert record.profile.email == "" or record.profile.email.endswith("contoh.invalid")
        assert record.profile.office_code == "999"
        assert record.secrets[ProofItem.EFIN].startswith("999")
        assert (record.profile.born_on is not None) == taxpayer.resident_person
        assert bool(record.profile.representative) != taxpayer.resident_person
        if record.profile.born_on is not None:
            day = int(taxpayer.npwp[6:8])
            assert record.profile.born_on.day == (day - 40 if person.woman else day)
            assert f"{record.profile.born_on:%m%y}" == taxpayer.npwp[8:12]


async def test_a_register_out_of_order_says_so(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    directory = DatabaseDirectory(database, vault)
    directory.fill_if_empty(synthetic_taxpayers(2))
    database.write_now(lambda connection: connection.execute(sa.text("DROP TABLE taxpayer_profiles")))
    with pytest.raises(DirectoryUnavailable):
        await directory.profile("synthetic-0001")
    with pytest.raises(DirectoryUnavailable):
        await directory.matches("synthetic-0001", ProofItem.EFIN, "9990000001")
    database.close()


# ---- Stories


class Inside:
    """The calls that are inside."""

    def __init__(self, *calls_inside: LiveCall) -> None:
        self._calls = {one.call_id: one for one in calls_inside}

    def live(self, call_id: str) -> LiveCall | None:
        return self._calls.get(call_id)


NPWP = "1101990101900001"
LIVE = LiveCall(
    CALL, "1500200", NOW, "en", "with_npwp.main_menu", "efin", {"npwp": NPWP, "taxpayer_id": "synthetic-0001"}
)


def _events() -> list[CallEvent]:
    rows: list[tuple[EventKind, dict[str, str], dict[str, str] | None]] = [
        (EventKind.STEP, {"step": "kring_pajak.language"}, None),
        (EventKind.PROMPT, {"prompt": "language_menu", "language": "en", "playback": "p1"}, None),
        (EventKind.KEY, {}, {"key": "1"}),
        (EventKind.CHOSE, {"menu": "x.language", "key": "1", "target": "kring_pajak.indonesian"}, None),
        (EventKind.STEP, {"step": "with_npwp.enter_npwp"}, None),
        (EventKind.COLLECTED, {"step": "x.enter", "digits": "16", "result": "taken"}, {"npwp": NPWP}),
        (EventKind.ASKED, {"look_up": "taxpayer"}, None),
        (EventKind.LOOKED_UP, {"request": "r1", "answer": "found"}, {"taxpayer_id": "synthetic-0001"}),
        (EventKind.CHOSE, {"menu": "with_npwp.main_menu", "key": "9", "target": "repeat"}, None),
        (EventKind.CHOSE, {"menu": "with_npwp.main_menu", "key": "1", "target": "with_npwp.efin"}, None),
        (EventKind.QUEUED, {"queue": "efin"}, None),
    ]  # fmt: skip
    return [
        CallEvent(CALL, seq, NOW + timedelta(seconds=seq), kind, data, secret)
        for seq, (kind, data, secret) in enumerate(rows, 1)
    ]


def _keep(database: Database, vault: Vault, events: Sequence[CallEvent]) -> None:
    rows = Rows(vault)
    header = rows.call_row(Call(CALL, "channel", "1500200", "628110000123", "v1", NOW))
    legs = [
        (Phase.RING, None, ""), (Phase.RING, 3.0, "answered"), (Phase.JOIN, None, ""), (Phase.JOIN, 0.2, ""),
        (Phase.TALK, None, ""), (Phase.TALK, 60.0, ""),
        (Phase.HOLD, None, ""), (Phase.HOLD, 5.0, "transferred"),
    ]  # fmt: skip
    floor: list[FloorRow] = [
        EntryRow(CALL, NOW, "efin", "id", NOW),
        EntryRow(CALL, NOW + timedelta(seconds=42), "efin", "id", NOW, "answered"),
        *(
            LegRow("leg-1", seq, NOW + timedelta(seconds=42 + seq), CALL, "90000001", phase, seconds, outcome)
            for seq, (phase, seconds, outcome) in enumerate(legs, 1)
        ),
        EntryRow(CALL, NOW + timedelta(seconds=120), "data_change", "id", NOW),
    ]

    def work(connection: sa.Connection) -> None:
        names = [column.name for column in calls.columns]
        connection.execute(sa.insert(calls), _bound(names, header))
        for event in events:
            names = [column.name for column in call_events.columns]
            connection.execute(sa.insert(call_events), _bound(names, rows.event_row(event)))
        for n, row in enumerate(floor, 1):
            table, values = table_row(n, row)
            names = [column.name for column in metadata.tables[table].columns]
            connection.execute(sa.insert(metadata.tables[table]), _bound(names, values))

    database.write_now(work)


def _bound(names: Sequence[str], values: Sequence[object]) -> dict[str, object]:
    times = {"at", "since", "started_at", "ended_at"}
    return {
        name: datetime.fromisoformat(value) if name in times and isinstance(value, str) else value
        for name, value in zip(names, values, strict=True)
    }


async def test_the_story_of_a_call_is_told_from_the_record(database: Database, vault: Vault) -> None:
    _keep(database, vault, _events())
    book = DurableCallbacks(database, vault)
    await book.book(CALL, "628110000123", "efin", "id", NOW, NOW + timedelta(hours=8), NOW)
    story = await DurableStories(database, vault, Inside()).story(CALL)
    assert (story.dialled, story.language, story.tree) == ("1500200", "id", Tree.WITH_NPWP)
    assert [one.target for one in story.path] == ["kring_pajak.indonesian", "with_npwp.efin"]
    assert story.keyed is not None
    assert (story.keyed.masked, story.keyed.answer) == ("…0001", "found")
    assert story.taxpayer_id == "synthetic-0001"
    assert [(wait.queue, wait.outcome) for wait in story.waits] == [("efin", "answered"), ("data_change", "")]
    assert [(talk.agent, talk.seconds, talk.outcome) for talk in story.talks] == [
        ("90000001", 65.0, "transferred")
    ]
    assert story.callback is not None
    assert (story.callback.attempts, story.callback.closed) == (0, False)
    case = story.case
    assert (case.on, case.may_climb, case.queues) == (date(2025, 6, 3), True, ("efin", "data_change"))


async def test_what_is_not_durable_yet_is_taken_from_the_call_itself(
    database: Database, vault: Vault
) -> None:
    _keep(database, vault, _events()[:5])
    stories = DurableStories(database, vault, Inside(LIVE))
    story = await stories.story(CALL)
    assert story.keyed is not None
    assert (story.keyed.masked, story.taxpayer_id, story.language) == ("…0001", "synthetic-0001", "en")
    alone = replace(LIVE, call_id="d" * 32, step="without_npwp.main_menu", facts={})
    story = await DurableStories(database, vault, Inside(alone)).story("d" * 32)
    assert (story.tree, story.keyed, story.case.may_climb) == (Tree.WITHOUT_NPWP, None, False)
    assert story.queue == "efin"


async def test_a_number_keyed_again_replaces_what_was_found(database: Database, vault: Vault) -> None:
    again = [
        (EventKind.STEP, {"step": "with_npwp.enter_npwp"}),
        (EventKind.COLLECTED, {"step": "with_npwp.enter_npwp", "digits": "3", "result": "too_short"}),
        (EventKind.STEP, {"step": "without_npwp.main_menu"}),
    ]
    more = [CallEvent(CALL, 12 + n, NOW, kind, data) for n, (kind, data) in enumerate(again)]
    _keep(database, vault, [*_events(), *more])
    story = await DurableStories(database, vault, Inside()).story(CALL)
    assert (story.keyed, story.taxpayer_id, story.tree) == (None, None, Tree.WITHOUT_NPWP)


async def test_a_call_that_nobody_knows_has_no_story(database: Database, vault: Vault) -> None:
    with pytest.raises(KeyError):
        await DurableStories(database, vault, Inside()).story(CALL)


async def test_a_record_that_cannot_be_read_says_so(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    database.write_now(lambda connection: connection.execute(sa.text("DROP TABLE call_events")))
    _ = database.write_now(
        lambda connection: connection.execute(
            sa.insert(calls).values(
                call_id=CALL, channel="x", dialled="1500200", flow_version="v1", started_at=NOW
            )
        )
    )
    with pytest.raises(StoryUnavailable):
        await DurableStories(database, vault, Inside()).story(CALL)
    database.close()


# ---- The whole way


class Trail:
    """An audit trail in memory."""

    def __init__(self) -> None:
        self.rows: list[AuditRow] = []

    async def record(self, row: AuditRow) -> None:
        self.rows.append(row)


async def test_what_a_call_proved_is_known_after_a_restart(database: Database, vault: Vault) -> None:
    person = synthetic_taxpayers(20)[2]
    record, taxpayer = synthetic_record(person), person.taxpayer
    assert taxpayer.resident_person
    register, trail = DatabaseDirectory(database, vault), Trail()
    register.fill_if_empty(synthetic_taxpayers(20))
    _keep(database, vault, _events())

    def service() -> tuple[ProvedStandings, ProofDesk]:
        """Everything anew, as after a restart."""
        proofs = DurableProofs(database, vault)
        stories = DurableStories(database, vault, Inside())
        standings = ProvedStandings(stories, proofs, load_proof_tables())
        return standings, ProofDesk(standings, proofs, register, trail, SystemClock())

    _, desk = service()
    proof, outcome = await desk.validate(CALL, "s" * 32, taxpayer.npwp, taxpayer.name)
    assert (outcome, proof.ladder.rung) == (Outcome.MATCHED, Rung.CONFIRMED)
    _, desk = service()
    await desk.note_receiver(CALL, "t" * 32, Relation.SELF)
    for item in (ProofItem.BIRTH_DATE, ProofItem.ADDRESS, ProofItem.PHONE, ProofItem.MOTHER_NAME):
        shown = record.profile
        answers = {
            ProofItem.BIRTH_DATE: f"{shown.born_on:%d-%m-%Y}",
            ProofItem.ADDRESS: shown.address,
            ProofItem.PHONE: shown.phone,
            ProofItem.MOTHER_NAME: record.secrets[ProofItem.MOTHER_NAME],
        }
        _, outcome = await service()[1].check_item(CALL, "t" * 32, item, answers[item])
        assert outcome is Outcome.MATCHED, item
    standing = await service()[0].standing(CALL)
    assert (standing.rung, standing.taxpayer_id) == (Rung.FULL, taxpayer.taxpayer_id)
    assert standing.services == {"forgotten_efin"}  # the first queue; the second asks for the EFIN too
    assert [row.act for row in trail.rows].count("proof_item_checked") == 4
    assert {row.subject for row in trail.rows} == {f"taxpayer:{taxpayer.taxpayer_id}"}
