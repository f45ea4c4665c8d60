"""Clocks that are nearly over, who gets a matter and why, dispositions between units, proofs, callbacks."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from desk.complaint_referrals import Wish, answer, check_answered, recall, refer, referrals_of
from desk.complaint_steps import STEPS
from desk.complaints import complete, file_complaint, load_complaints, move_complaint
from desk.matter_data import DATA, TableProblem
from desk.matters import Matter, MatterEvent, MatterKind, MatterRefused, Worker
from desk.matters_assignment import Burden, Why, WhyNot, choose
from desk.matters_callbacks import (
    CallbackResult,
    Ended,
    Handed,
    Purpose,
    can_be_handed,
    confirmed,
    ended,
    handed_over,
    purpose_of,
    taken_back,
)
from desk.matters_proof import ProofOutcome, asked, check_open, check_proved, tried
from desk.matters_work import Means, SignalKind, load_work, signal_of
from desk.promises import load_promises, promise_result
from desk.standing import Rung
from tests.unit.matter_world import AGENT, COLLEAGUE, MONDAY, NUMBER, TAXPAYER, Office, act, origin

COMPLAINTS, PROMISES, WORK, OFFICE = load_complaints(), load_promises(), load_work(), Office()
RULE = WORK.at(MONDAY)
DAY = timedelta(days=1)
WHOLE = {"unit": "KPP", "happened_on": "2025-05-30", "where": "Loket", "wish": "Loket", "evidence": "Foto"}


def filed() -> tuple[Matter, list[MatterEvent]]:
    said = {"reporter": "Contoh Pelapor", "contact": NUMBER, "what": "Antrean"}
    found = file_complaint(COMPLAINTS, OFFICE, origin(Rung.ANONYMOUS), "service", said)
    return found.matter, [found.event]


def at_step(name: str) -> tuple[Matter, list[MatterEvent]]:
    """Return a complaint at a step, a day for each step before it."""
    matter, trail = filed()
    moved = complete(COMPLAINTS, matter, WHOLE, act())
    matter, trail = moved.matter, [*trail, moved.event]
    for _ in range(STEPS.index(name)):
        moved = move_complaint(COMPLAINTS, OFFICE, matter, "forward", act())
        matter, trail = moved.matter, [*trail, moved.event]
    return matter, trail


def signalled(matter: Matter, day: date) -> SignalKind | None:
    now = MONDAY + (day - MONDAY.date()) * 1
    found = signal_of(RULE, OFFICE, matter, now)
    return None if found is None else found.kind


def test_a_clock_reminds_before_it_is_over_and_alarms_after_by_working_days() -> None:
    matter, _ = filed()  # 5 working days from Monday 2 June 2025; 6 June is a holiday, 9 June joint leave
    assert matter.due_on == date(2025, 6, 11)
    told = {day: signalled(matter, date(2025, 6, day)) for day in (5, 9, 10, 11, 12, 13, 14, 15, 16)}
    assert told == {
        5: None,
        9: None,
        10: SignalKind.REMINDER,
        11: SignalKind.REMINDER,
        12: SignalKind.OVERDUE,
        13: SignalKind.OVERDUE,
        14: SignalKind.OVERDUE,  # a Saturday is no further working day
        15: SignalKind.OVERDUE,
        16: SignalKind.ESCALATED,
    }
    over = move_complaint(COMPLAINTS, OFFICE, matter, "withdraw", act()).matter
    assert signalled(over, date(2025, 6, 30)) is None


def test_a_long_step_reminds_earlier_and_a_clock_that_stands_still_never() -> None:
    matter, _ = at_step("answer")  # 25 working days
    assert matter.due_on is not None
    assert signalled(matter, matter.due_on - 7 * DAY) is SignalKind.REMINDER
    assert signalled(replace(matter, state="closing"), matter.due_on - 7 * DAY) is None
    waiting = replace(matter, kind=MatterKind.CASE, state="waiting_for_taxpayer")
    assert signalled(waiting, matter.due_on + 30 * DAY) is None


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("remind: 1\n", "remind: -1\n"),
        ("answer: 5", "answers: 5"),
        ("  - {means: token, minutes: 15, tries: 3}\n", ""),
        ("{name: klip, sees_reporter: true}", "{name: kpp}"),
        ("automatic: [case, request]", "automatic: [promise]"),
        ("most_open: 40", "most_open: 0"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, good: str, bad: str) -> None:
    text = (DATA / "matter_work.yaml").read_text("utf-8")
    assert good in text
    (tmp_path / "matter_work.yaml").write_text(text.replace(good, bad), "utf-8")
    with pytest.raises(TableProblem, match=r"matter_work\.yaml"):
        load_work(tmp_path)


# ---- Who gets it


def worker(letter: str, *clusters: str) -> Worker:
    return Worker(letter * 32, letter, "alfa", frozenset(clusters or ("complaints",)))


def test_who_has_the_skill_and_least_to_do_gets_it_and_the_reason_is_told() -> None:
    matter, _ = filed()
    people = [worker("a"), worker("b"), worker("c", "general")]
    burdens = {"a" * 32: Burden(3), "b" * 32: Burden(2, late=2)}  # 2 late ones weigh as 2 more
    choice = choose(RULE, people, burdens, matter)
    assert (choice.worker, choice.why) == (people[0], Why.LEAST_LOAD)
    assert choice.words == {"why": "least_load", "load": "3", "among": "2"}
    assert [one.load for one in choice.considered] == [3, 4]


def test_of_equals_it_is_who_waited_longest_then_who_can_do_little_else() -> None:
    matter, _ = filed()
    a, b, c = worker("a"), worker("b"), worker("c", "complaints", "general")
    given = {one.staff_id: Burden(1, last_given_at=MONDAY - days * DAY) for one, days in ((a, 1), (b, 2))}
    assert (choose(RULE, [a, b], given, matter).worker, choose(RULE, [a, b], given, matter).why) == (
        b,
        Why.LONGEST_WITHOUT,
    )
    assert (choose(RULE, [c, a], {}, matter).worker, choose(RULE, [c, a], {}, matter).why) == (
        a,
        Why.FEWEST_SKILLS,
    )
    assert choose(RULE, [b, a], {}, matter).why is Why.BY_ORDER
    assert choose(RULE, [b], {}, matter).why is Why.ONLY_ONE


def test_who_is_full_or_gave_it_back_is_passed_over() -> None:
    matter, _ = filed()
    a, b = worker("a"), worker("b")
    full = {a.staff_id: Burden(RULE.most_open)}
    assert choose(RULE, [a, b], full, matter).worker == b
    back = choose(RULE, [a, b], {b.staff_id: Burden(9)}, matter, frozenset({a.staff_id}))
    assert back.worker == b
    assert choose(RULE, [a], {}, matter, frozenset({a.staff_id})).worker == a  # better than nobody
    nobody = choose(RULE, [a], full, matter)
    assert (nobody.worker, nobody.words) == (None, {})
    assert [one.why_not for one in nobody.considered] == [WhyNot.FULL]
    assert choose(RULE, [worker("c", "general")], {}, matter).considered == []


def test_work_is_spread_evenly_over_who_is_alike() -> None:
    matter, _ = filed()
    people: list[Worker] = [worker(letter) for letter in "abcd"]
    burdens: dict[str, Burden] = {}
    for number in range(40):
        chosen = choose(RULE, people, burdens, matter).worker
        assert chosen is not None
        before = burdens.get(chosen.staff_id, Burden())
        burdens[chosen.staff_id] = Burden(before.open + 1, 0, MONDAY + number * DAY)
    assert {one.open for one in burdens.values()} == {10}


# ---- Dispositions between units


def test_a_complaint_is_sent_to_a_unit_and_its_answer_comes_back() -> None:
    matter, trail = at_step("distribution")
    sent = refer(RULE, OFFICE, matter, trail, "p2_humas", Wish("kpp", "  KPP  Contoh "), act(note="Mohon"))
    trail.append(sent.event)
    [waits] = referrals_of(trail)
    assert (waits.from_unit, waits.to_unit, waits.unit_name) == ("p2_humas", "kpp", "KPP Contoh")
    assert (waits.open, waits.question, waits.step) == (True, "Mohon", "distribution")
    assert sent.matter.state == matter.state
    with pytest.raises(MatterRefused, match="answers_missing"):
        check_answered(trail)
    with pytest.raises(MatterRefused, match="asked_already"):
        refer(RULE, OFFICE, sent.matter, trail, "p2_humas", Wish("kpp", "kpp contoh"), act(note="Lagi"))
    back = answer(sent.matter, trail, waits.number, act(MONDAY + DAY, COLLEAGUE, "Sudah ditegur"))
    trail.append(back.event)
    [over] = referrals_of(trail)
    assert (over.open, over.answer, over.ended_by, over.recalled) == (
        False,
        "Sudah ditegur",
        COLLEAGUE,
        False,
    )
    check_answered(trail)
    with pytest.raises(MatterRefused, match="not_waited_for"):
        recall(back.matter, trail, waits.number, act(note="Salah unit"))
    assert "Mohon" not in repr(over)


@pytest.mark.parametrize(
    ("wish", "note", "word"),
    [
        (Wish("nowhere"), "Mohon", "no_choice"),
        (Wish("kpp"), "Mohon", "missing unit_name"),
        (Wish("kitsda"), "", "missing note"),
        (Wish("p2_humas"), "Mohon", "same_unit"),
        (Wish("kitsda", days=61), "Mohon", "days_out_of_range"),
        (Wish("kpp", "x" * 121), "Mohon", "too_long"),
    ],
)
def test_a_disposition_that_cannot_be_is_refused(wish: Wish, note: str, word: str) -> None:
    matter, trail = at_step("distribution")
    with pytest.raises(MatterRefused, match=word):
        refer(RULE, OFFICE, matter, trail, "p2_humas", wish, act(note=note))


# ---- Proofs


def test_a_proof_is_of_one_call_and_taxpayer_for_a_time_and_for_few_tries() -> None:
    proof = asked(RULE, "p", "call-1", TAXPAYER, Means.OTP, AGENT, MONDAY, "ref", simulated=True)
    wrong = tried(RULE, proof, MONDAY, right=False)
    assert (wrong.tries, wrong.outcome) == (1, ProofOutcome.OPEN)
    right = tried(RULE, wrong, MONDAY, right=True)
    check_proved([wrong, right], TAXPAYER, "otp")
    check_proved([], None, "poro")  # the ladder's own
    for proofs, taxpayer, name in (
        ([wrong], TAXPAYER, "otp"),
        ([right], "other", "otp"),
        ([right], TAXPAYER, "token"),
    ):
        with pytest.raises(MatterRefused, match="proof_missing"):
            check_proved(proofs, taxpayer, name)
    last = tried(RULE, tried(RULE, wrong, MONDAY, right=False), MONDAY, right=False)
    assert last.outcome is ProofOutcome.INVALID
    for closed, at in ((last, MONDAY), (right, MONDAY), (wrong, MONDAY + timedelta(minutes=5))):
        with pytest.raises(MatterRefused, match="proof_"):
            check_open(RULE, closed, at)
    check_open(RULE, wrong, MONDAY + timedelta(minutes=4))
    assert "ref" not in repr(proof)


# ---- Callbacks by the dialer


def confirmation() -> tuple[Matter, Matter]:
    """Return a complaint in its final confirmation, and the promise to tell the reporter."""
    matter, _ = at_step("confirmation")
    made = promise_result(PROMISES, OFFICE, matter, "f" * 32, matter.code, act(note="Hasil"))
    return matter, made.matter


def end(promise: Matter, result: CallbackResult, code: str = "settled") -> Ended:
    handed = Handed(promise.matter_id, 1, 7, "campaign", Purpose.CONFIRMATION)
    return Ended(handed, result, code, AGENT)


def test_while_the_dialer_has_a_promise_nobody_else_calls() -> None:
    complaint, promise = confirmation()
    assert purpose_of(complaint) is Purpose.CONFIRMATION
    assert purpose_of(None) is Purpose.FOLLOW_UP
    a_case = replace(complaint, kind=MatterKind.CASE)
    assert purpose_of(a_case) is Purpose.FOLLOW_UP  # nobody's record
    assert purpose_of(replace(a_case, taxpayer_id=TAXPAYER)) is Purpose.RESULT
    assert can_be_handed(promise)
    with_it = handed_over(promise, 1, act()).matter
    assert not can_be_handed(with_it)
    with pytest.raises(MatterRefused):
        handed_over(with_it, 2, act())
    assert can_be_handed(taken_back(with_it, act()).matter)
    assert not can_be_handed(replace(promise, words={**promise.words, "owner": "mine"}, assignee=AGENT))


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (CallbackResult.SETTLED, "kept"),
        (CallbackResult.NOT_SETTLED, "kept"),
        (CallbackResult.NOT_REACHED, "given_up"),
    ],
)
def test_what_came_of_the_call_moves_the_promise_and_the_complaint(
    result: CallbackResult, state: str
) -> None:
    complaint, promise = confirmation()
    with_it = handed_over(promise, 1, act()).matter
    over = ended(with_it, end(promise, result), MONDAY + DAY)
    assert (over.matter.state, over.matter.closed_at) == (state, MONDAY + DAY)
    assert over.event.words == {"result": result.value, "disposition": "settled"}
    assert "dialer" not in over.matter.words
    forward = confirmed(COMPLAINTS, OFFICE, complaint, end(promise, result), MONDAY + DAY)
    assert forward is not None
    assert (forward.matter.state, forward.event.words) == ("outcome_validation", {"result": result.value})
    assert forward.event.who == AGENT
    assert confirmed(COMPLAINTS, OFFICE, forward.matter, end(promise, result), MONDAY) is None
    with pytest.raises(MatterRefused):
        ended(over.matter, end(promise, result), MONDAY)
