"""Figures of scores that count, on both databases: sums of whole hundredths, so that they are exact."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.quality.scores import Kind, ScoreState, ScoresUnavailable
from recording.quality.scoring_figures import By, FigureQuery, ScoreFigure, mean, percent
from recording.quality.scoring_points import HUNDRED
from storage.database import Database, DatabaseProblem
from storage.person_restricted import any_stands, restricted_recordings
from storage.score_tables import score_lines, score_standings, scores

T = TypeVar("T")

_s, _l = scores.c, score_lines.c
_mine, _first = score_standings.alias(), score_standings.alias()
_REPLACED = ScoreState.REPLACED.value

COUNTS = sa.and_(
    ~sa.exists().where(_mine.c.score_id == _s.score_id, _mine.c.state == _REPLACED),
    sa.or_(
        _s.kind == Kind.REVIEW.value,
        sa.and_(
            _s.kind == Kind.APPEAL.value,
            sa.exists().where(_first.c.score_id == _s.reminds_of, _first.c.state == _REPLACED),
        ),
    ),
)
"""Scores that count: reviews that were not replaced, and what appeals made in place of those that were."""

_COLUMNS: dict[By, "tuple[sa.Column[Any], ...]"] = {
    By.AGENT: (_s.agent,),
    By.CRITERION: (_l.criterion,),
    By.FORM: (_s.form, _s.form_version),
    By.REVIEWER: (_s.reviewer,),
}


class DurableScoreFigures:
    """A `recording.quality.scoring_figures.ScoreFigures` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(self, query: FigureQuery) -> Sequence[ScoreFigure]:
        """Return the groups, by what they are told apart by. Raises ScoresUnavailable."""
        return await self._read(lambda connection: _figures(connection, query))

    async def left_out(self, query: FigureQuery) -> int:
        """Return how many scores would count, were their recordings not restricted."""
        which = [*_which(query), _s.recording_id.in_(restricted_recordings())]
        counted = sa.select(sa.func.count()).select_from(scores).where(*which)
        return await self._read(lambda connection: int(connection.execute(counted).scalar_one()))

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except DatabaseProblem as error:
            raise ScoresUnavailable(str(error)) from error


def _figures(connection: Connection, query: FigureQuery) -> list[ScoreFigure]:
    told = [column for by in By if by in query.by for column in _COLUMNS[by]]
    worth = _by_criterion() if By.CRITERION in query.by else _whole()
    which = _which(query)
    if any_stands(connection):
        which.append(_s.recording_id.not_in(restricted_recordings()))
    select = sa.select(*told, *worth).where(*which).group_by(*told)
    if By.CRITERION in query.by:
        select = select.select_from(scores.join(score_lines, _l.score_id == _s.score_id))
    # Ordered here: databases have orders of their own for letters.
    found = [_figure(row) for row in connection.execute(select).mappings() if told or row["n"]]
    return sorted(found, key=lambda one: (one.agent, one.criterion, one.form, one.form_version, one.reviewer))


def _whole() -> "tuple[sa.Label[Any], ...]":
    count = sa.func.count()
    return count.label("n"), sa.func.sum(_s.total).label("got"), (count * HUNDRED).label("had")


def _by_criterion() -> "tuple[sa.Label[Any], ...]":
    could = sa.case((_l.most > 0, _s.score_id))
    return (
        sa.func.count(sa.distinct(could)).label("n"),
        sa.func.sum(_l.points).label("got"),
        sa.func.sum(_l.most).label("had"),
    )


def _which(query: FigureQuery) -> "list[sa.ColumnElement[bool]]":
    which = [COUNTS, _s.final_at >= query.since, _s.final_at < query.until]
    if query.agents is not None:
        which.append(_s.agent.in_(list(query.agents)))
    if query.form:
        which.append(_s.form == query.form)
    if query.reviewer:
        which.append(_s.reviewer == query.reviewer)
    return which


def _figure(row: Any) -> ScoreFigure:
    count, got, most = int(row["n"]), int(row["got"] or 0), int(row["had"] or 0)
    return ScoreFigure(
        agent=row.get("agent", ""),
        criterion=row.get("criterion", ""),
        form=row.get("form", ""),
        form_version=row.get("form_version", 0),
        reviewer=row.get("reviewer", ""),
        count=count,
        mean=mean(got, count),
        percent=percent(got, most),
    )
