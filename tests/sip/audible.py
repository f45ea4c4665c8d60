"""Made-up calls for the ear: prompts in a row as a trunk would carry them, with the truth beside."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from prompts.g711 import to_alaw, to_ulaw
from service.phone.ear import Ear, Heard, Sound, SoundLibrary

RATE = 8000
FRAME = 160
CHUNK = 320  # the telephone hands over 40 ms at a time


@dataclass(frozen=True, slots=True)
class Played:
    """What was really played: positions in samples of the call."""

    name: str
    language: str
    began: int
    ended: int
    complete: bool


@dataclass(slots=True)
class MadeUpCall:
    """Audio and its truth."""

    audio: NDArray[np.int16]
    played: list[Played]
    heard: list[Heard] = field(default_factory=list)
    named_after: list[float] = field(default_factory=list)  # seconds from a prompt's start to its name

    def listen(self, library: SoundLibrary) -> None:
        """Let an ear listen to it as it would to a call."""
        ear = Ear(library)
        for at in range(0, len(self.audio), CHUNK):
            changes = ear.listen(self.audio[at : at + CHUNK])
            self.heard += changes.began
            self.named_after += [(at + CHUNK - heard.began) / RATE for heard in changes.began]
        last = ear.finish().began
        self.heard += last
        self.named_after += [(len(self.audio) - heard.began) / RATE for heard in last]


def alaw(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Code as A-law and back, the inverse made from the encoder: the mean of what shares a code."""
    return _round_trip(samples, to_alaw)


def ulaw(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Code as µ-law and back."""
    return _round_trip(samples, to_ulaw)


def _round_trip(samples: NDArray[np.int16], encode: object) -> NDArray[np.int16]:
    assert callable(encode)
    every = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)
    codes = np.frombuffer(encode(every), np.uint8)
    sums = np.bincount(codes, weights=every.astype(float), minlength=256)
    means = np.round(sums / np.maximum(np.bincount(codes, minlength=256), 1)).astype(np.int16)
    heard: NDArray[np.int16] = means[np.frombuffer(encode(samples), np.uint8)]
    return heard


def made_up_call(sounds: list[Sound], seed: int, loss: float = 0.0, coding: object = alaw) -> MadeUpCall:
    """Play sounds in random order with random gaps; cut a third of the prompts by a barge-in.

    `loss` is the share of 20 ms frames that arrive silent, in bursts of one to three.
    """
    assert callable(coding)
    rng = np.random.default_rng(seed)
    parts = [np.zeros(int(rng.integers(0, 4000)), np.int16)]
    at = len(parts[0])
    played = []
    for index in rng.permutation(len(sounds)):
        sound = sounds[index]
        samples = sound.samples
        cut = sound.kind == "prompt" and len(samples) > 2 * RATE and rng.random() < 1 / 3
        if cut:
            samples = samples[: int(rng.integers(RATE, len(samples) - RATE // 2))]
        played.append(Played(sound.name, sound.language, at, at + len(samples), not cut))
        gap = np.zeros(int(rng.choice([0, 0, 800, 4000])), np.int16)
        parts += [samples, gap]
        at += len(samples) + len(gap)
    audio = coding(np.concatenate(parts)).copy()
    frames = audio[: len(audio) // FRAME * FRAME].reshape(-1, FRAME)
    for first in np.flatnonzero(rng.random(len(frames)) < loss / 2):
        frames[first : first + int(rng.integers(1, 4))] = 0
    return MadeUpCall(audio, played)
