"""A survey's questions, and menus that are no place for keys typed ahead."""

import pytest

from call_flows.book import FlowBook
from call_flows.known import Known
from domain.calls import EndReason, EventKind
from tests.flows.caller import Caller

SURVEY = """\
flow: kring_pajak
about: Two questions, to try the verb on.
numbers: ["1500200"]
steps:
  first:
    survey: welcome_morning
    as: clear
    most: 5
    wait: 5s
    tries: 2
    then: second
    otherwise: second
  second:
    survey: welcome_noon
    as: quick
    most: 3
    wait: 5s
    tries: 2
    then: asked_by_chance
    otherwise: asked_by_chance
  asked_by_chance:
    menu: language_menu
    keys: {1: person, 0: person}
    wait: 5s
    tries: 2
    typed_ahead: bye
    otherwise: bye
  person:
    queue: desk
    limit: 10m
    answered: conversation
    closed: bye
    otherwise: bye
  bye:
    play: goodbye
    then: end
  end:
    hang_up: completed
"""


@pytest.fixture
def call(known: Known) -> Caller:
    return Caller(FlowBook.from_files({"kring_pajak.yaml": SURVEY}, known)).calls()


def marks(call: Caller) -> list[tuple[str, str]]:
    return [(data["question"], data["mark"]) for data in call.recorded(EventKind.SURVEYED)]


def test_a_mark_is_kept_on_the_call_and_on_its_record(call: Caller) -> None:
    call.hears("welcome_morning").waits(2).presses("4").hears("welcome_noon").waits(2).presses("3")
    call.hears("language_menu")
    assert marks(call) == [("clear", "4"), ("quick", "3")]
    assert (call.session.facts["clear"], call.session.facts["quick"]) == ("4", "3")


@pytest.mark.parametrize("key", ["0", "4", "9", "*", "#"])
def test_a_key_that_is_no_mark_is_asked_again_and_then_passed_over(call: Caller, key: str) -> None:
    call.hears("welcome_morning").waits(2).presses("2").hears("welcome_noon").waits(2)
    call.presses(key).hears("wrong_key", "welcome_noon").presses(key).hears("language_menu")
    assert marks(call) == [("clear", "2")]


def test_who_says_nothing_is_asked_once_more_and_goes_on(call: Caller) -> None:
    call.hears("welcome_morning").hears("no_key", "welcome_morning").hears("welcome_noon")
    call.hears("no_key", "welcome_noon").hears("language_menu").hears("no_key", "language_menu")
    call.hears("goodbye").is_hung_up(EndReason.COMPLETED)
    assert marks(call) == []


def test_one_key_is_one_mark(call: Caller) -> None:
    call.hears("welcome_morning").waits(2).presses("5").hears("welcome_noon").waits(0.2).presses("3")
    assert marks(call) == [("clear", "5")], "a key struck twice must not answer the next question"


def test_keys_typed_ahead_are_not_for_a_question_that_is_seldom_asked(call: Caller) -> None:
    to_the_menu(call).waits(0.5).presses("1").hears("goodbye")
    assert call.session.outstanding().room is None, "the 1 was meant for something else"


def test_a_key_in_answer_to_a_question_that_is_seldom_asked_is_taken(call: Caller) -> None:
    to_the_menu(call).waits(1.5).presses("1").waits_in("desk")


def to_the_menu(call: Caller) -> Caller:
    for question in ("welcome_morning", "welcome_noon"):
        call.hears(question).waits(2).presses("1")
    return call.hears("language_menu")
