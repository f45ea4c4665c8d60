"""Sealed objects: every part can be read, and nothing that was changed is ever given."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recording.container import CHUNK, HEADER_BYTES, INDEX_BYTES, STEP, Index, SealedFile, Sealer
from recording.container_reader import SealedObject, open_object
from recording.keys import KeyFile, KeyRefused, KeysProblem, RecordingKeys
from recording.ports import SoundDamaged, SoundGone
from recording.sound_store import object_key, recording_of
from storage.sound_store_folder import FolderStore
from tests.faults import Fault, FaultLog
from tests.laws import asks

FIRST, SECOND = "0a" * 16, "0b" * 16
SOUND = os.urandom(3 * CHUNK + 1000)
PEAKS = os.urandom(2 * 700)


class Sealed:
    """An object in a folder store, and how to spoil it."""

    def __init__(self, root: Path, recording_id: str = FIRST, sound: bytes = SOUND) -> None:
        self.store = FolderStore.make(root)
        self.recording_id = recording_id
        self.own = os.urandom(32)
        self.key = object_key(recording_id, "1")
        source = self.store.staging / "made"
        with source.open("w+b") as file:
            out = SealedFile(file, Sealer(recording_id, self.own, "flac"))
            for begin in range(0, len(sound), 10_000):
                out.write(sound[begin : begin + 10_000])
            self.index = out.finish(PEAKS, 42, bytes(32))
        asyncio.run(self.store.put(self.key, source))
        self.path = root / self.key

    def open(self) -> SealedObject:
        return asyncio.run(open_object(self.store, self.key, self.recording_id, self.own, "flac"))

    def read(self, start: int, end: int) -> bytes:
        async def gather() -> bytes:
            return b"".join([part async for part in self.open_now(await self.opened()).read(start, end)])

        return asyncio.run(gather())

    async def opened(self) -> SealedObject:
        return await open_object(self.store, self.key, self.recording_id, self.own, "flac")

    @staticmethod
    def open_now(sealed: SealedObject) -> SealedObject:
        return sealed

    def given_before_damage(self) -> tuple[bytes, str]:
        """Return what a listener is given before the damage is met, and where that is."""

        async def gather() -> tuple[bytes, str]:
            found = b""
            try:
                async for part in (await self.opened()).read(0, len(SOUND)):
                    found += part
            except SoundDamaged as error:
                return found, error.where
            return found, ""

        return asyncio.run(gather())

    def whole(self) -> str:
        async def check() -> str:
            return await (await self.opened()).check()

        return asyncio.run(check())


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    return Sealed(tmp_path_factory.mktemp("store"))


@settings(max_examples=asks(40), deadline=None)
@given(start=st.integers(0, len(SOUND)), length=st.integers(0, len(SOUND)))
def test_any_part_can_be_read(sealed: Sealed, start: int, length: int) -> None:
    assert sealed.read(start, start + length) == SOUND[start : start + length]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
def test_every_length_comes_back(tmp_path: Path, size: int) -> None:
    sealed = Sealed(tmp_path, sound=SOUND[:size])
    assert sealed.read(0, size) == SOUND[:size]
    assert asyncio.run(_peaks(sealed)) == (PEAKS[:700], PEAKS[700:])
    assert sealed.path.stat().st_size == sealed.index.object_bytes


async def _peaks(sealed: Sealed) -> tuple[bytes, bytes]:
    return await (await sealed.opened()).peaks()


def test_an_encoder_may_return_to_the_beginning_only(tmp_path: Path) -> None:
    with (tmp_path / "made").open("w+b") as file:
        out = SealedFile(file, Sealer(FIRST, bytes(32), "flac"))
        out.write(SOUND)
        out.seek(8)
        out.write(b"length")
        out.seek(CHUNK + 5)
        with pytest.raises(ValueError, match="first chunk"):
            out.write(b"later")
        assert out.seek(0, os.SEEK_END) == len(SOUND)


def test_no_sound_is_in_the_object(sealed: Sealed) -> None:
    stored = sealed.path.read_bytes()
    assert all(SOUND[at : at + 16] not in stored for at in range(0, len(SOUND), 4096))
    assert PEAKS[:16] not in stored


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def swap(data: bytes) -> bytes:
    first, second = (slice(HEADER_BYTES + n * STEP, HEADER_BYTES + (n + 1) * STEP) for n in (1, 2))
    return data[: first.start] + data[second] + data[first] + data[second.stop :]


LENGTH = Index(len(SOUND), len(PEAKS), 42, bytes(32)).object_bytes
SPOILT: dict[str, tuple[Callable[[bytes], bytes], str, int]] = {
    # how, where it is found, bytes that may be given before
    "first byte": (flip(0), "header", 0),
    "id in the header": (flip(20), "header", 0),
    "first chunk": (flip(HEADER_BYTES + 5), "0", 0),
    "tag of the first chunk": (flip(HEADER_BYTES + STEP - 1), "0", 0),
    "middle chunk": (flip(HEADER_BYTES + 2 * STEP + 9), "2", 2 * CHUNK),
    "last chunk": (flip(HEADER_BYTES + 3 * STEP + 9), "3", 3 * CHUNK),
    "index": (flip(LENGTH - INDEX_BYTES), "end", 0),
    "last byte": (flip(LENGTH - 1), "end", 0),
    "chunks exchanged": (swap, "1", CHUNK),
    "cut by a byte": (lambda data: data[:-1], "end", 0),
    "cut by a chunk": (
        lambda data: data[: HEADER_BYTES + 2 * STEP] + data[HEADER_BYTES + 3 * STEP :],
        "end",
        0,
    ),
    "cut to the header": (lambda data: data[:HEADER_BYTES], "end", 0),
    "empty": (lambda data: b"", "end", 0),
    "something behind": (lambda data: data + bytes(16), "end", 0),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_was_changed_is_found_before_it_is_given(tmp_path: Path, faults: FaultLog, how: str) -> None:
    sealed = Sealed(tmp_path)
    spoil, where, before = SPOILT[how]
    sound = sealed.path.read_bytes()
    sealed.path.write_bytes(spoil(sound))
    assert sealed.path.read_bytes() != sound  # it was spoilt
    given_bytes, found = sealed.given_before_damage()
    cut = sealed.path.stat().st_size < len(sound)
    faults.tampered(Fault.FILE_TRUNCATED if cut else Fault.BYTE_FLIPPED, found=found == where)
    assert found == where
    assert given_bytes == SOUND[:before]  # whole and right, up to there
    with pytest.raises(SoundDamaged):
        sealed.whole()


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sealed, bytes]:
    """An object that is spoilt again and again, and what it was."""
    sealed = Sealed(tmp_path_factory.mktemp("spoilt"))
    return sealed, sealed.path.read_bytes()


@settings(max_examples=asks(60), deadline=None)
@given(st.sampled_from(["flip", "cut", "put in", "take out", "zero"]), st.floats(0, 1), st.integers(1, 255))
def test_whatever_is_changed_anywhere_is_found_and_never_given(
    spoilt: tuple[Sealed, bytes], how: str, place: float, bits: int
) -> None:
    sealed, whole = spoilt
    at = min(int(place * len(whole)), len(whole) - 1)
    put = {"flip": bytes([whole[at] ^ bits]), "put in": whole[at : at + 1] * 2, "zero": bytes(bits)}
    after = at + (bits if how in ("take out", "zero") else 1)
    changed = whole[:at] if how == "cut" else whole[:at] + put.get(how, b"") + whole[after:]
    if changed == whole:
        return
    sealed.path.write_bytes(changed)
    found, where = sealed.given_before_damage()
    assert SOUND.startswith(found) and (where or found == SOUND)
    with pytest.raises(SoundDamaged):
        sealed.whole()


def test_damage_beyond_the_sound_is_found_too(tmp_path: Path) -> None:
    sealed = Sealed(tmp_path)
    sealed.path.write_bytes(flip(sealed.index.peaks_from + 3)(sealed.path.read_bytes()))
    with pytest.raises(SoundDamaged, match="peaks"):
        sealed.whole()


@pytest.mark.parametrize("forged", [False, True])
def test_another_recordings_object_is_refused(tmp_path: Path, forged: bool) -> None:
    one, other = Sealed(tmp_path, FIRST), Sealed(tmp_path, SECOND)
    stored = other.path.read_bytes()
    if forged:  # with the header that it would have to have
        stored = one.path.read_bytes()[:HEADER_BYTES] + stored[HEADER_BYTES:]
    one.path.write_bytes(stored)
    assert one.given_before_damage() == (b"", "end" if forged else "header")


def test_a_chunk_of_another_recording_is_refused(tmp_path: Path) -> None:
    one, other = Sealed(tmp_path, FIRST), Sealed(tmp_path, SECOND)
    mine, theirs = one.path.read_bytes(), other.path.read_bytes()
    begin, end = HEADER_BYTES + STEP, HEADER_BYTES + 2 * STEP
    one.path.write_bytes(mine[:begin] + theirs[begin:end] + mine[end:])
    assert one.given_before_damage() == (SOUND[:CHUNK], "1")


def test_an_object_that_is_not_there_is_gone(tmp_path: Path) -> None:
    sealed = Sealed(tmp_path)
    sealed.path.unlink()
    with pytest.raises(SoundGone):
        sealed.open()


def test_keys_of_objects_name_their_recording() -> None:
    assert recording_of(object_key(FIRST, "12345678")) == FIRST
    assert [recording_of(key) for key in ("x", "0a/short-1.sealed", f"0b/{FIRST}-1.sealed")] == ["", "", ""]


def test_a_recordings_key_opens_for_that_recording_alone(tmp_path: Path) -> None:
    keys = RecordingKeys.create(tmp_path / "keys")
    own = keys.fresh(FIRST)
    assert keys.unwrap(FIRST, own.version, own.wrapped) == own.key
    spoilt = bytes([own.wrapped[0] ^ 1]) + own.wrapped[1:]
    for recording_id, wrapped in ((SECOND, own.wrapped), (FIRST, spoilt), (FIRST, b"")):
        with pytest.raises(KeyRefused):
            keys.unwrap(recording_id, own.version, wrapped)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600


def test_rotation_wraps_anew_and_a_retired_version_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    RecordingKeys.create(path)
    live = KeyFile(path)  # as a running service has it
    old = live.fresh(FIRST)
    chain = live.chain_key(1)
    RecordingKeys.rotate(path)
    assert live.current == 2
    new = live.rewrap(FIRST, old.version, old.wrapped)
    assert (new.key, new.version) == (old.key, 2)
    RecordingKeys.retire(path, 1)
    assert live.unwrap(FIRST, 2, new.wrapped) == old.key
    with pytest.raises(KeysProblem, match="version 1"):
        live.unwrap(FIRST, 1, old.wrapped)
    assert live.chain_key(1) == chain  # the manifest's old rows can still be checked
    with pytest.raises(KeysProblem, match="rotate first"):
        RecordingKeys.retire(path, 2)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_text("{"), "not a key file"),
        (
            lambda path: path.write_text('{"format": 1, "current": 3, "master": {}, "chain": {}}'),
            "not a key file",
        ),
        (lambda path: path.chmod(0o640), "chmod 600"),
    ],
)
def test_a_key_file_that_cannot_be_used_says_why(
    tmp_path: Path, spoil: Callable[[Path], object], says: str
) -> None:
    path = tmp_path / "keys"
    RecordingKeys.create(path)
    live = KeyFile(path)
    assert live.current == 1
    spoil(path)
    with pytest.raises(KeysProblem, match=says):
        live.fresh(FIRST)
    with pytest.raises(KeysProblem):
        RecordingKeys.load(path)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    RecordingKeys.create(tmp_path / "keys")
    with pytest.raises(KeysProblem, match="never overwritten"):
        RecordingKeys.create(tmp_path / "keys")
