"""Sealing: recordings a core turns into encrypted objects, and how soon one of two hours begins to play.

Everything is done that the service does: the files are looked at and mended, silence is written, both sides
are coded, levels and measures taken, chunks encrypted, stored with the disk's consent, read back, put on
record with a manifest row that is anchored, and the plain files deleted. The peers do the least that can be
done: code both sides into a plain FLAC file; play a plain file; decrypt one that was encrypted as a whole.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
import soundfile as sf
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.figures import Report, at_least, at_most, ratio_at_most, within
from recording.container import CHUNK
from recording.recordings import RATE, Mark, MarkKind, Recording
from recording.states import State
from recording.wav import Samples
from storage.database import Database
from storage.recordings import DurableRecordings
from storage.sealed_sounds import StoredSounds
from storage.sound_store import StorePlace, open_store
from tests.sealing_world import SealingWorld
from tests.seaweed import ACCESS_KEY, BUCKET, SECRET, running

LEAST = 150.0  # times real time, of one core
LEAST_OPUS = 20.0  # the same with the other coding, which is a choice for the sake of room
PEER = 4.0  # times the CPU of coding alone
START_MS = 300.0
START_PEER_MS = 150.0  # more than a plain file needs
_CALLS = {"long": (12, 300.0), "short": (40, 40.0)}  # how many, seconds of each
_TWO_HOURS = 7200.0
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What a batch took."""

    audio: float  # seconds of calls
    cpu: float  # seconds, of every thread
    wall: float


