"""Coaching: what is low becomes a task, once; its steps."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.matter_data import TableProblem
from recording.quality.appeals_rules import criteria
from recording.quality.coaching import (
    DATA,
    TASK,
    CoachingRefused,
    Task,
    link_to,
    load_coaching_table,
    move_task,
    open_task,
    proposals,
    share_of,
)
from recording.quality.scores import Kind, Score, ScoreState
from tests.unit.appeal_world import (
    AGENT,
    COLLEAGUE,
    FIRST,
    FORM,
    LEADER,
    NUMBER,
    RECORDING,
    a_score,
    final,
    wib,
)
from tests.unit.matter_world import Office

NOW = wib(2025, 6, 20)
TABLE = load_coaching_table().versions[0]
ANSWER = ("interpretation", "completeness", "accuracy")


def _score(days_ago: int, *wrong: str, agent: str = NUMBER, kind: Kind = Kind.REVIEW, **facts: str) -> Score:
    at = NOW - timedelta(days=days_ago)
    return final(a_score(kind, FIRST, *wrong, at=at, agent=agent, **facts), at)


def _found(*scores: Score) -> Mapping[tuple[str, str], tuple[str, Decimal, int]]:
    return {
        (agent, criterion): (rule.name, share, len(used))
        for agent, criterion, rule, share, used in proposals(TABLE, scores, NOW)
    }


def test_the_table_of_states_is_whole() -> None:
    assert list(TASK.faults()) == []


def test_a_low_mean_of_the_latest_scores_makes_a_task() -> None:
    # Of the answer's 25 points: 12.5 and 25 and 20 lost are 50, 0 and 80 per cent: the mean is 43.33.
    low = [_score(3, "accuracy"), _score(2, *ANSWER), _score(1, "completeness")]
    assert _found(*low) == {(NUMBER, "answer"): ("low_criterion", Decimal("43.33"), 3)}
    assert _found(*low[:2]) == {}  # too few
    assert _found(*low, _score(0), _score(0)) == {}  # the latest three: 80, 100, 100
    assert _found(low[0], low[1], _score(61, *ANSWER)) == {}  # too old
    others = [_score(1, *ANSWER, agent=COLLEAGUE), low[0], low[1]]
    assert _found(*others) == {}


def test_one_call_without_proof_is_enough_and_counts_before_the_mean() -> None:
    [question] = [one.code for one in FORM.questions if one.code == "poro_done"]
    found = _found(_score(1, question))
    assert found == {(NUMBER, "poro"): ("proof_missing", Decimal("0.00"), 1)}


def test_only_scores_that_count_are_looked_at() -> None:
    replaced = [_score(day, *ANSWER) for day in (1, 2, 3)]
    for kind in (Kind.RESCORE, Kind.ARBITER, Kind.CALIBRATION, Kind.TRIAL):
        assert _found(*(_score(day, *ANSWER, kind=kind) for day in (1, 2, 3))) == {}
    assert _found(*(_score(day, *ANSWER, kind=Kind.APPEAL) for day in (1, 2, 3))) != {}
    for state in (ScoreState.REPLACED, ScoreState.CONTESTED, ScoreState.DRAFT):
        assert _found(*(replace(one, state=state) for one in replaced)) == {}


def test_a_task_links_to_the_places_where_points_were_lost() -> None:
    score = _score(1, "accuracy", "closing")
    link = link_to(score, "answer", criteria(FORM))
    assert (link.score_id, link.recording_id, link.places) == (score.score_id, RECORDING, (4_000,))
    assert share_of(score, "answer") == Decimal("50.00")
    assert share_of(score, "no_such") is None


def _task() -> Task:
    made = Task(
        "7" * 32,
        NUMBER,
        "alfa",
        "answer",
        "by_hand",
        None,
        "open",
        LEADER,
        NOW,
        date.min,
        ("listen", "discuss"),
        (),
    )
    return open_task(made, Office(), 10).task


def test_a_task_goes_its_way() -> None:
    task = _task()
    assert task.due_on == date(2025, 7, 7)  # ten working days after a Friday, with 27 June a holiday
    begun = move_task(task, "step", AGENT, NOW, step="listen").task
    assert (begun.state, set(begun.done), begun.version) == ("begun", {"listen"}, 2)
    told = move_task(begun, "tell", AGENT, NOW, "Saya memeriksa ketentuan dulu").task
    again = move_task(told, "again", LEADER, NOW, "Belum terdengar").task
    assert again.state == "begun"
    done = move_task(told, "confirm", LEADER, NOW, "Tiga panggilan tepat").task
    assert (done.state, done.closed_at) == ("done", NOW)
    for event, step, note, word in (
        ("step", "listen", "", "no_choice"),
        ("step", "no_such", "", "no_choice"),
        ("tell", "", " ", "missing"),
        ("confirm", "", "x" * 2001, "too_long"),
        ("again", "", "belum", "not_possible"),
    ):
        with pytest.raises(CoachingRefused, match=word):
            move_task(begun, event, AGENT, NOW, note, step)
    with pytest.raises(CoachingRefused, match="not_possible"):
        move_task(done, "drop", LEADER, NOW, "x")


def test_a_mistake_in_the_dated_table_is_told(tmp_path: Path) -> None:
    text = (DATA / "coaching.yaml").read_text(encoding="utf-8")
    for right, wrong in (("below: 70", "below: 170"), ("scores: 3", "scores: 0"), ("days: 10", "day: 10")):
        assert right in text
        (tmp_path / "coaching.yaml").write_text(text.replace(right, wrong), encoding="utf-8")
        with pytest.raises(TableProblem):
            load_coaching_table(tmp_path)
