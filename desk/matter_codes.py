"""The codes of matters: short, random, speakable. A caller rings back with one.

Letters only, so that none is taken for a digit; no vowels, so that no code is a word; without Q and Y,
which leaves 19. The code is spelled in the service's own alphabet. 19 is a prime: a weighted sum
modulo 19 finds every wrong letter and every two letters that changed places.
"""

import secrets
from collections.abc import Callable

LETTERS = "BCDFGHJKLMNPRSTVWXZ"
LENGTH = 8  # the last one is the check letter
_GROUP = 4
_BASE = len(LETTERS)
_VALUES = {letter: value for value, letter in enumerate(LETTERS)}


class CodeProblem(Exception):
    """A code that cannot be one. `word`: `length`, `letter` or `check`."""

    def __init__(self, word: str) -> None:
        super().__init__(f"no code: {word}")
        self.word = word


def new_code(draw: Callable[[int], int] = secrets.randbelow) -> str:
    """Return a fresh code of eight letters. `draw(n)` gives a number below n."""
    body = "".join(LETTERS[draw(_BASE)] for _ in range(LENGTH - 1))
    return body + _check_letter(body)


def read_code(text: str) -> str:
    """Return the code in a text typed by hand: any case, with spaces or hyphens. Raises CodeProblem."""
    code = "".join(letter for letter in text.upper() if not letter.isspace() and letter not in "-–.")
    if len(code) != LENGTH:
        raise CodeProblem("length")
    if not set(code) <= set(LETTERS):
        raise CodeProblem("letter")
    if _check_letter(code[:-1]) != code[-1]:
        raise CodeProblem("check")
    return code


def shown_code(code: str) -> str:
    """Return a code as it is written for people: `KRTM-WXPB`."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def _check_letter(body: str) -> str:
    # Weights 1 … 7, and 1 for the check letter itself would equal the first: it has weight -1 = 18.
    return LETTERS[sum(weight * _VALUES[letter] for weight, letter in enumerate(body, 1)) % _BASE]
