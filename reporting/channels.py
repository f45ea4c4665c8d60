"""Counts of chat and e-mail that other systems hand over as a CSV file: read and judged here. Pure.

One line is one day's work of one agent, or of a team without naming agents. A line that was handed over
before is replaced by its newer one; a file with a mistake is refused whole.
"""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.masking import mask
from reporting.counts import Counts

MOST_LINES = 20_000  # of a file: 500 agents for 40 days
MOST_MISTAKES = 200  # that are told
LARGEST = 1_000_000  # of one count

# The columns of the file, as staff or as programs name them.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "day": ("tanggal", "day"),
    "agent": ("nomor_petugas", "agent"),
    "team": ("tim", "team"),
    "chats": ("chat_dijawab", "chats"),
    "chats_in_time": ("chat_sesuai_sla", "chats_in_time"),
    "mails_assigned": ("email_ditugaskan", "mails_assigned"),
    "mails_answered": ("email_dijawab", "mails_answered"),
}
COUNTED = ("chats", "chats_in_time", "mails_assigned", "mails_answered")
_WITHIN = (("chats_in_time", "chats"), ("mails_answered", "mails_assigned"))


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One day's chats and e-mails of an agent (staff number), or of a team without naming agents."""

    day: date  # of the office
    agent: str  # empty: of a team
    team: str  # empty of an agent, whose team of that day holds
    chats: int = 0  # answered
    chats_in_time: int = 0  # of `chats`: within the service level
    mails_assigned: int = 0
    mails_answered: int = 0  # of `mails_assigned`

    @property
    def counts(self) -> Counts:
        """Return what it gives to the sums."""
        return Counts(
            chats=self.chats,
            chats_in_time=self.chats_in_time,
            mails_assigned=self.mails_assigned,
            mails_answered=self.mails_answered,
        )


@dataclass(frozen=True, slots=True)
class ChannelMistake:
    """Why a line cannot be taken. `remedy` is a word of the catalogue; `value` is masked."""

    line: int  # as an editor counts them, the header is 1; 0: the file as a whole
    field: str  # of COLUMNS, as the file writes it where it does
    value: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ChannelFile:
    """What a file says: rows, or why it is refused."""

    rows: Sequence[ChannelRow]
    mistakes: Sequence[ChannelMistake]  # the first ones
    wrong: int  # mistakes in all


@dataclass(frozen=True, slots=True)
class ChannelTaken:
    """What became of rows that were kept."""

    new: int
    replaced: int  # had other counts before
    same: int


@dataclass(frozen=True, slots=True)
class ChannelImport:
    """One file that was taken in."""

    at: datetime  # aware, UTC
    by: str  # staff_id
    first: date
    last: date
    taken: ChannelTaken


class ChannelsUnavailable(Exception):
    """The counts cannot be read or kept at the moment; nothing was changed."""


class ChannelCounts(Protocol):
    """Keeps them: the roll-up of figures adds them to the agent's and the team's day."""

    async def take_in(self, rows: Sequence[ChannelRow], by: str, at: datetime) -> ChannelTaken:
        """Keep all rows or none, each in place of the one of the same day, agent and team.

        `by`: staff_id. Raises ChannelsUnavailable.
        """
        ...

    async def rows(self, first: date, last: date) -> Sequence[ChannelRow]:
        """Return what is kept of these days, by day, team and agent. Raises ChannelsUnavailable."""
        ...

    async def imports(self, most: int = 20) -> Sequence[ChannelImport]:
        """Return the latest files that were taken in, newest first. Raises ChannelsUnavailable."""
        ...


