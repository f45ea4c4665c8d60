"""Callers whom we called: is it genuine, and who wanted to speak to me."""

from collections.abc import Callable

import pytest

from domain.calls import EndReason, EventKind
from tests.flows.caller import Caller

Calls = Callable[..., Caller]
RECOGNISED = ("recognised", {"campaign_queue": "outbound/B", "attempt_id": "a" * 32})
MAIN = {"1": "main_menu_with_npwp", "2": "main_menu_without_npwp"}


def at_the_code(call: Caller, tree: str = "2") -> Caller:
    call.calls().hears("welcome_morning").presses("1").hears("npwp_or_not", "repeat_or_person")
    if tree == "1":
        call.presses("1").hears("npwp_enter").presses("1234567890123456#")
        call.hears("npwp_read_back", "npwp_confirm").presses("1").hears("npwp_found")
    else:
        call.presses("2")
    return call.hears(MAIN[tree], "repeat_or_person").presses("7").hears("code_enter")


@pytest.mark.parametrize("tree", ["1", "2"])
def test_a_genuine_code_is_confirmed_with_its_day_in_both_trees(caller: Calls, tree: str) -> None:
    call = at_the_code(caller(), tree).presses("482913#").hears("code_genuine", "never_asked")
    call.hears_the_value("called_on", "2026-11-20").hears(MAIN[tree], "repeat_or_person")


def test_a_code_is_taken_without_pound(caller: Calls) -> None:
    at_the_code(caller()).presses("482913").hears("code_genuine", "never_asked")


def test_a_code_to_another_number_needs_the_end_of_that_number(caller: Calls) -> None:
    call = at_the_code(caller(verification_code=("other_number", {}))).presses("482913#")
    call.hears("code_number_enter").presses("1234#").hears("code_genuine", "never_asked")
    assert {"code", "called_last4"} <= call.session.facts.keys()


def test_a_code_with_another_number_is_not_known(caller: Calls) -> None:
    call = at_the_code(
        caller(verification_code=("other_number", {}), verification_number=("unknown", {}))
    ).presses("482913#")
    call.hears("code_number_enter").presses("9999#").hears("code_unknown", "code_unknown_keys")


def test_an_unknown_code_is_warned_of_and_can_be_reported(caller: Calls) -> None:
    call = at_the_code(caller(verification_code=("unknown", {}))).presses("482913#")
    call.hears("code_unknown", "code_unknown_keys").presses("2").hears("before_complaint")
    call.is_queued_in("complaints")


def test_three_codes_are_enough_and_then_it_is_told_how_to_report(caller: Calls) -> None:
    call = at_the_code(caller(verification_code=("unknown", {})))
    for _ in range(2):
        call.presses("482913#").hears("code_unknown", "code_unknown_keys").presses("1").hears("code_enter")
    call.presses("482913#").hears("code_unknown", "code_unknown_keys").presses("1")
    call.hears("code_given_up", "how_to_report").hears("main_menu_without_npwp", "repeat_or_person")
    assert [data["look_up"] for data in call.recorded(EventKind.ASKED)].count("verification_code") == 3


def test_who_says_nothing_to_the_warning_is_let_go_kindly(caller: Calls) -> None:
    call = at_the_code(caller(verification_code=("unknown", {}))).presses("482913#")
    call.hears("code_unknown", "code_unknown_keys").hears("no_key", "code_unknown", "code_unknown_keys")
    call.hears("goodbye").is_hung_up(EndReason.COMPLETED)


def test_codes_of_another_length_are_refused_without_asking(caller: Calls) -> None:
    call = at_the_code(caller()).presses("48291#").hears("code_wrong", "code_enter")
    call.presses("4829134#").hears("code_wrong", "code_enter")
    assert "verification_code" not in [data["look_up"] for data in call.recorded(EventKind.ASKED)]


def test_where_codes_cannot_be_checked_an_agent_helps(caller: Calls) -> None:
    call = at_the_code(caller(verification_code=("unavailable", {}))).presses("482913#")
    call.hears("code_unavailable").is_queued_in("general")


def test_a_keyed_code_is_no_plain_data_of_the_record(caller: Calls) -> None:
    call = at_the_code(caller()).presses("482913#").hears("code_genuine", "never_asked")
    plain = " ".join(value for kind in EventKind for row in call.recorded(kind) for value in row.values())
    assert "482913" not in plain


# ---- Recognised by the number


def recognised(call: Caller, language: str = "1") -> Caller:
    return call.calls().hears("welcome_morning").presses(language).hears("recognised_call")


def test_who_was_called_in_vain_is_led_to_the_campaigns_agents(caller: Calls) -> None:
    call = recognised(caller(recognised_call=RECOGNISED)).waits(2).presses("1").is_queued_in("outbound/B")
    assert call.room.facts["attempt_id"] == "a" * 32
    call.is_answered()


def test_a_recognised_caller_has_the_normal_menu_for_anything_else(caller: Calls) -> None:
    for keys in ("2", ""):
        call = recognised(caller(recognised_call=RECOGNISED)).waits(2)
        if keys:
            call.presses(keys)
        else:
            call.hears("no_key", "recognised_call")
        call.hears("npwp_or_not", "repeat_or_person")


def test_keys_typed_ahead_by_a_recognised_caller_go_where_they_always_went(caller: Calls) -> None:
    call = recognised(caller(recognised_call=RECOGNISED)).waits(0.3).presses("1").hears("npwp_enter")
    assert call.session.outstanding().room is None


def test_a_caller_who_is_not_recognised_hears_nothing_new(caller: Calls) -> None:
    call = caller().calls().hears("welcome_morning").presses("1")
    call.hears("npwp_or_not", "repeat_or_person")


def test_busy_agents_of_a_campaign_are_stood_in_for(caller: Calls) -> None:
    call = recognised(caller(recognised_call=RECOGNISED)).waits(2).presses("1").is_queued_in("outbound/B")
    call.waits_unmoved(290).waits(10).is_queued_in("general")
