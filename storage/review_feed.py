"""Feeds the index of facts: asks what changed since, and writes what is known of those recordings.

What carries its own time (moves of recordings, notes, scores) is asked from where the last pass ended, with
an overlap, since rows are committed a little after the time that is in them. What does not (rows of the
floor, dispositions, complaints) belongs to the hours after a call: a recording is looked at again until it
is three days old. Writing twice changes nothing, so a pass that broke off is simply done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from recording.quality.finding import Facts, FindingUnavailable, Sound
from storage.database import Database, DatabaseProblem
from storage.interaction_tables import interaction_notes
from storage.recording_tables import recording_moves, recordings
from storage.review_facts import FactRules, gather
from storage.review_names import ReviewNames
from storage.review_rows import FactRows, names_in
from storage.review_tables import review_cursors, review_places
from storage.review_words import ReviewWords, forget_words
from storage.score_tables import scores
from storage.vault import Vault, VaultProblem

T = TypeVar("T")
log = logging.getLogger(__name__)

BATCH = 200  # recordings of one transaction: short enough that nobody who writes waits for it
OVERLAP = timedelta(minutes=2)
_BEHIND = timedelta(minutes=10)  # further back than this it is read page by page
_ROWS = 2000  # of such a page
_START = datetime(2000, 1, 1, tzinfo=UTC)
# How old a recording is at most → how long until it is looked at again.
_LOOKS = (
    (timedelta(minutes=15), timedelta(minutes=1)),
    (timedelta(hours=2), timedelta(minutes=10)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=3), timedelta(hours=12)),
)


@dataclass(frozen=True, slots=True)
class Fed:
    """What a pass did."""

    recordings: int  # written into the index
    more: bool  # there is more to do at once


@dataclass(frozen=True, slots=True)
class _Source:
    """A table whose rows carry the time at which they came."""

    name: str
    at: sa.Column[Any]
    key: sa.Column[Any]
    by_call: bool  # the key is a call's id, not a recording's


_SOURCES = (
    _Source("moves", recording_moves.c.at, recording_moves.c.recording_id, by_call=False),
    _Source("notes", interaction_notes.c.at, interaction_notes.c.call_id, by_call=True),
    _Source("scores", scores.c.final_at, scores.c.recording_id, by_call=False),
)


class ReviewFeed:
    """Feeds the index. Every method raises FindingUnavailable."""

    def __init__(self, database: Database, vault: Vault, names: ReviewNames, rules: FactRules) -> None:
        self._database = database
        self._names = names
        self._rows = FactRows(names)
        self._words = ReviewWords(vault)
        self._rules = rules

    async def pass_once(self, now: datetime) -> Fed:
        """Bring what changed into the index, at most some batches of it."""
        ids: dict[str, None] = {}
        more = False
        ends: dict[str, datetime] = {}
        for source in _SOURCES:
            keys, end, full = await self._read(partial(_changed, source=source, now=now))
            ids.update(dict.fromkeys(keys))
            ends[source.name], more = end, more or full
        due = await self._read(partial(_due, now=now))
        ids.update(dict.fromkeys(due))
        await self._put(list(ids), now)
        await self._write(partial(_keep_cursors, ends=ends))
        return Fed(len(ids), more or len(due) == BATCH)

    async def rebuild(self, now: datetime, progress: Callable[[int], None] | None = None) -> int:
        """Make every row anew, oldest recording first; return how many. Searches go on meanwhile."""
        after, done = (_START, ""), 0
        while True:
            page = await self._read(partial(_page, after=after))
            if not page:
                return done
            await self._put([row.recording_id for row in page], now)
            done += len(page)
            after = (page[-1].planned_at, page[-1].recording_id)
            if progress is not None:
                progress(done)

    async def _put(self, ids: Sequence[str], now: datetime) -> None:
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            found = await self._read(partial(gather, ids=part, rules=self._rules))
            await self._write(partial(self._write_facts, found=found, now=now))

    def _write_facts(self, connection: Connection, found: Sequence[Facts], now: datetime) -> None:
        found = [replace(one, queue=one.queue[:64]) for one in found]
        try:
            self._names.add(connection, names_in(found))
            places = self._rows.put(connection, found)
            calls: dict[str, list[int]] = {}
            for one in found:
                if one.sound is not Sound.GONE:
                    calls.setdefault(one.call_id, []).append(places[one.recording_id])
            self._words.notes_in(connection, calls)
            gone = [places[one.recording_id] for one in found if one.sound is Sound.GONE]
            forget_words(connection, gone)
            _keep_looks(connection, {places[one.recording_id]: next_look(one.at, now) for one in found})
        except BaseException:
            self._names.forget()
            raise

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except DatabaseProblem as error:
            raise FindingUnavailable(str(error)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except (DatabaseProblem, VaultProblem) as error:
            self._names.forget()
            raise FindingUnavailable(str(error)) from error


def next_look(planned_at: datetime, now: datetime) -> datetime | None:
    """Return when a recording is to be looked at again; None: nothing comes any more by itself."""
    age = now - planned_at
    return next((now + wait for most, wait in _LOOKS if age < most), None)


def _changed(connection: Connection, source: _Source, now: datetime) -> tuple[Sequence[str], datetime, bool]:
    """Return the recordings that a source tells of, how far it was read, and whether there is more."""
    cursor = sa.select(review_cursors.c.at).where(review_cursors.c.source == source.name)
    since = connection.scalar(cursor) or _START
    behind = since < now - _BEHIND
    query = sa.select(source.key, source.at).where(source.at <= now).order_by(source.at)
    query = query.where(source.at >= (since if behind else since - OVERLAP))
    rows = connection.execute(query.limit(_ROWS) if behind else query).all()
    full = behind and len(rows) == _ROWS and rows[-1][1] > since
    keys = list(dict.fromkeys(row[0] for row in rows))
    if source.by_call:
        keys = _of_calls(connection, keys)
    return keys, rows[-1][1] if full else max(since, now), full


def _of_calls(connection: Connection, calls: Sequence[str]) -> list[str]:
    found: list[str] = []
    for start in range(0, len(calls), BATCH):
        which = recordings.c.call_id.in_(calls[start : start + BATCH])
        found += connection.scalars(sa.select(recordings.c.recording_id).where(which))
    return found


def _due(connection: Connection, now: datetime) -> list[str]:
    table = review_places.c
    query = sa.select(table.recording_id).where(table.look_again_at.isnot(None), table.look_again_at <= now)
    return list(connection.scalars(query.order_by(table.look_again_at).limit(BATCH)))


def _page(connection: Connection, after: tuple[datetime, str]) -> Sequence[Any]:
    table = recordings.c
    at, recording_id = after
    later = sa.or_(table.planned_at > at, sa.and_(table.planned_at == at, table.recording_id > recording_id))
    query = sa.select(table.recording_id, table.planned_at).where(table.planned_at >= at, later)
    return connection.execute(query.order_by(table.planned_at, table.recording_id).limit(BATCH)).all()


def _keep_looks(connection: Connection, looks: dict[int, datetime | None]) -> None:
    if not looks:
        return
    which = review_places.c.place == sa.bindparam("at_place")
    change = sa.update(review_places).where(which).values(look_again_at=sa.bindparam("look"))
    connection.execute(change, [{"at_place": place, "look": look} for place, look in looks.items()])


def _keep_cursors(connection: Connection, ends: dict[str, datetime]) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    adding = insert(review_cursors)
    changed = adding.on_conflict_do_update(index_elements=["source"], set_={"at": adding.excluded.at})
    connection.execute(changed, [{"source": source, "at": at} for source, at in ends.items()])
