"""Shifts: what an agent is to do on a day, piece by piece. Pure; times are aware, kept in UTC.

A day is one of the office (WIB). A shift may end after midnight; it belongs to the day it begins on,
and in figures each of its parts counts in its own day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from desk.working_days import WIB

LONGEST = timedelta(hours=16)
"""No shift is longer: a slip of the pen in a file would otherwise be somebody's night."""

_MINUTE = timedelta(minutes=1)
_DAY = 24 * 60


class BadShift(Exception):
    """A shift that cannot be: `word` names the reason in the catalogue."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class Piece:
    """One activity of a shift, in minutes after midnight WIB of the shift's day; the end is not included."""

    activity: str  # a code of reporting/data/activities.yaml
    begins: int
    ends: int

    def at(self, day: date) -> tuple[datetime, datetime]:
        """Return from when until when it is, on a day (aware, WIB)."""
        midnight = datetime.combine(day, time.min, WIB)
        return midnight + self.begins * _MINUTE, midnight + self.ends * _MINUTE


@dataclass(frozen=True, slots=True)
class Shift:
    """What one agent is to do on one day: pieces in order, without overlap; there may be gaps."""

    agent: str  # staff number
    day: date
    pieces: tuple[Piece, ...]
    pattern: str = ""  # of reporting/data/patterns.yaml, that it was made by; empty: piece by piece
    place: str = "jakarta"  # where the agent works: its zone and prayer times

    @property
    def begins(self) -> int:
        """Minutes after midnight WIB."""
        return self.pieces[0].begins

    @property
    def ends(self) -> int:
        """Likewise, not included."""
        return self.pieces[-1].ends


def runs_over(shift: Shift) -> bool:
    """Whether a shift ends after the midnight of its day."""
    return shift.ends > _DAY


def on_day(day: date, own: Shift | None, before: Shift | None) -> Shift | None:
    """Return what an agent is to do on a day: the end of the shift of the day before, and the day's own."""
    until = _DAY if own is None else own.begins
    end = [
        Piece(one.activity, max(one.begins - _DAY, 0), min(one.ends - _DAY, until))
        for one in (before.pieces if before is not None else ())
        if one.ends > _DAY and one.begins - _DAY < until
    ]
    found = own or before
    if found is None or not (end or own):
        return None
    pieces = (*end, *(own.pieces if own is not None else ()))
    return Shift(found.agent, day, pieces, "" if own is None else own.pattern, found.place)


def checked(shift: Shift, activities: Iterable[str]) -> Shift:
    """Return the shift. Raises BadShift: empty, unknown activity, not in order, overlap, too long."""
    if not shift.pieces:
        raise BadShift("no_pieces")
    known = set(activities)
    before = 0
    for piece in shift.pieces:
        if piece.activity not in known:
            raise BadShift("unknown_activity")
        if not 0 <= piece.begins < piece.ends:
            raise BadShift("ends_before")
        if piece.begins < before:
            raise BadShift("overlap")
        before = piece.ends
    if (shift.ends - shift.begins) * _MINUTE > LONGEST or shift.begins >= 24 * 60:
        raise BadShift("too_long")
    return shift


def laid_over(pieces: Sequence[Piece], new: Piece) -> tuple[Piece, ...]:
    """Return the pieces with `new` on top: what lies under it gives way."""
    kept: list[Piece] = [new]
    for old in pieces:
        if old.begins < new.begins:
            kept.append(Piece(old.activity, old.begins, min(old.ends, new.begins)))
        if old.ends > new.ends:
            kept.append(Piece(old.activity, max(old.begins, new.ends), old.ends))
    return _joined(sorted(kept, key=lambda piece: piece.begins))


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces, neighbours of one activity as one."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].activity == piece.activity and found[-1].ends == piece.begins:
            found[-1] = Piece(piece.activity, found[-1].begins, piece.ends)
        else:
            found.append(piece)
    return tuple(found)
