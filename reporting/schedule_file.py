"""Shifts out of a table that somebody wrote: each row a pattern or one activity. Pure.

A row with a pattern makes a whole shift; a row with an activity lies over what the rows before it made: a
coaching is one more row. Times are those of the place where the agent works. Any mistake refuses the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.working_days import WIB
from domain.masking import mask
from reporting.schedule import BadShift, Piece, Shift, checked, laid_over
from reporting.schedule_making import OfficeDay, make_shift
from reporting.schedule_rules import ScheduleRules

COLUMNS: Mapping[str, frozenset[str]] = {
    "agent": frozenset({"agent", "staff number", "nomor", "nomor pegawai"}),
    "day": frozenset({"day", "date", "tanggal", "hari"}),
    "pattern": frozenset({"pattern", "pola"}),
    "activity": frozenset({"activity", "kegiatan"}),
    "begins": frozenset({"begins", "from", "mulai", "dari"}),
    "ends": frozenset({"ends", "until", "to", "selesai", "sampai"}),
    "place": frozenset({"place", "tempat", "lokasi"}),
}
"""Column → the headings it may have, in small letters."""

OFF = frozenset({"off", "libur"})
"""Patterns that take the day's shift away."""

_NEEDED = ("agent", "day")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.]00)?")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?")
_DAY_TURNED = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_MOST_MISTAKES = 200


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a row. Rows are counted as a spreadsheet does."""

    row: int
    field: str
    value: str  # masked
    word: str  # of the catalogue: what to write instead


class TableWrong(Exception):
    """Nothing of a table is taken in: `mistakes` has the first ones."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(f"row {one.row}: {one.field}: {one.word}" for one in mistakes))
        self.mistakes = mistakes


@dataclass(slots=True)
class _Day:
    """One agent's day while its rows are read."""

    place: str
    pattern: str = ""
    pieces: tuple[Piece, ...] = ()
    row: int = 0
    off: bool = False


@dataclass(slots=True)
class _Reader:
    agents: frozenset[str]
    office: Callable[[date], OfficeDay]
    rules: ScheduleRules
    mistakes: list[Mistake] = field(default_factory=list)
    days: dict[tuple[str, date], _Day] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)

    def wrong(self, row: int, name: str, value: str, word: str) -> None:
        shown = mask(value) if name == "agent" else value[:40]
        if len(self.mistakes) < _MOST_MISTAKES:
            self.mistakes.append(Mistake(row, name, shown, word))


def read_header(cells: Sequence[str]) -> Mapping[str, int]:
    """Return column → place. Raises TableWrong: a column is missing, unknown or there twice."""
    found: dict[str, int] = {}
    wrong = []
    for place, cell in enumerate(cells):
        name = " ".join(cell.casefold().replace("_", " ").split())
        column = next((one for one, names in COLUMNS.items() if name in names), None)
        if column is not None and column not in found:
            found[column] = place
        elif name:
            wrong.append(Mistake(1, cell[:40], "", "column"))
    wrong += [Mistake(1, name, "", "column_missing") for name in _NEEDED if name not in found]
    if "pattern" not in found and not {"activity", "begins", "ends"} <= found.keys():
        wrong.append(Mistake(1, "pattern", "", "column_missing"))
    if wrong:
        raise TableWrong(wrong)
    return found


def read_shifts(
    header: Mapping[str, int],
    rows: Iterable[tuple[int, Sequence[str]]],
    agents: Iterable[str],
    office: Callable[[date], OfficeDay],
    rules: ScheduleRules,
) -> Sequence[Shift]:
    """Return the shifts of a table; a shift without pieces takes the day's away.

    `rows` with their numbers, cells as text; `agents`: the staff numbers there are. Raises TableWrong.
    """
    reader = _Reader(frozenset(agents), office, rules)
    for number, cells in rows:
        texts = {name: cells[place].strip() if place < len(cells) else "" for name, place in header.items()}
        if any(texts.values()):
            _row(reader, number, texts)
    shifts = [found for key, day in reader.days.items() if (found := _shift(reader, key, day)) is not None]
    if reader.mistakes:
        raise TableWrong(reader.mistakes)
    if not shifts:
        raise TableWrong([Mistake(2, "agent", "", "no_rows")])
    return shifts


