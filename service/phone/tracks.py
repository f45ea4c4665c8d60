"""Following a sound through the received audio, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.phone.landmarks import Samples
from service.phone.protocol import FRAME_SAMPLES
from service.phone.sounds import FRAME_QUIET, Candidate, SoundLibrary

ALIKE = 0.75  # least normalised correlation of two frames that are the same 20 ms of sound
SAME_LEVEL = 0.4  # least ratio of their norms
KEEP_SAMPLES = 4 * 8000  # how far back received audio is kept


class Stream:
    """The last seconds of received audio, addressed by sample position since its beginning."""

    def __init__(self) -> None:
        self._samples: Samples = np.empty(0, np.float32)
        self.base = 0  # position of the oldest sample kept
        self.end = 0  # position after the newest

    def append(self, samples: NDArray[np.int16]) -> None:
        """Add audio at the end."""
        self._samples = np.concatenate((self._samples, samples.astype(np.float32)))[-KEEP_SAMPLES:]
        self.end += len(samples)
        self.base = self.end - len(self._samples)

    def part(self, begin: int, end: int) -> Samples:
        """Return the samples [begin, end), which must still be kept."""
        return self._samples[begin - self.base : end - self.base]


@dataclass(slots=True)
class Track:
    """A guess that sound `index` began at stream sample `start`, and how it has held so far."""

    index: int
    start: int
    frame: int  # the sound's next frame to compare
    first: int  # the first frame compared
    last_match: int  # stream sample after the last frame that matched
    matched: int = 0  # audible frames that matched
    misses: int = 0  # frames in a row that did not match

    @classmethod
    def begin(cls, guess: Candidate, since: int) -> Track:
        """Return a track whose comparison begins at stream sample `since`."""
        frame = max(0, -(-(since - guess.start) // FRAME_SAMPLES))
        return cls(guess.index, guess.start, frame, frame, guess.start + frame * FRAME_SAMPLES)

    def follow(self, stream: Stream, library: SoundLibrary) -> None:
        """Compare all frames that came in since the last time."""
        wave = library.waves[self.index]
        whole = len(wave) // FRAME_SAMPLES
        until = min(whole, (stream.end - self.start) // FRAME_SAMPLES)
        if until <= self.frame:
            return
        begin = self.start + self.frame * FRAME_SAMPLES
        received = stream.part(begin, self.start + until * FRAME_SAMPLES).reshape(-1, FRAME_SAMPLES)
        known = wave[self.frame * FRAME_SAMPLES : until * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        for match in _compare(received, known):
            begin += FRAME_SAMPLES
            if match > 0:
                self.last_match = begin
                self.matched += 1
                self.misses = 0
            elif match < 0:
                self.misses += 1
        self.frame = until

    def is_over(self, library: SoundLibrary) -> bool:
        """Whether the sound has been compared to its end."""
        return self.frame >= len(library.waves[self.index]) // FRAME_SAMPLES

    def is_complete(self, library: SoundLibrary) -> bool:
        """Whether the sound was heard to its last audible 60 ms."""
        return self.last_match >= self.start + library.last_loud(self.index) - 3 * FRAME_SAMPLES

    def move(self, start: int) -> None:
        """Go on at another start: the receiver's jitter buffer dropped or inserted a packet."""
        self.frame = max(0, self.frame - self.misses - (start - self.start) // FRAME_SAMPLES)
        self.start = start
        self.misses = 0


def _compare(received: Samples, known: Samples) -> list[int]:
    """Compare frames, shape (n, 160) each: 1 the same, -1 another, 0 both silent."""
    level = np.linalg.norm(received, axis=1)
    known_level = np.linalg.norm(known, axis=1)
    product = np.einsum("ij,ij->i", received, known)
    higher, lower = np.maximum(level, known_level), np.minimum(level, known_level)
    same = (product >= ALIKE * level * known_level) & (lower >= SAME_LEVEL * higher)
    result = np.where(same, 1, -1)
    result[higher <= FRAME_QUIET] = 0
    return [int(one) for one in result]
