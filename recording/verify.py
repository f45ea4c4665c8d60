"""Whether what was recorded is all there: the bytes of both sides against the length that they should have.

Silenced parts are in the files as silence, so they count like any other. What is missing is stated in
milliseconds with a cause; more than is explained is an alarm. What is on record as missing already (marks
GAP) is silence in the files, and is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from recording.recordings import AWAY_GAP, LATE_GAP, RATE, Mark, MarkKind, Recording
from recording.wav import Wav

ASIDE_MS = 100  # a difference that the order's way to Asterisk and a packet's length explain
SHORT_MS = 1000  # missing beyond this is an alarm
CRASH_MS = 4000  # a killed Asterisk had not written its last seconds
UNEQUAL_MS = 20  # the sides differ by more than a packet: the shorter one ended early

# Causes of a stop after which the recorded end is not the one that was waited for: Asterisk was killed, could
# not be commanded, or the service was away. Whatever is missing or too much is at the end.
CRASHES = frozenset({"asterisk_died", "control_lost", "service_away"})
GUARD_MS = 200  # silence reaches this much further at both ends: orders take time to reach Asterisk


class Cause(StrEnum):
    """Why audio is missing, as far as the files show."""

    SHORT = "short"  # less than the talk, and nothing explains it
    CRASH = "crash"  # the file was not closed
    ONE_SIDE = "one_side"  # there is no file, or no audio, of one side
    UNEQUAL = "unequal"  # one side ended before the other
    EMPTY = "empty"  # no audio on either side
    MISSING = "missing"  # no file of either side
    UNREADABLE = "unreadable"  # neither file is audio of ours
    MARKED = "marked"  # nothing but what marks say: it began late, or paused for another voice


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `usable` False: there is nothing to seal."""

    frames: int  # samples of the longer side, which the other is filled up to
    audio_ms: int
    both_ms: int  # up to here both sides are there
    missing_ms: int  # of what should be in the files
    lost_ms: int  # that, and what is on record as missing already
    cause: str
    usable: bool
    alarming: bool  # more is missing than is explained

    @property
    def end_known(self) -> bool:
        """Whether what is missing is missing at the end."""
        return self.cause in (Cause.CRASH, *CRASHES)


def judge(recording: Recording, sides: Sequence[Wav | None], marks: Sequence[Mark] = ()) -> Verdict:
    """Hold the sides (caller, agent; None: no file that can be used) against what is expected."""
    there = [side for side in sides if side is not None and side.frames]
    expected = max(0, recording.expected_ms)
    if not there:
        cause = Cause.MISSING if all(side is None for side in sides) else Cause.EMPTY
        lost = expected + _late(marks)
        return Verdict(0, 0, 0, expected, lost, cause, usable=False, alarming=expected > SHORT_MS)
    frames = max(side.frames for side in there)
    both_ms = min(side.frames for side in there) * 1000 // RATE
    if len(there) < len(sides):
        missing, stated = max(expected, frames * 1000 // RATE), _late(marks)
    else:
        missing, stated = max(0, expected - both_ms), _late(marks) + _paused(marks, both_ms)
    missing = missing if missing > ASIDE_MS else 0
    cause_word, most = _why(recording, there, len(sides), missing)
    return Verdict(
        frames,
        frames * 1000 // RATE,
        both_ms if len(there) == len(sides) else 0,
        missing,
        missing + stated,
        cause_word or (Cause.MARKED if stated else ""),
        usable=True,
        alarming=missing > most or _longest(marks, both_ms) > SHORT_MS,
    )


def _why(recording: Recording, there: Sequence[Wav], sides: int, missing: int) -> tuple[str, int]:
    """Return why audio is missing, and how much of that explains itself."""
    if len(there) < sides:
        return Cause.ONE_SIDE, -1
    if recording.cause in CRASHES or not all(side.closed for side in there):
        return recording.cause or Cause.CRASH, CRASH_MS
    frames = [side.frames * 1000 // RATE for side in there]
    if max(frames) - min(frames) > UNEQUAL_MS and missing:
        return Cause.UNEQUAL, SHORT_MS
    return recording.cause or (Cause.SHORT if missing else ""), SHORT_MS


def _late(marks: Sequence[Mark]) -> int:
    """Return the milliseconds before the beginning that are on record as missing."""
    found = (mark.detail for mark in marks if mark.kind is MarkKind.GAP)
    return sum(int(detail.removeprefix(LATE_GAP)) for detail in found if detail.startswith(LATE_GAP))


def _spans(marks: Sequence[Mark], end_ms: int) -> list[tuple[int, int]]:
    """Return what marks say is missing before `end_ms`, parts that touch as one."""
    spans: list[tuple[int, int]] = []
    for mark in sorted(marks, key=lambda mark: mark.from_ms):
        if mark.kind is not MarkKind.GAP or mark.detail.startswith((LATE_GAP, AWAY_GAP)):
            continue
        until = end_ms if mark.until_ms is None else min(end_ms, mark.until_ms)
        if mark.from_ms >= until:
            continue
        if spans and mark.from_ms <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], until)
        else:
            spans.append((mark.from_ms, until))
    return spans


def _paused(marks: Sequence[Mark], end_ms: int) -> int:
    return sum(until - begin for begin, until in _spans(marks, end_ms))


def _longest(marks: Sequence[Mark], end_ms: int) -> int:
    return max((until - begin for begin, until in _spans(marks, end_ms)), default=0)


def gap(recording: Recording, verdict: Verdict, marks: Sequence[Mark]) -> Mark | None:
    """Return the mark of what is missing at the end, if that is where it is missing and it is not marked."""
    if not verdict.missing_ms or not verdict.end_known or not verdict.usable:
        return None
    until = verdict.both_ms + verdict.missing_ms
    gaps = [mark for mark in marks if mark.kind is MarkKind.GAP]
    known = any(mark.until_ms is None or mark.until_ms >= until for mark in gaps)
    return None if known else Mark(MarkKind.GAP, verdict.both_ms, until, verdict.cause)


def silenced(marks: Sequence[Mark], recording: Recording, verdict: Verdict) -> list[tuple[int, int]]:
    """Return the samples that have to be silence, as ordered parts [from, until) that do not touch.

    Marks are on our clock, samples on Asterisk's. Where the audio is shorter or longer than it should be and
    nobody knows at which place, the part reaches as much further: what was keyed must not be heard.
    """
    shift = 0 if verdict.end_known else verdict.audio_ms - recording.expected_ms
    early, late = GUARD_MS + max(0, -shift), GUARD_MS + max(0, shift)
    parts: list[tuple[int, int]] = []
    for mark in sorted(marks, key=lambda mark: mark.from_ms):
        if mark.kind is not MarkKind.SILENCED:
            continue
        begin = max(0, (mark.from_ms - early) * RATE // 1000)
        end = verdict.frames if mark.until_ms is None else (mark.until_ms + late) * RATE // 1000
        end = min(verdict.frames, end)
        if begin >= end:
            continue
        if parts and begin <= parts[-1][1]:
            parts[-1] = parts[-1][0], max(parts[-1][1], end)
        else:
            parts.append((begin, end))
    return parts
