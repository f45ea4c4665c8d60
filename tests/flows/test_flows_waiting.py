"""What a waiting caller hears and can do: place, wait, callback in turn, and coming back from a talk."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_flows.commands import LeaveRoom, LookUp
from call_flows.line import Line
from domain.calls import EndReason, EventKind
from domain.waiting_room import TalkEnd
from tests.flows.caller import NEVER, NINE_ON_MONDAY, Caller, in_place

NewCaller = Callable[..., Caller]
READ_BACK = ("callback_read_back", "callback_confirm")
OFFER = ("waiting_channels", "callback_offer", "music")


def asks_for_a_person(caller: Caller) -> Caller:
    caller.calls().hears("welcome_morning").presses("1").hears("npwp_or_not", "repeat_or_person")
    return caller.presses("0").enters("general")


def is_offered_a_callback(caller: Caller) -> Caller:
    return asks_for_a_person(caller).hears("music").hears("waiting_thanks", "music").hears(*OFFER)


# ---- The place in line and the expected wait


def test_the_place_and_the_wait_are_told_after_the_announcement_and_with_each_message(
    caller: NewCaller,
) -> None:
    places = [in_place(3, 4), in_place(2, 2), in_place(1, 1), in_place(1, 1)]
    call = asks_for_a_person(caller(place_in_line=places))
    call.hears("place_in_line", "wait_minutes", "music")
    call.hears_the_value("place", "3").hears_the_value("minutes", "4")
    call.hears("waiting_thanks", "place_in_line", "wait_minutes", "music").hears_the_value("minutes", "2")
    call.hears("waiting_channels", "place_first", "wait_under_minute", "music")
    assert {"place", "minutes"}.isdisjoint(call.session.facts)


def test_a_wait_that_cannot_be_told_honestly_is_left_out(caller: NewCaller) -> None:
    call = asks_for_a_person(caller(place_in_line=[in_place(12, 0), in_place(11, 11), NEVER]))
    call.hears("place_in_line", "music").hears("waiting_thanks", "place_in_line", "wait_long", "music")


def test_a_place_nobody_can_tell_is_not_told(caller: NewCaller) -> None:
    asks_for_a_person(caller()).hears("music").hears("waiting_thanks", "music")


def test_numbers_that_grow_are_left_out_until_they_have_come_down_again(caller: NewCaller) -> None:
    places = [in_place(3, 4), in_place(4, 3), in_place(3, 6), in_place(2, 4), NEVER]
    call = asks_for_a_person(caller(place_in_line=places)).hears("place_in_line", "wait_minutes", "music")
    call.hears("waiting_thanks", "music").hears("waiting_channels", "place_in_line", "music")
    call.hears("waiting_thanks", "place_in_line", "wait_minutes", "music")


def test_once_a_told_wait_has_run_out_none_is_told_any_more(caller: NewCaller) -> None:
    call = asks_for_a_person(caller(place_in_line=in_place(2, 2)))
    call.hears("place_in_line", "wait_minutes", "music")
    call.hears("waiting_thanks", "place_in_line", "wait_minutes", "music")
    call.hears("waiting_channels", "place_in_line", "wait_minutes", "music")
    call.hears("waiting_thanks", "place_in_line", "music")


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 11), st.integers(0, 90)), max_size=30))
def test_what_a_caller_is_told_never_grows(stations: list[tuple[int, int, int]]) -> None:
    line, now = Line("waiting.person", "general", NINE_ON_MONDAY), NINE_ON_MONDAY
    last_place, last_minutes = 99, 99
    ends: list[datetime] = []
    for place, minutes, seconds in stations:
        now += timedelta(seconds=seconds)
        told = line.tell(place, minutes, now)
        if told:
            assert place <= last_place
            last_place = place
        if len(told) > 1:
            assert 0 < minutes <= last_minutes and all(now <= end for end in ends)
            last_minutes = minutes
            ends += [now + timedelta(minutes=minutes)] if minutes <= 10 else []


# ---- Called back in turn


def test_a_callback_to_the_number_on_the_line(caller: NewCaller) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible")).presses("1").hears(*READ_BACK)
    call.hears_the_value("callback_number_last4", "0123").presses("1")
    call.hears("callback_booked", "goodbye").is_hung_up(EndReason.CALLBACK)
    assert call.recorded(EventKind.DEQUEUED) == [{"queue": "general", "how": "callback"}]
    assert not any(isinstance(command, LeaveRoom) for command in call.commands), "the place is kept"
    asked = [command for command in call.commands if isinstance(command, LookUp)]
    assert asked[-1].arguments == {"number": "628110000123"}
    plain = " ".join(value for kind in EventKind for row in call.recorded(kind) for value in row.values())
    assert "8110000123" not in plain


def test_a_callback_to_another_number(caller: NewCaller) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible")).presses("1").hears(*READ_BACK)
    call.presses("2").hears("callback_enter").presses("0215250208#")
    call.hears(*READ_BACK).hears_the_value("callback_number_last4", "0208").presses("1")
    call.hears("callback_booked", "goodbye")
    assert [c.arguments for c in call.commands if isinstance(c, LookUp)][-1] == {"number": "62215250208"}


def test_a_withheld_number_must_be_keyed_in(caller: NewCaller) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible", caller_number=("unknown", {})))
    call.presses("1").hears("callback_enter").presses("081100001234#").hears(*READ_BACK)
    call.hears_the_value("callback_number_last4", "1234")


@pytest.mark.parametrize(
    ("keyed", "remark"),
    [
        ("0811#", "npwp_too_short"),
        ("5250208000#", "callback_wrong"),  # no area code
        ("00442079460000#", "callback_wrong"),  # abroad
        ("08091234567#", "callback_wrong"),  # premium
        ("0211500200#", "callback_wrong"),  # this service
        ("0811000012345678#", "callback_wrong"),  # 16 digits
    ],
)
def test_numbers_that_cannot_be_rung_are_refused(caller: NewCaller, keyed: str, remark: str) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible", caller_number=("unknown", {})))
    call.presses("1").hears("callback_enter").presses(keyed).hears(remark, "callback_enter")


def test_three_numbers_in_vain_lead_back_into_the_line(caller: NewCaller) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible", caller_number=("unknown", {})))
    call.presses("1").hears("callback_enter").presses("1#").hears("npwp_too_short", "callback_enter")
    call.presses("1#").hears("npwp_too_short", "callback_enter").presses("1#")
    call.hears("callback_not_booked").hears("music").is_answered()


@pytest.mark.parametrize("key", ["*", "0"])
def test_a_caller_who_thinks_better_of_it_has_kept_the_place(caller: NewCaller, key: str) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible")).presses("1").hears(*READ_BACK)
    room = call.room
    call.presses(key).hears("callback_declined").hears("music").hears(
        "waiting_thanks", "callback_offer", "music"
    )
    assert call.room == room
    assert len(call.recorded(EventKind.QUEUED)) == 1 and not call.recorded(EventKind.DEQUEUED)


def test_a_caller_who_falls_silent_goes_on_waiting(caller: NewCaller) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible")).presses("1").hears(*READ_BACK)
    call.hears("no_key", *READ_BACK).hears("callback_declined").hears("music").is_answered()


@pytest.mark.parametrize("keys", ["1", "12", "12081", "1208110000", "1*"])
def test_an_agent_who_becomes_free_takes_the_call_in_the_middle(caller: NewCaller, keys: str) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible")).presses(keys).is_answered()
    assert call.session.outstanding().timers == ()
    assert call.recorded(EventKind.DEQUEUED) == [{"queue": "general", "how": "answered"}]


def test_an_agent_who_takes_the_call_while_it_is_booked_has_it(caller: NewCaller) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible", book_callback=NEVER))
    call.presses("1").hears(*READ_BACK).presses("1").is_answered()
    assert call.session.outstanding().look_ups == ()


@pytest.mark.parametrize("keys", ["1", "12081", "1*"])
def test_a_centre_that_closes_says_so_in_the_middle(caller: NewCaller, keys: str) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible")).presses(keys).is_turned_away()
    call.unheard = [play for play in call.unheard if play.phrases[0].name == "room_closed"]
    call.hears("room_closed", "other_channels", "goodbye").is_hung_up(EndReason.CLOSED)


def test_a_caller_who_hangs_up_in_the_middle_leaves_the_line(caller: NewCaller) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible")).presses("1").hears(*READ_BACK)
    call.hangs_up()
    assert call.recorded(EventKind.DEQUEUED) == [{"queue": "general", "how": "caller_hung_up"}]


def test_a_booking_that_is_refused_keeps_the_caller_in_line(caller: NewCaller) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible", book_callback=("refused", {})))
    call.presses("1").hears(*READ_BACK).presses("1").hears("callback_not_booked").hears("music").is_answered()


def test_the_key_counts_only_once_the_offer_was_made(caller: NewCaller) -> None:
    call = asks_for_a_person(caller(callback_offer="possible")).hears("music").presses("1")
    call.hears("waiting_thanks", "music").presses("1")
    assert call.session.step == "waiting.person"
    call.hears(*OFFER).presses("51").hears(*READ_BACK)


def test_no_callback_is_offered_when_none_can_be_booked(caller: NewCaller) -> None:
    call = asks_for_a_person(caller()).hears("music").hears("waiting_thanks", "music")
    call.hears("waiting_channels", "music").presses("1")
    assert call.session.step == "waiting.person"


def test_the_limit_counts_the_time_beside_the_line(caller: NewCaller) -> None:
    call = is_offered_a_callback(caller(callback_offer="possible")).waits_unmoved(1750 - 94)
    call.presses("1").hears(*READ_BACK).presses("9").hears(*READ_BACK).hears("no_key", *READ_BACK)
    call.presses("*").hears("callback_declined").waits_unmoved(30)
    call.hears("wait_limit", "other_channels", "goodbye").is_hung_up(EndReason.WAIT_EXPIRED)
    waited = call.now - NINE_ON_MONDAY
    assert timedelta(seconds=1800) < waited < timedelta(seconds=1830)


# ---- Coming back from a talk


def test_a_returned_caller_hears_an_apology_and_waits_from_anew(caller: NewCaller) -> None:
    call = asks_for_a_person(caller(place_in_line=in_place(1, 1))).hears(
        "place_first", "wait_under_minute", "music"
    )
    call.waits_unmoved(1000).is_answered().is_let_go_by_the_agent(TalkEnd.RETURNED)
    call.hears("talk_broken", "music").hears("waiting_thanks", "place_first", "wait_under_minute", "music")
    call.waits_unmoved(1700)
    assert call.session.waits
    call.waits(100).hears("wait_limit", "other_channels", "goodbye")


def test_a_transferred_caller_hears_so_and_the_place_there(caller: NewCaller) -> None:
    call = (
        asks_for_a_person(caller(place_in_line=in_place(2, 0))).hears("place_in_line", "music").is_answered()
    )
    call.is_let_go_by_the_agent(TalkEnd.TRANSFERRED, "efin/B").enters("efin/B", after="talk_transferred")
    call.hears("place_in_line", "music").is_answered()
