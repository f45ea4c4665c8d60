"""What every store of sealed recordings promises: a folder, and a real S3-compatible service."""

import asyncio
import dataclasses
import errno
import os
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from recording.container import CHUNK
from recording.container_reader import open_object
from recording.ports import SoundDamaged
from recording.recordings import AlarmKind
from recording.sound_store import SoundStore, StoreAway, object_key, object_prefix
from storage.sound_store import StorePlace, open_store
from tests.sealing_world import SealingWorld, voice
from tests.seaweed import ACCESS_KEY, BUCKET, SECRET, Seaweed, running
from tests.unit.test_recording_container import SOUND, Sealed  # an object as the worker makes it

LARGE = 9 * 1024 * 1024 + 7  # sent in parts


@pytest.fixture(scope="session")
def seaweed() -> Iterator[Seaweed]:
    with running() as service:
        yield service


def bucket(service: Seaweed, folder: Path, *, secret: str = SECRET, endpoint: str = "") -> StorePlace:
    secret_file = folder / "secret"
    secret_file.touch(0o600)
    secret_file.write_text(secret)
    place = f"s3://{BUCKET}/{folder.name}"
    where = endpoint or service.endpoint
    return StorePlace(place, str(folder / "staging"), where, "us-east-1", ACCESS_KEY, str(secret_file))


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SoundStore:
    if request.param == "folder":
        return open_store(StorePlace(str(tmp_path / "sounds"), ""), make=True)
    return open_store(bucket(request.getfixturevalue("seaweed"), tmp_path), make=True)


