"""How a text is said: the lexicon's respellings first, then phonemes by espeak-ng.

The lexicon keeps the catalogue's texts proper: `NPWP` is written so and said letter by letter. Its
entries are respellings in the language's own spelling, or phonemes between slashes where
espeak-ng's rules miss (Indonesian does not write which `e` is meant).
"""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from prompts.errors import SpeechUnavailable
from prompts.texts import Recording, read_yaml

_ESPEAK_VOICES = {"id": "id", "en": "en-us"}
_PHONEMES = re.compile(r"/([^/]+)/")
_BREATHS = re.compile(r"([,;:.!?])(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What to say for what is written, per language."""

    entries: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, path: Path) -> "Lexicon":
        """Read `lexicon.yaml`. Raises BadCatalogue."""
        return cls(
            {
                lang: {key.lower(): said for key, said in words.items()}
                for lang, words in read_yaml(path).items()
            }
        )

    def spoken(self, recording: Recording) -> str:
        """Replace what the lexicon knows, longest entries first, whatever their case."""
        entries = dict(self.entries.get(recording.language, {}))
        if recording.is_word:
            entries |= self.entries.get(f"{recording.language}/words", {})
        text = recording.text
        if not entries:
            return text
        longest_first = sorted(entries, key=len, reverse=True)
        pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
        return pattern.sub(lambda match: entries[match[1].lower()], text)


def sentences(spoken: str) -> tuple[str, ...]:
    """Split a text behind its full stops, question and exclamation marks."""
    return tuple(part.strip() for part in re.split(r"(?<=[.!?])\s+", spoken) if part.strip())


def phonemes(sentence: str, language: str) -> str:
    """Turn a sentence of the lexicon's output into phonemes; commas and stops stay as breaths.

    Raises SpeechUnavailable where espeak-ng is not installed.
    """
    pieces = _BREATHS.split(sentence)
    said: list[str] = []
    for index in range(0, len(pieces), 2):
        words = _clause(pieces[index], language)
        mark = pieces[index + 1] if index + 1 < len(pieces) else "."
        if words:
            said.append(f"{words}{mark}")
    return " ".join(said)


def _clause(clause: str, language: str) -> str:
    parts = _PHONEMES.split(clause)
    said = [part if index % 2 else espeak(part, language) for index, part in enumerate(parts)]
    return " ".join(part for part in said if part)


def espeak(text: str, language: str) -> str:
    """Phonemes (IPA) of a text by espeak-ng's rules."""
    if not text.strip():
        return ""
    command = ["espeak-ng", "-v", _ESPEAK_VOICES[language], "--ipa", "-q", "--", text.strip()]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    except FileNotFoundError as error:
        raise SpeechUnavailable(
            "espeak-ng, which turns texts into phonemes, is not installed: apt-get install espeak-ng"
        ) from error
    return " ".join(run.stdout.split())
