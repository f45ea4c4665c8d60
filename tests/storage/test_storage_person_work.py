"""Requests worked on: bundles that open with common means, erasure by the table, restriction."""

import errno
import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex

import pytest
import pyzipper
import sqlalchemy as sa

from dialer.contacts import NPWP_KEY
from domain.audit import AuditQuery, AuditRow, AuditUnavailable
from domain.ids import new_id
from recording.persons import Asker, Kind, PersonRefused, Request, Step, stepped
from recording.persons_table import Fate, decisions_of, load_person_table
from recording.ports import SoundDamaged
from recording.recordings import Recording
from recording.states import State
from service.person_bundle import new_password
from service.person_jobs import PersonGround, PersonJobs
from storage.audit import DurableAudit
from storage.database import Database, DatabaseProblem
from storage.interaction_tables import interaction_drafts
from storage.person_requests import DurablePersons
from storage.person_tables import person_requests, person_steps
from storage.suppressions import DurableSuppressions
from storage.vault import Vault
from tests.storage.keeping_world import Refusing
from tests.storage.person_world import SHARED_CALL, A, B, PersonWorld

OFFICER, SECOND = "p" * 32, "q" * 32
# The same on both databases: one is enough.
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Sounds:
    """Sounds in clear, one of which may be damaged."""

    def __init__(self) -> None:
        self.damaged = ""

    async def open(self, recording: Recording) -> "Sounds.Opened":
        if recording.recording_id == self.damaged:
            raise SoundDamaged("3")
        return Sounds.Opened(b"fLaC sound of " + recording.recording_id.encode())

    async def peaks(self, recording: Recording) -> tuple[bytes, bytes]:
        return b"", b""

    class Opened:
        media_type = "audio/flac"

        def __init__(self, data: bytes) -> None:
            self._data, self.size = data, len(data)

        async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
            yield self._data[start:end]


class Work:
    """The world, and the jobs over it."""

    def __init__(self, world: PersonWorld, folder: Path) -> None:
        self.world, kept = world, world.kept
        self.book = DurablePersons(world.database, world.vault)
        self.sounds = Sounds()
        self.ground = PersonGround(
            world.database, world.vault, self.book, kept.book, self.sounds, kept.destruction, kept.holds,
            DurableAudit(world.database), kept.clock, load_person_table(), folder,
        )  # fmt: skip
        self.jobs = PersonJobs(self.ground)

    async def asked(self, kind: Kind, npwp: str = A.npwp) -> str:
        now = self.world.kept.clock.now()
        version = self.ground.table.at(now)
        asker = Asker(npwp, "AAAA nama", "AAAA alamat", "KTP", "mohon AAAA")
        known = A.taxpayer_id if npwp == A.npwp else B.taxpayer_id
        one = Request(
            new_id(), token_hex(4).upper(), kind, "received", now, OFFICER, version.due(now), version.rule,
            "ktp_seen", "self", known, asker,
        )  # fmt: skip
        await self.book.take_in(one, Step(one.request_id, 1, now, OFFICER, "received", "received", "", "n"))
        return one.request_id

    async def approved(self, request_id: str) -> None:
        request = await self.book.get(request_id)
        await self.book.change(*stepped(request, "approve", SECOND, self.world.kept.clock.now()))

    def texts(self, password: str) -> dict[str, bytes]:
        """Return what the only bundle has in it."""
        (path,) = self.ground.folder.iterdir()
        with pyzipper.AESZipFile(path) as archive:
            archive.setpassword(password.encode())
            return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
async def work(database: Database, vault: Vault, tmp_path: Path) -> Work:
    world = PersonWorld(database, vault, tmp_path)
    await world.fill()
    return Work(world, tmp_path / "bundles")


