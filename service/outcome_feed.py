"""Reads the outcome feed: who has filed or paid, as CSV of the columns npwp, kind, period and date."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from dialer.contacts import NPWP_KEY, Key
from dialer.kinds import OutcomeKind
from dialer.rows_ids import IdSigns, read_npwp
from dialer.rows_tables import load_words
from domain.masking import mask
from storage.solved import Outcome, OutcomeFeed

COLUMNS = ("npwp", "kind", "period", "date")
MOST_TOLD = 100
"""So many mistakes are told; a feed with more of them is another file altogether."""

_AT_ONCE = 20_000  # outcomes in one transaction
_PERIOD = re.compile(r"20[0-9]{2}(-(0[1-9]|1[0-2]))?", re.ASCII)
_KEY_BYTES = 16
_REMEDIES = {
    "npwp": "Write 16 digits as text; a spreadsheet must not have touched them",
    "kind": f"Write {' or '.join(OutcomeKind)}",
    "period": "Write a year as 2025 or a month as 2025-03",
    "date": "Write the day as 2026-03-31; it cannot be to come",
}


@dataclass(frozen=True, slots=True)
class FeedMistake:
    """What is wrong in one line. `value` is masked."""

    line: int  # in the file, from 1
    field: str
    value: str
    remedy: str

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"line {self.line}: {self.field} {self.value!r} cannot be used. {self.remedy}"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a file told."""

    outcomes: Sequence[Outcome]
    mistakes: Sequence[FeedMistake]  # the first ones
    wrong: int  # lines with a mistake


class FeedRefused(Exception):
    """The file cannot be read at all. The message names file and remedy; `fault` is why, in a word."""

    def __init__(self, fault: str, message: str) -> None:
        super().__init__(message)
        self.fault = fault  # unreadable, not_utf8, not_csv, columns


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a feed."""

    taken: bool  # False: some lines are wrong, and nothing was taken in
    new: int
    known: int
    wrong: int
    mistakes: Sequence[FeedMistake]  # the first ones


async def take_in(
    feed: Feed, outcomes: OutcomeFeed, source: str, at: datetime, *, skip_wrong: bool = False
) -> Taken:
    """Keep what a feed tells; with a wrong line nothing, unless these are to be skipped.

    Taken in again after it broke off it keeps what is missing. Raises dialer.campaigns.CampaignsUnavailable.
    """
    if feed.wrong and not skip_wrong:
        return Taken(False, 0, 0, feed.wrong, feed.mistakes)
    new = 0
    for start in range(0, len(feed.outcomes), _AT_ONCE):
        new += await outcomes.keep(feed.outcomes[start : start + _AT_ONCE], source, at)
    return Taken(True, new, len(feed.outcomes) - new, feed.wrong, feed.mistakes)


def read_feed(path: Path, lookup: Callable[[str], bytes]) -> Feed:
    """Read a file. `lookup`: `Vault.lookup_key`. Raises FeedRefused."""
    lines = _lines(path)
    signs = IdSigns(from_cells=False)
    for _, values in lines:
        signs.look_at(values["npwp"].strip())
    now = datetime.now(UTC)
    no_persons = load_words(now).no_persons
    outcomes: list[Outcome] = []
    mistakes: list[FeedMistake] = []
    wrong = 0
    for line, values in lines:
        npwp, reason = read_npwp(values["npwp"].strip(), rounded=signs.rounded, no_persons=no_persons)
        found = list(_mistakes(line, values, npwp_ok=reason is None, today=now.date()))
        if found:
            wrong += 1
            mistakes += found[: MOST_TOLD - len(mistakes)]
            continue
        key: Key = lookup(NPWP_KEY + npwp)[:_KEY_BYTES]
        kind, period = OutcomeKind(values["kind"].strip()), values["period"].strip()
        outcomes.append(Outcome(key, kind, period, date.fromisoformat(values["date"].strip())))
    return Feed(outcomes, mistakes, wrong)


def _lines(path: Path) -> Sequence[tuple[int, Mapping[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FeedRefused("unreadable", f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise FeedRefused("not_utf8", f"{path}: is not UTF-8. Remedy: save it as CSV in UTF-8") from error
    head, _, _ = text.partition("\n")
    delimiter = ";" if head.count(";") > head.count(",") else ","
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        if sorted(header) != sorted(COLUMNS):
            names = ", ".join(COLUMNS)
            raise FeedRefused("columns", f"{path}: line 1 must name the columns {names}, each once")
        return [
            (rows.line_num, dict(zip(header, [*row, *[""] * len(header)], strict=False)))
            for row in rows
            if row
        ]
    except csv.Error as error:
        told = f"{path}: line {rows.line_num}: is no CSV ({error}). Remedy: close every quotation mark"
        raise FeedRefused("not_csv", told) from error


def _mistakes(line: int, values: Mapping[str, str], *, npwp_ok: bool, today: date) -> Iterator[FeedMistake]:
    fine = {
        "npwp": npwp_ok,
        "kind": values["kind"].strip() in list(OutcomeKind),
        "period": _PERIOD.fullmatch(values["period"].strip()) is not None,
        "date": _is_past_day(values["date"].strip(), today),
    }
    for name, ok in fine.items():
        if not ok:
            shown = mask(values[name].strip()) if name == "npwp" else values[name].strip()[:20]
            yield FeedMistake(line, name, shown, _REMEDIES[name])


def _is_past_day(text: str, today: date) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    # The feed is cut in Jakarta, whose day begins before that of UTC.
    return (day - today).days <= 1
