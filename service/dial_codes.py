"""The table of dial codes: what an agent's phone dials and presses, and which request it means.

Pure: a code in, a request out. `dial_codes.yaml` is the table; a mistake in it is refused by its line's name.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from acd.floor_rules import PauseReason
from acd.requests import (
    CancelConsult,
    CompleteTransfer,
    Conference,
    Consult,
    EndCall,
    EndWrapUp,
    ExtendWrapUp,
    Hold,
    Pause,
    Ready,
    Refused,
    Request,
    SignIn,
    SignOut,
    Target,
    Transfer,
    Unhold,
)
from prompts.texts import read_yaml

FILE = Path(__file__).with_name("dial_codes.yaml")
SECTIONS = ("dialled", "pressed", "said", "targets")
REASON, TARGET = "R", "T"  # what stands in a code for a digit of the reasons, and for a target
BETWEEN_KEYS = 5.0  # seconds; then a code begun is forgotten
LONGEST = 24  # keys in a code
STAFF_NUMBER = "0"  # a target that begins so is a staff number

_CODE = re.compile(r"\*[0-9]{1,3}[RT]?")


class BadDialCodes(Exception):
    """The table of dial codes cannot be used. The message names section, line and remedy."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A code that was understood: the request's name in the table, and what it is about."""

    name: str
    reason: str = ""
    target: Target | None = None


class DialCodes:
    """The codes. Immutable."""

    def __init__(self, table: Mapping[str, Mapping[str, str]], reasons: Iterable[PauseReason]) -> None:
        """Raises BadDialCodes."""
        self._table = table
        self._reasons = {reason.digit: reason.name for reason in reasons if reason.digit}
        self._dialled = _codes("dialled", table, REASON)
        self._pressed = _codes("pressed", table, TARGET)
        self._said = dict(table["said"])
        self._targets = dict(_targets(table["targets"]))
        for name in self._said.keys() - set(self._dialled.values()) - set(self._pressed.values()):
            raise BadDialCodes(f"{FILE.name}: said: {name}: no code means this; remove the line")

    def with_reasons(self, reasons: Iterable[PauseReason]) -> "DialCodes":
        """Return the same codes with another table of pause reasons."""
        return DialCodes(self._table, reasons)

    def dialled(self, code: str) -> Wish | None:
        """Return what a dialled code means; None: nothing."""
        if name := self._dialled.get(code):
            return Wish(name)
        name, reason = self._dialled.get(code[:-1] + REASON), self._reasons.get(code[-1:])
        return Wish(name, reason=reason) if name and reason else None

    def pressed(self, keys: str) -> Wish | None:
        """Return what a whole code pressed during a talk means (`is_whole`); None: nothing.

        Raises Refused (`bad_target`) when its target is none.
        """
        if name := self._pressed.get(keys):
            return Wish(name)
        for code, name in self._pressed.items():
            start = code.removesuffix(TARGET)
            if code != start and keys.startswith(start) and keys.endswith("#"):
                return Wish(name, target=self._target(keys[len(start) : -1]))
        return None

    def is_whole(self, keys: str) -> bool:
        """Whether no further key belongs to a code that begins so."""
        if keys.endswith("#") or keys in self._pressed:
            return True
        return not any(
            code.startswith(keys) or (code[-1] == TARGET and keys.startswith(code[:-1]))
            for code in self._pressed
        )

    def prompt(self, name: str) -> str | None:
        """Return the prompt that says that a request was granted, if one does."""
        return self._said.get(name)

    def _target(self, digits: str) -> Target:
        if digits.startswith(STAFF_NUMBER) and digits[1:].isascii() and digits[1:].isdigit():
            return Target(agent=digits[1:])
        found = self._targets.get(digits)
        if found is None:
            raise Refused("bad_target", "No target has this code.")
        return found


class KeyCollector:
    """Puts the keys of one leg together to codes. Everything that does not begin with * is none of ours."""

    def __init__(self, codes: DialCodes) -> None:
        self._codes = codes
        self._keys = ""
        self._last = float("-inf")

    def press(self, key: str, now: float) -> str | None:
        """Take one key at a monotonic moment; return the keys of a whole code when this one ends it."""
        if now - self._last > BETWEEN_KEYS or len(self._keys) >= LONGEST:
            self._keys = ""
        self._last = now
        if key == "*":
            self._keys = "*"
            return None
        if not self._keys:
            return None
        self._keys += key
        if not self._codes.is_whole(self._keys):
            return None
        whole, self._keys = self._keys, ""
        return whole


def load_dial_codes(reasons: Iterable[PauseReason], path: Path = FILE) -> DialCodes:
    """Read the table. Raises BadDialCodes; prompts.errors.BadCatalogue for unreadable YAML."""
    table = read_yaml(path)
    if set(table) != set(SECTIONS):
        raise BadDialCodes(f"{path.name}: its sections are {', '.join(SECTIONS)}; correct them")
    return DialCodes(table, reasons)


def request_of(wish: Wish, agent: str, account: str, *, holding: bool) -> Request:
    """Return the request that an agent's code means. `holding`: whether the caller is on hold now."""
    if wish.name == "pause":
        return Pause(agent, wish.reason)
    if wish.name == "sign_in":
        return SignIn(agent, account)
    if wish.name == "hold":
        return Unhold(agent) if holding else Hold(agent)
    if wish.target is not None:
        return Transfer(agent, wish.target) if wish.name == "transfer" else Consult(agent, wish.target)
    return _PLAIN[wish.name](agent)


_PLAIN: Mapping[str, Callable[[str], Request]] = {
    "ready": Ready,
    "sign_out": SignOut,
    "end_wrap_up": EndWrapUp,
    "extend_wrap_up": ExtendWrapUp,
    "complete_transfer": CompleteTransfer,
    "cancel_consult": CancelConsult,
    "conference": Conference,
    "end_call": EndCall,
}
_WITH_REASON = {"pause"}
_WITH_TARGET = {"transfer", "consult"}
_KNOWN = {*_PLAIN, *_WITH_REASON, *_WITH_TARGET, "sign_in", "hold"}


def _codes(section: str, table: Mapping[str, Mapping[str, str]], letter: str) -> dict[str, str]:
    codes = dict(table[section])
    for code, name in codes.items():
        where = f"{FILE.name}: {section}: {code}"
        if _CODE.fullmatch(code) is None or code[-1] in {REASON, TARGET} - {letter}:
            raise BadDialCodes(f"{where}: write * and up to three digits, and {letter} behind if need be")
        if name not in _KNOWN:
            raise BadDialCodes(f"{where}: {name}: unknown; one of {', '.join(sorted(_KNOWN))}")
        if (name in _WITH_REASON) != code.endswith(REASON) or (name in _WITH_TARGET) != code.endswith(TARGET):
            raise BadDialCodes(f"{where}: {name}: {REASON} goes with pause, {TARGET} with a target, only")
        for other in codes:
            if other != code and other.startswith(code.rstrip(REASON + TARGET)):
                raise BadDialCodes(f"{where}: {other} begins with it; change one of the two")
    return codes


def _targets(table: Mapping[str, str]) -> Iterable[tuple[str, Target]]:
    for code, text in table.items():
        if re.fullmatch(r"[1-9][0-9]{0,5}", code) is None:
            raise BadDialCodes(f"{FILE.name}: targets: {code}: write up to six digits, the first not 0")
        try:
            yield code, Target.parse(text)
        except Refused as refused:
            raise BadDialCodes(f"{FILE.name}: targets: {code}: {text}: {refused}") from refused
