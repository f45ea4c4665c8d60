"""Every fault at every step of sealing: what can be sealed is sealed whole, and no loss goes untold."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recording.container import SealedFile
from recording.ports import RecordingsUnavailable, SoundDamaged, SoundGone
from recording.recordings import Mark, MarkKind
from recording.sealing import SealingGround
from recording.sound_store import StoreAway
from recording.states import State
from storage.database import Database
from tests.faults import Fault, FaultLog, flip, truncate
from tests.sealing_world import SealingWorld, voice


@dataclass(frozen=True, slots=True)
class Step:
    """A place between two things that the worker does: before or after a method of one of its parts."""

    part: str
    method: str
    when: str


STEPS = {
    "before it looks": Step("plain", "sides", "before"),
    "after it looked": Step("book", "marks", "before"),
    "before the key": Step("keys", "fresh", "before"),
    "before VERIFIED": Step("book", "move", "before"),
    "after VERIFIED": Step("book", "move", "after"),
    "before it stores": Step("store", "put", "before"),
    "after it stored": Step("store", "put", "after"),
    "while it reads back": Step("store", "read", "after"),
    "before SEALED": Step("seals", "seal", "before"),
    "after SEALED": Step("seals", "seal", "after"),
    "before it deletes": Step("plain", "remove", "before"),
    "after it deleted": Step("plain", "remove", "after"),
}
_NAMES = list(STEPS)
PLAIN_IS_THERE = _NAMES[: _NAMES.index("after it deleted")]
VERIFIED = PLAIN_IS_THERE[_NAMES.index("after VERIFIED") :]  # from here on its digest is on record
STORED = _NAMES[_NAMES.index("after it stored") :]
WRITES = {  # who writes at a step, and how it tells that the disk is full
    "before VERIFIED": RecordingsUnavailable("disk is full"),
    "before it stores": StoreAway("no space left", "disk_full"),
    "before SEALED": RecordingsUnavailable("disk is full"),
    "before it deletes": OSError(errno.ENOSPC, "no space left"),
}


class Harmful:
    """A part of the worker; once, at its step, something happens."""

    def __init__(self, real: Any, step: Step, harm: Callable[[], None]) -> None:
        self._real, self._step, self._harm = real, step, harm
        self.times = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name != self._step.method:
            return real
        if asyncio.iscoroutinefunction(real):

            async def harmed(*given: Any) -> Any:
                self._now("before")
                result = await real(*given)
                self._now("after")
                return result

            return harmed

        def harmed_now(*given: Any) -> Any:
            self._now("before")
            result = real(*given)
            self._now("after")
            return result

        return harmed_now

    def _now(self, when: str) -> None:
        if when == self._step.when and not self.times:
            self.times += 1
            self._harm()


@dataclass
class Attempt:
    """A recording that is sealed while something happens."""

    world: SealingWorld
    recording_id: str
    wanted: Any  # samples of both sides

    def goes(self, step: str, harm: Callable[[], None]) -> None:
        """Let the worker go, with the fault at its step; the fault must have happened, once."""
        at, made = STEPS[step], []

        def around(ground: SealingGround) -> SealingGround:
            made.append(Harmful(getattr(ground, at.part), at, harm))
            changed: Any = {at.part: made[0]}
            return replace(ground, **changed)

        self.world.seal(around)
        assert [one.times for one in made] == [1], f"{step}: nothing was injected"

    def plain(self) -> list[Path]:
        return [self.world.plain.path(self.recording_id, side) for side in ("caller", "agent")]

    def stored(self) -> Path:
        """Return the object, whatever attempt made it."""
        (found,) = (self.world.home / "sounds").rglob(f"{self.recording_id}-*.sealed")
        return found

    def is_whole(self) -> bool:
        """Whether it is sealed as it was recorded, once, and no plain audio is left."""
        try:
            kept = self.world.kept(self.recording_id)
        except (SoundDamaged, SoundGone):
            return False
        return (
            kept.recording.state is State.SEALED
            and kept.plain == []
            and [one.key for one in kept.objects] == [kept.recording.object_key]
            and kept.sound is not None
            and np.array_equal(kept.sound, self.wanted)
        )

    def is_told(self) -> bool:
        """Whether a person is told: by an alarm at this recording, its row, or whoever opens it."""
        try:
            row = self.world.kept(self.recording_id).recording
        except (SoundDamaged, SoundGone):
            return True
        alarms = {one.recording_id for one in self.world.alarms()}
        return self.recording_id in alarms or (row.lost_ms > 0 and row.cause != "")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SealingWorld:
    """One house for all of it: each fault meets recordings of its own."""
    home = tmp_path_factory.mktemp("sealing-faults")
    Database.open(f"sqlite:///{home}/kring.db").close()
    return SealingWorld(f"sqlite:///{home}/kring.db", home)


def attempt(world: SealingWorld) -> Attempt:
    sides = voice(3.0), voice(3.0, 150.0, seed=2)
    wanted = np.stack(sides, axis=1)
    wanted[200 * 8 : 800 * 8] = 0
    return Attempt(world, world.stopped(*sides, [Mark(MarkKind.SILENCED, 400, 600, "keys")]), wanted)


@contextmanager
def away(path: Path) -> Iterator[Callable[[], None]]:
    """Give what takes a folder or file away; it is back at the end."""
    aside = path.with_name(f"{path.name}.away")

    def go() -> None:
        path.rename(aside)

    yield go
    aside.rename(path)


def mended(one: Attempt, faults: FaultLog, step: str) -> None:
    """What was in the way is gone: the next rounds seal it whole, and no alarm stays."""
    for _ in range(2):
        one.world.seal()
    whole = one.is_whole()
    faults.lost(silently=not whole and not one.is_told())
    assert whole, step
    assert one.world.alarms() == [], step


def test_a_full_disk_at_every_write(world: SealingWorld, faults: FaultLog) -> None:
    for step, error in WRITES.items():
        one = attempt(world)

        def full(error: Exception = error) -> None:
            raise error

        one.goes(step, full)
        faults.injected(Fault.DISK_FULL)
        assert all(path.exists() for path in one.plain()) or one.is_whole(), step
        mended(one, faults, step)


@pytest.mark.parametrize("method", ["write", "finish"])
def test_a_disk_that_fills_up_while_the_object_is_made(
    world: SealingWorld, faults: FaultLog, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    one = attempt(world)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patch:
        patch.setattr(SealedFile, method, full)
        assert world.seal() == 0
    faults.injected(Fault.DISK_FULL)
    assert all(path.exists() for path in one.plain())
    mended(one, faults, method)


@pytest.mark.parametrize("folder", ["plain", "sounds"])
def test_a_folder_that_goes_at_every_step(world: SealingWorld, faults: FaultLog, folder: str) -> None:
    for step in STEPS:
        one = attempt(world)
        with away(world.home / folder) as go:
            one.goes(step, go)
            faults.injected(Fault.FOLDER_GONE)
        mended(one, faults, f"{folder} {step}")


def test_a_key_file_that_goes_at_every_step(world: SealingWorld, faults: FaultLog) -> None:
    for step in STEPS:
        one = attempt(world)
        with away(Path(world.job.key_file)) as go:
            one.goes(step, go)
            faults.injected(Fault.KEY_MISSING)
        mended(one, faults, step)


def damaged(one: Attempt, faults: FaultLog, step: str) -> None:
    """What was spoilt cannot be mended: it is whole all the same, or somebody is told."""
    for _ in range(2):
        one.world.seal()
    silently = not one.is_whole() and not one.is_told()
    faults.lost(silently=silently)
    assert not silently, step


SPOILS = ((Fault.FILE_TRUNCATED, truncate, PLAIN_IS_THERE), (Fault.BYTE_FLIPPED, flip, VERIFIED))


@pytest.mark.parametrize(("fault", "spoil", "steps"), SPOILS)
def test_plain_audio_that_is_spoilt_at_every_step(
    world: SealingWorld,
    faults: FaultLog,
    fault: Fault,
    spoil: Callable[[Path], None],
    steps: Sequence[str],
) -> None:
    for step in steps:
        one = attempt(world)
        one.goes(step, lambda one=one: spoil(one.plain()[0]))  # type: ignore[misc]
        faults.injected(fault)
        damaged(one, faults, step)


@pytest.mark.parametrize(("fault", "spoil"), [(Fault.FILE_TRUNCATED, truncate), (Fault.BYTE_FLIPPED, flip)])
def test_a_sealed_object_that_is_spoilt_at_every_step(
    world: SealingWorld, faults: FaultLog, fault: Fault, spoil: Callable[[Path], None]
) -> None:
    for step in STORED:
        one = attempt(world)
        one.goes(step, lambda one=one: spoil(one.stored()))  # type: ignore[misc]
        faults.injected(fault)
        damaged(one, faults, step)
