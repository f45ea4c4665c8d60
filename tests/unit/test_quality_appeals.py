"""Appeals: clocks, who may do what, blind scores, what counts afterwards."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from desk.matter_data import TableProblem
from recording.quality.appeals import (
    APPEAL,
    Act,
    Appeal,
    AppealQuery,
    AppealRefused,
    CompiledList,
    Contested,
    How,
    Outcome,
    Place,
)
from recording.quality.appeals_rules import contestable
from recording.quality.appeals_table import DATA, load_appeal_table
from recording.quality.scores import Kind, Score, ScoreState
from storage.appeals import DurableAppeals
from storage.calibration import DurableRounds
from storage.database import Database
from storage.vault import Vault
from tests.unit.appeal_world import (
    AGENT,
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
    AppealWorld,
    a_score,
    appeal_world,
    contested,
    final,
    points,
    wib,
)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("appeals") / "kring.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def world(migrated: Path, tmp_path: Path) -> Iterator[AppealWorld]:
    shutil.copy(migrated, tmp_path / "kring.db")
    database, vault = Database.open(f"sqlite:///{tmp_path}/kring.db"), Vault.create(tmp_path / "key")
    yield appeal_world(DurableAppeals(database, vault), DurableRounds(database, vault))
    database.close()


async def _filed(world: AppealWorld, first: Score, *items: str, evidence: str = "") -> Appeal:
    given = contested(*items, evidence=evidence)
    return await world.desk.file("f" * 32, first.score_id, "alfa", given, world.act())


async def _rescoring(world: AppealWorld, first: Score, *items: str, evidence: str = "") -> Appeal:
    appeal = await _filed(world, first, *items, evidence=evidence)
    appeal = await world.desk.move(appeal, "endorse", world.act(LEADER))
    return await world.desk.approve(appeal, (), SECOND, world.act(LEAD))


async def _now(world: AppealWorld) -> Appeal:
    return await world.desk.on.book.get("f" * 32)


def test_the_table_of_states_is_whole() -> None:
    assert list(APPEAL.faults()) == []


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        ("    file: 3", "    file: 0", "at least 1 working day"),
        ("{name: endorsed, days: 3, late: wait", "{name: endorsed, days: 3, late: expire", "step endorsed"),
        ("      - {name: filed, days: 2, late: pass_on, assumed: true}\n", "", "exactly these"),
        ("      - {name: other, assumed: true}", "      - {name: recording, assumed: true}", "twice"),
    ],
)
def test_a_mistake_in_the_dated_table_is_told(tmp_path: Path, line: str, wrong: str, said: str) -> None:
    text = (DATA / "appeals.yaml").read_text(encoding="utf-8")
    assert line in text
    (tmp_path / "appeals.yaml").write_text(text.replace(line, wrong), encoding="utf-8")
    with pytest.raises(TableProblem, match=said):
        load_appeal_table(tmp_path)


@pytest.mark.parametrize(
    ("final_on", "last"),
    [
        (wib(2025, 6, 2), date(2025, 6, 5)),  # Monday → Thursday
        (wib(2025, 6, 4), date(2025, 6, 11)),  # Idul Adha and its joint leave between
        (wib(2025, 6, 5, 23), date(2025, 6, 12)),
    ],
)
def test_filing_counts_working_days_with_holidays(final_on: datetime, last: date) -> None:
    score = final(a_score(Kind.REVIEW, FIRST, "accuracy"), final_on)
    given = contested("accuracy")
    ends = RULES.table.on(last).last_day(RULES.calendar, score, None)
    assert ends == last
    in_time = replace(_act(), at=wib(last.year, last.month, last.day, 23))
    assert RULES.file("f" * 32, score, "alfa", given, None, in_time).appeal.state == "filed"
    with pytest.raises(AppealRefused, match="too_late"):
        RULES.file("f" * 32, score, "alfa", given, None, replace(in_time, at=in_time.at + DAY))


def _act() -> Act:
    return Act(AGENT, wib(2025, 6, 2))


async def test_a_compiled_list_gives_two_days_from_its_receipt(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    made = CompiledList(
        "9" * 32, LEAD, world.watch.at, "Server penilaian mati", date(2025, 6, 2), date(2025, 6, 3),
        {first.score_id: NUMBER},
    )  # fmt: skip
    book = world.desk.on.book
    await book.compile(made)
    await book.compile(made)
    world.watch.at += 10 * DAY  # a Thursday, long after the three days
    with pytest.raises(AppealRefused, match="not_received"):
        await _filed(world, first, "accuracy")
    listed = await book.receive(made.list_id, NUMBER, world.watch.at, AGENT)
    again = await book.receive(made.list_id, NUMBER, world.watch.at + DAY, LEAD)
    assert listed.received == again.received == {NUMBER: world.watch.at}
    assert RULES.table.versions[0].last_day(RULES.calendar, first, again) == date(2025, 6, 16)
    world.watch.at += 5 * DAY
    with pytest.raises(AppealRefused, match="too_late"):
        await _filed(world, first, "accuracy")
    world.watch.at -= DAY  # the second working day, a Monday
    appeal = await _filed(world, first, "accuracy")
    assert appeal.list_id == made.list_id
    with pytest.raises(AppealRefused, match="listed"):
        await book.compile(replace(made, list_id="8" * 32))
    with pytest.raises(KeyError):
        await book.receive(made.list_id, "90000009", world.watch.at, AGENT)


async def test_what_is_filed_is_checked(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    assert set(contestable(first)) == {"accuracy", "fact:transfer", "fact:service", "fact:restriction"}
    for given, word in (
        ([], "nothing_contested"),
        (contested("completeness"), "no_choice"),  # answered yes: nothing was lost
        (contested("accuracy", "accuracy"), "no_choice"),
        ([Contested("accuracy", "  ")], "missing"),
        ([Contested("accuracy", "x" * 2001)], "too_long"),
        ([Contested("accuracy", "x", (Place(9, 3),))], "place"),
        (contested("accuracy", evidence="rumour"), "no_choice"),
    ):
        with pytest.raises(AppealRefused, match=word):
            await world.desk.file("f" * 32, first.score_id, "alfa", given, world.act())
    assert await world.desk.on.book.find(AppealQuery()) == []
    assert world.holds.held == {}


async def test_an_open_appeal_holds_the_recording_and_marks_the_score(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    appeal = await _filed(world, first, "accuracy")
    again = await _filed(world, first, "accuracy")
    assert again == appeal
    assert world.holds.held == {RECORDING: {"disputed"}}
    assert world.scores.kept[first.score_id].state is ScoreState.CONTESTED
    with pytest.raises(AppealRefused, match="there_is_one"):
        await world.desk.file("0" * 32, first.score_id, "alfa", contested("accuracy"), world.act())
    with pytest.raises(AppealRefused, match="missing note"):
        await world.desk.move(appeal, "reject", world.act(LEADER))
    gone = await world.desk.move(appeal, "reject", world.act(LEADER, "Tidak beralasan"))
    assert (gone.state, gone.outcome, gone.counts) == ("rejected", Outcome.KEPT, first.score_id)
    assert world.holds.held == {RECORDING: set()}
    assert world.scores.kept[first.score_id].state is ScoreState.FINAL
    trail = await world.desk.on.book.trail(appeal.appeal_id)
    assert [(step.what, step.who, step.note) for step in trail] == [
        ("filed", AGENT, ""),
        ("reject", LEADER, "Tidak beralasan"),
    ]


async def test_a_withdrawn_one_may_be_filed_anew_in_time(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    appeal = await _filed(world, first, "accuracy")
    await world.desk.move(appeal, "withdraw", world.act())
    again = await world.desk.file("0" * 32, first.score_id, "alfa", contested("accuracy"), world.act())
    assert again.state == "filed"
    await world.desk.move(again, "reject", world.act(LEADER, "Tidak"))
    with pytest.raises(AppealRefused, match="there_is_one"):
        await world.desk.file("7" * 32, first.score_id, "alfa", contested("accuracy"), world.act())


async def test_who_scored_or_did_a_step_or_saw_the_score_cannot_score_it_blind(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    world.people.seen[first.score_id] = frozenset({THIRD})
    appeal = await _filed(world, first, "accuracy")
    with pytest.raises(AppealRefused, match="not_neutral"):
        await world.desk.move(appeal, "endorse", world.act(FIRST))
    appeal = await world.desk.move(appeal, "endorse", world.act(LEADER))
    for who in (FIRST, THIRD, LEAD, LEADER, "unknown"):
        with pytest.raises(AppealRefused, match="not_neutral"):
            await world.desk.approve(appeal, (), who, world.act(LEAD))
    appeal = await world.desk.approve(appeal, (), "", world.act(LEAD))
    assert (appeal.state, appeal.rescorer) == ("rescoring", SECOND)


async def test_the_first_score_stands_where_the_new_one_says_the_same(world: AppealWorld) -> None:
    first = await world.first("accuracy", "closing")
    await _rescoring(world, first, "accuracy")
    assert await world.blind.assignment(SECOND, RECORDING) is Kind.RESCORE
    assert await world.blind.assignment(THIRD, RECORDING) is None
    details = await world.blind.details(SECOND, RECORDING)
    assert details is not None and (details.form, details.form_version) == ("inbound", 1)
    assert await world.blind.hidden(SECOND) == {RECORDING}
    assert not await world.blind.hides(THIRD, RECORDING)
    new = await world.scored(Kind.RESCORE, SECOND, "accuracy", reminds_of=first.score_id)
    await world.blind.scored(new)
    await world.blind.scored(new)
    appeal = await _now(world)
    assert (appeal.state, appeal.outcome, appeal.counts) == ("done", Outcome.KEPT, first.score_id)
    assert world.scores.kept[first.score_id].state is ScoreState.FINAL
    assert await world.blind.hidden(SECOND) == frozenset()
    [verdict] = await world.desk.on.book.verdicts(appeal.appeal_id)
    assert (verdict.item, verdict.criterion, verdict.how) == ("accuracy", "answer", How.AGREED)
    assert not verdict.overturned
    assert world.holds.held == {RECORDING: set()}


async def test_an_arbiter_decides_where_two_differ_and_what_was_not_contested_stays(
    world: AppealWorld,
) -> None:
    first = await world.first("accuracy", "hold", "closing")
    await _rescoring(world, first, "accuracy", "hold")
    await world.blind.scored(await world.scored(Kind.RESCORE, SECOND, "hold", reminds_of=first.score_id))
    appeal = await _now(world)
    assert (appeal.state, appeal.outcome) == ("arbitration", Outcome.OPEN)
    assert await world.blind.assignment(SECOND, RECORDING) is None
    assert await world.blind.hides(SECOND, RECORDING)  # until it is over
    for who in (FIRST, SECOND):
        with pytest.raises(AppealRefused, match="not_neutral"):
            await world.desk.assign(appeal, who, world.act(LEAD))
    await world.desk.assign(appeal, THIRD, world.act(LEAD))
    assert await world.blind.assignment(THIRD, RECORDING) is Kind.ARBITER
    # The arbiter finds something else wrong as well: it costs nothing, nobody contested it.
    third = await world.scored(Kind.ARBITER, THIRD, "hold", "opening", reminds_of=first.score_id)
    await world.blind.scored(third)
    appeal = await _now(world)
    assert (appeal.state, appeal.outcome, appeal.arbiter_score_id) == (
        "done",
        Outcome.REPLACED,
        third.score_id,
    )
    counts, before = points(world.scores.kept[appeal.counts]), points(first)
    changed = {item for item in before if counts[item] != before[item]}
    assert changed == {"accuracy", "total"}
    assert counts["total"] == before["total"] + counts["accuracy"]
    made = world.scores.kept[appeal.counts]
    assert (made.kind, made.reminds_of, made.reviewer) == (Kind.APPEAL, first.score_id, THIRD)
    assert world.scores.kept[first.score_id].state is ScoreState.REPLACED
    assert world.scores.kept[first.score_id].answers == first.answers
    how = {one.item: (one.first, one.rescore, one.arbiter, one.final, one.how) for one in
           await world.desk.on.book.verdicts(appeal.appeal_id)}  # fmt: skip
    assert how == {
        "accuracy": ("no", "yes", "yes", "yes", How.ARBITER),
        "hold": ("no", "no", "no", "no", How.AGREED),
    }
    decided = await world.desk.on.book.decided(None, None)
    assert [(one.reviewer, one.criterion, one.decided, one.overturned) for one in decided] == [
        (FIRST, "answer", 1, 1),
        (FIRST, "attributes", 1, 0),
    ]


async def test_an_arbiter_may_side_with_the_first(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    await _rescoring(world, first, "accuracy")
    await world.blind.scored(await world.scored(Kind.RESCORE, SECOND, reminds_of=first.score_id))
    await world.desk.assign(await _now(world), THIRD, world.act(LEAD))
    await world.blind.scored(await world.scored(Kind.ARBITER, THIRD, "accuracy", reminds_of=first.score_id))
    appeal = await _now(world)
    assert (appeal.outcome, appeal.counts) == (Outcome.KEPT, first.score_id)
    assert [one.kind for one in world.scores.kept.values()].count(Kind.APPEAL) == 0


async def test_a_contested_fact_is_decided_and_what_it_opens_is_answered(world: AppealWorld) -> None:
    first = await world.first(transfer="transferred_needlessly")
    assert points(first)["accuracy"] == 0
    await _rescoring(world, first, "fact:transfer")
    right = {"transfer": "transferred_rightly"}
    await world.blind.scored(await world.scored(Kind.RESCORE, SECOND, reminds_of=first.score_id, **right))
    await world.desk.assign(await _now(world), THIRD, world.act(LEAD))
    await world.blind.scored(await world.scored(Kind.ARBITER, THIRD, reminds_of=first.score_id, **right))
    appeal = await _now(world)
    assert appeal.outcome is Outcome.REPLACED
    assert points(world.scores.kept[appeal.counts])["total"] == 100


async def test_a_wrong_answer_of_the_help_desk_is_right_once_it_is_verified(world: AppealWorld) -> None:
    first = await world.first("accuracy", "closing")
    appeal = await _filed(world, first, "accuracy", evidence="help_desk")
    appeal = await world.desk.move(appeal, "endorse", world.act(LEADER))
    appeal = await world.desk.approve(appeal, ["accuracy"], "", world.act(LEAD))
    assert (appeal.state, appeal.outcome, appeal.rescorer) == ("done", Outcome.REPLACED, "")
    counts, before = points(world.scores.kept[appeal.counts]), points(first)
    assert counts["accuracy"] == 12.5 and before["accuracy"] == 0
    assert counts["closing"] == before["closing"] == 0
    [verdict] = await world.desk.on.book.verdicts(appeal.appeal_id)
    assert verdict.how is How.EVIDENCE


async def test_evidence_of_another_kind_or_criterion_decides_nothing(world: AppealWorld) -> None:
    first = await world.first("accuracy", "closing")
    given = [*contested("accuracy", evidence="recording"), *contested("closing", evidence="help_desk")]
    appeal = await world.desk.file("f" * 32, first.score_id, "alfa", given, world.act())
    appeal = await world.desk.move(appeal, "endorse", world.act(LEADER))
    with pytest.raises(AppealRefused, match="verified"):
        await world.desk.approve(appeal, ["opening"], SECOND, world.act(LEAD))
    appeal = await world.desk.approve(appeal, ["accuracy", "closing"], SECOND, world.act(LEAD))
    assert appeal.state == "rescoring"


async def test_a_blind_score_that_finds_the_help_desk_differs(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    await _rescoring(world, first, "accuracy")
    new = await world.scored(
        Kind.RESCORE, SECOND, "accuracy", reminds_of=first.score_id, help_desk="verified"
    )
    await world.blind.scored(new)
    assert (await _now(world)).state == "arbitration"


async def test_days_that_pass_take_an_appeal_on_or_end_it(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    await _filed(world, first, "accuracy")
    world.watch.at += 2 * DAY
    await world.desk.look()
    assert (await _now(world)).state == "filed"  # the second working day is not over
    world.watch.at += DAY
    await world.desk.look()
    appeal = await _now(world)
    assert appeal.state == "endorsed"
    assert [(one.what, one.who) for one in await world.desk.on.book.trail(appeal.appeal_id)][-1] == (
        "pass_on",
        "system",
    )
    world.watch.at += 30 * DAY
    await world.desk.look()
    late = await _now(world)
    assert late.state == "endorsed"  # it waits, and is late
    left = RULES.days_left(late, world.watch.at)
    assert left is not None and left < 0


async def test_what_is_sent_back_and_not_completed_expires(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    appeal = await _filed(world, first, "accuracy")
    appeal = await world.desk.move(appeal, "send_back", world.act(LEADER, "Sebutkan menitnya"))
    given = [Contested("accuracy", "Lihat 0:04", (Place(4000, 9000),))]
    appeal = await world.desk.complete(appeal, given, world.act())
    assert (await _now(world)).contested == tuple(given)
    appeal = await world.desk.move(appeal, "send_back", world.act(LEADER, "Masih kurang"))
    world.watch.at += 10 * DAY
    await world.desk.look()
    assert ((await _now(world)).state, world.holds.held) == ("expired", {RECORDING: set()})


async def test_what_could_not_be_told_is_told_later(world: AppealWorld) -> None:
    first = await world.first("accuracy")
    await _rescoring(world, first, "accuracy")
    new = await world.scored(Kind.RESCORE, SECOND, reminds_of=first.score_id)
    # The service died before it heard of the score: it is found.
    await world.desk.look()
    assert (await _now(world)).state == "arbitration"
    await world.desk.assign(await _now(world), THIRD, world.act(LEAD))
    third = await world.scored(Kind.ARBITER, THIRD, reminds_of=first.score_id)
    appeal = await _now(world)
    rules = world.desk.on.rules
    await world.desk.on.book.change(rules.scored(appeal, first, FORM, new, third, "5" * 32))
    assert [one.appeal_id for one in await world.desk.on.book.owing()] == [appeal.appeal_id]
    await world.desk.look()
    await world.desk.look()
    assert world.scores.kept["5" * 32].kind is Kind.APPEAL
    assert world.scores.moves.count((first.score_id, ScoreState.REPLACED)) == 1
    assert await world.desk.on.book.owing() == []
