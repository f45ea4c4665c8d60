"""The sounds that the ear can recognise, indexed by their landmarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.phone import landmarks
from service.phone.landmarks import Samples
from service.phone.protocol import FRAME_SAMPLES

FRAME_QUIET = 100.0 * FRAME_SAMPLES**0.5  # norm of a 20 ms frame of 100 RMS (-50 dBFS): silence
COMMON = 24  # a key found more often than this tells nothing


@dataclass(frozen=True, slots=True)
class Sound:
    """A prompt, a word or a piece of music: 16-bit samples, 8 kHz, shape (n,)."""

    name: str
    language: str  # "id", "en" or "" for music
    samples: NDArray[np.int16]
    text: str = ""
    kind: str = "prompt"  # "prompt", "word" or "music"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A guess: sound `index` began at stream sample `start`; `votes` landmarks say so."""

    index: int
    start: int
    votes: int


class SoundLibrary:
    """Recognisable sounds. Building it costs about 10 ms per minute of audio."""

    def __init__(self, sounds: Iterable[Sound]) -> None:
        self.sounds: Sequence[Sound] = tuple(sounds)
        self.waves: list[Samples] = [sound.samples.astype(np.float32) for sound in self.sounds]
        self.loud_frames = [_loud(wave) for wave in self.waves]
        found = [landmarks.find(wave, probes=False) for wave in self.waves]
        keys = np.concatenate([one.keys for one in found] or [np.empty(0, np.uint64)])
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        positions = np.concatenate([one.positions for one in found] or [np.empty(0, np.int64)])
        self._positions = positions[order]
        owners = np.repeat(np.arange(len(found)), [len(one.keys) for one in found])
        self._owners = owners[order]

    def last_loud(self, index: int) -> int:
        """Return the sample after the last audible frame of a sound."""
        loud = np.flatnonzero(self.loud_frames[index])
        return int(loud[-1] + 1) * FRAME_SAMPLES if len(loud) else 0

    def votes(self, heard: landmarks.Landmarks, offset: int) -> NDArray[np.int64]:
        """Return what landmarks vote for: rows of (sound, start, place), places in stream samples.

        `offset` is the stream position of the landmarks' first sample.
        """
        flat = heard.variants.reshape(-1)
        low = np.searchsorted(self._keys, flat, side="left")
        high = np.searchsorted(self._keys, flat, side="right")
        counts = high - low
        counts[counts > COMMON] = 0
        total = int(counts.sum())
        if total == 0:
            return np.empty((0, 3), np.int64)
        asked = np.repeat(np.arange(len(flat)), counts)
        hits = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)
        places = heard.positions[asked // heard.variants.shape[1]] + offset
        return np.column_stack((self._owners[hits], places - self._positions[hits], places))


def candidates(votes: NDArray[np.int64], least: int) -> list[Candidate]:
    """Return the guesses that at least so many landmarks agree on, best first."""
    if not len(votes):
        return []
    keys = (votes[:, 0] << 40) + votes[:, 1] + (1 << 39)  # starts may be negative
    values, counts = np.unique(keys, return_counts=True)
    chosen = np.flatnonzero(counts >= least)
    chosen = chosen[np.argsort(-counts[chosen], kind="stable")]
    return [
        Candidate(int(values[at] >> 40), int(values[at] & ((1 << 40) - 1)) - (1 << 39), int(counts[at]))
        for at in chosen
    ]


def _loud(wave: Samples) -> NDArray[np.bool_]:
    whole = len(wave) // FRAME_SAMPLES
    frames = wave[: whole * FRAME_SAMPLES].reshape(whole, FRAME_SAMPLES)
    loud: NDArray[np.bool_] = np.linalg.norm(frames, axis=1) > FRAME_QUIET
    return loud
