"""What follows an outcome, a disposition or a refusal."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.matter_data import TableProblem
from dialer.attempts import DialOutcome
from dialer.campaigns import Caps, RetryRule
from dialer.dispositions import Disposition, Flag, load_dispositions
from dialer.kinds import DATA
from dialer.leads import LeadState
from dialer.reasons import WhyNot
from dialer.retry import (
    NO_NUMBER_LEFT,
    CallbackRefused,
    CallbackWish,
    FollowUpRules,
    Refusal,
    after_refusal,
    load_retry,
    next_number,
)
from dialer.windows import why_closed
from domain.zones import Zone
from tests.unit.dialling_world import DEFINITION, TEN, Office, lead

RETRY, DISPOSITIONS, OFFICE = load_retry().at(TEN), load_dispositions().at(TEN), Office()
RULES = FollowUpRules(RETRY, DEFINITION, OFFICE)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_busy_line_is_tried_again_after_its_spacing() -> None:
    after = RULES.after_outcome(lead(), DialOutcome.BUSY, TEN)
    assert (after.state, after.reason, after.number) == (LeadState.READY, "busy", 0)
    assert after.due_at == TEN + timedelta(minutes=RETRY.outcomes[DialOutcome.BUSY].spacing)


def test_a_retry_falls_into_the_window_of_its_zone() -> None:
    late = TEN + 5 * HOUR + timedelta(minutes=45)  # 15.45 WIB
    after = RULES.after_outcome(lead(), DialOutcome.BUSY, late)
    assert after.due_at == TEN - 2 * HOUR + DAY  # 08.00 the next day


def test_after_no_answer_the_next_number_is_tried_and_then_the_first_again() -> None:
    one = RULES.after_outcome(lead(), DialOutcome.NO_ANSWER, TEN)
    assert one.number == 1
    two = RULES.after_outcome(lead(number=1, attempts=1), DialOutcome.NO_ANSWER, TEN)
    assert two.number == 0


def test_a_number_not_in_service_is_never_dialled_again() -> None:
    one = RULES.after_outcome(lead(), DialOutcome.NOT_IN_SERVICE, TEN)
    assert (one.number, one.dead_numbers) == (1, frozenset({0}))
    again = lead(number=1, attempts=1, dead_numbers=one.dead_numbers)
    assert RULES.after_outcome(again, DialOutcome.NO_ANSWER, TEN).number == 1
    last = RULES.after_outcome(again, DialOutcome.NOT_IN_SERVICE, TEN)
    assert (last.state, last.reason) == (LeadState.DONE, NO_NUMBER_LEFT)


def test_an_abandoned_call_rests_for_72_hours() -> None:
    after = RULES.after_outcome(lead(), DialOutcome.ABANDONED, TEN)
    assert after.due_at >= TEN + timedelta(hours=72)


def test_a_talk_is_done_until_its_agent_says_otherwise() -> None:
    after = RULES.after_outcome(lead(), DialOutcome.TALKED, TEN)
    assert (after.state, after.reason) == (LeadState.DONE, "talked")


def test_the_campaigns_own_rule_stands_before_the_tables() -> None:
    own = replace(DEFINITION, retry={"busy": RetryRule(1, timedelta(hours=2))})
    rules = FollowUpRules(RETRY, own, OFFICE)
    assert rules.after_outcome(lead(), DialOutcome.BUSY, TEN).due_at == TEN + 2 * HOUR
    done = rules.after_outcome(lead(attempts=1), DialOutcome.BUSY, TEN)
    assert (done.state, done.reason) == (LeadState.DONE, "busy")


OUTCOMES = st.lists(st.sampled_from(DialOutcome), min_size=1, max_size=40)


@settings(deadline=None)
@given(
    OUTCOMES,
    st.dictionaries(st.sampled_from(DialOutcome), st.integers(0, 3)),
    st.integers(1, 8),
    st.integers(1, 3),
)
def test_budgets_of_causes_never_add_up(
    outcomes: list[DialOutcome], own: dict[DialOutcome, int], life: int, numbers: int
) -> None:
    definition = replace(
        DEFINITION,
        caps=Caps(life=life),
        retry={one.value: RetryRule(most, HOUR) for one, most in own.items()},
    )
    rules = FollowUpRules(RETRY, definition, OFFICE)
    it, now, made = lead(numbers=numbers), TEN, 0
    allowed = max(rules.retry.rule(one.value, definition).attempts for one in outcomes)
    for outcome in outcomes:
        after = rules.after_outcome(it, outcome, now)
        made += 1
        if after.state is LeadState.DONE:
            break
        assert after.due_at >= now + rules.retry.rule(outcome.value, definition).spacing
        assert why_closed(definition.window, OFFICE, after.due_at, it.contact.zone) is None
        assert after.number not in after.dead_numbers
        now = after.due_at
        it = replace(it, attempts=made, number=after.number, dead_numbers=after.dead_numbers)
    assert made <= min(life, allowed + 1)


@pytest.mark.parametrize("code", [*DISPOSITIONS.dispositions])
def test_every_disposition_does_what_its_flag_says(code: str) -> None:
    row = DISPOSITIONS.dispositions[code]
    wish = CallbackWish(TEN + DAY)
    after = RULES.after_disposition(lead(attempts=1), code, row, TEN, wish)
    assert (after.state is LeadState.DONE) == row.has(Flag.TERMINAL)
    assert after.promised == row.has(Flag.CALLBACK)
    assert after.reason == code
    if row.has(Flag.RETRY):
        assert code in RETRY.dispositions, "a retry needs its rule"
        assert after.due_at > TEN
    if row.has(Flag.WRONG_NUMBER):
        assert (after.number, after.dead_numbers) == (1, frozenset({0}))


def test_a_callback_of_mine_falls_to_anyone_when_it_is_late() -> None:
    wish = CallbackWish(TEN + DAY, owner="112233")
    after = RULES.after_disposition(lead(attempts=1), "callback", _callback(), TEN, wish)
    assert (after.owner, after.due_at, after.promised) == ("112233", TEN + DAY, True)
    assert after.anyone_from == TEN + DAY + timedelta(minutes=RETRY.callback.mine_late)
    anyone = RULES.after_disposition(lead(attempts=1), "callback", _callback(), TEN, CallbackWish(TEN + DAY))
    assert (anyone.owner, anyone.anyone_from) == ("", None)


def test_a_promise_stays_a_promise_while_nobody_is_reached() -> None:
    promised = lead(attempts=1, promised=True, owner="112233")
    after = RULES.after_outcome(promised, DialOutcome.BUSY, TEN)
    assert (after.promised, after.owner) == (True, "112233")
    assert after.anyone_from == after.due_at + timedelta(minutes=RETRY.callback.mine_late)
    assert not RULES.after_outcome(promised, DialOutcome.TALKED, TEN).promised


@pytest.mark.parametrize(
    ("at", "word"),
    [
        (TEN - HOUR, "past"),
        (TEN + 8 * HOUR, "outside_window"),
        (TEN + 3 * DAY, "outside_window"),  # a Saturday
        (TEN + 60 * DAY, "too_far"),
    ],
)
def test_a_time_that_cannot_be_promised_is_answered_with_one_that_can(at: datetime, word: str) -> None:
    with pytest.raises(CallbackRefused) as refused:
        RULES.check_callback(at, Zone.WIB, TEN)
    assert refused.value.word == word
    if word != "too_far":
        nearest = refused.value.nearest
        assert nearest is not None
        assert RULES.check_callback(nearest, Zone.WIB, TEN) == nearest
        assert nearest.minute % RETRY.callback.grid == 0


def test_a_callback_without_a_time_is_refused_and_one_beyond_the_cap_is_not_promised() -> None:
    with pytest.raises(CallbackRefused, match="missing"):
        RULES.after_disposition(lead(attempts=1), "callback", _callback(), TEN)
    after = RULES.after_disposition(lead(attempts=6), "callback", _callback(), TEN, CallbackWish(TEN + DAY))
    assert (after.state, after.reason) == (LeadState.DONE, WhyNot.CAP_LIFE)


def test_a_refusal_puts_off_ends_or_turns_to_the_next_number() -> None:
    it = lead(owner="112233", promised=True, anyone_from=TEN)
    later = after_refusal(it, Refusal(WhyNot.CAP_DAY, TEN + DAY), TEN)
    assert (later.state, later.due_at, later.reason) == (LeadState.READY, TEN + DAY, "cap_day")
    assert (later.owner, later.promised, later.anyone_from) == ("112233", True, TEN + DAY)
    assert after_refusal(it, Refusal(WhyNot.SOLVED, None), TEN).state is LeadState.DONE
    other = after_refusal(it, Refusal(WhyNot.WRONG_NUMBER, None), TEN)
    assert (other.state, other.number, other.due_at) == (LeadState.READY, 1, it.due_at)
    last = after_refusal(lead(number=1, dead_numbers={0}), Refusal(WhyNot.NOT_A_NUMBER, None), TEN)
    assert (last.state, last.reason) == (LeadState.DONE, "not_a_number")


@settings(deadline=None)
@given(st.integers(1, 6), st.data())
def test_the_next_number_goes_round_without_the_dead_ones(numbers: int, data: st.DataObject) -> None:
    dead = data.draw(st.frozensets(st.integers(0, numbers - 1)))
    it = lead(numbers=numbers, number=data.draw(st.integers(0, numbers - 1)), dead_numbers=dead)
    seen = []
    for _ in range(numbers):
        found = next_number(it)
        if found is None:
            assert dead == set(range(numbers))
            return
        seen.append(found)
        it = replace(it, number=found)
    assert set(seen) == set(range(numbers)) - dead


def test_a_table_with_a_mistake_is_refused(tmp_path: Path) -> None:
    text = (DATA / "retry.yaml").read_text(encoding="utf-8")
    for old, new, told in (
        ("      busy: {attempts: 4, spacing: 30}\n", "", "busy"),
        ("busy: {attempts: 4", "busy: {attempts: -1", "busy"),
        ("bad_line:", "no_answer:", "no_answer"),
        ("grid: 15", "grid: 0", "callback"),
    ):
        assert old in text
        (tmp_path / "retry.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(TableProblem, match=told):
            load_retry(tmp_path)


def _callback() -> Disposition:
    return DISPOSITIONS.dispositions["callback"]