def run(report: Report) -> None:
    """Measure; print how many times real time, and milliseconds until sound comes."""
    with TemporaryDirectory(prefix="kring-sealing-") as name:
        folder = Path(name)
        for kind, (count, seconds) in _CALLS.items():
            _rate(report, folder / kind, kind, count // 4 if report.short else count, seconds)
        _opus(report, folder / "opus", 60.0 if report.short else 300.0)
        _playback(report, folder / "playback", _TWO_HOURS / 12 if report.short else _TWO_HOURS)


def _world(folder: Path, place: StorePlace | None = None) -> SealingWorld:
    folder.mkdir()
    url = f"sqlite:///{folder}/kring.db"
    Database.open(url).close()
    return SealingWorld(url, folder, place)


def _rate(report: Report, folder: Path, kind: str, count: int, seconds: float) -> None:
    report.progress(f"{count} calls of {seconds:.0f} s are being sealed")
    world = _world(folder)
    _fill(world, count, seconds)
    plain = _coded_alone(world)
    cost = asyncio.run(_sealed(world, count))
    note = f"{count} calls of {seconds:.0f} s"
    cpu, wall = cost.audio / cost.cpu, cost.audio / cost.wall
    report.add(at_least(f"sealing.{kind}.cpu", cpu, LEAST, "x real time a core", note))
    report.add(at_least(f"sealing.{kind}.elapsed", wall, LEAST, "x real time", f"{note}, one process"))
    about = "the peer: both sides coded into a plain FLAC file, nothing else"
    report.add(ratio_at_most(f"sealing.{kind}.peer", cost.cpu, plain, PEER, "s of CPU", about))


def _opus(report: Report, folder: Path, seconds: float) -> None:
    world = _world(folder)
    world.job = msgspec.structs.replace(world.job, coding="opus")
    _fill(world, 1, seconds)
    cost = asyncio.run(_sealed(world, 1))
    report.add(
        at_least("sealing.opus.cpu", cost.audio / cost.cpu, LEAST_OPUS, "x real time a core", "a setting")
    )


def _playback(report: Report, folder: Path, seconds: float) -> None:
    report.progress(f"a call of {seconds / 3600:.2g} h is being made and sealed")
    world = _world(folder)
    _fill(world, 1, seconds)
    asyncio.run(_sealed(world, 1))
    recording = world.do(_the_one)
    stored = folder / "sounds" / recording.object_key
    sounds = StoredSounds(world.store, world.keys)
    ours = _timed(lambda: _heard(sounds, recording), lambda: _forget(stored))
    clear = folder / "plain.flac"
    clear.write_bytes(asyncio.run(_all(sounds, recording)))
    peer = _timed(lambda: _played(clear), lambda: _forget(clear))
    note = (
        f"{seconds / 3600:.2g} h, {stored.stat().st_size >> 20} MB, not in memory; the slowest of {_ROUNDS}"
    )
    for part, name in enumerate(("start", "seek")):
        mine, theirs = (max(times[part] for times in both) for both in (ours, peer))
        report.add(at_most(f"sealing.playback.{name}", mine, START_MS, "ms", note))
        about = "the peer: the same part of a plain FLAC file"
        report.add(within(f"sealing.playback.{name}.plain", mine, theirs, START_PEER_MS, "ms", about))
    whole = _whole(folder / "whole", clear)
    about = "the peer: a file encrypted as a whole, of which nothing is heard before all of it is open"
    slowest = max(times[0] for times in ours)
    report.add(ratio_at_most("sealing.playback.start.whole", slowest, whole, 1.0, "ms", about))
    _from_bucket(report, folder, world, recording, stored, note)


def _from_bucket(
    report: Report, folder: Path, world: SealingWorld, recording: Recording, stored: Path, note: str
) -> None:
    """The same out of an S3-compatible service on this machine."""
    secret = folder / "secret"
    secret.touch(0o600)
    secret.write_text(SECRET)
    with running() as service:
        place = StorePlace(
            f"s3://{BUCKET}", str(folder / "staging"), service.endpoint, "us-east-1", ACCESS_KEY, str(secret)
        )
        store = open_store(place, make=True)
        source = store.staging / "object"
        source.write_bytes(stored.read_bytes())
        asyncio.run(store.put(recording.object_key, source))
        times = _timed(lambda: _heard(StoredSounds(store, world.keys), recording), lambda: None)
    for part, name in enumerate(("start", "seek")):
        slowest = max(one[part] for one in times)
        report.add(at_most(f"sealing.playback.{name}.bucket", slowest, START_MS, "ms", f"SeaweedFS; {note}"))


def _fill(world: SealingWorld, count: int, seconds: float) -> None:
    """Put stopped calls on record: speech on both sides in turns, a hold, two silenced parts."""
    end = round(seconds * 1000)
    marks = [
        Mark(MarkKind.SILENCED, end // 4, end // 4 + 5000, "proof"),
        Mark(MarkKind.SILENCED, end // 2, end // 2 + 3000, "keys"),
        Mark(MarkKind.HOLD, end * 3 // 5, end * 7 // 10),
    ]
    for number in range(count):
        world.stopped(_speech(seconds, number, 0.0), _speech(seconds, number + 1000, 3.0), marks)


def _speech(seconds: float, seed: int, late: float) -> Samples:
    """Return noise shaped as speech is: syllables, pauses, turns of six seconds, the line's own noise."""
    random = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    sound = np.empty(frames, dtype="<i2")
    for begin in range(0, frames, RATE * 60):  # by the minute: two hours at once would take gigabytes
        at = np.arange(begin, min(begin + RATE * 60, frames)) / RATE
        speaks = ((at + late) % 6 < 3) * (np.sin(2 * np.pi * 4 * at) * 0.5 + 0.5)
        tone = sum(np.sin(2 * np.pi * pitch * at) / pitch * 150 for pitch in (150, 300, 450, 1200, 2400))
        noise = random.normal(0, 0.3, len(at))
        sound[begin : begin + len(at)] = (tone + noise) * speaks * 5000 + random.normal(0, 12, len(at))
    return sound


async def _sealed(world: SealingWorld, count: int) -> Cost:
    """Let the worker's rounds seal everything."""
    database = Database.open(world.url)
    try:
        rounds = world.rounds(database)
        begun, spent = time.perf_counter(), time.process_time()
        done = await rounds.go()
        cost = time.perf_counter() - begun, time.process_time() - spent
        sealed = await DurableRecordings(database).in_state(State.SEALED)
    finally:
        database.close()
    if done != count or len(sealed) != count or any(world.plain.files()):
        raise RuntimeError(f"{count} recordings were to be sealed, {done} were: nothing was measured")
    return Cost(sum(one.audio_ms for one in sealed) / 1000, cost[1], cost[0])


def _coded_alone(world: SealingWorld) -> float:
    """Return the CPU seconds of coding every call into a plain FLAC file in the usual way."""
    folder = world.home / "coded"
    folder.mkdir()
    spent = time.process_time()
    for number, caller in enumerate(sorted(world.plain.root.glob("*-caller.wav"))):
        agent = caller.with_name(caller.name.replace("-caller", "-agent"))
        both = np.stack([sf.read(path, dtype="int16")[0] for path in (caller, agent)], axis=1)
        sf.write(folder / f"{number}.flac", both, RATE, subtype="PCM_16")
    return time.process_time() - spent


async def _the_one(database: Database) -> Recording:
    (recording,) = await DurableRecordings(database).in_state(State.SEALED)
    return recording


async def _heard(sounds: StoredSounds, recording: Recording) -> tuple[float, float]:
    """Return the milliseconds until a player has its first part, and a part from the middle."""
    times = []
    for share in (0.0, 0.5):
        begun = time.perf_counter()
        opened = await sounds.open(recording)
        start = round(opened.size * share)
        got = b"".join([part async for part in opened.read(start, start + 2 * CHUNK)])
        times.append((time.perf_counter() - begun) * 1000)
        if len(got) != 2 * CHUNK or (not share and got[:4] != b"fLaC"):
            raise RuntimeError("what was read is no sound: nothing was measured")
    return times[0], times[1]


async def _played(path: Path) -> tuple[float, float]:
    times = []
    for share in (0.0, 0.5):
        begun = time.perf_counter()
        await asyncio.to_thread(_part, path, share)
        times.append((time.perf_counter() - begun) * 1000)
    return times[0], times[1]


def _part(path: Path, share: float) -> bytes:
    with path.open("rb") as file:
        file.seek(round(path.stat().st_size * share))
        return file.read(2 * CHUNK)


async def _all(sounds: StoredSounds, recording: Recording) -> bytes:
    opened = await sounds.open(recording)
    return b"".join([part async for part in opened.read(0, opened.size)])


def _timed(
    measure: Callable[[], Awaitable[tuple[float, float]]], before: Callable[[], None]
) -> Sequence[tuple[float, float]]:
    async def rounds() -> list[tuple[float, float]]:
        times = []
        for _ in range(_ROUNDS):
            before()
            times.append(await measure())
        return times

    return asyncio.run(rounds())


def _whole(path: Path, clear: Path) -> float:
    """Return the milliseconds until the first part of a file is there that was encrypted as a whole."""
    key, nonce = os.urandom(32), os.urandom(12)
    path.write_bytes(AESGCM(key).encrypt(nonce, clear.read_bytes(), None))
    times = []
    for _ in range(3):
        _forget(path)
        begun = time.perf_counter()
        first = AESGCM(key).decrypt(nonce, path.read_bytes(), None)[: 2 * CHUNK]
        times.append((time.perf_counter() - begun) * 1000)
        if len(first) != 2 * CHUNK:
            raise RuntimeError("nothing was measured")
    return min(times)


def _forget(path: Path) -> None:
    """Have the kernel forget what it holds of a file."""
    with _opened(path) as descriptor:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
