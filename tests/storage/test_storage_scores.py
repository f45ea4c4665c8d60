"""Scores: the same on both databases and in memory."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from recording.quality.scores import (
    AlreadyScored,
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
from tests.storage.conftest import BOTH
from tests.storage.score_world import NOW, Ground, a_score, finished, score_ground, worth


@pytest.fixture(params=["memory", *BOTH])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    with score_ground(request) as made:
        yield made


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
