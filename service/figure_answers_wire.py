"""What the service and the process that answers about figures tell each other over its input and output.

A frame is a head (length of the body, number of the question, kind) and a body of JSON. First the place of
the installation goes in, then questions, many at once; out come the parts of each answer, in their order, the
last one marked, or one refusal.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec

from reporting.asking import CallSeen, FiguresUnavailable, Line, NotAsked, Question
from reporting.counts import Counts
from reporting.formulas import COUNTS
from reporting.reports import Definition
from reporting.reports_check import BadReport
from reporting.reports_table import TooLong
from web.figure_people import Person

LINES = 100  # of one part: reading it takes under a millisecond
_HEAD = struct.Struct(">IIB")


class Place(msgspec.Struct, frozen=True):
    """Where the installation is."""

    database: str
    key_file: str  # the vault's


class AskLines(msgspec.Struct, frozen=True, tag="lines"):
    """`Figures.lines`, or `recomputed`."""

    question: Question
    anew: bool = False


class AskCalls(msgspec.Struct, frozen=True, tag="calls"):
    """`Figures.calls`."""

    question: Question
    count: str
    limit: int
    after: str
    within: tuple[datetime, datetime] | None


class AskOwn(msgspec.Struct, frozen=True, tag="own"):
    """`OwnDays.own`."""

    agent: str
    day: date


class AskReport(msgspec.Struct, frozen=True, tag="report"):
    """A report's document, with the names that its rows need."""

    definition: Definition
    days: tuple[date, date]
    team: str
    people: tuple[Person, ...]
    campaigns: Mapping[str, str]
    numbers: Mapping[str, str]  # of accounts
    rows: int | None = None  # of each table at most; None: all


Asked = AskLines | AskCalls | AskOwn | AskReport


class Kind(IntEnum):
    """What a frame is."""

    PART = 0  # of an answer; more comes
    LAST = 1
    REFUSED = 2


class Refusal(msgspec.Struct, frozen=True):
    """Why there is no answer."""

    kind: str
    word: str
    place: str = ""

    def error(self) -> Exception:
        """Return it as it was raised."""
        match self.kind:
            case "asked":
                return NotAsked(self.word, self.place)
            case "report":
                return BadReport(self.place, self.word)
            case "long":
                return TooLong(self.word)
            case _:
                return FiguresUnavailable(self.word)


REFUSALS = (NotAsked, BadReport, TooLong, FiguresUnavailable)


def refusal_of(error: Exception) -> Refusal:
    """Return one of REFUSALS as it goes over the wire; anything else is figures that cannot be read."""
    match error:
        case NotAsked():
            return Refusal("asked", error.word, error.place)
        case BadReport():
            return Refusal("report", error.word, error.field)
        case TooLong():
            return Refusal("long", str(error))
        case FiguresUnavailable():
            return Refusal("away", str(error))
        case _:
            return Refusal("away", f"{type(error).__name__} in the process that answers")


class Frame(NamedTuple):
    """One frame."""

    number: int
    kind: Kind
    body: bytes


def packed(frame: Frame) -> bytes:
    """Return a frame as it is sent."""
    return _HEAD.pack(len(frame.body), frame.number, frame.kind) + frame.body


async def read_frame(reader: asyncio.StreamReader) -> Frame:
    """Return the next frame. Raises asyncio.IncompleteReadError: there is none any more."""
    length, number, kind = _HEAD.unpack(await reader.readexactly(_HEAD.size))
    return Frame(number, Kind(kind), await reader.readexactly(length))


def parts_of(found: Sequence[Line] | Sequence[CallSeen]) -> Iterator[bytes]:
    """Yield lines or calls as they are sent: of their counts only what is not zero."""
    for start in range(0, max(1, len(found)), LINES):
        yield msgspec.json.encode([_sparse(one) for one in found[start : start + LINES]])


def sent(value: object) -> bytes:
    """Return anything else as it is sent."""
    return msgspec.json.encode(value)


def _sparse(one: Line | CallSeen) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in one.__slots__}
    return {**fields, "counts": _some(one.counts)}


def _some(counts: Counts) -> dict[str, int]:
    return {name: amount for name in COUNTS if (amount := getattr(counts, name))}