def do(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def put(store: SoundStore, key: str, data: bytes) -> None:
    source = store.staging / "made"
    source.write_bytes(data)
    do(store.put(key, source))
    assert not source.exists()


async def keys(store: SoundStore, prefix: str = "") -> set[str]:
    return {stored.key async for stored in store.objects(prefix)}


def test_what_is_put_is_read_in_any_part(store: SoundStore) -> None:
    data = os.urandom(LARGE)
    put(store, object_key("0a" * 16, "1"), data)
    key = object_key("0a" * 16, "1")
    assert do(store.size(key)) == LARGE
    for start, end in ((0, 10), (5, 6), (LARGE - 9, LARGE), (8_300_000, 8_400_000), (LARGE - 9, LARGE + 100)):
        assert do(store.read(key, start, end)) == data[start:end]
    assert do(store.read(key, 7, 7)) == b""


def test_an_object_takes_the_place_of_the_one_before(store: SoundStore) -> None:
    for data in (b"one", b"another"):
        put(store, "0a/x.sealed", data)
    assert do(store.read("0a/x.sealed", 0, 100)) == b"another"


def test_what_is_not_there_is_told_and_may_be_deleted(store: SoundStore) -> None:
    for work in (store.size("0a/none.sealed"), store.read("0a/none.sealed", 0, 10)):
        with pytest.raises(FileNotFoundError):
            do(work)
    do(store.delete("0a/none.sealed"))
    put(store, "0a/x.sealed", b"x")
    do(store.delete("0a/x.sealed"))
    with pytest.raises(FileNotFoundError):
        do(store.size("0a/x.sealed"))


def test_objects_are_listed_by_their_recording(store: SoundStore) -> None:
    mine = {object_key("0a" * 16, "1"), object_key("0a" * 16, "2")}
    near = {object_key("0a" * 15 + "0b", "1"), object_key("0a" * 15 + "09", "1")}  # in the same folder
    for key in mine | near | {object_key("0b" * 16, "1")}:
        put(store, key, b"12345")
    assert do(keys(store, object_prefix("0a" * 16))) == mine
    assert do(keys(store)) == mine | near | {object_key("0b" * 16, "1")}

    async def sizes() -> set[int]:
        return {stored.size async for stored in store.objects()}

    assert do(sizes()) == {5}


def test_a_check_leaves_nothing(store: SoundStore) -> None:
    do(store.check())
    assert do(keys(store)) == set()
    assert list(store.staging.iterdir()) == []


def test_a_folder_that_is_gone_is_no_object_that_is_gone(tmp_path: Path) -> None:
    store = open_store(StorePlace(str(tmp_path / "sounds"), ""), make=True)
    put(store, "0a/x.sealed", b"x")
    (tmp_path / "sounds").rename(tmp_path / "away")
    for work in (
        lambda: store.size("0a/x.sealed"), lambda: store.read("0a/x.sealed", 0, 1), lambda: keys(store),
        lambda: store.delete("0a/x.sealed"), store.check,
    ):  # fmt: skip
        with pytest.raises(StoreAway) as told:
            do(work())
        assert told.value.word == "folder_gone"
    assert not (tmp_path / "sounds").exists()


def test_a_folder_store_is_closed_to_others_and_to_ways_out(tmp_path: Path) -> None:
    store = open_store(StorePlace(str(tmp_path / "sounds"), ""), make=True)
    assert (tmp_path / "sounds").stat().st_mode & 0o777 == 0o700
    for key in ("../x", "/etc/passwd", ""):
        with pytest.raises(ValueError, match="no key"):
            do(store.size(key))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    store = open_store(StorePlace(str(tmp_path / "sounds"), ""), make=True)
    failed: list[int] = []

    def fail(descriptor: int) -> None:
        failed.append(descriptor)
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    (store.staging / "made").write_bytes(b"x")
    with pytest.raises(StoreAway) as told:
        do(store.put("0a/x.sealed", store.staging / "made"))
    assert failed
    assert told.value.word == ("away" if code == errno.EIO else "disk_full")
    assert do(keys(store)) == set()  # what is not on the disk is not there


@pytest.mark.parametrize("what", ["secret", "address", "rights of the secret", "no secret"])
def test_a_service_that_refuses_or_does_not_answer_is_told(
    seaweed: Seaweed, tmp_path: Path, what: str
) -> None:
    place = bucket(
        seaweed,
        tmp_path,
        secret="wrong" if what == "secret" else SECRET,
        endpoint="http://127.0.0.1:9" if what == "address" else "",
    )
    if what == "rights of the secret":
        Path(place.secret_file).chmod(0o644)
    if what == "no secret":
        Path(place.secret_file).unlink()
    with pytest.raises(StoreAway) as told:
        do(open_store(place, make=True).check())
    assert told.value.word == ("away" if what == "address" else "refused")
    assert SECRET not in str(told.value)


def test_a_bucket_plays_and_shows_what_was_spoilt(seaweed: Seaweed, tmp_path: Path) -> None:
    sealed = Sealed(tmp_path / "made")
    store = open_store(bucket(seaweed, tmp_path), make=True)
    whole = sealed.path.read_bytes()

    async def part(start: int, end: int) -> bytes:
        opened = await open_object(store, sealed.key, sealed.recording_id, sealed.own, "flac")
        return b"".join([data async for data in opened.read(start, end)])

    put(store, sealed.key, whole)
    assert do(part(CHUNK - 5, 2 * CHUNK + 5)) == SOUND[CHUNK - 5 : 2 * CHUNK + 5]
    put(store, sealed.key, whole[:-1])
    with pytest.raises(SoundDamaged):
        do(part(0, 10))


def test_recordings_wait_for_a_bucket_that_is_away_and_then_go_there(
    seaweed: Seaweed, sqlite_url: str, tmp_path: Path
) -> None:
    world = SealingWorld(sqlite_url, tmp_path, bucket(seaweed, tmp_path))
    sound = voice(2.0)
    recording_id = world.stopped(sound, sound)
    there = world.job
    away = dataclasses.replace(there.store, endpoint="http://127.0.0.1:9")
    world.job = msgspec.structs.replace(there, store=away)
    assert world.seal() == 0
    assert [(one.kind, one.detail) for one in world.alarms()] == [(AlarmKind.STORE, "away")]

    world.job = there
    assert world.seal() == 1
    kept = world.kept(recording_id)
    assert kept.sound is not None and np.array_equal(kept.sound[:, 0], sound)
    assert [one.key for one in kept.objects] == [kept.recording.object_key]
    assert kept.plain == [] and world.alarms() == []
