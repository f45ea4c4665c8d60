"""Figures of scores: the same on both databases and in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
import sqlalchemy as sa

from recording.quality.scores import Kind, Line, Result, ScoreState
from recording.quality.scoring_figures import By, FigureQuery
from storage.person_tables import person_restricted_calls, person_restrictions
from storage.recording_tables import recordings
from tests.storage.conftest import BOTH
from tests.storage.score_world import NOW, Ground, a_score, figures, finished, score_ground, worth


@pytest.fixture(params=["memory", *BOTH])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    with score_ground(request) as made:
        yield made


async def test_figures_are_means_and_counts_of_what_was_scored(ground: Ground) -> None:
    await finished(ground, a_score(1), worth("50.00", "50.00"), days=1)
    await finished(ground, a_score(2, form="outbound"), worth("50.00", "0.00"), days=2)
    await finished(ground, a_score(3, agent="1002", reviewer="reviewer-2"), worth("33.33", "0.00"), days=3)
    await finished(ground, a_score(4, kind=Kind.CALIBRATION), worth("0.00", "0.00"), days=4)
    await finished(
        ground, a_score(5, agent="1003"), worth("1.00", "0.00"), days=10
    )  # after the time asked for
    assert await figures(ground) == [(3, "61.11", "61.11")]
    assert await figures(ground, By.AGENT) == [("1001", 2, "75.00", "75.00"), ("1002", 1, "33.33", "33.33")]
    assert await figures(ground, By.FORM) == [
        ("inbound", 1, 2, "66.67", "66.67"),
        ("outbound", 1, 1, "50.00", "50.00"),
    ]
    assert await figures(ground, By.REVIEWER) == [
        ("reviewer-1", 2, "75.00", "75.00"),
        ("reviewer-2", 1, "33.33", "33.33"),
    ]
    assert await figures(ground, By.CRITERION) == [("c1", 3, "44.44", "88.89"), ("c2", 3, "16.67", "33.33")]
    assert await figures(ground, By.AGENT, By.CRITERION, agents=("1002",)) == [
        ("1002", "c1", 1, "33.33", "66.66"),
        ("1002", "c2", 1, "0.00", "0.00"),
    ]
    assert await figures(ground, By.AGENT, form="outbound") == [("1001", 1, "50.00", "50.00")]
    assert await figures(ground, reviewer="reviewer-2") == [(1, "33.33", "33.33")]
    assert await figures(ground, By.AGENT, agents=()) == []
    assert await figures(ground, agents=()) == []


async def test_a_score_of_a_restricted_recording_is_in_no_figure_but_counted_as_left_out(
    request: pytest.FixtureRequest, ground: Ground
) -> None:
    if ground.database is None:
        assert await ground.left_out(query()) == 0, "in memory nothing is restricted"
        return
    await finished(ground, a_score(1), worth("50.00", "50.00"), days=1)
    await finished(ground, a_score(2), worth("0.00", "0.00"), days=2)
    await finished(ground, a_score(3, kind=Kind.CALIBRATION), worth("0.00", "0.00"), days=2)
    for number in (2, 3):
        ground.database.write_now(partial(_restricted, number=number))
    assert await figures(ground, By.AGENT) == [("1001", 1, "100.00", "100.00")]
    assert await ground.left_out(query()) == 1, "the calibration counts in nothing"
    over = sa.update(person_restrictions).values(lifted_at=NOW)
    ground.database.write_now(lambda connection: connection.execute(over))
    assert await figures(ground, By.AGENT) == [("1001", 2, "50.00", "50.00")]
    assert await ground.left_out(query()) == 0


def query() -> FigureQuery:
    return FigureQuery((), NOW, NOW + timedelta(days=10))


def _restricted(connection: sa.Connection, number: int) -> None:
    """Let a restriction stand over the call of a score's recording."""
    fillers: dict[type, object] = {str: "", int: 0, bytes: b"", object: NOW}
    row = {c.name: fillers[c.type.python_type] for c in recordings.c if not c.nullable}
    row |= {"recording_id": f"{number:032x}", "call_id": f"call-{number}", "number": 1}
    connection.execute(sa.insert(recordings).values(row))
    standing = {"request_id": f"r{number:031}", "taxpayer_lookup": b"", "person_key": b"k", "since": NOW}
    connection.execute(sa.insert(person_restrictions).values(standing))
    call = {"request_id": standing["request_id"], "call_id": f"call-{number}"}
    connection.execute(sa.insert(person_restricted_calls).values(call))


async def test_what_could_not_occur_is_not_counted_for_its_criterion(ground: Ground) -> None:
    lines = [
        Line("c1", "i1", Decimal("0.00"), Decimal("0.00"), "not_applicable"),
        Line("c2", "i2", Decimal("100.00"), Decimal("80.00"), "answered_yes"),
    ]
    await finished(ground, a_score(1), Result(Decimal("80.00"), lines, (), ()))
    assert await figures(ground, By.CRITERION) == [("c1", 0, "0.00", "0.00"), ("c2", 1, "80.00", "80.00")]
    await finished(ground, a_score(2), worth("50.00", "50.00"))
    assert await figures(ground, By.CRITERION) == [("c1", 1, "50.00", "100.00"), ("c2", 2, "65.00", "86.67")]


async def test_of_a_contested_score_what_replaced_it_counts(ground: Ground) -> None:
    review = await finished(ground, a_score(1), worth("10.00", "0.00"))
    later = a_score(2, reminds_of=review.score_id, recording_id=review.recording_id)
    await finished(ground, replace(later, kind=Kind.RESCORE), worth("20.00", "0.00"))
    await finished(ground, replace(later, score_id="a" * 32, kind=Kind.ARBITER), worth("30.00", "0.00"))
    await ground.scores.move(review.score_id, ScoreState.CONTESTED, NOW)
    await finished(ground, replace(later, score_id="b" * 32, kind=Kind.APPEAL), worth("40.00", "0.00"))
    assert await figures(ground) == [(1, "10.00", "10.00")]
    await ground.scores.move(review.score_id, ScoreState.REPLACED, NOW)
    assert await figures(ground) == [(1, "40.00", "40.00")]
