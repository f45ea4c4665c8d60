"""What a search asks of the index of facts, as conditions, and which one of them is worth going by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.quality.finding import NAMED, SPANS, Search, Sound, Span
from recording.quality.finding_places import day_begins, day_ends
from storage.review_names import ReviewNames
from storage.review_rows import DIRECTIONS
from storage.review_tables import review_facts, review_words

KIND_OF: Mapping[str, str] = dict(
    zip(
        NAMED,
        ("agent", "team", "queue", "branch", "category", "result", "campaign", "disposition"),
        strict=True,
    )
)
FEW_BOUNDS = (8_000,)  # entries of an index
ALL_BOUNDS = (*FEW_BOUNDS, 60_000, 200_000)  # above it is better to read all rows
COLLECTED = 60_000  # so many at most of an index that is not in the order of places: they are put in order
_INDEXED = ("agent", "team", "queue", "category", "campaign", "disposition")
_RANGES = ("hold", "seconds", "silence", "overlap")
_f, _w = review_facts.c, review_words.c
_Where = sa.ColumnElement[bool]
# Written out, not given beside the query: only so does SQLite see that an index of some rows holds them.
_PARTS: Mapping[str, _Where] = {
    "score": _f.score.isnot(None),
    "transfers": _f.transfers > sa.literal_column("0"),
    "complaint": _f.complaint == sa.literal_column("1"),
    "new_agent": _f.new_agent == sa.literal_column("1"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """A condition of a search."""

    where: _Where
    off: _Where  # the same, so written that SQLite does not go by an index of it
    alone: sa.Select[Any] | None = None  # the places it leaves, out of an index; None: there is none
    in_order: bool = False  # that index is in the order of places
    word: int | None = None  # it is this word's


@dataclass(frozen=True, slots=True)
class Within:
    """To what a search is held: between these places, the last one not included."""

    since: int | None
    until: int | None

    @classmethod
    def of(cls, search: Search, before: int | None) -> Within:
        """Return where a search looks; `before`: the last place of the page before."""
        ends = [] if search.until is None else [day_ends(search.until)]
        ends += [] if before is None else [before]
        return cls(None if search.since is None else day_begins(search.since), min(ends, default=None))

    def of_column(self, place: Any) -> list[_Where]:
        """Return it as conditions of a column."""
        found: list[_Where] = [] if self.since is None else [place >= self.since]
        return found if self.until is None else [*found, place < self.until]


def terms_of(
    connection: Connection, names: ReviewNames, search: Search, within: Within, words: Sequence[int]
) -> list[Term] | None:
    """Return what a search asks for beside its time; None: nothing can be found."""
    maker = _Maker(within)
    terms = maker.plain(search)
    for field, kind in KIND_OF.items():
        values: Sequence[str] = getattr(search, field)
        if values:
            known = [names.number(connection, kind, value) for value in values]
            numbers = sorted(number for number in known if number is not None)
            if not numbers:
                return None
            terms.append(maker.named(kind, numbers))
    return [*terms, *(maker.word(word) for word in words)]


def best_of(
    connection: Connection, terms: Sequence[Term], within: Within, bounds: Sequence[int]
) -> Term | None:
    """Return the condition to go by; None: to go through all rows between the times.

    The entries that each leaves in its index are counted up to a bound, then up to a greater one, until one
    of them is found to leave fewer: what counting costs is in proportion to what it saves.
    """
    served = [term for term in terms if term.alone is not None]
    everything = sa.select(_f.place).where(*within.of_column(_f.place))
    for bound in bounds if served else ():
        fit = [term for term in served if term.in_order or bound <= COLLECTED]
        if not fit:
            return None
        queries = [term.alone for term in fit if term.alone is not None]
        if within.since is not None:
            queries.append(everything)
        counts = _counts(connection, queries, bound)
        if within.since is not None and counts[-1] < bound:
            return None
        least, number = min((count, number) for number, count in enumerate(counts[: len(fit)]))
        if least < bound:
            return fit[number]
    return None


def _counts(connection: Connection, queries: Sequence[sa.Select[Any]], most: int) -> Sequence[int]:
    """Return how many rows each has, counted up to `most`; asked at once."""
    some = [query.limit(most).correlate(None).subquery() for query in queries]
    counts = [sa.select(sa.func.count()).select_from(one).scalar_subquery() for one in some]
    return connection.execute(sa.select(*counts)).one()


class _Maker:
    """Makes conditions."""

    def __init__(self, within: Within) -> None:
        self._within = within

    def plain(self, search: Search) -> list[Term]:
        """Return the conditions that need no names."""
        terms: list[Term] = []
        if search.audible is not None:
            audible = int(Sound.AUDIBLE)
            terms.append(_term("state", lambda column: (column == audible) == search.audible))
        if search.direction:
            terms.append(_term("direction", lambda column: column == DIRECTIONS.index(search.direction)))
        for field in SPANS:
            span: Span = getattr(search, field)
            if span:
                terms.append(self._span(field, span))
        if search.scored is not None:
            terms.append(self._scored() if search.scored else _term("score", lambda column: column.is_(None)))
        for field in ("complaint", "new_agent"):
            flag: bool | None = getattr(search, field)
            if flag:
                terms.append(self._indexed(field, lambda column: column == 1, _PARTS[field], in_order=True))
            elif flag is not None:
                terms.append(_term(field, lambda column: column == 0))
        return terms

    def named(self, kind: str, numbers: Sequence[int]) -> Term:
        """Return the condition that a name is one of some."""

        def is_one(column: Any) -> _Where:
            found: _Where = column == numbers[0] if len(numbers) == 1 else column.in_(numbers)
            return found

        if kind not in _INDEXED:
            return _term(kind, is_one)
        return self._indexed(kind, is_one, is_one(_f[kind]), in_order=len(numbers) == 1)

    def word(self, word: int) -> Term:
        """Return the condition that a word occurs."""
        there = sa.exists().where(_w.word == word, _w.place == _f.place).correlate(review_facts)
        alone = sa.select(_w.place).where(_w.word == word, *self._within.of_column(_w.place))
        return Term(there, there, alone, in_order=True, word=word)

    def _span(self, field: str, span: Span) -> Term:
        def fits(column: Any) -> _Where:
            parts = [] if span.least is None else [column >= span.least]
            return sa.and_(*parts, *([] if span.most is None else [column <= span.most]))

        if field in _RANGES or field == "score" or (field == "transfers" and (span.least or 0) > 0):
            part = _PARTS.get(field)
            return self._indexed(
                field, fits, fits(_f[field]) if part is None else sa.and_(fits(_f[field]), part)
            )
        return _term(field, fits)

    def _scored(self) -> Term:
        return self._indexed("score", lambda column: column.isnot(None), _PARTS["score"])

    def _indexed(
        self, name: str, where: Callable[[Any], _Where], by_index: _Where, in_order: bool = False
    ) -> Term:
        alone = sa.select(_f.place).where(by_index, *self._within.of_column(_f.place))
        return Term(by_index, _term(name, where).off, alone, in_order)


def _term(name: str, where: Callable[[Any], _Where]) -> Term:
    column = sa.literal_column(f"+review_facts.{name}", _f[name].type)
    return Term(where(_f[name]), where(column))
