"""How one recording is sealed: what is done in which order, so that a death at any step loses nothing.

    look → repair → code and encrypt → VERIFIED → store → read back → SEALED with its manifest row → delete

Each attempt has a key and an object of its own; only what the row names is ever read. So after a death the
worker begins again from the row's state, and removes what earlier attempts left. Plain audio is deleted last.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from domain.clock import Clock
from recording.audio import Heard, PlainSides, encode
from recording.container import Index, SealedFile, Sealer
from recording.container_reader import open_object
from recording.keys import KeyRefused, Keys, OwnKey
from recording.measures import measure
from recording.plain import PlainFolder
from recording.ports import Alarms, RecordingBook, SoundDamaged, SoundGone
from recording.recordings import AlarmKind, Mark, Measures, Recording
from recording.sound_store import SoundStore, StoreAway, object_key, object_prefix
from recording.states import State
from recording.verify import Cause, Verdict, gap, judge, silenced
from recording.wav import Wav, repair

SETTLED = 5.0  # seconds since the last write, after which a file that was not closed will not be
PLAIN_KEPT = "plain_kept"  # detail of an alarm: the plain audio is all there is of what was sealed
STAGED = ".sealing"  # how the names of objects end that are being made
MISSED = 600.0  # seconds since the stop, before which files that are not there are waited for

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

KeepUntil = Callable[
    [Recording, datetime], Awaitable[datetime]
]  # recording and time of sealing → end of its keeping


class Outcome(StrEnum):
    """What became of an attempt."""

    SEALED = "sealed"
    LOST = "lost"
    LATER = "later"  # it is still being written, or its files may come back


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is put on record when an object is in the store."""

    object_key: str
    object_bytes: int
    object_digest: str  # SHA-256 of the object, hex: the manifest's
    digest: str  # SHA-256 of the audio, hex
    coding: str
    key_version: int
    wrapped_key: bytes
    keep_until: datetime
    measures: Measures


class Seals(Protocol):
    """Puts on record that a recording is sealed."""

    async def seal(self, recording_id: str, sealed: Sealed, at: datetime) -> Recording:
        """State, measures and manifest row in one transaction; nothing if it was sealed before.

        Raises RecordingsUnavailable: it may have happened or not; KeysProblem: the chain's key is missing.
        """
        ...


@dataclass(frozen=True, slots=True)
class SealingGround:
    """What sealing stands on."""

    book: RecordingBook
    seals: Seals
    store: SoundStore
    keys: Keys
    plain: PlainFolder
    alarms: Alarms
    keep_until: KeepUntil
    clock: Clock
    coding: str = "flac"


@dataclass(frozen=True, slots=True)
class _Made:
    """An object that is made, not yet stored."""

    source: Path
    own: OwnKey
    index: Index
    heard: Heard


