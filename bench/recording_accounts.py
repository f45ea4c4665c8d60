"""What was said in a recorded conversation held against what is in its files: by packets, and by clicks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bench.recording_talks import CLICK_EVERY, Count
from bench.rtp import FRAME_SECONDS
from recording.recordings import RATE

Sound = NDArray[np.int16]

FED_MS = 200  # a phone that sent less than the time that passed by more than this, and than
FED_SHARE = 0.01  # this share of it, was short of CPU
CARRIED_MS = 100  # the kernel, or Asterisk, lost more than this between the phone and the recorder
LOUD = 2000  # a click is louder; the hum is not
APART = RATE // 2  # samples: two clicks are further apart


class Fit(StrEnum):
    """Whether a conversation can tell anything about its recorder."""

    FED = "fed"
    CUT = "cut"  # a leg ended before the recording did
    STARVED = "starved"  # its phones sent too little: they were short of CPU
    DROPPED = "dropped"  # packets were lost before the recorder


@dataclass(frozen=True, slots=True)
class Span:
    """Packets as they were around two orders, the one to begin and the one to end."""

    before_begin: Count
    after_begin: Count
    before_end: Count
    after_end: Count


def _ms(first: tuple[int, int], last: tuple[int, int]) -> tuple[float, float]:
    frame = FRAME_SECONDS * 1000
    return (last[0] - first[0]) * frame, (last[1] - first[1]) * frame


@dataclass(frozen=True, slots=True)
class Account:
    """One recording; `files`: milliseconds of audio of both sides."""

    span: Span
    files: tuple[float, float]

    @property
    def fit(self) -> Fit:
        """Return whether it is to be judged."""
        first, last = self.span.after_begin, self.span.before_end
        if last.cut:
            return Fit.CUT
        sent, received = _ms(first.sent, last.sent), _ms(first.received, last.received)
        lasted = (last.at - first.at) * 1000
        if min(sent) < lasted - max(FED_MS, FED_SHARE * lasted):
            return Fit.STARVED
        if max(said - got for said, got in zip(sent, received, strict=True)) > CARRIED_MS:
            return Fit.DROPPED
        return Fit.FED

    @property
    def error(self) -> float:
        """Return how far the files are from the audio that Asterisk received, in milliseconds.

        Nothing as long as they lie between what came in between the orders, and around them.
        """
        span = self.span
        least = max(_ms(span.after_begin.received, span.before_end.received))
        most = max(_ms(span.before_begin.received, span.after_end.received))
        return max(max(least - side, side - most, 0.0) for side in self.files)


def clicks(sound: Sound) -> NDArray[np.int64]:
    """Return the samples at which clicks begin."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > LOUD)
    if not len(loud):
        return loud
    return loud[np.concatenate(([True], np.diff(loud) > APART))]


def apart(caller: Sound, agent: Sound) -> list[float]:
    """Return how far, in milliseconds, each click of the agent's side is from the nearest of the caller's.

    Positive: later. Raises ValueError: a side has no clicks.
    """
    ours, theirs = clicks(caller), clicks(agent)
    if not len(ours) or not len(theirs):
        raise ValueError("no clicks on one side: nothing can be said about both being in step")
    place = np.searchsorted(ours, theirs)
    before, after = ours[np.maximum(place - 1, 0)], ours[np.minimum(place, len(ours) - 1)]
    nearest = np.where(np.abs(theirs - before) <= np.abs(after - theirs), before, after)
    found: list[float] = ((theirs - nearest) * 1000 / RATE).tolist()
    return found


def missed(sound: Sound) -> int:
    """Return how many clicks are missing between the first and the last one."""
    found = clicks(sound)
    every = CLICK_EVERY * FRAME_SECONDS * RATE
    return int(sum(round(step / every) - 1 for step in np.diff(found)))


def tally(accounts: Sequence[Account]) -> str:
    """Return in words how many conversations were fit, and what was wrong with the others."""
    kinds = [account.fit for account in accounts]
    others = [f"{kinds.count(kind)} {kind}" for kind in Fit if kind is not Fit.FED and kind in kinds]
    return f"{kinds.count(Fit.FED)} of {len(kinds)} conversations fit" + "".join(f", {one}" for one in others)
