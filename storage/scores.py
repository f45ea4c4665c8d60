"""Drafts and final scores on a database. A final score, its lines and its steps are only ever added."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from recording.ports import Holds, RecordingsUnavailable
from recording.quality.scores import (
    AlreadyScored,
    Kind,
    Result,
    Score,
    ScoreClosed,
    ScoreIncomplete,
    ScoreMoveRefused,
    ScoreQuery,
    ScoreState,
    ScoresUnavailable,
)
from recording.quality.scoring_states import ACTS, after_move, after_signing
from storage.database import Database
from storage.kept import Kept
from storage.score_rows import ScoreRows, line_rows, same_work
from storage.score_tables import score_drafts, score_lines, score_standings, score_steps, scores
from storage.vault import Vault

_s, _d, _now = scores.c, score_drafts.c, score_standings.c
_MANY = 500  # values of one IN
HELD_AS = "scored"
"""The reason of the hold on a recording that was scored."""


class DurableScores(Kept):
    """A `recording.quality.scores.Scores` on a database."""

    unavailable = ScoresUnavailable

    def __init__(self, database: Database, vault: Vault, holds: Holds) -> None:
        super().__init__(database)
        self._rows = ScoreRows(vault)
        self._holds = holds

    async def save_draft(self, score: Score) -> Score:
        """Keep a draft, and return what is kept: of two the one with the greater `count`.

        Raises ScoreClosed; ScoreMoveRefused: it is somebody else's; ScoresUnavailable.
        """
        row = self._rows.draft_row(score)

        def save(connection: Connection) -> Any:
            if connection.execute(sa.select(_s.score_id).where(_s.score_id == score.score_id)).first():
                raise ScoreClosed("the score is final")
            insert = _insert(connection, score_drafts).values(row)
            newer = {name: insert.excluded[name] for name in ("count", "sealed_body", "form", "form_version")}
            mine = sa.and_(_d.count < insert.excluded.count, _d.reviewer == insert.excluded.reviewer)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["score_id"], set_=newer, where=mine)
            )
            return connection.execute(sa.select(score_drafts).where(_d.score_id == score.score_id)).one()

        kept: Score = await self._write(lambda connection: self._rows.draft(save(connection)))
        if kept.reviewer != score.reviewer:
            raise ScoreMoveRefused("the draft is another reviewer's")
        return kept

    async def discard_draft(self, score_id: str) -> None:
        """Forget a draft. Idempotent; a final score stays as it is. Raises ScoresUnavailable."""
        delete = sa.delete(score_drafts).where(_d.score_id == score_id)
        await self._write(lambda connection: connection.execute(delete))

    async def finish(self, score: Score, result: Result, at: datetime) -> Score:
        """Make it final, once, with what it is worth; the recording is held first.

        Held and not scored harms nobody; scored and not held could be destroyed.
        Raises ScoreClosed, AlreadyScored, ScoreIncomplete, ScoresUnavailable; KeyError: no such recording.
        """
        final = final_of(score, result, at)
        if final.kind is not Kind.TRIAL:
            try:
                await self._holds.hold(score.recording_id, HELD_AS, score.reviewer)
            except RecordingsUnavailable as error:
                raise ScoresUnavailable(str(error)) from error

        def finish(connection: Connection) -> Score:
            insert = _insert(connection, scores).values(self._rows.final_row(final, result))
            if connection.execute(insert.on_conflict_do_nothing().returning(_s.score_id)).first() is None:
                return self._known(connection, final)
            connection.execute(sa.insert(score_lines), line_rows(final.score_id, result))
            first = {"score_id": final.score_id, "state": ScoreState.FINAL.value, "steps": 0}
            connection.execute(sa.insert(score_standings).values(first))
            _step(connection, final.score_id, 1, at, "final", ScoreState.FINAL)
            connection.execute(sa.delete(score_drafts).where(_d.score_id == final.score_id))
            return final

        return await self._write(finish)

    async def sign(self, score_id: str, agent: str, at: datetime) -> Score:
        """The agent has read it. Idempotent. Raises KeyError, ScoresUnavailable."""

        def sign(connection: Connection) -> Score:
            row = _standing(connection, score_id)
            if row.agent != agent:
                raise KeyError(score_id)
            if row.signed_at is None:
                state = after_signing(ScoreState(row.state))
                _step(connection, score_id, row.steps + 1, at, "signed", state, signed_at=at)
            return self._finals(connection, _finals().where(_s.score_id == score_id))[0]

        return await self._write(sign)

    async def move(self, score_id: str, state: ScoreState, at: datetime) -> None:
        """Note an appeal's step. Idempotent. Raises KeyError, ScoreMoveRefused, ScoresUnavailable."""

        def move(connection: Connection) -> None:
            row = _standing(connection, score_id)
            before = ScoreState(row.state)
            after = after_move(before, state, row.signed_at is not None)
            if after is not before:
                _step(connection, score_id, row.steps + 1, at, ACTS[state], after)

        await self._write(move)

    async def get(self, score_id: str) -> Score | None:
        """Return one. Raises ScoresUnavailable."""

        def get(connection: Connection) -> Score | None:
            found = self._finals(connection, _finals().where(_s.score_id == score_id))
            if found:
                return found[0]
            draft = connection.execute(sa.select(score_drafts).where(_d.score_id == score_id)).first()
            return None if draft is None else self._rows.draft(draft)

        return await self._read(get)

    async def find(self, query: ScoreQuery) -> Sequence[Score]:
        """Return scores, newest first; drafts by when they were begun. Raises ScoresUnavailable."""

        def find(connection: Connection) -> list[Score]:
            found: list[Score] = []
            states = [state.value for state in query.states if state is not ScoreState.DRAFT]
            if states or not query.states:
                finals = _asked(_finals(), scores, _s.final_at, query)
                finals = finals.where(_now.state.in_(states)) if states else finals
                found += self._finals(connection, finals.limit(query.most))
            if ScoreState.DRAFT in query.states:
                # A save that came in while the score was made final leaves a draft that nobody wants.
                left = sa.exists().where(_s.score_id == _d.score_id)
                drafts = _asked(sa.select(score_drafts), score_drafts, _d.started_at, query).where(~left)
                found += [self._rows.draft(row) for row in connection.execute(drafts.limit(query.most))]
            return newest_first(found)[: query.most]

        return await self._read(find)

    def _known(self, connection: Connection, final: Score) -> Score:
        """Return the same score if it is there already. Raises ScoreClosed, AlreadyScored."""
        there = self._finals(connection, _finals().where(_s.score_id == final.score_id))
        if there:
            if same_work(there[0], final):
                return there[0]
            raise ScoreClosed("the score was made final with other answers")
        same = (_s.recording_id == final.recording_id, _s.agent == final.agent)
        other = sa.select(_s.score_id).where(*same, _s.kind == Kind.REVIEW.value)
        raise AlreadyScored(connection.execute(other).scalar_one())

    def _finals(self, connection: Connection, query: "sa.Select[Any]") -> list[Score]:
        rows = connection.execute(query).all()
        lines: dict[str, list[Any]] = {row.score_id: [] for row in rows}
        ids = list(lines)
        for start in range(0, len(ids), _MANY):
            chunk = sa.select(score_lines).where(score_lines.c.score_id.in_(ids[start : start + _MANY]))
            for line in connection.execute(chunk.order_by(score_lines.c.score_id, score_lines.c.seq)):
                lines[line.score_id].append(line)
        return [self._rows.final(row, lines[row.score_id]) for row in rows]