class Sealing:
    """Seals recordings, one at a time. It computes in the caller's thread: a process of its own runs it."""

    def __init__(self, on: SealingGround) -> None:
        self._on = on

    async def seal(self, recording_id: str) -> Outcome:
        """Bring a stopped recording to its end.

        Raises RecordingsUnavailable, KeysProblem, StoreAway, SoundDamaged (what was stored is not what is
        read back), CodingFailed, OSError (the plain files): then nothing is lost and it can be tried again.
        """
        recording = await self._on.book.get(recording_id)
        if recording is None or recording.state not in (State.STOPPED, State.VERIFIED):
            return await self._tidy(recording)
        sides, refused = self._on.plain.sides(recording_id)
        if not self._settled(sides):
            return Outcome.LATER
        marks = await self._on.book.marks(recording_id)
        verdict = judge(recording, sides, marks)
        if not verdict.usable:
            return await self._without_audio(recording, verdict, refused)
        return await self._with_audio(recording, sides, verdict, marks)

    async def tidy(self, recording_id: str) -> Outcome:
        """Remove the plain audio of a recording that is sealed, or destroyed, already. Raises as `seal`."""
        return await self._tidy(await self._on.book.get(recording_id))

    async def _with_audio(
        self, recording: Recording, sides: Sequence[Wav | None], verdict: Verdict, marks: Sequence[Mark]
    ) -> Outcome:
        sides = [None if side is None else repair(side) for side in sides]
        if (missing := gap(recording, verdict, marks)) is not None:
            await self._on.book.mark(recording.recording_id, [missing])
            marks = [*marks, missing]
        made = self._make(recording, sides, verdict, marks)
        try:
            await self._verified(recording, verdict, made.heard)
            key = await self._store(recording, made)
        finally:
            made.source.unlink(missing_ok=True)
        opened = await open_object(self._on.store, key, recording.recording_id, made.own.key, self._on.coding)
        digest = await opened.check()
        own, now = made.own, self._on.clock.now()
        if own.version != self._on.keys.current:  # rotated meanwhile: the old version may be retired
            own = self._on.keys.rewrap(recording.recording_id, own.version, own.wrapped)
        sealed = Sealed(
            object_key=key,
            object_bytes=made.index.object_bytes,
            object_digest=digest,
            digest=made.heard.digest.hex(),
            coding=self._on.coding,
            key_version=own.version,
            wrapped_key=own.wrapped,
            keep_until=await self._on.keep_until(recording, now),
            measures=measure(made.heard.levels, marks),
        )
        return await self._tidy(await self._on.seals.seal(recording.recording_id, sealed, now), checked=key)

    def _make(
        self, recording: Recording, sides: Sequence[Wav | None], verdict: Verdict, marks: Sequence[Mark]
    ) -> _Made:
        """Code and encrypt into the store's staging folder. Raises StoreAway, KeysProblem, OSError."""
        own = self._on.keys.fresh(recording.recording_id)
        source = self._on.store.staging / f"{recording.recording_id}-{secrets.token_hex(4)}{STAGED}"
        sound = PlainSides(sides, verdict.frames, silenced(marks, recording, verdict))
        try:
            with _new(source) as file:
                out = SealedFile(file, Sealer(recording.recording_id, own.key, self._on.coding))
                heard = encode(sound, self._on.coding, out)
                index = out.finish(heard.peaks, heard.frames, heard.digest)
        except BaseException as error:
            with suppress(OSError):
                source.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in _FULL:
                raise StoreAway(
                    f"{source.parent}: the disk is full. Remedy: make room.", "disk_full"
                ) from error
            raise
        return _Made(source, own, index, heard)

    async def _verified(self, recording: Recording, verdict: Verdict, heard: Heard) -> None:
        """Put on record what was found in the files."""
        digest = heard.digest.hex()
        if recording.state is State.VERIFIED and recording.digest != digest:
            # Nobody but the worker writes into the folder once a recording has stopped.
            await self._on.alarms.raise_alarm(AlarmKind.TAMPERED, recording.recording_id, "plain")
        if verdict.alarming:
            await self._on.alarms.raise_alarm(AlarmKind.TOO_SHORT, recording.recording_id, verdict.cause)
        facts = {
            "audio_ms": verdict.audio_ms,
            "lost_ms": verdict.lost_ms,
            "cause": verdict.cause,
            "digest": digest,
        }
        await self._on.book.move(recording.recording_id, "verify", self._on.clock.now(), facts)

    async def _store(self, recording: Recording, made: _Made) -> str:
        """Put the object; remove what earlier attempts left. Return its key."""
        async for stored in self._on.store.objects(object_prefix(recording.recording_id)):
            await self._on.store.delete(stored.key)
        key = object_key(recording.recording_id, secrets.token_hex(4))
        await self._on.store.put(key, made.source)
        return key

    async def _without_audio(self, recording: Recording, verdict: Verdict, refused: bool) -> Outcome:
        """Put on record that there is no audio, unless it may come back."""
        now = self._on.clock.now()
        stopped = recording.stopped_at or recording.planned_at
        missing = verdict.cause == Cause.MISSING and not refused
        if missing and (now - stopped).total_seconds() < MISSED:
            return Outcome.LATER
        cause = Cause.UNREADABLE if refused else Cause(verdict.cause)
        if verdict.alarming or refused:
            await self._on.alarms.raise_alarm(AlarmKind.LOST, recording.recording_id, cause)
        facts = {"lost_ms": verdict.lost_ms, "cause": cause.value}
        await self._on.book.move(recording.recording_id, "lose", now, facts)
        if not refused:  # what cannot be read is left for a person to look at, with an alarm
            self._on.plain.remove(recording.recording_id)
        return Outcome.LOST

    async def _tidy(self, recording: Recording | None, checked: str = "") -> Outcome:
        """Delete plain audio that is not needed any more. `checked`: the object that was just read whole."""
        if recording is None or recording.state not in (State.SEALED, State.HELD, State.DESTROYED):
            return Outcome.LATER
        if recording.audible and recording.object_key != checked:
            try:
                own = self._on.keys.unwrap(
                    recording.recording_id, recording.key_version, recording.wrapped_key
                )
                where = recording.object_key, recording.recording_id
                await (await open_object(self._on.store, *where, own, recording.coding)).check()
            except (SoundGone, SoundDamaged, KeyRefused):
                # The plain audio is all there is: it stays, and a person has to look.
                kind = AlarmKind.MISSING_OBJECT
                await self._on.alarms.raise_alarm(kind, recording.recording_id, PLAIN_KEPT)
                return Outcome.LATER
        self._on.plain.remove(recording.recording_id)
        return Outcome.SEALED

    def _settled(self, sides: Sequence[Wav | None]) -> bool:
        """Return whether nothing is being written any more."""
        now = self._on.clock.now().timestamp()
        return all(side is None or side.closed or abs(now - side.modified) > SETTLED for side in sides)


def remove_unfinished(store: SoundStore) -> None:
    """Remove what a process that died was making. To be called by the one process that seals."""
    with suppress(OSError):  # a store that is away is told at the first look
        for left in store.staging.glob(f"*{STAGED}"):
            left.unlink(missing_ok=True)


def _new(source: Path) -> BinaryIO:
    """Make a file that its owner alone may read. Raises StoreAway."""
    try:
        return os.fdopen(os.open(source, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
    except OSError as error:
        raise StoreAway(
            f"{source.parent}: nothing can be written there ({error.strerror}). Remedy: mount it again.",
            "disk_full" if error.errno in _FULL else "folder_gone",
        ) from error