async def test_a_bundle_has_everything_of_one_and_nothing_of_the_other(work: Work) -> None:
    request_id, password = await work.asked(Kind.COPY), new_password()
    await work.asked(Kind.OBJECTION, B.npwp)
    after = await work.jobs.prepare(request_id, OFFICER, password)
    assert after.state == "prepared" and after.prepared_by == OFFICER
    found = work.texts(password)
    whole = b"\n".join(found.values()).decode()
    strange = (B.sign, B.npwp, B.taxpayer_id, B.call, B.keyed_call, B.attempt, B.number)
    assert [one for one in strange if one in whole] == []
    mine = work.world.recordings[A.call]
    assert found[f"rekaman/{mine}.flac"] == b"fLaC sound of " + mine.encode()
    assert [name for name in found if name.startswith("rekaman/")] == [f"rekaman/{mine}.flac"]
    told = json.loads(found["data/data.json"])
    assert told["subject"]["npwp"] == A.npwp
    why = {one["recording_id"]: one["why_not"] for one in told["recordings"]}
    assert "wajib pajak lain" in why[work.world.recordings[SHARED_CALL]]
    assert told["sections"]["interaction_notes"][0]["question"] == "AAAA tanya"
    page = found["index.html"].decode()
    assert "Rekam jejak: siapa melihat atau mengubah apa" in page and "AAAA tanya" in page
    assert "data/audit_trail.csv" in found
    (bundle,) = await work.book.bundles(request_id)
    assert json.loads(bundle.counts)["sounds"] == 1


@ONE
async def test_without_the_password_nothing_opens_and_names_say_nothing(work: Work) -> None:
    request_id, password = await work.asked(Kind.COPY), new_password()
    await work.jobs.prepare(request_id, OFFICER, password)
    (path,) = work.ground.folder.iterdir()
    raw = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    for said in (A.npwp, A.sign, A.taxpayer_id, A.number, password):
        assert said.encode() not in raw
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert all(one.flag_bits & 1 and one.compress_type == 99 for one in archive.infolist())  # AES
    with pyzipper.AESZipFile(path) as archive, pytest.raises(RuntimeError):
        archive.setpassword(new_password().encode())
        archive.read("index.html")
    tables = (person_requests, person_steps)
    kept = work.world.database.read_now(
        lambda connection: [str(connection.execute(sa.select(table)).all()) for table in tables]
    )
    assert password not in "".join(kept) and A.npwp not in "".join(kept)
    assert len(new_password().replace("-", "")) == 24 and new_password() != new_password()


@ONE
async def test_a_damaged_recording_is_told_not_passed_over(work: Work) -> None:
    work.sounds.damaged = work.world.recordings[A.call]
    password = new_password()
    await work.jobs.prepare(await work.asked(Kind.COPY), OFFICER, password)
    told = json.loads(work.texts(password)["data/data.json"])
    why = {one["recording_id"]: one["why_not"] for one in told["recordings"]}
    assert "SoundDamaged" in why[work.sounds.damaged]


@ONE
async def test_a_bundle_made_anew_replaces_the_one_before(work: Work) -> None:
    request_id = await work.asked(Kind.COPY)
    for _ in range(2):
        password = new_password()
        await work.jobs.prepare(request_id, OFFICER, password)
    assert "index.html" in work.texts(password)
    newest, older = await work.book.bundles(request_id)
    assert {one.removed_at is None for one in (newest, older)} == {True, False}


async def test_erasure_needs_two_people_and_leaves_what_is_held_with_its_reason(work: Work) -> None:
    mine, shared = (work.world.recordings[call] for call in (A.call, SHARED_CALL))
    others = work.world.recordings[B.call]
    request_id = await work.asked(Kind.ERASURE)
    await work.jobs.prepare(request_id, OFFICER, "")
    with pytest.raises(PersonRefused, match="not_approved"):
        await work.jobs.carry_out(request_id, OFFICER, "n")
    assert await work.world.kept.state(mine) is State.SEALED
    await work.approved(request_id)
    after = await work.jobs.carry_out(request_id, OFFICER, "dijawab lewat surat")
    assert after.state == "done" and after.closed_at is not None
    assert await work.world.kept.state(mine) is State.DESTROYED
    assert await work.world.kept.sound(mine) is None
    assert await work.world.kept.state(shared) is State.SEALED
    assert await work.world.kept.state(others) is State.SEALED
    step = (await work.book.trail(request_id))[-1]
    fates = {one.recording_id or one.area: (one.fate, one.why) for one in decisions_of(step.words)}
    assert fates[mine] == (Fate.GOES, "person_request")
    assert fates[shared] == (Fate.STAYS, "others_data")
    assert fates["notes"] == (Fate.STAYS, "notes") and fates["trail"] == (Fate.STAYS, "trail")
    until = {one.area.value: one.until for one in decisions_of(step.words)}
    assert until["notes"] is not None and until["trail"] is None
    # The manifest says that two people did it.
    rows = await work.world.kept.manifest.of(mine)
    assert [row.act for row in rows][-2:] == ["asked", "destroyed"]
    gone = await DurableAudit(work.world.database).rows(AuditQuery(subject=f"recording:{mine}"))
    assert ("recording_destroyed", SECOND) in {(row.act, row.who) for _, row in gone}


