"""What a caller does, as text: `1 w 1 <npwp> # 1`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.masking import mask
from service.phone.calls import PhoneCall

GRAMMAR = """\
Parts are read from left to right; blanks only separate them.

\b
  0-9 * #   press these keys, one after the other: 1, 12#, *
  w         wait until the prompt being heard has ended; if none is heard,
            until the next one has (music has no end: it does not wait)
  w5 w2.5   wait so many seconds
  <npwp>    key in the NPWP of the first synthetic taxpayer; also <npwp15>,
            <woman>, <company>, <company15>, <dormant>

A run of five or more digits written together, and <words>, are shown masked to the last four.
"""

_PART = re.compile(r"w(?P<seconds>\d+(\.\d+)?)?|<(?P<word>[a-z0-9_]+)>|(?P<keys>[0-9*#]+)|\s+")
_LONG_RUN = re.compile(r"\d{5,}")


class BadScript(ValueError):
    """A caller's script cannot be read; the message says where and what is allowed."""


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys. `personal` ones are never shown whole."""

    keys: str
    personal: bool = False

    def shown(self) -> str:
        """Return the keys as they may be shown."""
        if self.personal:
            return mask(self.keys)
        return shown_keys(self.keys)


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait so many seconds, or, None, until the prompt being heard has ended."""

    seconds: float | None = None


Deed = Press | Wait


def shown_keys(keys: str) -> str:
    """Return keys with each run of five or more digits masked to its last four."""
    return _LONG_RUN.sub(lambda run: "…" + run.group()[-4:], keys)


def read_script(text: str, words: Mapping[str, str] | None = None) -> list[Deed]:
    """Read a script; `words` gives the keys for `<name>`. Raises BadScript."""
    words = words or {}
    deeds: list[Deed] = []
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise BadScript(
                f"--press, character {at + 1}: {text[at]!r} is no key; allowed: 0-9 * # w w5 <npwp>"
            )
        at = part.end()
        if part["keys"]:
            deeds.append(Press(part["keys"]))
        elif part["word"]:
            deeds.append(Press(_look_up(part["word"], words), personal=True))
        elif part.group().startswith("w"):
            deeds.append(Wait(float(part["seconds"]) if part["seconds"] else None))
    return deeds


def _look_up(word: str, words: Mapping[str, str]) -> str:
    if word not in words:
        known = ", ".join(f"<{name}>" for name in sorted(words)) or "none"
        raise BadScript(f"--press: <{word}> is not known; known: {known}")
    return words[word]


async def perform(call: PhoneCall, deeds: Sequence[Deed], patience: float = 60.0) -> None:
    """Do what a script says, until it or the call ends. Raises TimeoutError after a wait of `patience` s."""
    for deed in deeds:
        if call.ended is not None:
            return
        match deed:
            case Press(keys):
                await call.press(keys)
            case Wait(None):
                await call.hears_out(patience)
            case Wait(float(seconds)):
                await wait_or_end(call, seconds)


async def wait_or_end(call: PhoneCall, seconds: float) -> None:
    """Wait, but not longer than the call lasts."""
    with contextlib.suppress(TimeoutError):
        await call.until_ended(seconds)