def final_of(score: Score, result: Result, at: datetime) -> Score:
    """Return a score as it is once it is final. Raises ScoreIncomplete; ValueError: lines off the total."""
    if result.missing:
        raise ScoreIncomplete(result.missing)
    if sum(line.points for line in result.lines) != result.total:
        raise ValueError("the lines are not the total")
    kept = replace(result, lines=tuple(result.lines), effects=tuple(result.effects), missing=())
    return replace(score, state=ScoreState.FINAL, final_at=at, signed_at=None, result=kept, count=0)


def newest_first(found: Sequence[Score]) -> list[Score]:
    """Return scores by when they were made final, drafts by when they were begun."""
    return sorted(found, key=lambda one: (one.final_at or one.started_at, one.score_id), reverse=True)


def _finals() -> "sa.Select[Any]":
    joined = scores.join(score_standings, _now.score_id == _s.score_id)
    return sa.select(scores, _now.state, _now.signed_at).select_from(joined)


def _asked(
    select: "sa.Select[Any]", table: sa.Table, time: "sa.Column[datetime]", query: ScoreQuery
) -> "sa.Select[Any]":
    columns = table.c
    select = select.where(columns.kind.in_([kind.value for kind in query.kinds]))
    if query.agents:
        select = select.where(columns.agent.in_(list(query.agents)))
    for name in ("reviewer", "recording_id", "reminds_of"):
        if getattr(query, name):
            select = select.where(columns[name] == getattr(query, name))
    if query.since is not None:
        select = select.where(time >= query.since)
    if query.until is not None:
        select = select.where(time < query.until)
    return select.order_by(time.desc(), columns.score_id.desc())


def _standing(connection: Connection, score_id: str) -> Any:
    """Return a final score's standing, locked until the transaction ends. Raises KeyError."""
    joined = score_standings.join(scores, _s.score_id == _now.score_id)
    query = sa.select(_s.agent, _now.state, _now.signed_at, _now.steps).select_from(joined)
    row = connection.execute(
        query.where(_now.score_id == score_id).with_for_update(of=score_standings)
    ).first()
    if row is None:
        raise KeyError(score_id)
    return row


def _step(
    connection: Connection,
    score_id: str,
    seq: int,
    at: datetime,
    act: str,
    state: ScoreState,
    signed_at: datetime | None = None,
) -> None:
    connection.execute(sa.insert(score_steps).values(score_id=score_id, seq=seq, at=at, act=act))
    values: dict[str, object] = {"state": state.value, "steps": seq}
    if signed_at is not None:
        values["signed_at"] = signed_at
    connection.execute(sa.update(score_standings).where(_now.score_id == score_id).values(values))


def _insert(connection: Connection, table: sa.Table) -> Any:
    """Return the dialect's INSERT that can pass over a row that is there."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
