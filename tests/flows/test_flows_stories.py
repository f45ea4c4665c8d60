"""The shipped flows, told as callers' stories."""

from collections.abc import Callable

import pytest

from domain.calls import EndReason, EventKind
from domain.waiting_room import TalkEnd
from tests.flows.caller import Caller

NewCaller = Callable[..., Caller]

NPWP = "1234567890123456"
WITH_NPWP = ("main_menu_with_npwp", "repeat_or_person")
WITHOUT_NPWP = ("main_menu_without_npwp", "repeat_or_person")
NPWP_OR_NOT = ("npwp_or_not", "repeat_or_person")
CONFIRM = ("npwp_read_back", "npwp_confirm")


def at_npwp_question(caller: Caller, key: str = "1") -> Caller:
    caller.calls().hears("welcome_morning", language="id").hears("language_menu", language="id")
    return caller.hears("language_menu", language="en").presses(key).hears(*NPWP_OR_NOT)


def test_a_caller_with_npwp_walks_to_the_efin_room(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("1").hears("npwp_enter").presses(f"{NPWP}#")
    call.hears(*CONFIRM).hears_the_value("npwp_last4", "3456").presses("1")
    call.hears("npwp_found").hears(*WITH_NPWP).presses("1").hears("efin_menu", "back_repeat_or_person")
    call.presses("1").hears("before_service").is_queued_in("efin")
    assert call.room.facts["npwp"] == NPWP
    assert call.room.facts["taxpayer_id"] == "tp-1"
    assert call.room.language == "id"


def test_everything_can_be_typed_ahead_from_the_first_moment(caller: NewCaller) -> None:
    call = caller().calls().hears("welcome_morning").presses(f"1 1 {NPWP}# 1 1 2")
    call.hears("before_service").is_queued_in("token")


def test_a_caller_in_english_hears_english(caller: NewCaller) -> None:
    call = at_npwp_question(caller(), key="2")
    call.presses("2").hears(*WITHOUT_NPWP, language="en").presses("4")
    call.hears("pph_menu", "back_repeat_or_person", language="en").presses("2")
    call.is_queued_in("pph_application")
    assert call.room.language == "en"
    assert "npwp" not in call.room.facts


def test_without_a_choice_the_language_is_indonesian(caller: NewCaller) -> None:
    call = caller().calls().hears("welcome_morning").hears("language_menu").hears("language_menu")
    call.hears("no_key", "language_menu", language="id").hears("language_menu", language="en")
    call.hears(*NPWP_OR_NOT, language="id")


@pytest.mark.parametrize(
    ("part", "prompt"),
    [("morning", "welcome_morning"), ("noon", "welcome_noon"), ("afternoon", "welcome_afternoon")],
)
def test_the_greeting_fits_the_hour(caller: NewCaller, part: str, prompt: str) -> None:
    caller(part_of_day=part).calls().hears(prompt)


@pytest.mark.parametrize(
    ("answer", "prompt"),
    [
        ("closed", "closed_by_hour"),
        ("ramadan_closed", "closed_ramadan"),
        ("holiday", "closed_holiday"),
        ("shut", "closed_shut"),
    ],
)
def test_a_closed_line_names_the_hours_in_both_languages_whatever_is_pressed(
    caller: NewCaller, answer: str, prompt: str
) -> None:
    call = caller(office_hours=answer).calls().hears("welcome_morning").presses("1 1")
    call.hears(prompt, "other_channels", language="id").hears_the_value("opens", "08:00").presses("0")
    call.hears(prompt, "other_channels", language="en").hears_the_value("closes", "16:00")
    call.is_hung_up(EndReason.CLOSED)


@pytest.mark.parametrize("number", ["1500200", "500200", "021500200", "+621500200"])
def test_every_number_of_the_line_leads_in(caller: NewCaller, number: str) -> None:
    caller().calls(number).hears("welcome_morning")


def test_three_wrong_numbers_lead_to_the_tree_without_npwp(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("1").hears("npwp_enter").presses("123#")
    call.hears("npwp_too_short", "npwp_enter").presses("9999999999999999#")
    call.hears("npwp_wrong", "npwp_enter").presses("99999999999999999999#")
    call.hears("npwp_given_up").hears(*WITHOUT_NPWP)
    results = [data["result"] for data in call.recorded(EventKind.COLLECTED)]
    assert results == ["too_short", "wrong", "wrong"]


def test_tries_are_counted_over_the_whole_call(caller: NewCaller) -> None:
    call = at_npwp_question(caller(taxpayer="not_found")).presses("1").hears("npwp_enter")
    call.presses(f"{NPWP}#").hears(*CONFIRM).presses("2")
    call.hears("npwp_enter").presses(f"{NPWP}#").hears(*CONFIRM).presses("1")
    call.hears("npwp_not_found").hears("npwp_enter").presses(f"{NPWP}#").hears(*CONFIRM).presses("1")
    call.hears("npwp_not_found").hears("npwp_given_up").hears(*WITHOUT_NPWP).presses("1")
    call.hears("efin_information", "information_menu", "back_repeat_or_person").presses("2")
    call.hears("npwp_given_up").hears(*WITHOUT_NPWP).presses("0").is_queued_in("general")
    assert not {"npwp", "npwp_last4", "taxpayer_id"} & call.room.facts.keys()


def test_silence_at_the_number_has_its_own_words(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("1").hears("npwp_enter")
    call.hears("npwp_silence", "npwp_enter").hears("npwp_silence", "npwp_enter").hears("npwp_given_up")


def test_star_starts_over_and_costs_no_try(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("1").hears("npwp_enter").presses("12*")
    call.hears("npwp_started_over").presses(f"99*{NPWP}#").hears(*CONFIRM).presses("9").hears(*CONFIRM)
    call.presses("1").hears("npwp_found")
    assert [data["result"] for data in call.recorded(EventKind.COLLECTED)] == ["taken"]


def test_a_missing_pound_is_forgiven_after_a_pause(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("1").hears("npwp_enter").presses(NPWP)
    call.waits(6).hears(*CONFIRM)


def test_a_caller_who_dawdles_over_the_number_is_bounded(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("1").hears("npwp_enter").presses("1")
    for _ in range(11):
        call.waits(5).presses("1")
    call.waits(5).hears("npwp_too_short", "npwp_enter")


def test_a_register_that_is_down_keeps_nobody_out(caller: NewCaller) -> None:
    call = at_npwp_question(caller(taxpayer="unavailable")).presses(f"1 {NPWP}# 1")
    call.hears("npwp_unavailable").hears(*WITH_NPWP).presses("2 4").hears("before_service")
    call.is_queued_in("self_update")
    assert call.room.facts["npwp"] == NPWP


def test_star_goes_back_to_the_tree_the_caller_came_from(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses(f"1 {NPWP}# 1").hears("npwp_found").hears(*WITH_NPWP)
    call.presses("3").hears("kup_menu", "back_repeat_or_person").presses("*").hears(*WITH_NPWP)
    other = at_npwp_question(caller()).presses("2 3 *").hears(*WITHOUT_NPWP)
    assert other.route()[-1] == "without_npwp.main_menu"


def test_wrong_keys_and_silence_are_told_apart_and_end_at_a_person(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("7").hears("wrong_key", *NPWP_OR_NOT)
    call.hears("no_key", *NPWP_OR_NOT).presses("8").is_queued_in("general")


def test_nine_repeats_as_often_as_wanted(caller: NewCaller) -> None:
    call = at_npwp_question(caller())
    for _ in range(10):
        call.presses("9").hears(*NPWP_OR_NOT)
    call.presses("2").hears(*WITHOUT_NPWP)


def test_general_information_can_end_the_call_politely(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("2 2")
    call.hears("data_information", "information_menu", "back_repeat_or_person").presses("3")
    call.hears("goodbye").presses("1").is_hung_up(EndReason.COMPLETED)


def test_waiting_has_music_messages_and_a_limit(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("2 6").hears("before_complaint").is_queued_in("complaints")
    call.hears("waiting_thanks", "music").hears("waiting_channels", "music").hears("waiting_thanks", "music")
    call.waits_unmoved(1800 - 3 * 45 - 1)
    assert call.session.outstanding().room is not None
    call.waits(2).hears("wait_limit", "other_channels", "goodbye").is_hung_up(EndReason.WAIT_EXPIRED)
    assert call.recorded(EventKind.DEQUEUED) == [{"queue": "complaints", "how": "limit"}]


def test_music_goes_on_between_messages(caller: NewCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.flows.caller.MUSIC_LASTS", 20.0)
    call = at_npwp_question(caller()).presses("0").is_queued_in("general")
    call.hears("music").hears("music").hears("waiting_thanks", "music")


def test_an_agent_who_answers_ends_music_and_messages(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("0").is_queued_in("general").waits(5).is_answered()
    call.presses("5").waits(900).hangs_up()
    assert call.session.end_reason == EndReason.COMPLETED
    assert call.session.outstanding().timers == ()


def test_an_agent_who_ends_the_talk_ends_the_call(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("0").is_queued_in("general").is_answered()
    call.is_let_go_by_the_agent(TalkEnd.ENDED).is_hung_up(EndReason.COMPLETED)


def test_a_caller_whose_agent_is_lost_waits_again_in_the_same_queue(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("0").is_queued_in("general").waits(5).is_answered()
    call.is_let_go_by_the_agent(TalkEnd.RETURNED)
    call.is_queued_in("general", after="talk_broken").is_answered()
    assert call.recorded(EventKind.QUEUED) == [{"queue": "general"}] * 2


def test_a_transferred_caller_waits_where_the_agent_sent_them(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("0").is_queued_in("general").is_answered()
    call.is_let_go_by_the_agent(TalkEnd.TRANSFERRED, "efin/B")
    call.is_queued_in("efin/B", after="talk_transferred").is_turned_away()
    call.hears("room_closed", "other_channels", "goodbye").is_hung_up(EndReason.CLOSED)
    assert call.recorded(EventKind.DEQUEUED)[-1] == {"queue": "efin/B", "how": "closed"}


def test_a_caller_nobody_can_take_up_again_hears_an_apology(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("0").is_queued_in("general").is_answered()
    call.is_let_go_by_the_agent(TalkEnd.LOST).hears("apology_failed").is_hung_up(EndReason.FAILED)


def test_a_room_that_closes_says_so(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("0").is_queued_in("general").is_turned_away()
    call.hears("room_closed", "other_channels", "goodbye").is_hung_up(EndReason.CLOSED)


def test_a_caller_who_hangs_up_leaves_the_room(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("0").is_queued_in("general").hangs_up()
    assert call.recorded(EventKind.DEQUEUED) == [{"queue": "general", "how": "caller_hung_up"}]
    assert call.recorded(EventKind.ENDED) == [{"reason": "caller_hung_up"}]
    assert call.session.outstanding().room is None


def test_keys_pressed_while_waiting_cut_nothing_off(caller: NewCaller) -> None:
    call = at_npwp_question(caller()).presses("0").is_queued_in("general").presses("12#")
    call.waits_unmoved(1795).presses("3").waits(2).hears("wait_limit", "other_channels", "goodbye")