def read_channels(
    content: bytes, agents: Collection[str], teams: Collection[str], today: date
) -> ChannelFile:
    """Read a file: UTF-8, comma or semicolon, a header with the names of COLUMNS.

    `agents`: staff numbers that are known; `teams` likewise. The team of a line with an agent is not kept.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _refused("encoding")
    if "\0" in text:
        return _refused("encoding")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error:
        return _refused("not_csv")
    if not lines or not any(cell.strip() for cell in lines[0]):
        return _refused("empty")
    if len(lines) - 1 > MOST_LINES:
        return _refused("too_many_lines", str(len(lines) - 1))
    places, mistakes = _header(lines[0])
    if mistakes:
        return ChannelFile((), mistakes, len(mistakes))
    reading = _Reading(places, lines[0], frozenset(agents), frozenset(teams), today)
    for number, cells in enumerate(lines[1:], 2):
        if any(cell.strip() for cell in cells):
            reading.line(number, cells)
    if not reading.rows and not reading.mistakes:
        return _refused("empty")
    rows = () if reading.mistakes else tuple(reading.rows.values())
    return ChannelFile(rows, tuple(reading.mistakes[:MOST_MISTAKES]), len(reading.mistakes))


def _refused(remedy: str, value: str = "") -> ChannelFile:
    return ChannelFile((), (ChannelMistake(0, "", value, remedy),), 1)


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return ";" if head.count(";") > head.count(",") else ","


def _header(cells: Sequence[str]) -> tuple[Mapping[str, int], Sequence[ChannelMistake]]:
    """Return the place of each column, and what is wrong with them."""
    places: dict[str, int] = {}
    mistakes: list[ChannelMistake] = []
    names = {name: column for column, known in COLUMNS.items() for name in known}
    for place, cell in enumerate(cells):
        word = cell.strip().lower().replace(" ", "_")
        column = names.get(word)
        if column is None:
            if word:
                mistakes.append(ChannelMistake(1, "", word[:40], "unknown_column"))
        elif column in places:
            mistakes.append(ChannelMistake(1, word, "", "column_twice"))
        else:
            places[column] = place
    if "day" not in places:
        mistakes.append(ChannelMistake(1, COLUMNS["day"][0], "", "missing_column"))
    if not {"agent", "team"} & places.keys():
        mistakes.append(ChannelMistake(1, COLUMNS["agent"][0], "", "missing_column"))
    if not set(COUNTED) & places.keys():
        mistakes.append(ChannelMistake(1, COLUMNS["chats"][0], "", "missing_column"))
    return places, mistakes


class _Reading:
    """The lines of one file, one after the other."""

    def __init__(
        self,
        places: Mapping[str, int],
        header: Sequence[str],
        agents: frozenset[str],
        teams: frozenset[str],
        today: date,
    ) -> None:
        self.rows: dict[tuple[date, str, str], ChannelRow] = {}
        self.mistakes: list[ChannelMistake] = []
        self._places, self._header = places, header
        self._agents, self._teams, self._today = agents, teams, today

    def line(self, number: int, cells: Sequence[str]) -> None:
        """Take one line: a row more, or mistakes."""
        before = len(self.mistakes)
        if len(cells) > len(self._header):
            self._wrong(number, "", "", "too_many_cells")
        day = self._day(number, self._cell(cells, "day"))
        agent, team = self._who(number, self._cell(cells, "agent"), self._cell(cells, "team"))
        counts = {name: self._count(number, name, self._cell(cells, name)) for name in COUNTED}
        for part, whole in _WITHIN:
            if counts[part] > counts[whole]:
                self._wrong(number, part, str(counts[part]), "more_than_all")
        if len(self.mistakes) > before or day is None:
            return
        if (day, agent, team) in self.rows:
            self._wrong(number, "day", day.isoformat(), "line_twice")
            return
        self.rows[day, agent, team] = ChannelRow(day, agent, team, **counts)

    def _cell(self, cells: Sequence[str], column: str) -> str:
        place = self._places.get(column)
        return "" if place is None or place >= len(cells) else cells[place].strip()

    def _wrong(self, number: int, column: str, value: str, remedy: str) -> None:
        place = self._places.get(column)
        name = COLUMNS[column][0] if column and place is None else ""
        said = name or ("" if place is None else self._header[place].strip().lower())
        self.mistakes.append(ChannelMistake(number, said, value[:40], remedy))

    def _day(self, number: int, cell: str) -> date | None:
        found = _day_of(cell)
        if found is None:
            self._wrong(number, "day", cell, "no_day")
        elif found > self._today:
            self._wrong(number, "day", cell, "future_day")
        elif found.year < _FIRST_YEAR:
            self._wrong(number, "day", cell, "no_day")
        return found

    def _who(self, number: int, agent: str, team: str) -> tuple[str, str]:
        if team and team not in self._teams:
            self._wrong(number, "team", team, "no_such_team")
        if agent and agent not in self._agents:
            self._wrong(number, "agent", mask(agent), "no_such_agent")
        if not agent and not team:
            self._wrong(number, "agent", "", "nobody")
        return agent, "" if agent else team

    def _count(self, number: int, column: str, cell: str) -> int:
        if not cell:
            return 0
        if not (
            cell.isascii() and cell.isdigit() and len(cell) <= len(str(LARGEST)) and int(cell) <= LARGEST
        ):
            self._wrong(number, column, cell, "no_count")
            return 0
        return int(cell)


_FIRST_YEAR = 2000


def _day_of(cell: str) -> date | None:
    """Return a day written 2026-03-31 or 31.03.2026, 31/03/2026."""
    parts = cell.replace("/", "-").replace(".", "-").split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    year, month, day = parts if len(parts[0]) == 4 else reversed(parts)
    try:
        return date(int(year), int(month), int(day)) if len(year) == 4 else None
    except ValueError:
        return None