@ONE
async def test_a_recording_that_is_held_stays_until_the_hold_is_lifted(work: Work) -> None:
    mine = work.world.recordings[A.call]
    await work.world.kept.holds.hold(mine, "scored", "system")
    request_id = await work.asked(Kind.ERASURE)
    await work.jobs.prepare(request_id, OFFICER, "")
    await work.approved(request_id)
    await work.jobs.carry_out(request_id, SECOND, "n")
    step = (await work.book.trail(request_id))[-1]
    (kept,) = [one for one in decisions_of(step.words) if one.recording_id == mine]
    assert (kept.fate, kept.why) == (Fate.STAYS, "scored")
    assert await work.world.kept.state(mine) is State.HELD


@ONE
async def test_only_what_a_second_person_saw_is_destroyed(work: Work) -> None:
    mine = work.world.recordings[A.call]
    await work.world.kept.holds.hold(mine, "scored", "system")
    request_id = await work.asked(Kind.ERASURE)
    await work.jobs.prepare(request_id, OFFICER, "")
    await work.approved(request_id)
    await work.world.kept.holds.release(mine, "scored", "system")
    await work.jobs.carry_out(request_id, OFFICER, "n")
    assert await work.world.kept.state(mine) is State.SEALED
    decisions = decisions_of((await work.book.trail(request_id))[-1].words)
    assert [one.why for one in decisions if one.recording_id == mine] == ["not_approved"]


@ONE
async def test_drafts_go_with_an_erasure_and_only_the_person_s(work: Work) -> None:
    request_id = await work.asked(Kind.ERASURE)
    await work.jobs.prepare(request_id, OFFICER, "")
    await work.approved(request_id)
    await work.jobs.carry_out(request_id, OFFICER, "n")
    calls = sa.select(interaction_drafts.c.call_id)
    left = work.world.database.read_now(lambda connection: connection.execute(calls).scalars().all())
    assert set(left) == {B.call, SHARED_CALL}


async def test_a_restriction_stands_over_calls_of_then_and_later_until_two_people_lift_it(work: Work) -> None:
    request_id = await work.asked(Kind.RESTRICTION)
    assert not await work.book.call(A.call)
    await work.jobs.carry_out(request_id, OFFICER, "n")
    for call_id in (A.call, A.keyed_call, A.attempt, SHARED_CALL):
        assert await work.book.call(call_id), call_id
    assert not await work.book.call(B.call)
    await work.world.prove(A, "e" * 32, 1)
    assert await work.book.call("e" * 32)
    key = work.world.vault.lookup_key(NPWP_KEY + A.npwp)[:16]
    assert await DurableSuppressions(work.world.database).find([key]) != {}
    now = work.world.kept.clock.now()
    request = await work.book.get(request_id)
    await work.book.change(*stepped(request, "ask_lift", OFFICER, now))
    with pytest.raises(PersonRefused, match="second_person"):
        stepped(await work.book.get(request_id), "lift", OFFICER, now)
    assert await work.book.call(A.call)
    await work.book.change(*stepped(await work.book.get(request_id), "lift", SECOND, now))
    assert not await work.book.call(A.call) and not await work.book.call("e" * 32)


