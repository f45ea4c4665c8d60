"""Measures of a talk by how loud both sides are: who spoke, who was silent, who broke in, how fast.

Only the talk itself counts: not what the caller heard on hold, in a consultation or while waiting, and not
what was silenced. Everything is an estimate from energy; nothing here knows a word that was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recording.audio import LEVEL_FRAMES, Levels
from recording.recordings import RATE, Mark, MarkKind, Measures

Flags = NDArray[np.bool_]

FRAME_MS = LEVEL_FRAMES * 1000 // RATE
_DIGITAL_SILENCE_DB = -85.0  # quieter than any line: nothing was sent
_ABOVE_NOISE_DB = 10.0
_FAINTEST_DB, _LOUDEST_DB = -50.0, -30.0  # bounds of what counts as speech
_PAUSE = 300 // FRAME_MS  # a shorter pause is within a sentence
_SHORTEST = 100 // FRAME_MS  # shorter is a click
_SPOKE_ON = 500 // FRAME_MS  # who is broken in on has spoken so long before
_BOTH = 300 // FRAME_MS  # and both go on together so long
_DIP_DB = 2.0  # between two syllables (de Jong and Wempe, 2009)
_NOT_TALK = (MarkKind.HOLD, MarkKind.CONSULT, MarkKind.WAITING, MarkKind.SILENCED, MarkKind.GAP)


@dataclass(frozen=True, slots=True)
class _Runs:
    """Where flags are set: parts [start, end)."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, flags: Flags) -> _Runs:
        edges = np.diff(flags.astype(np.int8), prepend=0, append=0)
        return cls(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1))

    def flags(self, count: int) -> Flags:
        edges = np.zeros(count + 1, dtype=np.int32)
        np.add.at(edges, self.starts, 1)
        np.add.at(edges, self.ends, -1)
        return np.cumsum(edges[:-1]) > 0

    @property
    def spans(self) -> Sequence[tuple[int, int]]:
        """Return the parts in milliseconds."""
        ends = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return [(start * FRAME_MS, end * FRAME_MS) for start, end in ends]

    @property
    def longest(self) -> int:
        return int((self.ends - self.starts).max(initial=0))


def measure(levels: tuple[Levels, Levels], marks: Sequence[Mark]) -> Measures:
    """Return the measures of a talk from the levels of caller and agent, which are equally long."""
    loud = [_decibels(side.energy) for side in levels]
    talk = _talk(marks, len(loud[0]))
    caller, agent = (_speech(one, talk) for one in loud)
    neither = talk & ~caller & ~agent
    return Measures(
        caller_ms=_ms(caller),
        agent_ms=_ms(agent),
        silence_ms=_ms(neither),
        overlap_ms=_ms(caller & agent),
        longest_silence_ms=_Runs.of(neither).longest * FRAME_MS,
        turns=_turns(caller, agent),
        interruptions=_broke_in(caller, agent) + _broke_in(agent, caller),
        agent_pace=_pace(loud[1], agent),
        caller_pace=_pace(loud[0], caller),
    )


def spoken(
    levels: tuple[Levels, Levels], marks: Sequence[Mark]
) -> tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]]:
    """Return where caller and agent speak in the talk: ordered parts [from, until) in milliseconds."""
    loud = [_decibels(side.energy) for side in levels]
    talk = _talk(marks, len(loud[0]))
    caller, agent = (_Runs.of(_speech(one, talk)) for one in loud)
    return caller.spans, agent.spans


def _decibels(energy: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(10 * np.log10(energy + np.float32(1e-12)), dtype=np.float32)


def _talk(marks: Sequence[Mark], count: int) -> Flags:
    """Return the parts in which agent and caller are together; everything, if nothing is marked so."""
    talks = [mark for mark in marks if mark.kind is MarkKind.TALK]
    flags = _marked(talks, count) if talks else np.ones(count, dtype=np.bool_)
    return flags & ~_marked([mark for mark in marks if mark.kind in _NOT_TALK], count)


def _marked(marks: Sequence[Mark], count: int) -> Flags:
    flags = np.zeros(count, dtype=np.bool_)
    for mark in marks:
        end = count if mark.until_ms is None else -(-mark.until_ms // FRAME_MS)
        flags[max(0, mark.from_ms // FRAME_MS) : max(0, end)] = True
    return flags


def _speech(loud: NDArray[np.float32], talk: Flags) -> Flags:
    """Return where one side speaks: louder than its line's noise, short pauses included."""
    line = loud[talk & (loud > _DIGITAL_SILENCE_DB)]
    if not len(line):
        return np.zeros(len(loud), dtype=np.bool_)
    quiet = len(line) // 10  # the quietest tenth is the line itself
    noise = float(np.partition(line, quiet)[quiet])
    least = min(max(noise + _ABOVE_NOISE_DB, _FAINTEST_DB), _LOUDEST_DB)
    runs = _Runs.of((loud > least) & talk)
    if not len(runs.starts):
        return np.zeros(len(loud), dtype=np.bool_)
    apart = runs.starts[1:] - runs.ends[:-1] > _PAUSE
    starts = runs.starts[np.concatenate([[True], apart])]
    ends = runs.ends[np.concatenate([apart, [True]])]
    kept = ends - starts >= _SHORTEST
    return np.asarray(_Runs(starts[kept], ends[kept]).flags(len(loud)) & talk, dtype=np.bool_)


def _turns(caller: Flags, agent: Flags) -> int:
    """Return how often the one who spoke alone changed."""
    alone = np.where(caller & ~agent, 1, np.where(agent & ~caller, 2, 0))
    order = alone[alone > 0]
    return int(np.count_nonzero(np.diff(order))) if len(order) else 0


def _broke_in(who: Flags, on: Flags) -> int:
    """Return how often one began while the other had been speaking, and both went on."""
    spoken = _Runs.of(on)
    both = who & on
    count = 0
    for start in _Runs.of(who).starts.tolist():
        place = int(np.searchsorted(spoken.starts, start, side="right")) - 1
        if place < 0 or spoken.ends[place] <= start or start - spoken.starts[place] < _SPOKE_ON:
            continue
        count += bool(both[start : start + _BOTH].all() and start + _BOTH <= len(both))
    return count


def _pace(loud: NDArray[np.float32], speech: Flags) -> float:
    """Return syllables a second of speech, by peaks of energy with a dip on either side."""
    seconds = int(np.count_nonzero(speech)) * FRAME_MS / 1000
    if seconds < 1 or len(loud) < 3:
        return 0.0
    smooth = np.convolve(loud, np.array([0.25, 0.5, 0.25], dtype=np.float32), mode="same")
    rising = np.concatenate([[False], smooth[1:] > smooth[:-1]])
    falling = np.concatenate([smooth[:-1] >= smooth[1:], [False]])
    peaks = np.flatnonzero(rising & falling & speech)
    if not len(peaks):
        return 0.0
    valleys = np.minimum.reduceat(smooth, peaks)  # from each peak to the next
    return round(_syllables(smooth[peaks].tolist(), valleys.tolist()) / seconds, 2)


def _syllables(peaks: Sequence[float], valleys: Sequence[float]) -> int:
    count, top, dip = 1, peaks[0], valleys[0]
    for peak, valley in zip(peaks[1:], valleys[1:], strict=True):
        if min(peak, top) - dip >= _DIP_DB:
            count, top, dip = count + 1, peak, valley
        else:
            top, dip = max(top, peak), (valley if peak >= top else min(dip, valley))
    return count


def _ms(flags: Flags) -> int:
    return int(np.count_nonzero(flags)) * FRAME_MS
