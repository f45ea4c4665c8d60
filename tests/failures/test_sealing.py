"""Sealing while everything around it fails: nothing is lost silently, nothing is kept twice."""

import asyncio
import multiprocessing
import os
import resource
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import storage.sealing
from recording.container import SealedFile
from recording.recordings import AlarmKind, Mark, MarkKind
from recording.sealing import SealingGround
from recording.states import State
from recording.wav import Wav, repair
from storage.database import Database
from tests.faults import Fault, FaultLog
from tests.sealing_world import SealingWorld, digest_of, voice

_fork = multiprocessing.get_context("fork")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sealing") / "kring.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def world(migrated: Path, tmp_path: Path) -> SealingWorld:
    shutil.copy(migrated, tmp_path / "kring.db")
    return SealingWorld(f"sqlite:///{tmp_path}/kring.db", tmp_path)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly:
    """A part that kills the process before or after one of its methods does its work."""

    def __init__(self, real: Any, method: str, when: str) -> None:
        self._real, self._method, self._when = real, method, when

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name != self._method:
            return real
        if self._when == "before":
            return lambda *_, **__: die()
        if asyncio.iscoroutinefunction(real):

            async def deadly(*given: Any) -> None:
                await real(*given)
                die()

            return deadly

        def deadly_now(*given: Any) -> None:
            real(*given)
            die()

        return deadly_now


def half_removed(ground: SealingGround) -> SealingGround:
    """Kill the worker between the removal of the two plain files."""

    def remove(recording_id: str) -> None:
        ground.plain.path(recording_id, "caller").unlink()
        die()

    ground.plain.remove = remove  # type: ignore[method-assign]
    return ground


def at(part: str, method: str, when: str) -> Callable[[SealingGround], SealingGround]:
    def around(ground: SealingGround) -> SealingGround:
        changed: Any = {part: Deadly(getattr(ground, part), method, when)}
        return replace(ground, **changed)

    return around


def patched(where: Any, name: str) -> Callable[[SealingGround], SealingGround]:
    def patch(ground: SealingGround) -> SealingGround:
        setattr(where, name, lambda *_, **__: die())  # in a process of its own, which dies of it
        return ground

    return patch


STEPS = {
    "before it looks": at("plain", "sides", "before"),
    "after it repaired": at("book", "marks", "before"),
    "before the key": at("keys", "fresh", "before"),
    "while it codes": patched(SealedFile, "write"),
    "before the index": patched(SealedFile, "finish"),
    "before VERIFIED": at("book", "move", "before"),
    "after VERIFIED": at("book", "move", "after"),
    "before it stores": at("store", "put", "before"),
    "after it stored": at("store", "put", "after"),
    "while it reads back": at("store", "read", "after"),
    "before SEALED": at("seals", "seal", "before"),
    "within the transaction": patched(storage.sealing, "measures_in"),
    "after SEALED": at("seals", "seal", "after"),
    "before it deletes": at("plain", "remove", "before"),
    "between both deletions": half_removed,
    "after it deleted": at("plain", "remove", "after"),
}


def killed_at(world: SealingWorld, around: Callable[[SealingGround], SealingGround]) -> int | None:
    """Let a worker go in a process of its own; return its exit code."""
    process = _fork.Process(target=world.seal, args=(around,))
    process.start()
    process.join(60)
    return process.exitcode


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_loses_nothing_and_keeps_nothing_twice(
    world: SealingWorld, faults: FaultLog, step: str
) -> None:
    sound = voice(3.0), voice(3.0, 150.0, seed=2)
    silence = Mark(MarkKind.SILENCED, 1500, 2000, "keys")
    recording_id = world.stopped(*sound, [silence], killed=True)

    assert killed_at(world, STEPS[step]) == -signal.SIGKILL  # it died there
    faults.injected(Fault.WORKER_KILLED)
    between = world.kept(recording_id)
    assert len(between.plain) == 2 or between.sound is not None  # at no moment is there nothing

    world.seal()
    kept = world.kept(recording_id)
    assert kept.recording.state is State.SEALED
    assert kept.plain == []
    assert [one.key for one in kept.objects] == [kept.recording.object_key]
    assert list(world.store.staging.iterdir()) == []
    assert kept.sound is not None
    wanted = np.stack(sound, axis=1)
    wanted[1300 * 8 : 2200 * 8] = 0
    whole = np.array_equal(kept.sound, wanted)
    faults.lost(silently=not whole)
    assert whole
    rows, intact = world.manifest()
    stored = world.home / "sounds" / kept.recording.object_key
    assert rows == [(recording_id, "sealed", digest_of(stored))] and intact


