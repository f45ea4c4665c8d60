"""How long a recording is kept, and what may end or prolong that: the dated retention table."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import WIB, office_day
from recording.recordings import Recording

SHIPPED = Path(__file__).parent / "data" / "retention.yaml"
BY_TABLE = "retention"  # the reason of a destruction that the table itself asks for


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time. Spans are months."""

    since: date
    rule: str
    months: int
    holds: Mapping[str, Mapping[str, str]]  # reason → language → text
    destroyed_for: Mapping[str, Mapping[str, str]]
    second_person: tuple[str, ...]  # reasons of a destruction that needs two people
    queues: Mapping[str, int] = {}
    kinds: Mapping[str, int] = {}
    assumed: bool = False

    def span(self, recording: Recording, campaign_kind: str = "") -> int:
        """Return how many months a recording is kept."""
        skill = recording.queue.partition("/")[0]
        of_queue = self.queues.get(recording.queue, self.queues.get(skill, self.months))
        return self.kinds.get(campaign_kind, of_queue)

    def keep_until(self, recording: Recording, campaign_kind: str = "") -> datetime:
        """Return the moment from which a recording may be destroyed: a midnight in WIB, as UTC."""
        day = office_day(recording.planned_at)
        last = months_later(day, self.span(recording, campaign_kind))
        return datetime.combine(last + timedelta(days=1), time(), WIB).astimezone(UTC)

    def hold_reason(self, reason: str) -> bool:
        """Whether a recording can be held for this: a word of the table, or `word:what exactly`."""
        return reason.partition(":")[0] in self.holds


class RetentionTable:
    """All dated versions."""

    def __init__(self, versions: Sequence[Retention]) -> None:
        self.versions = tuple(versions)

    def at(self, now: datetime) -> Retention:
        """Return what is in force at a time, by the office's day."""
        return in_force(self.versions, office_day(now))


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[Retention, ...]


def load_retention(path: Path = SHIPPED) -> RetentionTable:
    """Read the table. Raises desk.matter_data.TableProblem: file, place and remedy."""
    versions = read_table(path, _File).versions
    check_order(path, versions)
    for version in versions:
        _check(path, version)
    return RetentionTable(versions)


def keep_until(
    table: RetentionTable, recording: Recording, sealed_at: datetime, campaign_kind: str = ""
) -> datetime:
    """Return what goes into `Recording.keep_until` when a recording is sealed."""
    return table.at(sealed_at).keep_until(recording, campaign_kind)


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _check(path: Path, version: Retention) -> None:
    place = f"{path.name}: {version.since}"
    spans = {"months": version.months}
    spans |= {f"queues, {name}": span for name, span in version.queues.items()}
    spans |= {f"kinds, {name}": span for name, span in version.kinds.items()}
    for name, span in spans.items():
        if not 1 <= span <= 600:
            raise TableProblem(f"{place}: {name}: {span} months. Remedy: from 1 to 600.")
    for part, words in (("holds", version.holds), ("destroyed_for", version.destroyed_for)):
        for word, texts in words.items():
            if set(texts) != {"id", "en"} or ":" in word or not 0 < len(word) <= 32:
                remedy = "Remedy: a word of up to 32 characters with a text in id and en."
                raise TableProblem(f"{place}: {part}, {word}. {remedy}")
    if BY_TABLE not in version.destroyed_for or BY_TABLE in version.second_person:
        raise TableProblem(
            f"{place}: destroyed_for needs `{BY_TABLE}`, which needs no second person. Remedy: mend it."
        )
    if unknown := set(version.second_person) - set(version.destroyed_for):
        raise TableProblem(
            f"{place}: second_person: {', '.join(sorted(unknown))} is no reason of destroyed_for. "
            "Remedy: remove it, or add it there."
        )
