"""What readers of tables say of mistakes, in Indonesian: sentences are known by `web/texts/mistakes.yaml`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from web.texts import Texts

_FAMILY = "mistake."
_KINDS = {"n": "-?[0-9]+(?:[.,][0-9]+)?", "word": r"\S+"}  # of places; others take anything
_KINDS |= dict.fromkeys(("least", "most"), _KINDS["n"])
_PLACE = re.compile(r"\{(\w+)\}")
_SPOKEN = "en"  # what readers speak


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in a language. `known` is False where it is still the reader's English."""

    text: str
    known: bool


@dataclass(frozen=True, slots=True)
class _Sentence:
    name: str
    pattern: re.Pattern[str]
    letters: int  # that are not places: who has more of them says more


class MistakeTexts:
    """Says readers' sentences in another language. Immutable."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._sentences = _sentences(texts)

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


@lru_cache(maxsize=4)
def _sentences(texts: Texts) -> Sequence[_Sentence]:
    found = [_sentence(name, texts.say(_SPOKEN, name)) for name in texts.names() if name.startswith(_FAMILY)]
    return sorted(found, key=lambda one: (-one.letters, one.name))


def _sentence(name: str, said: str) -> _Sentence:
    parts = _PLACE.split(said)  # words, place, words, place, words
    written = "".join(
        f"(?P<{part}>{_KINDS.get(part, '.+')})" if at % 2 else re.escape(part)
        for at, part in enumerate(parts)
    )
    return _Sentence(name, re.compile(written, re.IGNORECASE), sum(map(len, parts[::2])))
