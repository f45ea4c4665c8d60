"""What supervisors switch on for every caller is heard first, and never keeps a caller up."""

from call_flows.book import FlowBook
from domain.calls import EventKind
from tests.flows.caller import Caller

ON = ("on", {"announced": "announce_busy"})


def test_an_announcement_is_heard_in_both_languages_before_everything_else(book: FlowBook) -> None:
    caller = Caller(book, announcement=ON).calls()
    caller.hears("welcome_morning").hears("announce_busy", language="id")
    caller.hears("announce_busy", language="en").hears("language_menu", language="id")


def test_while_nothing_is_on_nothing_is_heard(book: FlowBook) -> None:
    Caller(book).calls().hears("welcome_morning").hears("language_menu", language="id")


def test_it_is_heard_while_the_line_is_closed_too(book: FlowBook) -> None:
    caller = Caller(book, announcement=ON, office_hours="closed").calls()
    caller.hears("welcome_morning").hears("announce_busy", language="id")
    caller.hears("announce_busy", language="en").hears("closed_by_hour", "other_channels", language="id")


def test_a_key_ends_it_and_chooses_the_language(book: FlowBook) -> None:
    caller = Caller(book, announcement=ON).calls()
    caller.hears("welcome_morning").hears("announce_busy", language="id").presses("2")
    caller.hears("npwp_or_not", "repeat_or_person", language="en")


def test_who_typed_ahead_does_not_hear_it(book: FlowBook) -> None:
    caller = Caller(book, announcement=ON).calls().hears("welcome_morning").presses("1")
    caller.hears("npwp_or_not", "repeat_or_person", language="id")


def test_one_that_cannot_be_played_is_passed_over(book: FlowBook) -> None:
    caller = Caller(book, announcement=("on", {"announced": "announce_gone"}))
    caller.broken = {"announce_gone"}
    caller.calls().hears("welcome_morning").waits_unmoved(5)
    assert caller.session.step == "kring_pajak.language"


def test_what_was_heard_is_on_record(book: FlowBook) -> None:
    caller = Caller(book, announcement=ON).calls()
    caller.hears("welcome_morning").hears("announce_busy", language="id")
    assert "announce_busy" in [data["prompt"] for data in caller.recorded(EventKind.PROMPT)]
