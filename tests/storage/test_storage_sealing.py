"""That a recording is sealed, on record once; what is sealed can be heard, and nothing that was spoilt."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from domain.clock import SystemClock
from recording.anchors import AnchorFolder, AnchorPlaces
from recording.keys import KeysProblem, RecordingKeys
from recording.ports import RecordingsUnavailable, SoundDamaged, SoundGone
from recording.recordings import Measures, Recording
from recording.retention import load_retention
from recording.sealing import Sealed
from recording.sound_store import StoreAway
from recording.states import State
from service.secrets import RECORDING_KEYS, make_recording_keys
from service.settings import load_settings
from storage.campaign_tables import campaign_versions
from storage.database import Database
from storage.recording_manifest import DurableManifest
from storage.recordings import DurableRecordings
from storage.sealed_sounds import StoredSounds
from storage.sealing import DurableSeals, Keeping
from tests.sealing_world import SealingWorld, digest_of, voice

AT = datetime(2026, 3, 2, 3, tzinfo=UTC)
MEASURES = Measures(1000, 2000, 300, 100, 200, 4, 1, 4.5, 5.5)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> SealingWorld:
    return SealingWorld(database_url, tmp_path)


def sealed_as(attempt: str, own: bytes) -> Sealed:
    return Sealed(f"0a/{attempt}.sealed", 123, "d" * 64, "a" * 64, "flac", 1, own, AT, MEASURES)


def test_of_two_who_sealed_one_is_on_record(world: SealingWorld) -> None:
    recording_id = world.stopped(voice(1.0), voice(1.0))

    async def work(database: Database) -> None:
        book = DurableRecordings(database)
        await book.move(recording_id, "verify", AT, {"audio_ms": 1000})
        places = AnchorPlaces([AnchorFolder(world.home / "anchors", world.keys)])
        manifest = DurableManifest(database, world.keys, places, SystemClock())
        seals = DurableSeals(manifest)
        both = await asyncio.gather(
            *(seals.seal(recording_id, sealed_as(name, name.encode()), AT) for name in ("one", "two"))
        )
        assert len({one.object_key for one in both}) == 1  # both are told the same
        rows = await manifest.of(recording_id)
        assert [(row.act, row.digest, row.detail) for row in rows] == [
            ("sealed", "d" * 64, both[0].object_key)
        ]
        assert await book.measures(recording_id) == MEASURES
        found = await book.get(recording_id)
        assert found is not None and found.state is State.SEALED
        assert found.wrapped_key == found.object_key[3:6].encode()

    world.do(work)


def test_without_the_chains_key_nothing_is_on_record(world: SealingWorld) -> None:
    recording_id = world.stopped(voice(1.0), voice(1.0))

    async def work(database: Database) -> Recording | None:
        book = DurableRecordings(database)
        await book.move(recording_id, "verify", AT)
        places = AnchorPlaces([AnchorFolder(world.home / "anchors", world.keys)])
        seals = DurableSeals(DurableManifest(database, world.keys, places, SystemClock()))
        world.keys.path.rename(world.home / "away")
        with pytest.raises(RecordingsUnavailable):
            await seals.seal(recording_id, sealed_as("one", b"one"), AT)
        assert await book.measures(recording_id) is None
        return await book.get(recording_id)

    after = world.do(work)
    assert after is not None and (after.state, after.object_key) == (State.VERIFIED, "")


def test_everything_about_a_sealed_recording_is_in_its_row(world: SealingWorld) -> None:
    recording_id = world.stopped(voice(2.0), voice(2.0, 150.0))
    assert world.seal() == 1
    row = world.kept(recording_id).recording
    stored = world.home / "sounds" / row.object_key
    assert row.object_bytes == stored.stat().st_size
    assert (row.audio_ms, row.lost_ms, row.cause, row.coding, row.key_version) == (2000, 0, "", "flac", 1)
    assert row.keep_until is not None and (row.keep_until - datetime.now(UTC)).days in (364, 365, 366)
    rows, intact = world.manifest()
    assert rows == [(recording_id, "sealed", digest_of(stored))] and intact

    async def peaks(database: Database) -> tuple[bytes, bytes]:
        return await StoredSounds(world.store, world.keys).peaks(row)

    caller, agent = world.do(peaks)
    assert len(caller) == len(agent) == 20 and max(caller) == pytest.approx(9000 * 255 / 32768, abs=2)


def test_how_long_it_is_kept_follows_the_campaign(world: SealingWorld) -> None:
    row = world.kept(world.stopped(voice(0.5), voice(0.5))).recording

    async def spans(database: Database) -> list[int]:
        rows = [
            {"campaign_id": "c-1", "version": version, "definition": text, "at": AT, "who": "s-1"}
            for version, text in ((1, '{"kind": "survey"}'), (2, '{"kind": "billing"}'))
        ]
        await database.write(lambda connection: connection.execute(sa.insert(campaign_versions), rows))
        keeping = Keeping(database, load_retention())
        ends = [
            await keeping(replace(row, planned_at=AT, campaign_id=campaign), AT)
            for campaign in ("", "c-1", "c-2")
        ]
        return [(end.year - AT.year) * 12 + end.month - AT.month for end in ends]

    assert world.do(spans) == [12, 24, 12]


def _other_key(world: SealingWorld, row: Recording) -> Recording:
    return replace(row, wrapped_key=world.keys.fresh("0b" * 16).wrapped)


def _no_object(world: SealingWorld, row: Recording) -> Recording:
    (world.home / "sounds" / row.object_key).unlink()
    return row


def _no_folder(world: SealingWorld, row: Recording) -> Recording:
    (world.home / "sounds").rename(world.home / "away")
    return row


def _no_keys(world: SealingWorld, row: Recording) -> Recording:
    world.keys.path.unlink()
    return row


def _lost_version(world: SealingWorld, row: Recording) -> Recording:
    return replace(row, key_version=7)


def _destroyed(world: SealingWorld, row: Recording) -> Recording:
    return replace(row, state=State.DESTROYED, wrapped_key=b"", object_key="")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_other_key, SoundDamaged),
        (_no_object, SoundGone),
        (_no_folder, StoreAway),
        (_no_keys, KeysProblem),
        (_lost_version, KeysProblem),
        (_destroyed, SoundGone),
    ],
)
def test_what_cannot_be_heard_says_why(
    sqlite_url: str,
    tmp_path: Path,
    spoil: Callable[[SealingWorld, Recording], Recording],
    told: type[Exception],
) -> None:
    world = SealingWorld(sqlite_url, tmp_path)
    recording_id = world.stopped(voice(0.5), voice(0.5))
    world.seal()
    row = spoil(world, world.kept(recording_id).recording)
    sounds = StoredSounds(world.store, world.keys)

    async def both(database: Database) -> None:
        asked: tuple[Callable[[Recording], Awaitable[object]], ...] = (sounds.open, sounds.peaks)
        for ask in asked:
            with pytest.raises(told):
                await ask(row)

    world.do(both)


def test_a_key_file_is_made_once_and_never_where_recordings_are_sealed(
    world: SealingWorld, tmp_path: Path
) -> None:
    settings = load_settings({"KRING_HOME": str(tmp_path / "home")})
    database = Database.open(world.url)
    try:
        assert make_recording_keys(settings, database) == [RECORDING_KEYS]
        path = settings.secrets_folder / RECORDING_KEYS
        assert RecordingKeys.load(path).current == 1 and path.stat().st_mode & 0o777 == 0o600
        assert make_recording_keys(settings, database) == []
        world.stopped(voice(0.5), voice(0.5))
        world.seal()
        path.unlink()
        assert make_recording_keys(settings, database) == []
        assert not path.exists()  # to be restored: a new one would open nothing
    finally:
        database.close()