@ONE
async def test_what_a_request_is_about_is_known_from_preparing_it_to_the_answer(work: Work) -> None:
    book, kept = work.book, work.world.kept.book
    mine, shared, other = [
        await kept.get(work.world.recordings[one]) for one in (A.call, SHARED_CALL, B.call)
    ]
    assert mine is not None and shared is not None and other is not None

    async def concerned() -> list[bool]:
        return [await book.concerns(one) for one in (mine, shared, other)]

    request_id = await work.asked(Kind.COPY)
    assert await concerned() == [False, False, False]
    await work.jobs.prepare(request_id, OFFICER, new_password())
    assert await concerned() == [True, True, False]
    step = (await book.trail(request_id))[-1]
    told = {one.recording_id: (one.fate, one.why) for one in decisions_of(step.words)}
    assert told == {
        mine.recording_id: (Fate.GIVEN, "copy"),
        shared.recording_id: (Fate.LEFT, "others_data"),
    }
    await work.approved(request_id)
    await work.jobs.carry_out(request_id, OFFICER, "n")
    assert await concerned() == [False, False, False]
    await work.jobs.carry_out(await work.asked(Kind.RESTRICTION), OFFICER, "n")
    assert await concerned() == [True, True, False]


async def test_what_was_asked_and_done_cannot_be_changed_afterwards(work: Work) -> None:
    request_id = await work.asked(Kind.COPY)
    changes: list[sa.Update | sa.Delete] = [
        sa.update(person_steps).values(who="x"),
        sa.delete(person_steps),
        sa.delete(person_requests),
        sa.update(person_requests).values(due_at=work.world.kept.clock.now() + timedelta(days=9)),
    ]
    for change in changes:
        with pytest.raises(DatabaseProblem):
            work.world.database.write_now(partial(sa.Connection.execute, statement=change))
    assert (await work.book.get(request_id)).asker.wish == "mohon AAAA"
    assert (await work.book.trail(request_id))[0].note == "n"


@ONE
async def test_a_disk_that_is_full_leaves_no_half_bundle_and_the_request_as_it_was(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = await work.asked(Kind.COPY)
    refused: list[int] = []

    def full(descriptor: int) -> None:
        refused.append(descriptor)
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr("service.person_bundle.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        await work.jobs.prepare(request_id, OFFICER, new_password())
    assert refused
    assert list(work.ground.folder.iterdir()) == []
    assert (await work.book.get(request_id)).state == "received"
    assert await work.book.bundles(request_id) == []


@ONE
async def test_a_store_that_is_away_while_erasing_leaves_it_unreadable_and_is_completed(work: Work) -> None:
    mine, kept = work.world.recordings[A.call], work.world.kept
    refusing = Refusing(kept.store, "delete")
    ground = replace(work.ground, destruction=kept.destruction_with(refusing))
    request_id = await work.asked(Kind.ERASURE)
    await work.jobs.prepare(request_id, OFFICER, "")
    await work.approved(request_id)
    await PersonJobs(ground).carry_out(request_id, OFFICER, "n")
    assert refusing.refused == 1
    assert await kept.state(mine) is State.DESTROYED and await kept.sound(mine) is not None
    recording = await kept.book.get(mine)
    assert recording is not None and recording.wrapped_key == b""
    assert await kept.destruction.complete() == 1
    assert await kept.sound(mine) is None


@ONE
async def test_a_trail_that_is_away_lets_nothing_be_searched_or_erased(work: Work) -> None:
    request_id = await work.asked(Kind.ERASURE)
    jobs = PersonJobs(replace(work.ground, audit=Away()))
    with pytest.raises(AuditUnavailable):
        await jobs.prepare(request_id, OFFICER, "")
    await work.jobs.prepare(request_id, OFFICER, "")
    await work.approved(request_id)
    with pytest.raises(AuditUnavailable):
        await jobs.carry_out(request_id, OFFICER, "n")
    assert await work.world.kept.state(work.world.recordings[A.call]) is State.SEALED


class Away:
    """A trail that cannot be written."""

    async def record(self, row: AuditRow) -> None:
        raise AuditUnavailable("away")
