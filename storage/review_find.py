"""Searches of the index of facts, the same on both databases.

One query reads at most COUNTED + 1 places of the narrow table, newest first: that is the page and the count
in one. It goes by one index if one of them leaves few rows, else through the rows as they lie. Which is found
out by counting a few entries of each index that could serve (`storage.review_terms`): a planner that guesses
is wrong where fields hang together, as disposition and campaign do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.quality.finding import COUNTED, PAGE, Facts, FactsPage, FindingUnavailable, Search
from storage.database import Database
from storage.kept import Kept
from storage.person_restricted import any_stands, restricted_places
from storage.review_names import ReviewNames
from storage.review_rows import FactRows
from storage.review_tables import review_facts, review_places, review_words
from storage.review_terms import ALL_BOUNDS, FEW_BOUNDS, KIND_OF, Term, Within, best_of, terms_of
from storage.review_words import ReviewWords
from storage.vault import Vault

_f = review_facts.c


class ReviewFinder(Kept):
    """A `recording.quality.finding.Finder` on a database."""

    unavailable = FindingUnavailable

    def __init__(self, database: Database, vault: Vault, names: ReviewNames) -> None:
        super().__init__(database)
        self._names = names
        self._rows = FactRows(names)
        self._words = ReviewWords(vault)

    async def find(self, search: Search, team: str | None = None, before: int | None = None) -> FactsPage:
        """Return a page, newest first; `team`: held to that team, `before`: `next` of the page before."""

        def work(connection: Connection) -> FactsPage:
            places = self.places(connection, search, COUNTED + 1, team, before)
            shown = places[:PAGE]
            return FactsPage(
                self.at(connection, shown),
                min(len(places), COUNTED),
                len(places) > COUNTED,
                shown[-1] if len(places) > PAGE else None,
            )

        return await self._read(work)

    async def facts(self, recording_id: str) -> Facts | None:
        """Return what is known of one; None: it is not in the index (yet)."""
        found = await self.several([recording_id])
        return found[0] if found else None

    async def several(self, recording_ids: Sequence[str]) -> Sequence[Facts]:
        """Return what is known of these, newest first; those that are not in the index are left out."""

        def work(connection: Connection) -> Sequence[Facts]:
            which = review_places.c.recording_id.in_(list(recording_ids))
            return self.at(
                connection, list(connection.scalars(sa.select(review_places.c.place).where(which)))
            )

        return await self._read(work)

    async def names(self) -> Mapping[str, Sequence[str]]:
        """Return the values that occur, sorted, by field of a `Search`."""

        def work(connection: Connection) -> Mapping[str, Sequence[str]]:
            known = self._names.all(connection)
            return {name: known[kind] for name, kind in KIND_OF.items()}

        return await self._read(work)

    def places(
        self,
        connection: Connection,
        search: Search,
        most: int,
        team: str | None = None,
        before: int | None = None,
    ) -> list[int]:
        """Return the places of at most `most` recordings, newest first."""
        query = self.query(connection, search, most, team, before)
        return [] if query is None else list(connection.scalars(query))

    def query(
        self,
        connection: Connection,
        search: Search,
        most: int,
        team: str | None = None,
        before: int | None = None,
    ) -> sa.Select[tuple[int]] | None:
        """Return the query of `places`; None: nothing can be found. What is restricted is nowhere in it."""
        if team is not None:
            if not team or (search.teams and team not in search.teams):
                return None
            search = replace(search, teams=[team])
        words = self._words.asked(search.words)
        if search.words.strip() and not words:
            return None  # nothing in it is a word that is kept
        within = Within.of(search, before)
        terms = terms_of(connection, self._names, search, within, words)
        if terms is None:
            return None
        if connection.dialect.name == "sqlite":
            query = _by_one(terms, best_of(connection, terms, within, ALL_BOUNDS), within)
        else:
            query = _by_plan(terms, best_of(connection, terms, within, FEW_BOUNDS), within)
        if any_stands(connection):
            query = query.where(_f.place.not_in(restricted_places()))
        return query.limit(most)

    def at(self, connection: Connection, places: Sequence[int]) -> list[Facts]:
        """Return the facts of places, newest first."""
        query = (
            sa.select(review_facts, review_places.c.recording_id, review_places.c.call_id)
            .join(review_places, review_places.c.place == _f.place)
            .where(_f.place.in_(places))
            .order_by(_f.place.desc())
        )
        return [self._rows.facts(connection, row) for row in connection.execute(query).all()]


def _by_one(terms: Sequence[Term], best: Term | None, within: Within) -> sa.Select[tuple[int]]:
    """Return the query that goes by one condition, or (None) through all rows between the times."""
    rest = [term.off for term in terms if term is not best]
    if best is not None and best.word is not None:
        first = review_words.alias("first_word").c
        query = sa.select(first.place).where(first.word == best.word, _f.place == first.place, *rest)
        return query.where(*within.of_column(first.place)).order_by(first.place.desc())
    query = sa.select(_f.place).where(*within.of_column(_f.place), *rest).order_by(_f.place.desc())
    if best is None or best.alone is None:
        return query
    return query.where(best.where if best.in_order else _f.place.in_(best.alone.correlate(None)))


def _by_plan(terms: Sequence[Term], best: Term | None, within: Within) -> sa.Select[tuple[int]]:
    """Return the query for a planner that knows how values are spread; one that leaves few rows is told."""
    query = sa.select(_f.place).where(*within.of_column(_f.place), *(term.where for term in terms))
    if best is not None and best.alone is not None:
        few = best.alone.cte("few").prefix_with("MATERIALIZED")
        query = query.where(_f.place.in_(sa.select(few.c.place)))
    return query.order_by(_f.place.desc())
