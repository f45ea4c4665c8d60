"""Cases and requests for updates: who may open them, their clocks, their ways."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from acd.machine import Machine
from desk.cases import load_cases, move_case, open_case
from desk.matter_data import DATA, TableProblem
from desk.matters import MatterRefused, Moved
from desk.matters_drawing import MACHINES, pages
from desk.requests import load_requests, move_request, record_request
from desk.standing import Rung
from tests.unit.matter_world import AGENT, COLLEAGUE, MONDAY, NUMBER, TAXPAYER, Office, act, origin, states

CASES, REQUESTS, OFFICE = load_cases(), load_requests(), Office()
CONTACT = {"contact": NUMBER, "contact_name": "Contoh Pemohon"}
MOVING = {"changed_data": "address", "new_value": "Jalan Contoh 1", **CONTACT}


def new_case(topic: str = "data_change", rung: Rung = Rung.FULL, **changes: str) -> Moved:
    given = {**(MOVING if topic == "data_change" else {"ne_reason": "abroad", **CONTACT}), **changes}
    return open_case(CASES, OFFICE, origin(rung), topic, given, {"name": "Contoh"})


def test_a_case_starts_open_with_its_clock_and_what_is_known() -> None:
    made = new_case("non_effective")
    case = made.matter
    assert (case.state, case.due_on, case.taxpayer_id) == (
        "open",
        date(2025, 6, 11),
        TAXPAYER,
    )  # 5 and 6, 9 June: off
    assert case.body["known_name"] == "Contoh"
    assert case.body["contact"] == "628110000123"
    assert (made.event.what, made.event.number) == ("opened", 1)


@pytest.mark.parametrize("rung", [Rung.ANONYMOUS, Rung.KEYED, Rung.CONFIRMED])
@pytest.mark.parametrize("topic", ["data_change", "non_effective", "reactivation"])
def test_data_is_changed_only_for_who_proved_ownership(topic: str, rung: Rung) -> None:
    with pytest.raises(MatterRefused) as refused:
        open_case(CASES, OFFICE, origin(rung), topic, {}, {})
    assert refused.value.word == "rung_too_low"


def test_a_case_of_a_number_that_was_only_keyed_belongs_to_no_taxpayer() -> None:
    said = {"subject": "Situs", "explanation": "Tidak dapat masuk", **CONTACT}
    for rung, whom in ((Rung.ANONYMOUS, None), (Rung.KEYED, None), (Rung.CONFIRMED, TAXPAYER)):
        assert open_case(CASES, OFFICE, origin(rung), "other", said, {}).matter.taxpayer_id == whom


@pytest.mark.parametrize(
    ("changes", "word", "place"),
    [
        ({"changed_data": ""}, "missing", "changed_data"),
        ({"changed_data": "salary"}, "no_choice", "changed_data"),
        ({"contact": "1500200"}, "no_phone", "contact"),
        ({"effective_since": "yesterday"}, "no_day", "effective_since"),
        ({"effective_since": "2025-06-03"}, "day_ahead", "effective_since"),
        ({"new_value": "x" * 4001}, "too_long", "new_value"),
        ({"salary": "1"}, "unknown_field", "salary"),
    ],
)
def test_a_wrong_field_is_named_and_not_repeated(changes: dict[str, str], word: str, place: str) -> None:
    with pytest.raises(MatterRefused) as refused:
        new_case("data_change", Rung.FULL, **changes)
    assert (refused.value.word, refused.value.place) == (word, place)
    assert not set(changes.values()) & set(refused.value.values.values())


def test_a_case_needs_one_of_its_proofs() -> None:
    with pytest.raises(MatterRefused, match="no_choice proof"):
        open_case(CASES, OFFICE, origin(), "data_change", MOVING, {}, "handshake")


def test_the_way_of_a_case() -> None:
    case = new_case().matter
    case = move_case(OFFICE, case, "assign", act(), COLLEAGUE).matter
    assert (states(case), case.assignee) == (("assigned", 2), COLLEAGUE)
    with pytest.raises(MatterRefused, match="with_another"):
        move_case(OFFICE, case, "take", act())
    case = move_case(OFFICE, case, "take", act(who=COLLEAGUE)).matter
    with pytest.raises(MatterRefused, match="missing note"):
        move_case(OFFICE, case, "finish", act(who=COLLEAGUE))
    done = move_case(OFFICE, case, "finish", act(who=COLLEAGUE, note="selesai"))
    assert (done.matter.state, done.matter.result, done.matter.closed_at) == ("done", "done", MONDAY)
    assert (done.event.note, done.event.state, done.event.number) == ("selesai", "done", 4)
    with pytest.raises(MatterRefused, match="not_possible"):
        move_case(OFFICE, done.matter, "take", act())


def test_while_the_taxpayer_is_waited_for_the_clock_stands_still() -> None:
    case = move_case(OFFICE, new_case("non_effective").matter, "take", act()).matter
    waiting = move_case(OFFICE, case, "wait", act(note="surat")).matter
    assert waiting.due_on == case.due_on
    later = MONDAY + timedelta(days=14)
    resumed = move_case(OFFICE, waiting, "resume", act(later)).matter
    assert resumed.due_on == date(2025, 6, 23)  # 8 working days later
    assert move_case(OFFICE, waiting, "assign", act(later), COLLEAGUE).matter.due_on == date(2025, 6, 23)


def test_updates_are_recorded_field_by_field_for_who_proved_ownership() -> None:
    with pytest.raises(MatterRefused, match="rung_too_low"):
        record_request(REQUESTS, OFFICE, origin(Rung.CONFIRMED), {"email": "a@b.example"})
    with pytest.raises(MatterRefused, match="nothing_given"):
        record_request(REQUESTS, OFFICE, origin(), {"email": "  "})
    made = record_request(REQUESTS, OFFICE, origin(), {"email": " a@b.example ", "mobile": NUMBER})
    assert made.matter.body == {"email": "a@b.example", "mobile": "628110000123"}


def test_an_update_is_decided_field_by_field_by_who_checks_it() -> None:
    request = record_request(REQUESTS, OFFICE, origin(), {"email": "a@b.example", "mobile": NUMBER}).matter
    with pytest.raises(MatterRefused, match="not_possible"):
        move_request(request, "apply", act())
    checking = move_request(request, "take", act()).matter
    for chosen in ([], ["email", "mobile"], ["address"]):
        with pytest.raises(MatterRefused, match="no_choice accepted"):
            move_request(checking, "apply_partly", act(note="a"), chosen)
    partly = move_request(checking, "apply_partly", act(note="a"), ["email"])
    assert (partly.matter.result, dict(partly.event.words)) == ("partly_applied", {"accepted": "email"})
    assert move_request(checking, "apply", act()).matter.closed_at == MONDAY
    assert checking.assignee == AGENT


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_and_event_is_decided(machine: Machine) -> None:
    assert list(machine.faults()) == []


def test_the_diagrams_are_fresh() -> None:
    folder = Path(__file__).parents[2] / "docs" / "desk" / "matters"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert written == pages(), "write them anew: python -m desk.matters_drawing docs/desk/matters"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("days: 1", "days: 0"), "at least 1"),
        (("days: 1", "days: soon"), "days"),
        (("rung: full", "rung: top"), "rung"),
        (("cluster: general", "cluster: nobody"), "cluster is not declared"),
        (("{name: subject, required: true}", "{name: explanation}"), "there twice"),
        (("rule: PER-04/PJ/2020", "rule: A\n    rule: B"), "line 6"),
        (("{name: subject, required: true}", "{name: subject, choices: [a]}"), "only kind `choice`"),
        (("since: 2020-04-01", "since: someday"), "since"),
    ],
)
def test_a_table_with_a_mistake_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], problem: str
) -> None:
    text = (DATA / "cases.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "cases.yaml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(TableProblem, match=problem):
        load_cases(tmp_path)