def _with_little_room(world: SealingWorld, room: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    world.seal()


def test_a_full_disk_loses_nothing_and_is_told(world: SealingWorld, faults: FaultLog) -> None:
    noise = np.random.default_rng(3).integers(-30000, 30000, 8000 * 300).astype("<i2")
    recording_id = world.stopped(noise, noise[::-1].copy())
    room = 6_000_000  # less than the object needs; a file that grows past it is cut short by the kernel
    process = _fork.Process(target=_with_little_room, args=(world, room))
    process.start()
    process.join(60)
    assert process.exitcode == 0

    assert (AlarmKind.STORE, "disk_full") in [(one.kind, one.detail) for one in world.alarms()]
    faults.injected(Fault.DISK_FULL)
    before = world.kept(recording_id)
    assert before.recording.state is State.STOPPED and len(before.plain) == 2
    assert list(world.store.staging.iterdir()) == []  # the piece that was written is gone

    world.seal()
    after = world.kept(recording_id)
    assert after.recording.state is State.SEALED and after.recording.object_bytes > room
    assert world.alarms() == []


@pytest.mark.parametrize(("folder", "word"), [("plain", "plain_folder"), ("sounds", "folder_gone")])
def test_a_folder_that_is_gone_is_waited_for(
    world: SealingWorld, faults: FaultLog, folder: str, word: str
) -> None:
    recording_id = world.stopped(voice(2.0), voice(2.0), ago=7200)
    (world.home / folder).rename(world.home / "away")
    assert world.seal() == 0
    assert (AlarmKind.STORE, word) in [(one.kind, one.detail) for one in world.alarms()]
    assert not (world.home / folder).exists()  # nothing made an empty one in its place
    faults.injected(Fault.FOLDER_GONE)

    (world.home / "away").rename(world.home / folder)
    assert world.seal() == 1
    assert world.kept(recording_id).recording.state is State.SEALED
    assert world.alarms() == []


def test_without_its_key_file_it_waits_and_says_so(world: SealingWorld, faults: FaultLog) -> None:
    recording_id = world.stopped(voice(2.0), voice(2.0))
    key_file = Path(world.job.key_file)
    key_file.rename(world.home / "away")
    assert world.seal() == 0
    assert [(one.kind, one.detail) for one in world.alarms()] == [(AlarmKind.KEYS, "key_file")]
    assert not key_file.exists()  # no new one, which would open nothing
    faults.injected(Fault.KEY_MISSING)

    (world.home / "away").rename(key_file)
    assert world.seal() == 1
    assert world.kept(recording_id).sound is not None
    assert world.alarms() == []


def test_files_that_are_not_there_are_lost_only_after_a_while(world: SealingWorld) -> None:
    soon = world.stopped(None, None, expected_ms=60_000, ago=120)
    late = world.stopped(None, None, expected_ms=60_000, ago=1200)
    assert world.seal() == 1
    assert world.kept(soon).recording.state is State.STOPPED
    lost = world.kept(late).recording
    assert (lost.state, lost.cause, lost.lost_ms) == (State.LOST, "missing", 60_000)
    assert [(one.kind, one.recording_id) for one in world.alarms()] == [(AlarmKind.LOST, late)]


def test_one_side_alone_is_kept_with_an_alarm(world: SealingWorld) -> None:
    caller = voice(2.0)
    recording_id = world.stopped(caller, None)
    assert world.seal() == 1
    kept = world.kept(recording_id)
    assert kept.sound is not None and np.array_equal(kept.sound[:, 0], caller) and not kept.sound[:, 1].any()
    assert (kept.recording.cause, kept.recording.lost_ms) == ("one_side", 2000)
    assert [one.kind for one in world.alarms()] == [AlarmKind.TOO_SHORT]


def test_what_a_killed_asterisk_left_is_mended_and_the_loss_is_stated(world: SealingWorld) -> None:
    sound = voice(8.0)
    recording_id = world.stopped(sound, sound[: 8000 * 7], expected_ms=9_500, killed=True)
    assert world.seal() == 1
    kept = world.kept(recording_id)
    assert kept.sound is not None and len(kept.sound) == len(sound)
    assert (kept.recording.audio_ms, kept.recording.lost_ms) == (8000, 2500)  # of the shorter side
    assert world.alarms() == []  # a crash explains so much


def test_less_than_the_talk_is_an_alarm_at_that_recording(world: SealingWorld) -> None:
    recording_id = world.stopped(voice(3.0), voice(3.0), expected_ms=9_000)
    assert world.seal() == 1
    assert world.kept(recording_id).recording.lost_ms == 6000
    told = [(one.kind, one.recording_id, one.detail) for one in world.alarms()]
    assert told == [(AlarmKind.TOO_SHORT, recording_id, "short")]


def test_one_that_cannot_be_sealed_holds_up_no_other(
    world: SealingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = world.stopped(voice(1.0), voice(1.0))
    good = world.stopped(voice(1.0), voice(1.0))

    def refuse(wav: Wav) -> Wav:
        if wav.path.name.startswith(bad):
            raise OSError(5, "Input/output error")
        return repair(wav)

    with monkeypatch.context() as patch:
        patch.setattr("recording.sealing.repair", refuse)
        assert world.seal() == 1
    assert world.kept(good).recording.state is State.SEALED
    assert world.kept(bad).recording.state is State.STOPPED
    assert [(one.kind, one.recording_id) for one in world.alarms()] == [(AlarmKind.STORE, bad)]
    assert world.seal() == 1
    assert world.kept(bad).recording.state is State.SEALED
    assert world.alarms() == []


class Spoiling:
    """A store on a disk that changes a byte, cuts an object, gives another's, or forgets it."""

    def __init__(self, real: Any, root: Path, how: str) -> None:
        self._real, self._root, self._how = real, root, how
        self.spoilt = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def put(self, key: str, source: Path) -> None:
        await self._real.put(key, source)
        self._spoil(self._root / key)
        self.spoilt += 1

    def _spoil(self, path: Path) -> None:
        data = path.read_bytes()
        middle = len(data) // 2
        match self._how:
            case "byte":
                path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
            case "cut":
                path.write_bytes(data[:-20])
            case "other":
                path.write_bytes(bytes(len(data)))
            case _:
                path.unlink()


_SPOILS = {
    "byte": Fault.BYTE_FLIPPED,
    "cut": Fault.FILE_TRUNCATED,
    "other": Fault.BYTE_FLIPPED,
    "gone": Fault.FILE_TRUNCATED,
}


@pytest.mark.parametrize("how", _SPOILS)
def test_what_is_not_stored_as_it_was_made_is_made_again(
    world: SealingWorld, faults: FaultLog, how: str
) -> None:
    recording_id = world.stopped(voice(3.0), voice(3.0))
    spoiling = Spoiling(world.store, world.home / "sounds", how)
    assert world.seal(lambda ground: replace(ground, store=spoiling)) == 0
    assert spoiling.spoilt == 1
    told = [(one.kind, one.recording_id, one.detail) for one in world.alarms()]
    faults.tampered(_SPOILS[how], found=told == [(AlarmKind.STORE, recording_id, "read_back")])
    assert told == [(AlarmKind.STORE, recording_id, "read_back")]
    kept = world.kept(recording_id)
    assert kept.recording.state is State.VERIFIED and len(kept.plain) == 2  # nothing was deleted

    assert world.seal() == 1
    after = world.kept(recording_id)
    assert after.sound is not None and after.plain == []
    assert [one.key for one in after.objects] == [after.recording.object_key]  # the spoilt one is gone
    assert world.alarms() == []


def test_plain_audio_that_was_changed_after_it_was_verified_is_told(
    world: SealingWorld, faults: FaultLog
) -> None:
    recording_id = world.stopped(voice(2.0), voice(2.0))
    assert killed_at(world, STEPS["after VERIFIED"]) == -signal.SIGKILL
    path = world.plain.path(recording_id, "caller")
    data = bytearray(path.read_bytes())
    data[4000] ^= 0x40
    path.write_bytes(data)
    assert world.seal() == 1
    told = [(one.kind, one.recording_id, one.detail) for one in world.alarms()]
    faults.tampered(Fault.BYTE_FLIPPED, found=told == [(AlarmKind.TAMPERED, recording_id, "plain")])
    assert told == [(AlarmKind.TAMPERED, recording_id, "plain")]


def test_plain_audio_stays_where_its_sealed_object_is_spoilt(world: SealingWorld) -> None:
    """A worker that died before it deleted: the object is read again before the last copy goes."""
    recording_id = world.stopped(voice(2.0), voice(2.0))
    assert killed_at(world, STEPS["before it deletes"]) == -signal.SIGKILL
    kept = world.kept(recording_id)
    assert kept.recording.state is State.SEALED and len(kept.plain) == 2
    stored = world.home / "sounds" / kept.recording.object_key
    whole = stored.read_bytes()
    stored.write_bytes(whole[:-1])
    world.seal()
    assert all(one.exists() for one in kept.plain)
    told = [(one.kind, one.recording_id, one.detail) for one in world.alarms()]
    assert told == [(AlarmKind.MISSING_OBJECT, recording_id, "plain_kept")]

    stored.write_bytes(whole)
    world.seal()
    assert world.kept(recording_id).plain == [] and world.alarms() == []


def test_files_that_are_no_audio_are_left_for_a_person(world: SealingWorld) -> None:
    recording_id = world.stopped(voice(2.0), voice(2.0))
    for side in ("caller", "agent"):
        world.plain.path(recording_id, side).write_bytes(b"something else" * 100)
    assert world.seal() == 1
    kept = world.kept(recording_id)
    assert (kept.recording.state, kept.recording.cause) == (State.LOST, "unreadable")
    assert len(kept.plain) == 2
    assert [(one.kind, one.recording_id) for one in world.alarms()] == [(AlarmKind.LOST, recording_id)]
