"""The peer of searching: the same questions put to the tables where things are, by joins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa

from bench.review_mix import Asked
from bench.review_rows import Year, bulk
from domain.floor_log import Phase
from recording.quality.finding import COUNTED, Search, Span
from recording.quality.finding_places import day_begins, day_ends, time_of
from recording.recordings import Mode
from recording.states import State
from storage.database import Database
from storage.interaction_tables import interaction_notes
from storage.outbound_tables import outbound_dispositions
from storage.recording_tables import recording_measures, recordings
from storage.score_tables import scores
from storage.staff_tables import staff
from storage.tables import floor_legs, utc_text

_Query: TypeAlias = Any  # a `sa.Select`, whose kinds of rows differ from step to step
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def fill_peer(database: Database, year: Year) -> None:
    """Write the year where it comes from: recordings, measures, notes, legs, dispositions, scores, staff."""
    rows = _Rows(year, database.is_sqlite)
    bulk(database, recordings, rows.recordings, year.size)
    bulk(database, recording_measures, rows.measures, year.size)
    bulk(database, interaction_notes, rows.notes, year.size)
    bulk(database, floor_legs, rows.legs, year.size)
    bulk(database, outbound_dispositions, rows.dispositions, year.size)
    bulk(database, scores, rows.scores, year.size)
    bulk(database, staff, rows.staff, 400)
    if not database.is_sqlite:
        database.write_now(lambda connection: connection.exec_driver_sql("ANALYZE"))


class _Rows:
    """Rows of the tables, in the order of their columns."""

    def __init__(self, year: Year, texts: bool) -> None:
        self._texts = texts
        self._of = {name: column.tolist() for name, column in year.columns.items()}

    def _at(self, place: int) -> Any:
        at = time_of(place)
        return utc_text(at) if self._texts else at

    def recordings(self, start: int, end: int) -> list[tuple[Any, ...]]:
        c, found = self._of, []
        for n in range(start, end):
            at, out = self._at(c["place"][n]), c["direction"][n]
            state = State.SEALED if c["state"][n] == 1 else State.DESTROYED
            found.append((
                f"{n:032x}", f"call-{n}", 1, "leg", "out" if out else "in", f"queue-{c['queue'][n]}",
                f"campaign-{c['campaign'][n]}" if out else "", f"agent-{c['agent'][n]}", "id",
                Mode.ALWAYS.value, state.value, at, at, at, c["seconds"][n] * 1000, c["seconds"][n] * 1000,
                0, "", "", "", 0, "flac", 1, b"", at, None, None,
            ))  # fmt: skip
        return found

    def measures(self, start: int, end: int) -> list[tuple[Any, ...]]:
        found = []
        for n in range(start, end):
            silence, overlap, seconds = (self._of[name][n] for name in ("silence", "overlap", "seconds"))
            row = (1, 1, silence * seconds * 10, overlap * seconds * 10, 1, 1, 1, 4.0, 4.0)
            found.append((f"{n:032x}", *row))
        return found

    def notes(self, start: int, end: int) -> list[tuple[Any, ...]]:
        c, found = self._of, []
        for n in range(start, end):
            if c["branch"][n]:
                at = self._at(c["place"][n])
                found.append((
                    f"{n:032x}", 1, f"call-{n}", at, at, "s", f"agent-{c['agent'][n]}",
                    f"team-{c['team'][n]}", f"branch-{c['branch'][n]}", f"category-{c['category'][n]}",
                    f"result-{c['result'][n]}", "id", None, bytes(200),
                ))  # fmt: skip
        return found

    def legs(self, start: int, end: int) -> list[tuple[Any, ...]]:
        c, found = self._of, []
        for n in range(start, end):
            at = self._at(c["place"][n])
            one = (f"leg-{n}", at, f"call-{n}", f"agent-{c['agent'][n]}")
            if c["hold"][n]:
                found.append(
                    (2 * n, one[0], 2, at, one[2], one[3], Phase.HOLD.value, float(c["hold"][n]), "", False)
                )
            outcome = "transferred" if c["transfers"][n] else "ended"
            found.append((2 * n + 1, one[0], 3, at, one[2], one[3], Phase.TALK.value, 60.0, outcome, False))
        return found

    def dispositions(self, start: int, end: int) -> list[tuple[Any, ...]]:
        c = self._of
        return [
            (
                f"call-{n}", 1, "a", f"campaign-{c['campaign'][n]}", 1, self._at(c["place"][n]), "s",
                f"agent-{c['agent'][n]}", f"disposition-{c['disposition'][n]}", None, "", None, None,
            )
            for n in range(start, end)
            if c["direction"][n]
        ]  # fmt: skip

    def scores(self, start: int, end: int) -> list[tuple[Any, ...]]:
        c, found = self._of, []
        for n in range(start, end):
            if c["score"][n] >= 0:
                at = self._at(c["place"][n])
                found.append((
                    f"{n:032x}", f"{n:032x}", f"call-{n}", f"agent-{c['agent'][n]}", "inbound", 1, "review",
                    "r", "", at, at, c["score"][n], "", b"",
                ))  # fmt: skip
        return found

    def staff(self, start: int, end: int) -> list[tuple[Any, ...]]:
        old, new = _NOW - timedelta(days=2000), _NOW + timedelta(days=1)
        return [
            (
                f"{n:032x}", str(n).encode(), b"", b"", "agent", f"agent-{n}", f"team-{1 + n % 20}", "id",
                False, *((utc_text(at), utc_text(at)) if self._texts else (at, at)),
            )
            for n in range(start + 1, end + 1)
            for at in [new if n > 370 else old]
        ]  # fmt: skip


def peer_query(asked: Asked) -> _Query:
    """Return the search as one would write it over these tables; words are left out: there are none there."""
    search, r, n = asked.search, recordings.c, interaction_notes.c
    m, d, s, p = recording_measures.c, outbound_dispositions.c, scores.c, staff.c
    held = _of_call(sa.func.sum(floor_legs.c.seconds), floor_legs.c.phase == Phase.HOLD.value)
    moved = _of_call(sa.func.count(), floor_legs.c.outcome == "transferred")
    joined = (
        recordings.outerjoin(recording_measures, m.recording_id == r.recording_id)
        .outerjoin(interaction_notes, n.call_id == r.call_id)
        .outerjoin(outbound_dispositions, d.call_id == r.call_id)
        .outerjoin(scores, s.recording_id == r.recording_id)
        .outerjoin(staff, p.number == r.agent)
    )
    query: _Query = sa.select(r.recording_id, r.planned_at).select_from(joined)
    query = query.where(r.state.in_([State.SEALED.value, State.HELD.value]))
    for column, values in (
        (r.agent, search.agents), (p.team, [*search.teams, *([asked.team] if asked.team else [])]),
        (r.queue, search.queues), (n.branch, search.branches), (n.category, search.categories),
        (n.result, search.results), (r.campaign_id, search.campaigns), (d.code, search.dispositions),
    ):  # fmt: skip
        if values:
            query = query.where(column.in_(list(values)))
    for amount, span in (
        (r.audio_ms / 1000, search.seconds), (sa.func.coalesce(held, 0), search.hold),
        (sa.func.coalesce(moved, 0), search.transfers), (m.silence_ms * 100 / r.audio_ms, search.silence),
        (m.overlap_ms * 100 / r.audio_ms, search.overlap), (s.total, search.score),
    ):  # fmt: skip
        query = _spanned(query, amount, span)
    query = _flagged(query, search)
    return query.order_by(r.planned_at.desc()).limit(COUNTED + 1)


def _of_call(what: Any, where: Any) -> Any:
    legs = floor_legs.c
    return sa.select(what).where(legs.call_id == recordings.c.call_id, where).scalar_subquery()


def _spanned(query: _Query, amount: Any, span: Span) -> _Query:
    if span.least is not None:
        query = query.where(amount >= span.least)
    return query if span.most is None else query.where(amount <= span.most)


def _flagged(query: _Query, search: Search) -> _Query:
    r, n, s, p = recordings.c, interaction_notes.c, scores.c, staff.c
    if search.since is not None:
        query = query.where(r.planned_at >= time_of(day_begins(search.since)))
    if search.until is not None:
        query = query.where(r.planned_at < time_of(day_ends(search.until)))
    if search.direction:
        query = query.where(r.direction == search.direction)
    if search.scored is not None:
        query = query.where(s.total.isnot(None) if search.scored else s.total.is_(None))
    if search.complaint is not None:
        query = query.where((n.branch == "branch-6").is_(sa.true() if search.complaint else sa.false()))
    if search.new_agent is not None:
        query = query.where(p.created_at > _NOW if search.new_agent else p.created_at <= _NOW)
    return query
