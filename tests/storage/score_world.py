"""Scores with their figures and holds, in memory and on both databases, and scores to put there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from recording.ports import RecordingsUnavailable
from recording.quality.scores import Answer, Given, Kind, Line, Result, Score, ScoreState
from recording.quality.scoring_figures import By, FigureQuery, ScoreFigure
from storage.database import Database
from storage.score_figures import DurableScoreFigures
from storage.scores import DurableScores
from storage.scores_memory import MemoryScores

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SECRET = "menyebut nama Budi Synthetic"


class HoldsSeen:
    """Holds that are remembered; while `broken`, none can be placed."""

    def __init__(self) -> None:
        self.held: list[tuple[str, str, str]] = []
        self.broken = False

    async def hold(self, recording_id: str, reason: str, by: str) -> None:
        if self.broken:
            raise RecordingsUnavailable("broken for a test")
        self.held.append((recording_id, reason, by))

    async def release(self, recording_id: str, reason: str, by: str) -> None:
        raise AssertionError("scores release no hold")


class Ground:
    """Scores with their figures and holds."""

    def __init__(
        self, scores: DurableScores | MemoryScores, holds: HoldsSeen, database: Database | None
    ) -> None:
        self.scores = scores
        self.holds = holds
        self.database = database
        over = scores if isinstance(scores, MemoryScores) else DurableScoreFigures(_there(database))
        self.figures, self.left_out = over.figures, over.left_out


def _there(database: Database | None) -> Database:
    assert database is not None
    return database


@contextmanager
def score_ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """Make the ground that `request.param` names: in memory, or one of the databases."""
    holds = HoldsSeen()
    if request.param == "memory":
        yield Ground(MemoryScores(holds), holds, None)
        return
    if request.param == "sqlite":
        url = str(request.getfixturevalue("sqlite_url"))
    else:
        url = request.getfixturevalue("postgres").migrated_database()
    database = Database.open(url)
    yield Ground(DurableScores(database, request.getfixturevalue("vault"), holds), holds, database)
    database.close()


def a_score(number: int = 1, **others: object) -> Score:
    score = Score(
        score_id=f"{number:032x}",
        recording_id=f"{number:032x}",
        call_id=f"call-{number}",
        agent="1001",
        form="inbound",
        form_version=1,
        kind=Kind.REVIEW,
        state=ScoreState.DRAFT,
        reviewer="reviewer-1",
        answers={"opening": Given(Answer.NO, SECRET, 4200), "hold": Given(Answer.NA)},
        facts={"transfer": "answered_rightly"},
        summary=SECRET,
        started_at=NOW,
        count=1,
    )
    return replace(score, **others)  # type: ignore[arg-type]  # whatever a test wants


def worth(*points: str, most: str = "50.00") -> Result:
    """Return a result with two criteria of one item each."""
    values = [Decimal(one) for one in points] or [Decimal("50.00"), Decimal("50.00")]
    lines = [
        Line(f"c{place}", f"i{place}", Decimal(most), value, "answered_yes")
        for place, value in enumerate(values, start=1)
    ]
    return Result(sum(values, Decimal("0.00")), lines, (), ())


async def finished(ground: Ground, score: Score, result: Result | None = None, days: int = 0) -> Score:
    return await ground.scores.finish(score, result or worth(), NOW + timedelta(days=days))


async def figures(ground: Ground, *by: By, **others: object) -> list[tuple[object, ...]]:
    query = FigureQuery(by, NOW, NOW + timedelta(days=10))
    query = replace(query, **others)  # type: ignore[arg-type]  # whatever a test wants
    return [_told(one) for one in await ground.figures(query)]


def _told(one: ScoreFigure) -> tuple[object, ...]:
    key = [value for value in (one.agent, one.criterion, one.form, one.form_version, one.reviewer) if value]
    return (*key, one.count, str(one.mean), str(one.percent))
