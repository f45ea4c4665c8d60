"""The written way: what a telephone could not tell becomes work of its own, with a clock."""

from datetime import date
from pathlib import Path

import pytest

from desk.cases import load_cases, move_case, open_case
from desk.complaints import file_complaint, load_complaints
from desk.matter_codes import new_code, shown_code
from desk.matter_data import DATA, TableProblem
from desk.matters import Matter, MatterRefused
from desk.matters_callbacks import CallbackResult, told
from desk.matters_written import is_notice, needs_notice, written_notice
from desk.promises import load_promises, promise_result
from desk.standing import Rung
from domain.ids import new_id
from tests.unit.matter_world import NUMBER, TAXPAYER, Office, act, origin

CASES, PROMISES, OFFICE = load_cases(), load_promises(), Office()


def done_case() -> Matter:
    given = {"ne_reason": "abroad", "contact": NUMBER, "contact_name": "Contoh Pemohon"}
    known = {"name": "Contoh", "address": "Jalan Contoh 7", "npwp": "0" * 12 + "4321"}
    case = open_case(CASES, OFFICE, origin(), "non_effective", given, known).matter
    return move_case(
        OFFICE, move_case(OFFICE, case, "take", act()).matter, "finish", act(note="Selesai")
    ).matter


def promise_of(case: Matter) -> Matter:
    return promise_result(PROMISES, OFFICE, case, new_id(), new_code(), act(note="Status NE berlaku")).matter


def test_a_letter_has_what_is_to_be_told_to_whom_where_and_a_clock() -> None:
    case = done_case()
    made = written_notice(CASES, OFFICE, case, promise_of(case), "no_answer", new_id(), new_code(), act())
    notice = made.matter
    assert is_notice(notice) and not is_notice(case)
    assert (notice.parent, notice.cluster, notice.team) == (case.matter_id, "taxpayer_data", "alfa")
    assert (notice.taxpayer_id, notice.state, notice.assignee) == (TAXPAYER, "open", "")
    assert notice.due_on == date(2025, 6, 11)  # 3, 4, 5, 10, 11 June: 6 and 9 June are off
    assert dict(notice.body) == {
        "case_code": shown_code(case.code),
        "known_name": "Contoh",
        "known_address": "Jalan Contoh 7",
        "known_npwp": "0" * 12 + "4321",
        "contact": "628110000123",
        "contact_name": "Contoh Pemohon",
        "about": "Status NE berlaku",
    }
    assert (made.event.what, dict(made.event.words)) == ("opened", {"disposition": "no_answer"})


def test_only_a_case_that_is_over_is_told_in_writing_and_a_letter_begets_no_letter() -> None:
    case = done_case()
    promise = promise_of(case)
    notice = written_notice(CASES, OFFICE, case, promise, "", new_id(), new_code(), act())
    assert dict(notice.event.words) == {}
    assert not needs_notice(notice.matter)
    said = {"reporter": "Contoh", "contact": NUMBER, "what": "Antrean"}
    complaint = file_complaint(load_complaints(), OFFICE, origin(Rung.ANONYMOUS), "service", said).matter
    assert not needs_notice(complaint)
    running = open_case(
        CASES, OFFICE, origin(), "other",
        {"subject": "S", "explanation": "E", "contact": NUMBER, "contact_name": "C"}, {},
    ).matter  # fmt: skip
    for wrong in (notice.matter, complaint, running):
        with pytest.raises(MatterRefused, match="not_possible"):
            written_notice(CASES, OFFICE, wrong, promise, "", new_id(), new_code(), act())


@pytest.mark.parametrize(
    ("result", "what"),
    [
        (CallbackResult.REACHED, "told"),
        (CallbackResult.NOT_REACHED, "not_told"),
        (CallbackResult.DECLINED, "not_told"),
    ],
)
def test_a_cases_trail_says_told_only_of_what_was_heard(result: CallbackResult, what: str) -> None:
    event = told(done_case(), result, "refused", act()).event
    assert (event.what, dict(event.words)) == (what, {"result": result.value, "disposition": "refused"})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("written: {days: 5", "written: {days: 0"), "written: days: at least 1"),
        (("name: reactivation", "name: written_notice"), "the service opens such work itself"),
    ],
)
def test_a_table_cannot_do_without_time_to_write_nor_take_its_name(
    tmp_path: Path, change: tuple[str, str], problem: str
) -> None:

    text = (DATA / "cases.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "cases.yaml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(TableProblem, match=problem):
        load_cases(tmp_path)
