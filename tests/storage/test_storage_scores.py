"""Scores and their figures: the same on both databases and in memory."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from recording.ports import RecordingsUnavailable
from recording.quality.scores import (
    AlreadyScored,
    Answer,
    Given,
    Kind,
    Line,
    Result,
    Score,
    ScoreClosed,
    ScoreIncomplete,
    ScoreMoveRefused,
    ScoreQuery,
    ScoreState,
    ScoresUnavailable,
)
from recording.quality.scoring_figures import By, FigureQuery, ScoreFigure
from recording.states import State
from storage.database import Database, DatabaseProblem
from storage.score_figures import DurableScoreFigures
from storage.score_tables import score_drafts, score_standings, scores
from storage.scores import DurableScores
from storage.scores_memory import MemoryScores
from storage.vault import Vault
from tests.storage.conftest import BOTH
from tests.storage.keeping_world import KeepingWorld

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
        self.figures = (
            scores.figures
            if isinstance(scores, MemoryScores)
            else DurableScoreFigures(_there(database)).figures
        )


def _there(database: Database | None) -> Database:
    assert database is not None
    return database


@pytest.fixture(params=["memory", *BOTH])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
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


# ---- Drafts


async def test_a_draft_comes_back_as_it_was(ground: Ground) -> None:
    draft = a_score()
    assert await ground.scores.save_draft(draft) == draft
    assert await ground.scores.get(draft.score_id) == draft
    assert await ground.scores.get("f" * 32) is None


async def test_of_two_drafts_the_greater_count_wins_whichever_comes_later(ground: Ground) -> None:
    newer = a_score(count=5, summary="newer")
    await ground.scores.save_draft(a_score(count=2))
    assert (await ground.scores.save_draft(newer)).summary == "newer"
    for late in (4, 5):
        assert (await ground.scores.save_draft(a_score(count=late, summary="late"))).summary == "newer"
    assert await ground.scores.get(newer.score_id) == newer


async def test_nobody_writes_over_another_reviewers_draft(ground: Ground) -> None:
    await ground.scores.save_draft(a_score())
    with pytest.raises(ScoreMoveRefused):
        await ground.scores.save_draft(a_score(reviewer="reviewer-2", count=9))
    kept = await ground.scores.get(a_score().score_id)
    assert kept is not None
    assert kept.reviewer == "reviewer-1"


async def test_a_draft_can_be_forgotten_and_a_final_score_cannot(ground: Ground) -> None:
    await ground.scores.save_draft(a_score(1))
    await ground.scores.discard_draft(a_score(1).score_id)
    await ground.scores.discard_draft(a_score(1).score_id)
    assert await ground.scores.get(a_score(1).score_id) is None
    await finished(ground, a_score(2))
    await ground.scores.discard_draft(a_score(2).score_id)
    assert await ground.scores.get(a_score(2).score_id) is not None


# ---- Final


async def test_a_final_score_comes_back_with_its_lines_and_its_draft_is_gone(ground: Ground) -> None:
    await ground.scores.save_draft(a_score())
    lines = (
        Line("poro", "poro_done", Decimal("15.00"), Decimal("0.00"), "answered_no"),
        Line("answer", "accuracy", Decimal("85.00"), Decimal("84.99"), "help_desk_error", "help_desk_error"),
    )
    result = Result(Decimal("84.99"), lines, ("poro_missing", "help_desk_error"), ())
    final = await ground.scores.finish(a_score(count=7), result, NOW)
    assert (final.state, final.final_at, final.result, final.count) == (ScoreState.FINAL, NOW, result, 0)
    assert await ground.scores.get(final.score_id) == final
    assert await ground.scores.find(ScoreQuery(states=(ScoreState.DRAFT,))) == []


async def test_a_score_is_made_final_once(ground: Ground) -> None:
    first = await finished(ground, a_score())
    again = await finished(ground, a_score(count=3), days=1)
    assert again == first
    for other in (a_score(summary="another"), a_score(facts={}), a_score(form_version=2)):
        with pytest.raises(ScoreClosed):
            await finished(ground, other)
    with pytest.raises(ScoreClosed):
        await finished(ground, a_score(), worth("50.00", "49.00"))
    with pytest.raises(ScoreClosed):
        await ground.scores.save_draft(a_score(count=99))
    assert await ground.scores.get(first.score_id) == first


async def test_an_agents_work_in_a_recording_is_reviewed_once(ground: Ground) -> None:
    first = await finished(ground, a_score(1))
    with pytest.raises(AlreadyScored) as refused:
        await finished(ground, a_score(2, recording_id=first.recording_id, reviewer="reviewer-2"))
    assert refused.value.score_id == first.score_id
    await finished(ground, a_score(3, recording_id=first.recording_id, agent="1002"))
    for number, kind in ((4, Kind.RESCORE), (5, Kind.CALIBRATION), (6, Kind.CALIBRATION)):
        await finished(ground, a_score(number, recording_id=first.recording_id, kind=kind))


async def test_of_two_reviews_at_once_one_counts(ground: Ground) -> None:
    works = [finished(ground, a_score(number, recording_id="9" * 32)) for number in (1, 2)]
    ends = await asyncio.gather(*works, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["AlreadyScored", "Score"]


async def test_what_is_incomplete_or_does_not_add_up_is_not_made_final(ground: Ground) -> None:
    with pytest.raises(ScoreIncomplete) as refused:
        await finished(ground, a_score(), replace(worth(), missing=("accuracy", "transfer")))
    assert refused.value.missing == ("accuracy", "transfer")
    with pytest.raises(ValueError, match="the lines are not the total"):
        await finished(ground, a_score(), replace(worth(), total=Decimal("99.00")))
    assert await ground.scores.get(a_score().score_id) is None
    assert ground.holds.held == []


async def test_a_scored_recording_is_held_and_a_trials_is_not(ground: Ground) -> None:
    for number, kind in enumerate(Kind, start=1):
        await finished(ground, a_score(number, kind=kind))
    held = [int(recording_id, 16) for recording_id, reason, _by in ground.holds.held if reason == "scored"]
    assert held == [at for at, kind in enumerate(Kind, start=1) if kind is not Kind.TRIAL]
    assert len(held) == len(Kind) - 1


async def test_what_cannot_be_held_is_not_scored(ground: Ground) -> None:
    ground.holds.broken = True
    with pytest.raises(ScoresUnavailable):
        await finished(ground, a_score())
    assert await ground.scores.get(a_score().score_id) is None


# ---- After that


async def test_the_agent_signs_once_and_only_their_own(ground: Ground) -> None:
    final = await finished(ground, a_score())
    for agent, score_id in (("1002", final.score_id), ("1001", "f" * 32)):
        with pytest.raises(KeyError):
            await ground.scores.sign(score_id, agent, NOW)
    signed = await ground.scores.sign(final.score_id, "1001", NOW + timedelta(hours=1))
    assert (signed.state, signed.signed_at) == (ScoreState.SIGNED, NOW + timedelta(hours=1))
    assert await ground.scores.sign(final.score_id, "1001", NOW + timedelta(hours=2)) == signed
    assert await ground.scores.get(final.score_id) == signed


async def test_an_appeal_contests_and_replaces_or_lets_stand(ground: Ground) -> None:
    signed, plain, upheld = [await finished(ground, a_score(number)) for number in (1, 2, 3)]
    await ground.scores.sign(signed.score_id, "1001", NOW)
    for score in (signed, plain, upheld):
        await ground.scores.move(score.score_id, ScoreState.CONTESTED, NOW)
        await ground.scores.move(score.score_id, ScoreState.CONTESTED, NOW)
    await ground.scores.move(plain.score_id, ScoreState.REPLACED, NOW)
    await ground.scores.move(signed.score_id, ScoreState.FINAL, NOW)
    await ground.scores.move(upheld.score_id, ScoreState.FINAL, NOW)
    states = [await _state(ground, score) for score in (signed, plain, upheld)]
    assert states == [ScoreState.SIGNED, ScoreState.REPLACED, ScoreState.FINAL]


async def test_a_contested_score_can_be_signed_and_stays_contested(ground: Ground) -> None:
    final = await finished(ground, a_score())
    await ground.scores.move(final.score_id, ScoreState.CONTESTED, NOW)
    assert (await ground.scores.sign(final.score_id, "1001", NOW)).state is ScoreState.CONTESTED
    await ground.scores.move(final.score_id, ScoreState.FINAL, NOW)
    assert await _state(ground, final) is ScoreState.SIGNED


async def test_other_moves_are_refused(ground: Ground) -> None:
    final = await finished(ground, a_score())
    for to in (ScoreState.REPLACED, ScoreState.DRAFT, ScoreState.SIGNED):
        with pytest.raises(ScoreMoveRefused):
            await ground.scores.move(final.score_id, to, NOW)
    await ground.scores.move(final.score_id, ScoreState.CONTESTED, NOW)
    await ground.scores.move(final.score_id, ScoreState.REPLACED, NOW)
    for to in (ScoreState.CONTESTED, ScoreState.FINAL):
        with pytest.raises(ScoreMoveRefused):
            await ground.scores.move(final.score_id, to, NOW)
    with pytest.raises(KeyError):
        await ground.scores.move("f" * 32, ScoreState.CONTESTED, NOW)


async def _state(ground: Ground, score: Score) -> ScoreState:
    kept = await ground.scores.get(score.score_id)
    assert kept is not None
    return kept.state


# ---- Found


async def test_scores_are_found_newest_first(ground: Ground) -> None:
    for number in range(1, 6):
        await finished(ground, a_score(number, agent=f"{1000 + number % 2}"), days=number)
    await ground.scores.save_draft(a_score(6, started_at=NOW + timedelta(days=9)))
    await finished(ground, a_score(7, kind=Kind.RESCORE, reminds_of=a_score(1).score_id), days=7)
    await ground.scores.move(a_score(2).score_id, ScoreState.CONTESTED, NOW)

    async def found(query: ScoreQuery) -> list[int]:
        return [int(score.score_id, 16) for score in await ground.scores.find(query)]

    assert await found(ScoreQuery()) == [5, 4, 3, 2, 1]
    assert await found(ScoreQuery(most=2)) == [5, 4]
    assert await found(ScoreQuery(agents=("1001",))) == [5, 3, 1]
    assert await found(ScoreQuery(recording_id=a_score(3).recording_id)) == [3]
    assert await found(ScoreQuery(reviewer="reviewer-2")) == []
    assert await found(ScoreQuery(kinds=(Kind.RESCORE,), reminds_of=a_score(1).score_id)) == [7]
    assert await found(ScoreQuery(states=(ScoreState.CONTESTED,))) == [2]
    assert await found(ScoreQuery(states=(ScoreState.DRAFT,))) == [6]
    assert await found(ScoreQuery(states=(ScoreState.DRAFT, ScoreState.FINAL))) == [6, 5, 4, 3, 1]
    between = ScoreQuery(since=NOW + timedelta(days=2), until=NOW + timedelta(days=4))
    assert await found(between) == [3, 2]
    assert [score.result for score in await ground.scores.find(between)] == [_kept(worth())] * 2


def _kept(result: Result) -> Result:
    return replace(result, lines=tuple(result.lines))


# ---- Figures


async def figures(ground: Ground, *by: By, **others: object) -> list[tuple[object, ...]]:
    query = FigureQuery(by, NOW, NOW + timedelta(days=10))
    query = replace(query, **others)  # type: ignore[arg-type]  # whatever a test wants
    return [_told(one) for one in await ground.figures(query)]


def _told(one: ScoreFigure) -> tuple[object, ...]:
    key = [value for value in (one.agent, one.criterion, one.form, one.form_version, one.reviewer) if value]
    return (*key, one.count, str(one.mean), str(one.percent))


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


# ---- The database's own guard


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scores SET total = 10000",
        "DELETE FROM scores",
        "UPDATE score_lines SET points = most",
        "DELETE FROM score_steps",
        "DELETE FROM score_standings",
        "UPDATE quality_forms SET text = ''",
        "DELETE FROM quality_forms",
    ],
)
async def test_the_database_itself_refuses_to_change_scores(
    database: Database, vault: Vault, statement: str
) -> None:
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    final = await finished(ground, a_score())
    insert = "INSERT INTO quality_forms VALUES ('inbound', 1, '2026-01-01', :at, 'x', '', 'text')"
    database.write_now(lambda connection: connection.execute(sa.text(insert), {"at": NOW.isoformat()}))
    with pytest.raises(DatabaseProblem, match=r"append-only|never deleted|IntegrityError"):
        database.write_now(lambda connection: connection.execute(sa.text(statement)))
    assert await ground.scores.get(final.score_id) == final


async def test_what_is_written_about_people_is_sealed(database: Database, vault: Vault) -> None:
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    await ground.scores.save_draft(a_score(1))
    await finished(ground, a_score(2))
    for table in (score_drafts, scores):
        query = sa.select(table)
        assert all(b"Budi" not in _bytes(value) for value in _one_row(database, query))


def _one_row(database: Database, query: "sa.Select[tuple[object, ...]]") -> tuple[object, ...]:
    return tuple(database.read_now(lambda connection: connection.execute(query).one()))


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


async def test_a_score_moved_to_another_id_is_not_opened(database: Database, vault: Vault) -> None:
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    await ground.scores.save_draft(a_score(1))
    moved = sa.update(score_drafts).values(score_id="b" * 32)
    database.write_now(lambda connection: connection.execute(moved))
    with pytest.raises(ScoresUnavailable):
        await ground.scores.get("b" * 32)


async def test_scores_that_cannot_be_kept_say_so(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    database.write_now(lambda connection: connection.execute(sa.text("DROP TABLE score_standings")))
    with pytest.raises(ScoresUnavailable):
        await finished(ground, a_score())
    with pytest.raises(ScoresUnavailable):
        await figures(ground)
    kept = sa.select(sa.func.count()).select_from(scores)
    assert database.read_now(lambda connection: connection.execute(kept).scalar()) == 0
    database.close()


async def test_of_two_signatures_at_once_one_is_kept(database: Database, vault: Vault) -> None:
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    final = await finished(ground, a_score())
    times = [NOW + timedelta(minutes=minutes) for minutes in (1, 2, 3)]
    signed = await asyncio.gather(*(ground.scores.sign(final.score_id, "1001", at) for at in times))
    assert len({score.signed_at for score in signed}) == 1
    steps = sa.select(score_standings.c.steps)
    assert database.read_now(lambda connection: connection.execute(steps).scalar()) == 2


async def test_a_sealed_recording_that_was_scored_is_held(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    world = KeepingWorld(database, tmp_path)
    kept = DurableScores(database, vault, world.holds)
    recording_id = await world.sealed()
    trial = a_score(1, recording_id=recording_id, kind=Kind.TRIAL)
    await kept.finish(trial, worth(), NOW)
    assert await world.state(recording_id) is State.SEALED
    await kept.finish(a_score(2, recording_id=recording_id), worth(), NOW)
    assert await world.state(recording_id) is State.HELD
    with pytest.raises(KeyError):
        await kept.finish(a_score(3, recording_id="e" * 32), worth(), NOW)
    assert await kept.get(a_score(3).score_id) is None
