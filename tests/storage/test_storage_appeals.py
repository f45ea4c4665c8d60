"""The books of appeals, calibration and coaching on both databases, also over the real record of scores."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from domain.ids import new_id
from recording.quality.appeals import (
    Act,
    Appeal,
    AppealChanged,
    AppealQuery,
    AppealRefused,
    AppealsUnavailable,
    Contested,
    Place,
)
from recording.quality.appeals_desk import AppealDesk
from recording.quality.calibration import CalibrationUnavailable, Remark, Round
from recording.quality.coaching import (
    CoachingChanged,
    CoachingUnavailable,
    Link,
    Task,
    TaskMoved,
    move_task,
    open_task,
)
from recording.quality.scores import Kind, Score, ScoreQuery, ScoreState
from recording.quality.scoring import evaluate
from storage.appeal_tables import (
    appeal_items,
    appeal_steps,
    appeal_verdicts,
    appeals,
    calibration_remarks,
    coaching_steps,
    coaching_tasks,
)
from storage.appeals import DurableAppeals
from storage.calibration import DurableRounds
from storage.coaching import DurableTasks
from storage.database import Database, DatabaseProblem
from storage.quality_forms import DurableForms
from storage.scores import DurableScores
from storage.vault import Vault
from tests.unit.appeal_world import (
    DAY,
    FIRST,
    FORM,
    LEAD,
    LEADER,
    NUMBER,
    RECORDING,
    RULES,
    SECOND,
    THIRD,
    a_score,
    appeal_world,
)
from tests.unit.matter_world import MONDAY, Office

SECRET = "menyebut nama Budi Synthetic"
OTHER = "b" * 32


async def _final(scores: DurableScores, kind: Kind, reviewer: str, *wrong: str, of: str = "") -> Score:
    made = a_score(kind, reviewer, *wrong, reminds_of=of)
    return await scores.finish(made, evaluate(FORM, made.answers, made.facts, kind), MONDAY)


async def test_an_appeal_over_the_real_record_of_scores(database: Database, vault: Vault) -> None:
    book, rounds = DurableAppeals(database, vault), DurableRounds(database, vault)
    world = appeal_world(book, rounds)
    scores, forms = DurableScores(database, vault, world.holds), DurableForms(database)
    world.desk.on = replace(world.desk.on, scores=scores, forms=forms)
    first = await _final(scores, Kind.REVIEW, FIRST, "accuracy", "closing")
    given = [Contested("accuracy", SECRET, (Place(4000, 9000), Place(12000)), "recording")]
    appeal = await world.desk.file("f" * 32, first.score_id, "alfa", given, world.act())
    assert await book.get(appeal.appeal_id) == appeal
    appeal = await world.desk.move(appeal, "endorse", world.act(LEADER, SECRET))
    appeal = await world.desk.approve(appeal, ("accuracy",), SECOND, world.act(LEAD))
    assert await book.get(appeal.appeal_id) == appeal
    contested = await scores.get(first.score_id)
    assert contested is not None and contested.state is ScoreState.CONTESTED
    await world.blind.scored(await _final(scores, Kind.RESCORE, SECOND, "closing", of=first.score_id))
    await world.desk.assign(await book.get(appeal.appeal_id), THIRD, world.act(LEAD))
    await world.blind.scored(await _final(scores, Kind.ARBITER, THIRD, of=first.score_id))
    appeal = await book.get(appeal.appeal_id)
    counts, before = await scores.get(appeal.counts), await scores.get(first.score_id)
    assert counts is not None and before is not None and counts.result and before.result
    assert (counts.kind, counts.state, before.state) == (Kind.APPEAL, ScoreState.FINAL, ScoreState.REPLACED)
    assert float(counts.result.total - before.result.total) == 12.5
    assert before.answers == first.answers and before.result == first.result
    found = await scores.find(ScoreQuery(recording_id=RECORDING, kinds=tuple(Kind)))
    assert sorted(one.kind for one in found) == ["appeal", "arbiter", "rescore", "review"]
    assert [step.what for step in await book.trail(appeal.appeal_id)] == [
        "filed", "endorse", "approve", "differ", "assigned", "decide",
    ]  # fmt: skip
    assert (await book.trail(appeal.appeal_id))[1].note == SECRET
    assert await book.owing() == []
    assert "disputed" not in world.holds.held[RECORDING]


async def _filed(book: DurableAppeals, appeal_id: str = "f" * 32, score_id: str = "") -> Appeal:
    score = a_score(Kind.REVIEW, FIRST, "accuracy")
    score = replace(score, score_id=score_id or score.score_id, state=ScoreState.FINAL, final_at=MONDAY)
    score = replace(score, result=evaluate(FORM, score.answers, score.facts))
    given = [Contested("accuracy", SECRET)]
    return await book.file(RULES.file(appeal_id, score, "alfa", given, None, _act()))


def _act(who: str = "a" * 32) -> Act:
    return Act(who, MONDAY)


async def _run(database: Database, statement: sa.Executable) -> list[Any]:
    def work(connection: sa.Connection) -> list[Any]:
        result = connection.execute(statement)
        return list(result) if result.returns_rows else []

    return await database.write(work)


async def test_two_at_once_do_not_both_win(database: Database, vault: Vault) -> None:
    book = DurableAppeals(database, vault)
    score_id = new_id()
    both = await asyncio.gather(
        *(_filed(book, letter * 32, score_id) for letter in "12"), return_exceptions=True
    )
    lost = [one for one in both if isinstance(one, AppealRefused | AppealChanged)]
    assert len(lost) == 1
    [appeal] = await book.find(AppealQuery(score_ids=(score_id,)))
    steps = await asyncio.gather(
        *(book.change(RULES.move(appeal, "endorse", _act(who * 32))) for who in "cd"),
        return_exceptions=True,
    )
    assert [isinstance(one, AppealChanged) for one in steps].count(True) == 1
    assert len(await book.trail(appeal.appeal_id)) == 2
    assert [one.appeal_id for one in await book.owing()] == [appeal.appeal_id]
    await book.settled(appeal.appeal_id, 1)  # of an older step: nothing
    assert len(await book.owing()) == 1
    await book.settled(appeal.appeal_id, 2)
    assert await book.owing() == []


async def test_appeals_are_found_by_what_is_asked(database: Database, vault: Vault) -> None:
    book = DurableAppeals(database, vault)
    for letter in "12":
        await _filed(book, letter * 32)
    for query, count in (
        (AppealQuery(), 2),
        (AppealQuery(agents=(NUMBER,)), 2),
        (AppealQuery(agents=("9",)), 0),
        (AppealQuery(team="alfa", reviewer=FIRST, recording_id=RECORDING, states=("filed",)), 2),
        (AppealQuery(team="beta"), 0),
        (AppealQuery(scorer=SECOND), 0),
        (AppealQuery(since=MONDAY), 2),
        (AppealQuery(until=MONDAY), 0),
        (AppealQuery(most=1), 1),
    ):
        assert len(await book.find(query)) == count, query
    with pytest.raises(KeyError):
        await book.get("0" * 32)


async def test_nothing_said_is_readable_and_nothing_kept_is_overwritten(
    database: Database, vault: Vault
) -> None:
    book, tasks = DurableAppeals(database, vault), DurableTasks(database, vault)
    await _filed(book)
    await tasks.open(_task())
    rounds = DurableRounds(database, vault)
    await rounds.open(_round())
    await rounds.remark(Remark("r" * 32, 0, MONDAY, LEAD, SECRET))
    for table in (appeal_items, coaching_steps, calibration_remarks):
        rows = await _run(database, sa.select(table))
        assert rows and SECRET.encode() not in b"".join(
            bytes(value) for row in rows for value in row if isinstance(value, bytes | memoryview)
        )
    for table in (appeal_items, appeal_steps, coaching_steps, calibration_remarks):
        for statement in (sa.delete(table), sa.update(table).values(at=MONDAY) if "at" in table.c else None):
            if statement is not None:
                with pytest.raises(DatabaseProblem):
                    await _run(database, statement)
    for table, fixed in ((appeals, {"agent": "9"}), (coaching_tasks, {"criterion": "x"})):
        for statement in (sa.delete(table), sa.update(table).values(**fixed)):
            with pytest.raises(DatabaseProblem):
                await _run(database, statement)
    assert await _run(database, sa.select(appeal_verdicts)) == []


def _round() -> Round:
    recordings, reviewers = (RECORDING, OTHER), (FIRST, SECOND)
    return Round("r" * 32, "Juni", "inbound", 1, LEAD, MONDAY, date(2025, 6, 20), recordings, reviewers)


async def test_rounds(database: Database, vault: Vault) -> None:
    rounds, made = DurableRounds(database, vault), _round()
    await rounds.open(made)
    await rounds.open(made)
    found = await rounds.get(made.round_id)
    assert (found.recordings, found.reviewers) == ([RECORDING, OTHER], [FIRST, SECOND])
    await rounds.given(made.round_id, OTHER, SECOND, "5" * 32)
    await rounds.given(made.round_id, OTHER, SECOND, "6" * 32)  # the first one counts
    assert (await rounds.get(made.round_id)).given == {(OTHER, SECOND): "5" * 32}
    with pytest.raises(KeyError):
        await rounds.given(made.round_id, OTHER, THIRD, "5" * 32)
    assert [one.round_id for one in await rounds.waiting_for(SECOND)] == [made.round_id]
    assert await rounds.waiting_for(SECOND, OTHER) == []
    assert len(await rounds.waiting_for(FIRST, OTHER)) == 1
    for text in (SECRET, "lagi"):
        await rounds.remark(Remark(made.round_id, 0, MONDAY, LEAD, text, OTHER, "accuracy"))
    assert [(one.number, one.text) for one in await rounds.remarks(made.round_id)] == [
        (1, SECRET),
        (2, "lagi"),
    ]
    later = replace(made, round_id="s" * 32, opened_at=MONDAY + DAY)
    await rounds.open(later)
    await rounds.close(later.round_id, LEAD, MONDAY + 2 * DAY)
    await rounds.close(later.round_id, FIRST, MONDAY + 3 * DAY)
    assert [(one.round_id, one.closed_by) for one in await rounds.all()] == [
        (made.round_id, ""),
        (later.round_id, LEAD),
    ]
    assert len(await rounds.waiting_for(FIRST)) == 1
    for work in (rounds.get("0" * 32), rounds.close("0" * 32, LEAD, MONDAY)):
        with pytest.raises(KeyError):
            await work


def _task(letter: str = "7", criterion: str = "answer") -> TaskMoved:
    link = Link("5" * 32, RECORDING, (4000, 9000))
    task = Task(
        letter * 32, NUMBER, "alfa", criterion, "by_hand", None, "open", LEADER, MONDAY, date.min,
        ("listen", "discuss"), (link,),
    )  # fmt: skip
    return open_task(task, Office(), 10, SECRET)


async def test_tasks(database: Database, vault: Vault) -> None:
    tasks, moved = DurableTasks(database, vault), _task()
    assert await tasks.open(moved)
    assert await tasks.get(moved.task.task_id) == moved.task
    assert not await tasks.open(_task("8"))  # an open one for this criterion
    assert await tasks.open(_task("9", "poro"))
    assert await tasks.used(["5" * 32], "answer") and not await tasks.used(["5" * 32], "style")
    begun = await tasks.change(move_task(moved.task, "step", "a" * 32, MONDAY, step="listen"))
    with pytest.raises(CoachingChanged):
        await tasks.change(move_task(moved.task, "step", "a" * 32, MONDAY, step="discuss"))
    assert await tasks.get(begun.task_id) == begun
    await tasks.change(move_task(begun, "confirm", LEADER, MONDAY + DAY, "Sudah tepat"))
    assert [one.criterion for one in await tasks.find()] == ["poro"]
    assert [one.criterion for one in await tasks.find((NUMBER,), closed=True)] == ["answer"]
    assert await tasks.find(team="beta") == []
    trail = await tasks.trail(begun.task_id)
    assert [(one.what, one.step, one.note) for one in trail] == [
        ("opened", "", SECRET),
        ("step", "listen", ""),
        ("confirm", "", "Sudah tepat"),
    ]
    assert await tasks.open(_task("8"))  # that one is closed
    with pytest.raises(KeyError):
        await tasks.get("0" * 32)


async def test_a_lost_key_or_database_is_told_as_such(
    sqlite_url: str, vault: Vault, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = Database.open(sqlite_url)
    await _filed(DurableAppeals(database, vault))
    rounds, tasks = DurableRounds(database, vault), DurableTasks(database, vault)
    await rounds.open(_round())
    await rounds.remark(Remark("r" * 32, 0, MONDAY, LEAD, SECRET))
    await tasks.open(_task())
    other = Vault.create(tmp_path_factory.mktemp("other") / "key")
    with pytest.raises(AppealsUnavailable):
        await DurableAppeals(database, other).find(AppealQuery())
    with pytest.raises(CalibrationUnavailable):
        await DurableRounds(database, other).remarks("r" * 32)
    with pytest.raises(CoachingUnavailable):
        await DurableTasks(database, other).trail("7" * 32)
    for name in ("appeals", "calibration_rounds", "coaching_tasks"):
        await _run(database, sa.text(f"DROP TABLE {name}"))
    with pytest.raises(AppealsUnavailable):
        await _filed(DurableAppeals(database, vault), "e" * 32)
    with pytest.raises(CalibrationUnavailable):
        await rounds.all()
    with pytest.raises(CoachingUnavailable):
        await tasks.find()
    database.close()


async def test_a_step_whose_telling_fails_is_told_later(database: Database, vault: Vault) -> None:
    world = appeal_world(DurableAppeals(database, vault), DurableRounds(database, vault))
    desk: AppealDesk = world.desk
    first = await world.first("accuracy")
    given = [Contested("accuracy", SECRET)]
    moved = RULES.file("f" * 32, first, "alfa", given, None, world.act())
    await desk.on.book.file(moved)  # and then the service died
    assert world.scores.kept[first.score_id].state is ScoreState.FINAL
    await desk.look()
    assert world.scores.kept[first.score_id].state is ScoreState.CONTESTED
    assert world.holds.held == {RECORDING: {"disputed"}}
