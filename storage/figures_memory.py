"""Figures in memory: a double that keeps every promise but durability."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from acd.skills import OFFICE_ZONE, office_day
from reporting.asking import CallSeen, FiguresUnavailable, Line, Question, Within
from reporting.counts import Counts
from reporting.formulas import COUNTS
from reporting.rollup import NOBODY, PLACE, Key, make_cells
from reporting.rollup_lines import Adding, check_calls, cuts_days


@dataclass(frozen=True, slots=True)
class Happened:
    """Counts at a moment, with the key they belong to and the call behind them."""

    at: datetime  # aware
    counts: Counts
    key: Key = NOBODY
    call_id: str = ""
    outcome: str = ""


@dataclass(slots=True)
class MemoryFigures:
    """A `reporting.asking.Figures` over what a test puts in. While `broken` every method refuses."""

    happened: list[Happened] = field(default_factory=list)
    broken: bool = False

    def add(
        self, at: datetime, counts: Counts, key: Key = NOBODY, call_id: str = "", outcome: str = ""
    ) -> None:
        """Let something have happened."""
        self.happened.append(Happened(at, counts, key, call_id, outcome))

    async def lines(self, question: Question) -> Sequence[Line]:
        """Return the lines, by interval and key."""
        adding = Adding(question)
        self._refuse_if_broken()
        day = question.first
        while day <= question.last:
            amounts: dict[tuple[Key, int, str], int] = {}
            for one in self.happened:
                if office_day(one.at) == day:
                    _add(amounts, one, cut=cuts_days(question.interval))
            adding.add(day, make_cells(amounts))
            day += timedelta(days=1)
        return adding.lines()

    async def recomputed(self, question: Question) -> Sequence[Line]:
        """Return the same."""
        return await self.lines(question)

    async def calls(
        self, question: Question, count: str, limit: int = 100, after: str = "", within: Within | None = None
    ) -> Sequence[CallSeen]:
        """Return the calls behind a count, oldest first."""
        check_calls(question, count)
        self._refuse_if_broken()
        seen: dict[str, CallSeen] = {}
        for one in sorted(self.happened, key=lambda one: (one.at, one.call_id)):
            if within is not None and not within[0] <= one.at < within[1]:
                continue
            if one.call_id and getattr(one.counts, count) and _fits(question, one):
                key, before = one.key, seen.get(one.call_id)
                seen[one.call_id] = (
                    CallSeen(
                        one.call_id, one.at, key.direction, key.queue, key.agent, one.outcome, one.counts
                    )
                    if before is None
                    else replace(before, counts=before.counts + one.counts)
                )
        ids = list(seen)
        start = ids.index(after) + 1 if after in seen else 0
        return list(seen.values())[start : start + limit]

    def _refuse_if_broken(self) -> None:
        if self.broken:
            raise FiguresUnavailable("The figures cannot be read.")


def _fits(question: Question, one: Happened) -> bool:
    if not question.first <= office_day(one.at) <= question.last:
        return False
    return all(one.key[PLACE[dimension]] in values for dimension, values in question.only.items())


def _add(amounts: dict[tuple[Key, int, str], int], one: Happened, *, cut: bool) -> None:
    local = one.at.astimezone(OFFICE_ZONE)
    quarter = local.hour * 4 + local.minute // 15 if cut else 0
    for name in COUNTS:
        if amount := getattr(one.counts, name):
            place = (one.key, quarter, name)
            amounts[place] = amounts.get(place, 0) + amount
