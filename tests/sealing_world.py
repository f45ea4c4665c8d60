"""What tests of sealing share: an installation's folders, plain audio as Asterisk leaves it, the rounds."""

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np
import soundfile as sf

from domain.clock import SystemClock
from recording.anchors import AnchorFolder, AnchorPlaces
from recording.keys import KeyFile, RecordingKeys
from recording.plain import PlainFolder
from recording.recordings import RATE, Alarm, Mark, MarkKind, Mode, Recording
from recording.retention import load_retention
from recording.sealing import SealingGround
from recording.sound_store import Stored
from recording.states import State
from recording.wav import Samples, wav_header
from service.recording_jobs import SealJob, Told
from service.recording_rounds import Rounds
from service.recording_worker import make_rounds
from storage.database import Database
from storage.recording_alarms import DurableAlarms
from storage.recording_manifest import DurableManifest
from storage.recordings import DurableRecordings
from storage.sealed_sounds import StoredSounds
from storage.sound_store import StorePlace, open_store

T = TypeVar("T")
TABLE = load_retention()
Around = Callable[[SealingGround], SealingGround]


def voice(seconds: float, tone: float = 200.0, seed: int = 1) -> Samples:
    """Return sound that speaks four syllables a second, with some noise of a line."""
    at = np.arange(round(seconds * RATE)) / RATE
    loud = (np.sin(2 * np.pi * 4 * at) * 0.5 + 0.5) * 9000
    noise = np.random.default_rng(seed).normal(0, 30, len(at))
    return (loud * np.sin(2 * np.pi * tone * at) + noise).astype("<i2")


def write_wav(path: Path, sound: Samples, *, killed: bool = False, age: float = 60.0) -> None:
    """Write a side as Asterisk does; `killed`: the header was not closed, and half a sample is left over."""
    data = sound.tobytes()
    path.write_bytes(wav_header(0) + data + b"\x01" if killed else wav_header(len(data)) + data)
    past = time.time() - age
    os.utime(path, (past, past))


@dataclass
class Kept:
    """A recording's row, with what is held of it."""

    recording: Recording
    objects: list[Stored]
    plain: list[Path]
    sound: Samples | None  # decoded, shape (samples, 2); None: it cannot be opened


@dataclass
class SealingWorld:
    """An installation of the tests' own."""

    url: str
    home: Path
    place: StorePlace | None = None  # None: a folder
    told: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plain = PlainFolder(self.home / "plain")
        self.plain.root.mkdir(mode=0o700)
        RecordingKeys.create(self.home / "recording_keys")
        self.job = SealJob(
            database=self.url,
            key_file=str(self.home / "recording_keys"),
            plain=str(self.plain.root),
            store=self.place or StorePlace(str(self.home / "sounds"), ""),
            anchors=[str(self.home / "anchors")],
            lock=str(self.home / "lock"),
            coding="flac",
        )
        self.store = open_store(self.job.store, make=True)
        self.keys = KeyFile(Path(self.job.key_file))

    def do(self, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
        """Do something with the database, which is open only for that: processes are forked in between."""
        database = Database.open(self.url)
        try:
            return asyncio.run(work(database))
        finally:
            database.close()

    def stopped(
        self,
        caller: Samples | None,
        agent: Samples | None,
        marks: Sequence[Mark] = (),
        *,
        expected_ms: int | None = None,
        cause: str = "",
        killed: bool = False,
        ago: float = 60.0,
    ) -> str:
        """Put a stopped recording on record, with its files; return its id."""
        recording_id = uuid4().hex
        for side, sound in (("caller", caller), ("agent", agent)):
            if sound is not None:
                write_wav(self.plain.path(recording_id, side), sound, killed=killed)
        longest = max((len(one) for one in (caller, agent) if one is not None), default=0)
        expected = longest * 1000 // RATE if expected_ms is None else expected_ms
        at = datetime.now(UTC) - timedelta(seconds=ago)
        of_whom = (f"call-{recording_id[:8]}", 1, "leg-1", "in", "efin/B", "", "1001", "id", Mode.ALWAYS)

        async def put(database: Database) -> None:
            book = DurableRecordings(database)
            await book.plan(Recording(recording_id, *of_whom, State.PLANNED, at))
            await book.move(recording_id, "start", at)
            await book.mark(recording_id, [Mark(MarkKind.TALK, 0, expected, "1001"), *marks])
            await book.move(recording_id, "stop", at, {"expected_ms": expected, "cause": cause})

        self.do(put)
        return recording_id

    def rounds(self, database: Database, around: Around = lambda ground: ground) -> Rounds:
        """Return the worker's rounds."""
        return make_rounds(self.job, database, TABLE, self.told.append, around)

    def seal(self, around: Around = lambda ground: ground) -> int:
        """Let one round of a fresh worker go; return how many recordings came to their end."""
        return self.do(lambda database: self.rounds(database, around).go())

    def kept(self, recording_id: str) -> Kept:
        """Return what there is of a recording."""

        async def look(database: Database) -> Kept:
            recording = await DurableRecordings(database).get(recording_id)
            assert recording is not None
            objects = [one async for one in self.store.objects(recording_id[:2] + "/" + recording_id)]
            plain = [one for one in self.plain.root.iterdir() if one.name.startswith(recording_id)]
            sound = None
            if recording.audible:
                opened = await StoredSounds(self.store, self.keys).open(recording)
                coded = self.home / f"{recording_id}.coded"
                coded.write_bytes(b"".join([part async for part in opened.read(0, opened.size)]))
                sound = sf.read(coded, dtype="int16", always_2d=True)[0]
            return Kept(recording, objects, plain, sound)

        return self.do(look)

    def alarms(self) -> list[Alarm]:
        """Return the open alarms."""

        async def look(database: Database) -> list[Alarm]:
            return list(await DurableAlarms(database, SystemClock()).open())

        return self.do(look)

    def manifest(self) -> tuple[list[tuple[str, str, str]], bool]:
        """Return recording, act and digest of each row, and whether the chain and its anchors are sound."""

        async def look(database: Database) -> tuple[list[tuple[str, str, str]], bool]:
            places = AnchorPlaces([AnchorFolder(Path(folder), self.keys) for folder in self.job.anchors])
            manifest = DurableManifest(database, self.keys, places, SystemClock())
            sound = (await manifest.check()).sound
            ids = {stored.key[3:35] async for stored in self.store.objects()}
            rows = [row for one in sorted(ids) for row in await manifest.of(one)]
            return [(row.recording_id, row.act, row.digest) for row in rows], sound

        return self.do(look)


def digest_of(stored: Path) -> str:
    """Return the SHA-256 of a file, hex."""
    return hashlib.sha256(stored.read_bytes()).hexdigest()
