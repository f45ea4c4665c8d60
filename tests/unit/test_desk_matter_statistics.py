"""How long complaints took, against a small case computed by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

from desk.complaint_referrals import Wish, answer, recall, refer
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


def test_an_end_stays_counted_after_a_complaint_was_reopened() -> None:
    # Filed Tuesday 1 July, closed on the 3rd, reopened on the 8th (due on the 15th), withdrawn on the 10th.
    one = story((3, "close"), (8, "reopen"), (10, "withdraw"))
    assert [(stay.began.day, stay.due.day, stay.ended and stay.ended.day) for stay in
            passages(COMPLAINTS, OFFICE, one)] == [(1, 8, 3), (8, 15, 10)]  # fmt: skip

    def counted(first: int, last: int) -> tuple[int, int, int, int, dict[str, int]]:
        days = date(2025, 7, first), date(2025, 7, last)
        found = complaint_statistics(COMPLAINTS, OFFICE, [one], *days, on(31))
        return found.received, found.closed, found.reopened, found.open, dict(found.by_result)

    assert counted(1, 4) == (1, 1, 0, 0, {"not_ours": 1})
    assert counted(5, 9) == (0, 0, 1, 1, {})
    assert counted(10, 31) == (0, 1, 0, 0, {"withdrawn": 1})
    assert counted(1, 31) == (1, 2, 1, 0, {"not_ours": 1, "withdrawn": 1})


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


def disposed(*acts: tuple[int, str, Wish | str], withdrawn: int = 0) -> Story:
    """Return a complaint of 1 July that was sent to units, with answers and recalls, each on its day."""
    base = story()
    matter, trail, sent = base.matter, list(base.trail), dict[str, int]()
    for day, what, whom in acts:
        if isinstance(whom, Wish):
            moved = refer(WORK.at(on(day)), OFFICE, matter, trail, "klip", whom, act(on(day), note="x"))
            sent[whom.to_unit] = moved.event.number
        else:
            end = answer if what == "answer" else recall
            moved = end(matter, trail, sent[whom], act(on(day), note="x"))
        matter, trail = moved.matter, [*trail, without_note(moved.event)]
    if withdrawn:
        moved = move_complaint(COMPLAINTS, OFFICE, matter, "withdraw", act(on(withdrawn)))
        matter, trail = moved.matter, [*trail, moved.event]
    return Story(matter, trail)


def test_of_two_dispositions_one_was_late_by_the_day_that_each_was_given() -> None:
    # KPP asked on Tuesday the 1st, 5 working days: due Tuesday the 8th. Answered Monday the 7th: 2, 3, 4, 7
    # are 4 days, on time. KITSDA asked on Wednesday the 2nd, 3 days: due Monday the 7th. Answered Wednesday
    # the 9th: 3, 4, 7, 8, 9 are 5 days, late. What was taken back, or over with its complaint, is no wait.
    office = Wish("kpp", "KPP Pratama Contoh")
    a = disposed(
        (1, "send", office), (2, "send", Wish("kitsda", days=3)), (3, "send", Wish("gakkum")),
        (4, "recall", "gakkum"), (7, "answer", "kpp"), (9, "answer", "kitsda"),
    )  # fmt: skip
    b = disposed((1, "send", Wish("gakkum")), withdrawn=3)
    july = complaint_statistics(COMPLAINTS, OFFICE, [a, b], date(2025, 7, 1), date(2025, 7, 31), on(22))
    assert july.asked == [
        Line("kitsda", done=1, on_time=0, days=5, longest=5, open=0, open_late=0),
        Line("kpp:KPP Pratama Contoh", done=1, on_time=1, days=4, longest=4, open=0, open_late=0),
    ]
    assert [(line.late, line.mean_days, line.on_time_share) for line in july.asked] == [
        (1, 5.0, 0.0), (0, 4.0, 1.0),
    ]  # fmt: skip
    # On Tuesday the 8th one is answered, the other is a day late.
    week = complaint_statistics(COMPLAINTS, OFFICE, [a, b], date(2025, 7, 1), date(2025, 7, 8), on(22))
    assert week.asked == [
        Line("kitsda", done=0, on_time=0, days=0, longest=0, open=1, open_late=1),
        Line("kpp:KPP Pratama Contoh", done=1, on_time=1, days=4, longest=4, open=0, open_late=0),
    ]
    # Both are at the first step meanwhile, which is KLIP's and due on the 8th; the second left it on the 3rd.
    step = next(line for line in week.steps if line.name == "completeness")
    assert step == Line("completeness", done=1, on_time=1, days=2, longest=2, open=1, open_late=0)
    assert {line.name: line.open_late for line in july.units} == {"klip": 1}


def test_an_office_is_one_line_however_its_name_was_typed() -> None:
    both = [disposed((1, "send", Wish("kpp", name))) for name in ("KPP Pratama Contoh", "kpp pratama contoh")]
    found = complaint_statistics(COMPLAINTS, OFFICE, both, date(2025, 7, 1), date(2025, 7, 2), on(2))
    assert [(line.name, line.open) for line in found.asked] == [("kpp:KPP Pratama Contoh", 2)]


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
