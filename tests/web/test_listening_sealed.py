"""Listening to recordings as they really lie in the store: sealed in chunks, in either coding."""

import io
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
import soundfile

from recording.container import SealedFile, Sealer
from recording.keys import KeyFile, RecordingKeys
from recording.listening_copy import read_sign
from recording.recordings import RATE, AlarmKind
from recording.sound_store import object_key
from storage.database import Database
from storage.sealed_sounds import StoredSounds
from storage.sound_store import StorePlace, open_store
from storage.vault import Vault
from tests.faults import Fault, FaultLog
from tests.web.listen_doubles import SEALED, SoundsDouble, sound
from tests.web.listen_world import ListenWorld, listen_world

CODINGS = {"flac": "audio/flac", "opus": "audio/ogg"}


@dataclass(slots=True)
class Sealed:
    """A recording in a folder store, its coded sound, and the application over it."""

    world: ListenWorld
    stored: Path
    clear: bytes
    coding: str


@pytest.fixture(params=list(CODINGS))
async def sealed(
    request: pytest.FixtureRequest, migrated_staff: Path, tmp_path: Path
) -> AsyncIterator[Sealed]:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    RecordingKeys.create(tmp_path / "recording_keys")
    keys = KeyFile(tmp_path / "recording_keys")
    store = open_store(StorePlace(str(tmp_path / "sounds"), ""), make=True)
    clear, own = _coded(request.param), keys.fresh(SEALED)
    made = store.staging / "made"
    with made.open("wb") as file:
        container = SealedFile(file, Sealer(SEALED, own.key, request.param))
        container.write(clear)
        container.finish(bytes(400), 1, bytes(32))
    key = object_key(SEALED, "1" * 32)
    await store.put(key, made)
    world = await listen_world(database, Vault.create(tmp_path / "key"), StoredSounds(store, keys))
    world.book._rows[SEALED] = replace(
        world.book._rows[SEALED], object_key=key, coding=request.param, key_version=own.version,
        wrapped_key=own.wrapped,
    )  # fmt: skip
    world.sounds = SoundsDouble({SEALED: clear})  # what bytes of sound are recognised by
    [stored] = [one for one in (tmp_path / "sounds").rglob("*") if one.is_file() and one.stat().st_size > 9]
    yield Sealed(world, stored, clear, request.param)
    database.close()


@cache
def _coded(coding: str) -> bytes:
    flac = sound(60)
    if coding == "flac":
        return flac
    data, rate = soundfile.read(io.BytesIO(flac))
    file = io.BytesIO()
    soundfile.write(file, data, rate, format="OGG", subtype="OPUS")
    return file.getvalue()


async def test_any_range_of_it_is_what_was_coded(sealed: Sealed) -> None:
    size = len(sealed.clear)
    assert size > 65_536
    async with sealed.world.client("quality") as reviewer:
        begun = await sealed.world.link(reviewer)
        for start, end in ((0, 1), (65_500, 65_600), (65_536, 65_537), (size - 9, size), (0, size)):
            answer = await sealed.world.heard(reviewer, begun["address"], f"bytes={start}-{end - 1}")
            assert answer.headers["content-type"] == CODINGS[sealed.coding]
            assert answer.content == sealed.clear[start:end]
        peaks = await reviewer.get(f"/api/recordings/{SEALED}/peaks?playback={begun['playback_id']}")
        assert peaks.status_code == 200
    assert sealed.world.alarms.raised == []


_FAULTS = {
    "flipped": Fault.BYTE_FLIPPED,
    "cut": Fault.FILE_TRUNCATED,
    "exchanged": Fault.BYTE_FLIPPED,
    "gone": Fault.FILE_TRUNCATED,
}


@pytest.mark.parametrize("sealed", ["flac"], indirect=True)
@pytest.mark.parametrize("fault", _FAULTS)
async def test_what_was_tampered_with_is_not_given(sealed: Sealed, fault: str, faults: FaultLog) -> None:
    content = bytearray(sealed.stored.read_bytes())
    match fault:
        case "flipped":
            content[100] ^= 1
        case "cut":
            del content[-100:]
        case "exchanged":  # two chunks have changed places
            content[32:65_584], content[65_584:131_136] = content[65_584:131_136], content[32:65_584]
    if fault == "gone":
        sealed.stored.unlink()
    else:
        sealed.stored.write_bytes(content)
    async with sealed.world.client("quality") as reviewer:
        begun = await sealed.world.link(reviewer)
        answer = await sealed.world.heard(reviewer, begun["address"], case=fault)
        assert answer.status_code == (410 if fault == "gone" else 409)
    print(f"bytes of a recording that was {fault}: {sealed.world.given[fault]}")  # noqa: T201 - asked for
    assert sealed.world.given[fault] == 0
    kinds = [kind for kind, _, _ in sealed.world.alarms.raised]
    told = kinds == [AlarmKind.MISSING_OBJECT if fault == "gone" else AlarmKind.TAMPERED]
    faults.tampered(_FAULTS[fault], found=told)
    assert told, kinds
    assert [act for act, _, _ in sealed.world.acts()] == ["recording_opened"]


async def test_a_copy_of_it_carries_its_number(sealed: Sealed) -> None:
    body = {"purpose": "complaint", "reason": "Bukti pengaduan tercatat"}
    async with sealed.world.client("quality_lead") as lead:
        asked = (await lead.post(f"/api/recordings/{SEALED}/downloads", json=body)).json()
        copy = await lead.get(asked["address"])
    heard, rate = soundfile.read(io.BytesIO(copy.content))
    assert int(copy.headers["content-length"]) == len(copy.content)
    assert len(heard) == pytest.approx(60 * rate, abs=rate // 10)
    assert rate in (RATE, 48_000)
    assert read_sign(heard, rate) == asked["download_id"][:8]
