"""A recogniser listens to every prompt, so that a bad one is found without listening.

The recogniser is `prompts.whisper`. Values spoken in a prompt are samples. The audio is what callers
hear: the committed 8 kHz files.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prompts.library import PREFIX, Library
from prompts.sound import Wave, to_wave
from prompts.texts import LANGUAGES, Slot, Texts, load_texts, read_yaml
from prompts.wav import RATE, read
from prompts.wer import normalise, rate
from prompts.whisper import Whisper

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


def recognise(folder: Path, only: Collection[str] = ()) -> Iterator[Hearing]:
    """Listen to the prompts of a folder, in both languages."""
    texts, library = load_texts(folder), Library.load(folder)
    spellings = read_yaml(folder / "heard.yaml")
    recogniser = Whisper()
    for language in LANGUAGES:
        for name, prompt in texts.prompts.items():
            if language not in prompt.parts or (only and name not in only):
                continue
            wave = _assemble(folder, library, texts, name, language)
            heard = recogniser.text(wave, language)
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
