"""What staff are told, in Indonesian and English: texts by section and word, from `messages.yaml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from prompts.texts import LANGUAGES, read_yaml

FILE = Path(__file__).with_name("messages.yaml")

REFUSED = "refused"  # the words of `acd.requests.Refused`
TOLD = "told"  # the words of `acd.actions.Tell`
DECLARED = "declared"  # the states of `acd.states.DECLARED`
OBSERVED = "observed"  # the states of `acd.states.OBSERVED`
HEAD = "head"  # what stands above a column
PATH = "path"  # a call's way over the floor
OUTCOME = "outcome"  # how an offer, a phase or a wait ended
WORD = "word"
SECTIONS = (REFUSED, TOLD, DECLARED, OBSERVED, HEAD, PATH, OUTCOME, WORD)


class BadMessages(Exception):
    """The catalogue of staff messages cannot be used. The message names the entry and the remedy."""


class Messages:
    """The texts. Immutable."""

    def __init__(self, texts: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        """`texts`: section → word → language → text."""
        self._texts = texts

    def words(self, section: str) -> frozenset[str]:
        """Return the words of a section."""
        return frozenset(self._texts[section])

    def text(self, section: str, word: str, language: str) -> str:
        """Return a text. A word that is not there stands for itself (a test sees to it that all are)."""
        return self._texts[section].get(word, {}).get(language, word)

    def both(self, section: str, word: str) -> dict[str, str]:
        """Return a text in both languages, by language."""
        return {language: self.text(section, word, language) for language in LANGUAGES}


@cache
def staff_messages() -> Messages:
    """Return the shipped catalogue. Raises as `read_messages`."""
    return read_messages(FILE)


def read_messages(path: Path) -> Messages:
    """Read a catalogue. Raises BadMessages; prompts.errors.BadCatalogue for unreadable YAML."""
    found: dict[str, dict[str, dict[str, str]]] = {section: {} for section in SECTIONS}
    for name, texts in read_yaml(path).items():
        section, _, word = name.partition(".")
        if section not in found or not word:
            raise BadMessages(f"{path.name}: {name}: write SECTION.WORD; sections: {', '.join(SECTIONS)}")
        if set(texts) != set(LANGUAGES) or not all(texts.values()):
            raise BadMessages(f"{path.name}: {name}: needs a text in id and one in en, nothing else")
        found[section][word] = texts
    return Messages(found)
