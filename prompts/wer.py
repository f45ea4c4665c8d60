"""Word error rate between a text and what a recogniser heard, both normalised alike.

Normalisation, in this order: lower case; numerals become words of the language (a recogniser
writes "tekan 1" for "tekan satu"); every sign that is neither letter nor digit becomes a space;
spellings of `heard.yaml` become the catalogue's spelling. The same steps are taken on both sides.
"""

import re
import unicodedata
from collections.abc import Mapping

from prompts.speaking import speak
from prompts.texts import PAUSE

_LONGEST_NUMBER = 6  # digits; longer ones are read digit by digit
_NUMERAL = re.compile(r"\d+")
_THOUSANDS = re.compile(r"(?<=\d)[.,](?=\d{3}(?!\d))")
_CLOCK = re.compile(r"(?<=\d)[.:]00(?!\d)")
_NO_SIGN = re.compile(r"[^\w\s]|_")


def normalise(text: str, language: str, words: Mapping[str, str], heard: Mapping[str, str]) -> list[str]:
    """Bring a text to the words that are compared; `words` is the language's part of words.yaml."""
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = _THOUSANDS.sub("", _CLOCK.sub("", plain))
    plain = _NUMERAL.sub(lambda match: f" {_in_words(match[0], language, words)} ", plain)
    plain = " ".join(_NO_SIGN.sub(" ", plain).lower().split())
    for variant in sorted(heard, key=len, reverse=True):
        plain = re.sub(rf"(?<!\w){re.escape(variant)}(?!\w)", heard[variant], plain)
    return plain.split()


def _in_words(numeral: str, language: str, words: Mapping[str, str]) -> str:
    kind = "digits" if len(numeral) > _LONGEST_NUMBER or numeral.startswith("0") else "number"
    return " ".join(words[key] for key in speak(language, kind, numeral) if key != PAUSE)


def errors(said: list[str], heard: list[str]) -> int:
    """The least number of words changed, dropped or added (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for index, word in enumerate(said, 1):
        before, row = row, [index]
        for place, other in enumerate(heard, 1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (word != other)))
    return row[-1]


def rate(said: list[str], heard: list[str]) -> float:
    """Word errors as a share of the words said; it exceeds 1 when more is heard than was said."""
    return errors(said, heard) / max(1, len(said))
