"""What the engine promises its driver, on the shipped flows."""

from collections.abc import Callable

import pytest

from call_flows.book import FlowBook
from call_flows.commands import Answer, Play, StopPlaying
from call_flows.events import CallerHungUp, CallStarted, KeyPressed, LookedUp, PlaybackEnded, TimerFired
from call_flows.session import CallSession
from domain.calls import EndReason, EventKind
from tests.flows.caller import NINE_ON_MONDAY, Caller

NewCaller = Callable[..., Caller]


def at_main_menu(caller: Caller) -> Caller:
    caller.calls().hears("welcome_morning").presses("12")
    return caller.hears("main_menu_without_npwp", "repeat_or_person")


def test_a_key_stops_the_prompt_and_starts_the_next_in_one_list(caller: NewCaller) -> None:
    call = at_main_menu(caller()).presses("4")
    acts = [command for command in call.last if isinstance(command, StopPlaying | Play)]
    assert [type(act) for act in acts] == [StopPlaying, Play]


def test_the_leg_is_answered_first_and_once(book: FlowBook) -> None:
    session = CallSession(book, "c", "1500200")
    assert session.handle(CallStarted("1500200"), NINE_ON_MONDAY)[0] == Answer()
    assert session.handle(CallStarted("1500200"), NINE_ON_MONDAY) == []
    assert session.outstanding().answered


def test_keys_before_the_start_are_kept(book: FlowBook, caller: NewCaller) -> None:
    call = caller()
    call.feed(KeyPressed("1"))
    call.feed(KeyPressed("2"))
    call.calls().hears("main_menu_without_npwp", "repeat_or_person")


@pytest.mark.parametrize("event", [PlaybackEnded("gone"), TimerFired("t99"), LookedUp("r99", "found")])
def test_news_of_what_is_over_changes_nothing(caller: NewCaller, event: PlaybackEnded) -> None:
    call = at_main_menu(caller())
    before = call.session.outstanding()
    assert call.session.handle(event, call.now) == []
    assert call.session.outstanding() == before


def test_prompts_that_cannot_be_played_are_passed_over(caller: NewCaller) -> None:
    call = caller()
    call.broken = {"welcome_morning", "language_menu", "npwp_or_not", "no_key"}
    call.calls().hears("welcome_morning").hears("language_menu").hears("language_menu")
    call.hears("no_key", "language_menu").hears("language_menu")
    call.hears("npwp_or_not", "repeat_or_person").presses("2")
    call.hears("main_menu_without_npwp", "repeat_or_person")


def test_music_that_cannot_be_played_is_not_tried_again_at_once(caller: NewCaller) -> None:
    call = at_main_menu(caller())
    call.broken = {"music"}
    call.presses("0").is_queued_in("general").waits(40)
    assert not call.unheard
    call.hears("waiting_thanks", "music").waits(44)
    assert not call.unheard
    assert call.session.outstanding().room is not None


def test_a_look_up_that_breaks_its_word_ends_in_an_apology(caller: NewCaller) -> None:
    call = caller(part_of_day="midnight").calls().hears("apology_failed")
    call.is_hung_up(EndReason.FAILED)


def test_a_look_up_that_brings_too_little_ends_in_an_apology(caller: NewCaller) -> None:
    call = caller(office_hours=("closed", {"opens": "08:00"})).calls().hears("welcome_morning")
    call.hears("apology_failed").is_hung_up(EndReason.FAILED)


def test_an_apology_that_cannot_be_played_ends_the_call_too(caller: NewCaller) -> None:
    call = caller(part_of_day="midnight")
    call.broken = {"apology_failed"}
    call.calls().hears("apology_failed").is_hung_up(EndReason.FAILED)


def test_nothing_is_commanded_after_the_end(caller: NewCaller) -> None:
    call = at_main_menu(caller()).hangs_up()
    assert call.session.finished
    assert call.session.handle(KeyPressed("1"), call.now) == []
    assert call.session.handle(CallerHungUp(), call.now) == []


def test_keyed_digits_reach_the_record_only_sealed_or_masked(caller: NewCaller) -> None:
    call = caller().calls().hears("welcome_morning").presses("1 1 1234567890123456#")
    call.hears("npwp_read_back", "npwp_confirm")
    (data,) = call.recorded(EventKind.COLLECTED)
    assert data["masked"] == "************3456"
    plain = " ".join(value for kind in EventKind for row in call.recorded(kind) for value in row.values())
    assert "1234567890" not in plain


def test_noise_on_the_line_is_bounded(caller: NewCaller) -> None:
    call = caller()
    for _ in range(1000):
        call.feed(KeyPressed("5"))
    assert len(call.session.keys) == 200
