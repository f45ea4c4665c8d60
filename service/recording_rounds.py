"""Rounds over what waits to be sealed: oldest first, what fails is tried again later and raises an alarm."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from recording.audio import CodingFailed
from recording.keys import KeyRefused, KeysProblem
from recording.plain import PlainAway
from recording.ports import RecordingsUnavailable, SoundDamaged, SoundGone
from recording.recordings import AlarmKind, Recording
from recording.sealing import PLAIN_KEPT, SETTLED, Outcome, Sealing, SealingGround
from recording.sound_store import StoreAway
from recording.states import State
from service.recording_jobs import Did, Failed, Told

SWEEP_EVERY = 60.0  # seconds between two looks for plain audio that a sealed recording left
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 300.0  # seconds until something is tried again; doubled each time
_KEY_FILE, _PLAIN_FOLDER = "key_file", "plain_folder"  # details of alarms
_OURS = (
    (AlarmKind.KEYS, _KEY_FILE),
    *((AlarmKind.STORE, word) for word in ("away", "disk_full", "folder_gone", "refused", _PLAIN_FOLDER)),
)
_OVER = (State.SEALED, State.HELD, State.DESTROYED)

log = structlog.get_logger("kring.sealing")


@dataclass(slots=True)
class _Wait:
    """When something is tried again."""

    until: float = 0.0
    span: float = _FIRST_WAIT

    def longer(self, now: float) -> None:
        self.until = now + self.span
        self.span = min(self.span * 2, _LONGEST_WAIT)


class Rounds:
    """Looks again and again. One at a time."""

    def __init__(self, sealing: Sealing, on: SealingGround, tell: Callable[[Told], None]) -> None:
        """`tell` is given what happened."""
        self._sealing = sealing
        self._on = on
        self._tell = tell
        self._all = _Wait()  # keys, store, folder or records are away: nothing can be sealed
        self._one: dict[str, _Wait] = {}  # by recording
        self._sweep = 0.0
        self._raised: set[tuple[AlarmKind, str]] = set()  # kind and detail of alarms that concern all
        self._fresh = True  # alarms of a process before this one may be open

    async def go(self) -> int:
        """Seal what waits; return how many came to their end."""
        now = self._on.clock.monotonic()
        if now < self._all.until:
            return 0
        done = 0
        try:
            await self._begin()
            self._on.plain.check()
            _ = self._on.keys.current
            if now >= self._sweep:
                await self._on.store.check()
            for recording in await self._on.book.in_state(State.STOPPED, State.VERIFIED):
                done += await self._try(recording)
            if now >= self._sweep:
                await self._sweep_plain()
                self._sweep = now + SWEEP_EVERY
        except KeysProblem as error:
            await self._trouble(AlarmKind.KEYS, _KEY_FILE, error)
        except StoreAway as error:
            await self._trouble(AlarmKind.STORE, error.word, error)
        except PlainAway as error:
            await self._trouble(AlarmKind.STORE, _PLAIN_FOLDER, error)
        except RecordingsUnavailable as error:
            self._wait_all("records", "", error)
        else:
            await self._well()
        return done

    async def _try(self, recording: Recording) -> int:
        """Seal one; what is wrong with it alone must not hold up the others."""
        recording_id = recording.recording_id
        wait = self._one.get(recording_id)
        if wait is not None and self._on.clock.monotonic() < wait.until:
            return 0
        begun = time.process_time()
        try:
            outcome = await self._sealing.seal(recording_id)
        except (KeysProblem, StoreAway, PlainAway, RecordingsUnavailable):
            raise
        except (SoundDamaged, SoundGone) as error:
            await self._failed(recording_id, "read_back", error)
            return 0
        except (CodingFailed, OSError, KeyRefused, KeyError, ValueError) as error:
            await self._failed(recording_id, "sealing", error)
            return 0
        if outcome is Outcome.LATER:
            later = self._one.setdefault(recording_id, _Wait())
            later.until = self._on.clock.monotonic() + SETTLED
            return 0
        if self._one.pop(recording_id, None) is not None:
            await self._on.alarms.clear(AlarmKind.STORE, recording_id)
        spent = time.process_time() - begun
        audio = recording.expected_ms
        if (after := await self._on.book.get(recording_id)) is not None:
            audio = after.audio_ms
        self._tell(Did(recording_id, outcome.value, audio, round(spent, 4)))
        return 1

    async def _failed(self, recording_id: str, detail: str, error: Exception) -> None:
        self._one.setdefault(recording_id, _Wait()).longer(self._on.clock.monotonic())
        log.error("a recording cannot be sealed", recording=recording_id, error=type(error).__name__)
        await self._on.alarms.raise_alarm(AlarmKind.STORE, recording_id, detail)
        self._tell(Failed(AlarmKind.STORE.value, detail))

    async def _sweep_plain(self) -> None:
        """Delete what a process that died left of recordings that are sealed."""
        left = {file.recording_id for file in self._on.plain.files() if file.recording_id}
        for recording_id in sorted(left):
            recording = await self._on.book.get(recording_id)
            if recording is not None and recording.state in _OVER:
                outcome = await self._sealing.tidy(recording_id)
                if outcome is Outcome.SEALED and recording.audible:
                    await self._on.alarms.clear(AlarmKind.MISSING_OBJECT, recording_id, PLAIN_KEPT)
        for recording_id in set(self._one) - left:
            recording = await self._on.book.get(recording_id)
            if recording is not None and recording.state in _OVER:  # it failed at its end, and was completed
                del self._one[recording_id]
                await self._on.alarms.clear(AlarmKind.STORE, recording_id)

    async def _begin(self) -> None:
        """Take over the alarms of a process before this one."""
        if not self._fresh:
            return
        for alarm in await self._on.alarms.open():
            if alarm.kind is AlarmKind.STORE and alarm.recording_id:
                self._one[alarm.recording_id] = _Wait()
            elif (alarm.kind, alarm.detail) in _OURS:
                self._raised.add((alarm.kind, alarm.detail))
        self._fresh = False

    async def _trouble(self, kind: AlarmKind, detail: str, error: Exception) -> None:
        self._raised.add((kind, detail))
        await self._on.alarms.raise_alarm(kind, "", detail)
        self._wait_all(kind.value, detail, error)

    def _wait_all(self, what: str, detail: str, error: Exception) -> None:
        self._all.longer(self._on.clock.monotonic())
        log.error("nothing can be sealed now", what=what, problem=str(error))
        self._tell(Failed(what, detail))

    async def _well(self) -> None:
        """Everything that all need is there."""
        self._all = _Wait()
        for kind, detail in self._raised:
            await self._on.alarms.clear(kind, "", detail)
        self._raised.clear()
