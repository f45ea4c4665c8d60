"""What a search asks of the index of facts, as conditions, and which one of them is worth going by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.quality.finding import NAMED, SPANS, Search, Sound, Span
from recording.quality.finding_places import day_begins, day_ends
from storage.review_names import ReviewNames
from storage.review_rows import DIRECTIONS
from storage.review_tables import review_facts, review_words

FEW = 15_000  # rows that are fetched one by one about as fast as all rows are read
KIND_OF: Mapping[str, str] = dict(
    zip(
        NAMED,
        ("agent", "team", "queue", "branch", "category", "result", "campaign", "disposition"),
        strict=True,
    )
)
_INDEXED = ("agent", "category", "campaign", "disposition")  # and, in part, score, complaint, new_agent
_RANGES = ("hold", "seconds", "score")
_f = review_facts.c
_Where = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Term:
    """A condition; `alone`: the places it leaves, out of an index of its own. None: there is no index."""

    where: _Where
    alone: sa.Select[Any] | None = None


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
    maker = _Maker(connection.dialect.name == "sqlite", within)
    terms = maker.plain(search)
    for field, kind in KIND_OF.items():
        values: Sequence[str] = getattr(search, field)
        if values:
            known = [names.number(connection, kind, value) for value in values]
            numbers = sorted(number for number in known if number is not None)
            if not numbers:
                return None
            terms.append(maker.term(kind, lambda column, n=numbers: column.in_(n), kind in _INDEXED))
    return [*terms, *(maker.word(word) for word in words)]


def fewest(connection: Connection, terms: Sequence[Term]) -> sa.Select[Any] | None:
    """Return the places of the condition that leaves fewest, if those are few; each is counted up to FEW."""
    best, least = None, FEW
    for term in terms:
        if term.alone is not None:
            some = term.alone.limit(least + 1).subquery()
            count = connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0
            if count <= least:
                best, least = term.alone, count
    return best


class _Maker:
    """Makes conditions."""

    def __init__(self, sqlite: bool, within: Within) -> None:
        self._sqlite, self._within = sqlite, within

    def plain(self, search: Search) -> list[Term]:
        """Return the conditions that need no names."""
        terms: list[Term] = []
        if search.direction:
            direction = DIRECTIONS.index(search.direction)
            terms.append(self.term("direction", lambda column: column == direction))
        for field in SPANS:
            span: Span = getattr(search, field)
            if span:
                terms.append(self.term(field, lambda column, s=span: _spans(column, s), field in _RANGES))
        if search.scored is not None:
            wanted = search.scored
            terms.append(
                self.term("score", lambda column: column.isnot(None) if wanted else column.is_(None), wanted)
            )
        for field in ("complaint", "new_agent"):
            flag: bool | None = getattr(search, field)
            if flag is not None:
                terms.append(self.term(field, lambda column, f=flag: column == int(f), flag))
        if search.audible is not None:
            hears = search.audible
            audible = int(Sound.AUDIBLE)
            terms.append(self.term("state", lambda column: column == audible if hears else column != audible))
        return terms

    def term(self, name: str, where: Any, indexed: bool = False) -> Term:
        """Return a condition of a column; `where` makes it of the column it is given."""
        alone = sa.select(_f.place).where(where(_f[name]), *self._within.of_column(_f.place))
        # On SQLite a + keeps the planner off the column's index: it is gone by only if it was chosen here.
        column: Any = _f[name]
        if self._sqlite:
            column = sa.literal_column(f"+review_facts.{name}", _f[name].type)
        return Term(where(column), alone if indexed else None)

    def word(self, word: int) -> Term:
        """Return the condition that a word occurs."""
        w = review_words.c
        there = sa.exists().where(w.word == word, w.place == _f.place)
        return Term(there, sa.select(w.place).where(w.word == word, *self._within.of_column(w.place)))


def _spans(column: Any, span: Span) -> _Where:
    parts = [] if span.least is None else [column >= span.least]
    return sa.and_(*parts, *([] if span.most is None else [column <= span.most]))
