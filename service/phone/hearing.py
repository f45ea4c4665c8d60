"""The prompts of an installation, as sounds that the ear recognises."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prompts.texts import load_texts
from service.phone.protocol import SAMPLE_RATE
from service.phone.sounds import Sound, SoundLibrary

MUSIC = "music"


class NothingToRecognise(Exception):
    """The prompts have no audio yet; the message names the remedy."""


def load_sounds(prompts: Path, language: str | None = None) -> SoundLibrary:
    """Read all prompts, words and music below a prompts folder, of one language or of all.

    A prompt is known by its catalogue name; the second and further pieces of one that speaks
    values by `name-2` and so on; a word by its key. Pieces without audio are left out. Raises
    NothingToRecognise if that is all of them, prompts.errors.BadCatalogue, and ValueError for a
    file that is not 8 kHz 16-bit mono.
    """
    texts = load_texts(prompts)
    found: list[Sound] = []
    for recording in texts.recordings():
        if language in (None, recording.language):
            name = recording.key.removeprefix(f"{recording.language}/")
            kind = "word" if name.startswith("words/") else "prompt"
            name = name.removeprefix("words/").removesuffix("-1")
            found += _read(prompts, recording.key, name, recording.language, recording.text, kind)
    for key, generator in texts.generated().items():
        if generator == MUSIC:
            found += _read(prompts, key, key.partition("/")[2], "", "", MUSIC)
    if not found:
        raise NothingToRecognise(f"{prompts}/audio has no prompts; run `kring prompts render`")
    return SoundLibrary(found)


def _read(prompts: Path, key: str, name: str, language: str, text: str, kind: str) -> list[Sound]:
    path = prompts / "audio" / f"{key}.wav"
    if not path.exists():
        return []
    return [Sound(name, language, read_wave(path), text, kind)]


def read_wave(path: Path) -> NDArray[np.int16]:
    """Return a file's samples, shape (n,). Raises ValueError for another format than 8 kHz mono 16 bit."""
    with wave.open(str(path), "rb") as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if shape != (SAMPLE_RATE, 1, 2):
            raise ValueError(f"{path}: {shape[0]} Hz, {shape[1]} channels; needed: 8000 Hz, mono, 16 bit")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)
