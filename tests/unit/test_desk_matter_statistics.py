"""How long complaints took, against a small case computed by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

from desk.complaint_referrals import Wish, answer, refer
from desk.complaints import complete, file_complaint, load_complaints, move_complaint
from desk.matters import MatterEvent
from desk.matters_statistics import Line, Story, complaint_statistics, passages
from desk.matters_work import load_work
from desk.standing import Rung
from tests.unit.matter_world import NUMBER, Office, act, origin

COMPLAINTS, WORK, OFFICE = load_complaints(), load_work(), Office()
WHOLE = {"unit": "KPP", "happened_on": "2025-05-30", "where": "Loket", "wish": "Loket", "evidence": "Foto"}


def on(day: int, hour: int = 3) -> datetime:
    return datetime(2025, 7, day, hour, tzinfo=UTC)  # July 2025 has no holidays


def story(*steps: tuple[int, str], filed: int = 1, asked: tuple[int, int] | None = None) -> Story:
    """Return a complaint that was filed on a day of July and took these steps on theirs."""
    said = {"reporter": "Contoh", "contact": NUMBER, "what": "Antrean"}
    made = file_complaint(COMPLAINTS, OFFICE, origin(Rung.ANONYMOUS, on(filed)), "service", said)
    matter, trail = made.matter, [made.event]
    whole = complete(COMPLAINTS, matter, WHOLE, act(on(filed)))
    matter, trail = whole.matter, [*trail, whole.event]
    for day, event in steps:
        moved = move_complaint(COMPLAINTS, OFFICE, matter, event, act(on(day), note="x"), "not_ours")
        matter, trail = moved.matter, [*trail, moved.event]
    if asked is not None:
        sent = refer(
            WORK.at(on(filed)), OFFICE, matter, trail, "klip", Wish("kitsda"), act(on(asked[0]), note="x")
        )
        trail.append(sent.event)
        back = answer(sent.matter, trail, sent.event.number, act(on(asked[1]), note="x"))
        matter, trail = back.matter, [*trail, back.event]
    return Story(replace(matter, body={}), [without_note(event) for event in trail])


def without_note(event: MatterEvent) -> MatterEvent:
    return replace(event, note="")


def test_each_stay_in_a_step_is_one_passage_also_when_it_was_sent_back() -> None:
    found = passages(COMPLAINTS, OFFICE, story((3, "forward"), (4, "send_back"), (7, "forward")))
    assert [(one.step, one.began.day, one.due.day, one.ended and one.ended.day) for one in found] == [
        ("completeness", 1, 8, 3),
        ("completeness_validation", 3, 7, 4),
        ("completeness", 4, 11, 7),
        ("completeness_validation", 7, 9, None),
    ]


def test_statistics_are_those_of_a_small_case_computed_by_hand() -> None:
    # Filed Tuesday 1 July. The first step has 5 working days (until the 8th), the second 2.
    #   A: forward on the 3rd (2 days, on time), forward on the 10th (5 days, late by 3); is in disposition,
    #      due on the 14th. Asked KITSDA on the 11th, due on the 18th, answered on the 21st (6 days, late).
    #   B: forward on the 9th (6 days, late), closed as not ours on the 11th (2 days, on time).
    #   C: filed on the 14th, nothing done; due on the 21st.
    a = story((3, "forward"), (10, "forward"), asked=(11, 21))
    b = story((9, "forward"), (11, "close"))
    c = story(filed=14)
    found = complaint_statistics(COMPLAINTS, OFFICE, [a, b, c], date(2025, 7, 1), date(2025, 7, 31), on(22))
    assert (found.received, found.closed, found.open, found.open_late) == (3, 1, 2, 2)
    assert (found.by_kind, found.by_result) == ({"service": 3}, {"not_ours": 1})
    steps = {line.name: line for line in found.steps}
    assert steps["completeness"] == Line("completeness", 2, 1, 8, 6, 1, 1)
    assert steps["completeness_validation"] == Line("completeness_validation", 2, 1, 7, 5, 0, 0)
    assert steps["disposition"] == Line("disposition", 0, 0, 0, 0, 1, 1)
    assert steps["closing"] == Line("closing", 0, 0, 0, 0, 0, 0)
    assert steps["completeness"].mean_days == 4.0
    assert steps["completeness_validation"].on_time_share == 0.5
    assert steps["disposition"].mean_days is None
    assert {line.name: line for line in found.units} == {
        "klip": Line("klip", 4, 2, 15, 6, 1, 1),
        "p2_humas": Line("p2_humas", 0, 0, 0, 0, 1, 1),
    }
    assert found.asked == [Line("kitsda", 1, 0, 6, 6, 0, 0)]


def test_what_ended_before_or_comes_after_the_span_is_not_counted() -> None:
    a = story((3, "forward"), (10, "forward"))
    found = complaint_statistics(COMPLAINTS, OFFICE, [a], date(2025, 7, 4), date(2025, 7, 9), on(22))
    steps = {line.name: line for line in found.steps}
    assert (found.received, found.open, found.open_late) == (0, 1, 1)
    assert steps["completeness"].done == 0
    assert steps["completeness_validation"] == Line("completeness_validation", 0, 0, 0, 0, 1, 1)


def test_days_are_those_of_the_office() -> None:
    # 1 July 18.00 UTC is 2 July in Jakarta.
    late = story(filed=1)
    moved = replace(late.matter, opened_at=on(1, 18))
    found = complaint_statistics(
        COMPLAINTS, OFFICE, [Story(moved, late.trail)], date(2025, 7, 1), date(2025, 7, 1), on(22)
    )
    assert found.received == 0
