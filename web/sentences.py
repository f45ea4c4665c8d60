"""English sentences of the service's inner parts in another language, known by a family of texts.

The parts that read tables (`mistake.…`) and those that serve calls (`trouble.…`) say in English what is
wrong. A text's English side is such a sentence, with {places} for what differs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from web.texts import Texts

_KINDS = {"n": "-?[0-9]+(?:[.,][0-9]+)?", "word": r"\S+"}  # of places; others take anything
_KINDS |= dict.fromkeys(("least", "most"), _KINDS["n"])
_PLACE = re.compile(r"\{(\w+)\}")
_SPOKEN = "en"  # what the inner parts speak


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in a language. `known` is False where it is still the inner part's English."""

    text: str
    known: bool


@dataclass(frozen=True, slots=True)
class _Sentence:
    name: str
    pattern: re.Pattern[str]
    letters: int  # that are not places: who has more of them says more


class Sentences:
    """Says sentences of one family in another language. Immutable."""

    def __init__(self, texts: Texts, family: str) -> None:
        """`family`: what the names of its texts begin with, its full stop included."""
        self._texts = texts
        self._sentences = _sentences(texts, family)

    def say(self, language: str, sentence: str) -> Said:
        """Return a sentence in a language; what comes before the first colons, a place, stays as it is."""
        if language == _SPOKEN or not sentence:
            return Said(sentence, known=True)
        before, rest = "", sentence.strip().removesuffix(".")
        while True:
            if (found := self._found(language, rest)) is not None:
                return Said(f"{before}{found}", known=True)
            place, colon, rest = rest.partition(": ")
            if not colon:
                return Said(sentence, known=False)
            before += f"{place}: "

    def _found(self, language: str, sentence: str) -> str | None:
        for one in self._sentences:
            if matched := one.pattern.fullmatch(sentence):
                return self._texts.say(language, one.name, **matched.groupdict())
        return None


@lru_cache(maxsize=8)
def _sentences(texts: Texts, family: str) -> Sequence[_Sentence]:
    found = [_sentence(name, texts.say(_SPOKEN, name)) for name in texts.names() if name.startswith(family)]
    return sorted(found, key=lambda one: (-one.letters, one.name))


def _sentence(name: str, said: str) -> _Sentence:
    parts = _PLACE.split(said)  # words, place, words, place, words
    written = "".join(
        f"(?P<{part}>{_KINDS.get(part, '.+')})" if at % 2 else re.escape(part)
        for at, part in enumerate(parts)
    )
    return _Sentence(name, re.compile(written, re.IGNORECASE), sum(map(len, parts[::2])))
