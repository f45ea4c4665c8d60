"""The clock of a disposition to a unit rings as the complaint's own does; for whom a step was recorded."""

from datetime import date, datetime, timedelta

from desk.complaint_referrals import Wish, answer, recall, refer, referral_signals
from desk.complaints import file_complaint, load_complaints, move_complaint
from desk.matters import Matter, MatterEvent
from desk.matters_work import SignalKind, load_work
from desk.standing import Rung
from desk.working_days import WIB
from tests.unit.matter_world import NUMBER, Office, act, origin

COMPLAINTS, OFFICE = load_complaints(), Office()
RULE = load_work().versions[-1]


def sent(days: int = 0) -> tuple[Matter, list[MatterEvent]]:
    """Return a complaint that was sent to KITSDA on Monday 2 June 2025, and its trail."""
    said = {"reporter": "Contoh", "contact": NUMBER, "what": "Antrean"}
    made = file_complaint(COMPLAINTS, OFFICE, origin(Rung.ANONYMOUS), "service", said)
    wish = Wish("kitsda", days=days)
    moved = refer(RULE, OFFICE, made.matter, [made.event], "klip", wish, act(note="Mohon tanggapan"))
    return moved.matter, [made.event, moved.event]


def rings(matter: Matter, trail: list[MatterEvent], day: int, clock: tuple[int, int] = (10, 0)) -> str:
    now = datetime(2025, 6, day, *clock, tzinfo=WIB)
    found = referral_signals(RULE, OFFICE, matter, trail, now)
    return " ".join(one.kind.value for one in found)


def test_a_unit_is_reminded_of_a_working_day_before_and_an_alarm_comes_after() -> None:
    # Asked on Monday the 2nd for 5 working days: 3, 4, 5, 10, 11 (6 and 9 are off, 7 and 8 a weekend).
    matter, trail = sent()
    told = {day: rings(matter, trail, day) for day in (5, 9, 10, 11, 12, 13, 16, 17)}
    assert told == {
        5: "", 9: "", 10: "reminder", 11: "reminder", 12: "overdue", 13: "overdue", 16: "escalated",
        17: "escalated",
    }  # fmt: skip
    assert rings(matter, trail, 11, (23, 59)) == "reminder"
    assert rings(matter, trail, 12, (0, 0)) == "overdue"


def test_the_clock_is_the_one_that_was_given_and_has_a_name_of_its_own() -> None:
    matter, trail = sent(days=1)
    [signal] = referral_signals(RULE, OFFICE, matter, trail, act().at + timedelta(days=2))
    assert (signal.kind, signal.step, signal.due_on) == (SignalKind.OVERDUE, "referral_2", date(2025, 6, 3))


def test_an_answer_a_recall_and_the_end_of_the_complaint_silence_it() -> None:
    matter, trail = sent()
    for end in (answer, recall):
        over = end(matter, trail, 2, act(note="x"))
        assert rings(over.matter, [*trail, over.event], 20) == ""
    gone = move_complaint(COMPLAINTS, OFFICE, matter, "withdraw", act())
    assert rings(gone.matter, [*trail, gone.event], 20) == ""


def test_a_step_of_another_unit_says_on_whose_behalf_it_was_recorded() -> None:
    matter, _ = sent()
    for state, unit in (("analysis", "p2_humas"), ("answer", "reported_unit"), ("final_disposition", None)):
        made = Matter(**{**{name: getattr(matter, name) for name in matter.__slots__}, "state": state})
        moved = move_complaint(COMPLAINTS, OFFICE, made, "forward", act())
        assert moved.event.words.get("for_unit") == unit
        assert "for_unit" not in move_complaint(COMPLAINTS, OFFICE, made, "withdraw", act()).event.words
