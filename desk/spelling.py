"""Codes read aloud: any code into the service's own alphabet, and what was heard back into a code. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from desk.tables import LANGUAGES, Fields

FILE = Path(__file__).parent / "data" / "spelling.yaml"
GROUP = 4  # characters that are read in one breath
LONGEST = 64  # characters of a code

_BETWEEN = " -./_\t\n"  # written between characters, not read
_WORDS = re.compile(r"[^\s,;.]+")


class NoCode(ValueError):
    """What was given is no code, or not one that was heard. The message tells the place, not the value."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One character and the word that stands for it."""

    character: str
    word: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What heard words mean, compared with the code that was meant."""

    code: str
    differs: tuple[int, ...]  # places, counted from 1, where it is not what was meant; missing ones too


class Spelling:
    """The alphabet. Immutable."""

    def __init__(self, words: Mapping[str, Mapping[str, str]], also: Mapping[str, str]) -> None:
        """`words`: language → character → word; `also`: a further word in small letters → character."""
        self._words = words
        said = {word.lower(): character for table in words.values() for character, word in table.items()}
        self._characters = {**also, **said}

    def spell(self, code: str, language: str = "id") -> tuple[tuple[Spoken, ...], ...]:
        """Return a code in groups of four. Raises NoCode."""
        words = self._words[language if language in LANGUAGES else "id"]
        characters = plain(code)
        found = [Spoken(character, words[character]) for character in characters]
        return tuple(tuple(found[start : start + GROUP]) for start in range(0, len(found), GROUP))

    def heard(self, words: str, code: str = "") -> Heard:
        """Return the code that spoken words mean, and where it differs from `code`. Raises NoCode.

        Words of the international alphabet and of both languages are understood, in any spelling of
        case; a single character stands for itself.
        """
        said = "".join(self._character(place, word) for place, word in enumerate(_tokens(words), 1))
        if not said:
            raise NoCode("Nothing was heard. Remedy: write the words as they were said.")
        if len(said) > LONGEST:
            raise NoCode(f"More than {LONGEST} characters were heard. Remedy: check one code at a time.")
        if not code:
            return Heard(said, ())
        meant = plain(code)
        longest = max(len(meant), len(said))
        differs = tuple(i + 1 for i in range(longest) if meant[i : i + 1] != said[i : i + 1])
        return Heard(said, differs)

    def _character(self, place: int, word: str) -> str:
        if len(word) == 1 and word.upper() in self._words["id"]:
            return word.upper()
        found = self._characters.get(word.lower())
        if found is not None:
            return found
        if word.isascii() and word.isdigit():
            return word
        near = get_close_matches(word.lower(), self._characters, n=1)
        if near:
            raise NoCode(f"Word {place} stands for no character. Did you hear {near[0]}?")
        raise NoCode(f"Word {place} stands for no character.")


def plain(code: str) -> str:
    """Return a code's characters in capitals, without what is written between them. Raises NoCode."""
    characters = [character for character in code.upper() if character not in _BETWEEN]
    if not characters:
        raise NoCode("There is no code. Remedy: write letters and digits.")
    if len(characters) > LONGEST:
        raise NoCode(f"The code has more than {LONGEST} characters. Remedy: spell it in parts.")
    for place, character in enumerate(characters, 1):
        if not (character.isascii() and character.isalnum()):
            raise NoCode(f"Character {place} is no letter and no digit. Remedy: leave it out.")
    return "".join(characters)


def load_spelling(path: Path = FILE) -> Spelling:
    """Read the alphabet. Raises desk.tables.BadTable."""
    file = Fields.load(path)
    file.only("source", "letters", "digits")
    words: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    also: dict[str, str] = {}
    for letter, entry in file.part("letters").parts():
        entry.only("say", "also")
        for language in LANGUAGES:
            words[language][letter] = entry.text("say")
        also.update((word.lower(), letter) for word in entry.words("also"))
    for digit, entry in file.part("digits").parts():
        for language, word in entry.both("also").items():
            words[language][digit] = word
        also.update((word.lower(), digit) for word in entry.words("also"))
    wanted = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    for character in sorted(wanted ^ set(words["id"])):
        file.wrong("letters", f"`{character}` must be there exactly once", "Every letter and digit, no other")
    file.done()
    return Spelling(words, also)


def _tokens(words: str) -> Sequence[str]:
    found = _WORDS.findall(words.replace("X ray", "X-ray").replace("x ray", "x-ray"))
    return [part for word in found for part in _split(word)]


def _split(word: str) -> Sequence[str]:
    """Split `Alpha-Bravo`, which transcripts write, but not `X-ray`."""
    return [word] if word.lower() == "x-ray" else [part for part in word.split("-") if part]
