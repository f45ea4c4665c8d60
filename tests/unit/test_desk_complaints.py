"""Complaints: their steps, executors and working days; completeness; how they end."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.complaint_steps import COMPLAINT, STEPS
from desk.complaints import (
    ComplaintVersion,
    complete,
    file_complaint,
    give_to,
    lacking,
    load_complaints,
    move_complaint,
    plan,
)
from desk.matter_data import DATA, TableProblem
from desk.matters import Matter, MatterRefused
from desk.standing import Rung
from desk.working_days import after, between, office_day
from tests.laws import asks
from tests.unit.matter_world import COLLEAGUE, MONDAY, NUMBER, TAXPAYER, Office, act, origin

COMPLAINTS, OFFICE = load_complaints(), Office()
# domain rules: step, executor, working days
WANTED = [
    ("completeness", "klip", 5),
    ("completeness_validation", "klip", 2),
    ("disposition", "p2_humas", 2),
    ("analysis", "p2_humas", 3),
    ("distribution", "p2_humas", 2),
    ("assignment", "reported_unit", 5),
    ("answer", "reported_unit", 25),
    ("answer_validation", "p2_humas", 3),
    ("final_disposition", "klip", 3),
    ("confirmation", "klip", 4),
    ("outcome_validation", "p2_humas", 3),
    ("closing", "p2_humas", 1),
]
SAID = {"reporter": "Contoh Pelapor", "contact": NUMBER, "what": "Antrean dua jam"}
WHOLE = {
    **SAID,
    "unit": "KPP Contoh",
    "happened_on": "2025-05-30",
    "where": "Loket 3",
    "wish": "Loket tambahan",
    "evidence": "Foto",
}


def new_complaint(kind: str = "service", rung: Rung = Rung.ANONYMOUS, at: datetime = MONDAY) -> Matter:
    extra = {"conduct": {"reported_person": "Petugas loket"}, "tax_crime": {"reported_party": "PT Contoh"}}
    given = {**WHOLE, **extra.get(kind, {})}
    return file_complaint(COMPLAINTS, OFFICE, origin(rung, at), kind, given).matter


def at_step(name: str) -> Matter:
    return replace(new_complaint(), state=name)


@pytest.mark.parametrize("version", COMPLAINTS.versions, ids=lambda version: version.rule)
def test_steps_executors_and_days_are_those_of_the_rule(version: ComplaintVersion) -> None:
    steps = [(step.name, step.executor, step.days) for step in version.steps]
    assert steps == WANTED
    totals = {stage.name: stage.days for stage in version.stages}
    assert list(totals.values()) == [7, 7, 30, 3, 7, 4]
    summed = {name: sum(step.days for step in version.steps if step.stage == name) for name in totals}
    assert summed == totals
    assert sum(totals.values()) == sum(days for _, _, days in WANTED)


def test_the_successor_is_assumed_equal_and_says_so() -> None:
    older, newer = COMPLAINTS.versions
    assert (older.rule, newer.rule) == ("SE-11/PJ/2019", "SE-15/PJ/2025")
    assert newer.assumed
    assert (newer.steps, newer.stages) == (older.steps, older.stages)


def test_a_complaint_follows_the_rule_of_the_day_it_was_filed() -> None:
    old = new_complaint(at=datetime(2025, 12, 30, 3, 0, tzinfo=UTC))
    new = new_complaint(at=datetime(2025, 12, 30, 17, 30, tzinfo=UTC))  # 31 December, 00.30 WIB
    assert (old.rule, new.rule) == ("SE-11/PJ/2019", "SE-15/PJ/2025")
    later = move_complaint(
        COMPLAINTS, OFFICE, old, "forward", act(datetime(2026, 1, 5, 3, 0, tzinfo=UTC))
    ).matter
    assert COMPLAINTS.of(later).rule == "SE-11/PJ/2019"


def test_anyone_may_complain_and_only_a_confirmed_caller_is_named_with_it() -> None:
    assert new_complaint(rung=Rung.ANONYMOUS).taxpayer_id is None
    assert new_complaint(rung=Rung.KEYED).taxpayer_id is None
    assert new_complaint(rung=Rung.CONFIRMED).taxpayer_id == TAXPAYER


@settings(max_examples=asks(40), deadline=None)
@given(st.dates(date(2023, 1, 1), date(2026, 6, 30)))
def test_a_complaint_that_takes_all_its_days_ends_when_the_plan_says(day: date) -> None:
    filed = datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)
    complaint = file_complaint(COMPLAINTS, OFFICE, origin(at=filed), "service", {**WHOLE, "happened_on": ""})
    complaint = complete(COMPLAINTS, complaint.matter, {"happened_on": day.isoformat()}, act(filed))
    matter = complaint.matter
    planned = plan(COMPLAINTS, OFFICE, matter)
    assert [step.name for step in planned] == list(STEPS)
    for expected in planned[:-1]:
        assert (matter.state, matter.due_on) == (expected.name, expected.due)
        assert matter.due_on is not None
        then = datetime.combine(matter.due_on, datetime.min.time(), UTC).replace(hour=4)
        matter = move_complaint(COMPLAINTS, OFFICE, matter, "forward", act(then)).matter
    end = after(OFFICE, day, 58)
    assert matter.due_on == planned[-1].due == end
    assert between(OFFICE, day, end) == sum(days for *_, days in WANTED)


@pytest.mark.parametrize(
    ("kind", "special"), [("service", None), ("conduct", "reported_person"), ("tax_crime", "reported_party")]
)
def test_each_kind_has_its_list_of_completeness(kind: str, special: str | None) -> None:
    complaint = file_complaint(COMPLAINTS, OFFICE, origin(), kind, SAID).matter
    points = {"unit", "happened_on", "where", "wish", "evidence"}
    assert set(lacking(COMPLAINTS, complaint)) == (points if special is None else points | {special})
    with pytest.raises(MatterRefused, match="not_complete"):
        move_complaint(COMPLAINTS, OFFICE, complaint, "forward", act())


@pytest.mark.parametrize(("event", "end"), [("close", "not_ours"), ("withdraw", "withdrawn")])
def test_one_that_is_over_is_reopened_with_a_reason_and_begins_again_under_its_own_rule(
    event: str, end: str
) -> None:
    filed = datetime(2025, 12, 30, 3, 0, tzinfo=UTC)
    running = file_complaint(COMPLAINTS, OFFICE, origin(at=filed), "service", SAID).matter
    with pytest.raises(MatterRefused, match="not_possible"):
        move_complaint(COMPLAINTS, OFFICE, running, "reopen", act(filed, note="Bukti baru"))
    over = move_complaint(COMPLAINTS, OFFICE, running, event, act(filed, note="Selesai"), "not_ours").matter
    assert (over.result, over.due_on) == (end, None)
    then = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)
    with pytest.raises(MatterRefused, match="missing note"):
        move_complaint(COMPLAINTS, OFFICE, over, "reopen", act(then))
    again = move_complaint(COMPLAINTS, OFFICE, over, "reopen", act(then, note="Bukti baru"))
    assert (again.matter.state, again.matter.result, again.matter.closed_at) == ("completeness", "", None)
    assert again.matter.due_on == after(OFFICE, then.date(), 5)
    assert again.matter.rule == "SE-11/PJ/2019", "not the one of the day it was reopened"
    assert (again.event.what, dict(again.event.words)) == ("reopen", {"ended": end})
    assert lacking(COMPLAINTS, again.matter), "what it says is checked anew"


def test_what_was_missing_is_added_and_what_it_replaced_stays_in_the_trail() -> None:
    complaint = file_complaint(COMPLAINTS, OFFICE, origin(), "service", SAID).matter
    added = {name: WHOLE[name] for name in ("unit", "happened_on", "where", "wish", "evidence")}
    done = complete(COMPLAINTS, complaint, {**added, "what": "Antrean tiga jam"}, act(note="ditelepon"))
    assert lacking(COMPLAINTS, done.matter) == ()
    assert done.event.note == "ditelepon\nwhat: Antrean dua jam"
    assert (done.event.what, done.matter.state, done.matter.version) == ("completed", "completeness", 2)
    with pytest.raises(MatterRefused, match="not_possible"):
        complete(COMPLAINTS, at_step("analysis"), added, act())


def test_a_step_that_is_sent_back_starts_its_clock_anew() -> None:
    answered = at_step("answer_validation")
    later = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
    with pytest.raises(MatterRefused, match="missing note"):
        move_complaint(COMPLAINTS, OFFICE, answered, "send_back", act(later))
    back = move_complaint(COMPLAINTS, OFFICE, answered, "send_back", act(later, note="kurang jelas")).matter
    assert (back.state, back.due_on) == ("answer", after(OFFICE, office_day(later), 25))


def test_a_complaint_ends_only_where_it_is_judged_and_with_a_disposition_of_that_step() -> None:
    for step in STEPS:
        complaint = at_step(step)
        allowed = COMPLAINTS.of(complaint).dispositions_at(step)
        assert bool(allowed) == ((step, "close") in COMPLAINT.moves)
        for disposition in ("proven", "incomplete", "surprising"):
            closing = act(note="alasan")
            if disposition in allowed:
                over = move_complaint(COMPLAINTS, OFFICE, complaint, "close", closing, disposition).matter
                assert (over.state, over.result, over.due_on) == ("closed", disposition, None)
            else:
                with pytest.raises(MatterRefused):
                    move_complaint(COMPLAINTS, OFFICE, complaint, "close", closing, disposition)


def test_a_complaint_may_be_taken_back_until_it_is_over() -> None:
    for step in STEPS:
        over = move_complaint(COMPLAINTS, OFFICE, at_step(step), "withdraw", act()).matter
        assert (over.state, over.result) == ("withdrawn", "withdrawn")
    with pytest.raises(MatterRefused):
        move_complaint(COMPLAINTS, OFFICE, over, "withdraw", act())
    assert {step.status for step in plan(COMPLAINTS, OFFICE, over)} == {"done"}
    with pytest.raises(MatterRefused):
        give_to(over, COLLEAGUE, act())


def test_somebody_else_gets_a_complaint_without_a_step() -> None:
    given = give_to(new_complaint(), COLLEAGUE, act())
    assert (given.matter.assignee, given.matter.state, given.event.what) == (
        COLLEAGUE,
        "completeness",
        "assigned",
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("days: 25", "days: 24"), "answer has 30 days, its steps have 29"),
        (("name: analysis,", "name: study,"), "in this order"),
        (("at: [closing]", "at: [answer]"), "a complaint ends at"),
        (("extra: [reported_person]", "extra: [rank]"), "not declared"),
        (("since: 2025-12-31", "since: 2018-12-31"), "order of time"),
        (("executor: klip", "executor: minister"), "executor"),
    ],
)
def test_a_table_with_a_mistake_is_refused(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    text = (DATA / "complaints.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "complaints.yaml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(TableProblem, match=problem):
        load_complaints(tmp_path)