def _row(reader: _Reader, number: int, texts: Mapping[str, str]) -> None:
    agent, day = texts["agent"], read_day(texts["day"])
    if agent not in reader.agents:
        reader.wrong(number, "agent", agent, "no_agent")
        return
    if day is None:
        reader.wrong(number, "day", texts["day"], "bad_day")
        return
    reader.order.setdefault(agent, len(reader.order))
    place = texts.get("place", "").casefold()
    found = reader.days.get((agent, day))
    place = place or (found.place if found else next(iter(reader.rules.places)))
    if place not in reader.rules.places:
        reader.wrong(number, "place", place, "no_place")
        return
    if found is None:
        found = reader.days[agent, day] = _Day(place, row=number)
    elif found.place != place:
        reader.wrong(number, "place", place, "two_places")
        return
    pattern, activity = texts.get("pattern", "").casefold(), texts.get("activity", "").casefold()
    if bool(pattern) == bool(activity):
        reader.wrong(number, "pattern", pattern, "one_of_two")
    elif pattern:
        _by_pattern(reader, number, agent, day, found, pattern)
    else:
        _by_activity(reader, number, day, found, activity, texts)


def _by_pattern(reader: _Reader, number: int, agent: str, day: date, found: _Day, pattern: str) -> None:
    if found.pieces or found.off:
        reader.wrong(number, "pattern", pattern, "pattern_first")
        return
    if pattern in OFF:
        found.off = True
        return
    row = reader.rules.patterns(day).get(pattern)
    if row is None:
        reader.wrong(number, "pattern", pattern, "no_pattern")
        return
    try:
        made = make_shift(
            agent, reader.order[agent], reader.office(day), pattern, row, found.place, reader.rules
        )
    except BadShift as error:
        reader.wrong(number, "pattern", pattern, error.word)
        return
    found.pattern, found.pieces = pattern, made.pieces


def _by_activity(
    reader: _Reader, number: int, day: date, found: _Day, activity: str, texts: Mapping[str, str]
) -> None:
    if activity not in reader.rules.activities(day).activities:
        reader.wrong(number, "activity", activity, "no_activity")
        return
    zone = reader.rules.zone(found.place)
    begins, ends = texts.get("begins", ""), texts.get("ends", "")
    first, last = read_minute(begins, day, zone), read_minute(ends, day, zone)
    for name, text, minute in (("begins", begins, first), ("ends", ends, last)):
        if minute is None:
            reader.wrong(number, name, text, "bad_time")
    if first is None or last is None:
        return
    if last <= first:
        last += 24 * 60  # past midnight; what is too long is refused as a whole
    found.pieces = laid_over(found.pieces, Piece(activity, first, last))


def _shift(reader: _Reader, key: tuple[str, date], day: _Day) -> Shift | None:
    agent, at = key
    shift = Shift(agent, at, day.pieces, day.pattern, day.place)
    if day.off:
        if day.pieces:
            reader.wrong(day.row, "pattern", "off", "pattern_first")
        return replace(shift, pieces=(), pattern="")
    if not day.pieces:
        return None  # its rows were wrong, and said so
    try:
        return checked(shift, reader.rules.activities(at).activities)
    except BadShift as error:
        reader.wrong(day.row, "ends", "", error.word)
        return None


def read_day(text: str) -> date | None:
    """Return a day written 2026-11-23, 23.11.2026 or 23/11/2026; None: it is none."""
    try:
        if found := _DAY.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_TURNED.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return None


def read_minute(text: str, day: date, zone: ZoneInfo) -> int | None:
    """Return a time of a day in a zone, 08:00 or 8.00, as minutes after midnight WIB; None: it is none."""
    found = _TIME.fullmatch(text)
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > 24 * 60:
        return None
    local = datetime.combine(day, time.min, zone) + timedelta(hours=int(found[1]), minutes=int(found[2]))
    minute = int((local - datetime.combine(day, time.min, WIB)).total_seconds() // 60)
    return minute if minute >= 0 else None
