"""People we called without an agent: what they hear, and what they hear only after proof."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from call_flows.book import SHIPPED, FlowBook, read_folder
from call_flows.commands import Play
from call_flows.known import Known
from call_flows.problems import FlowError
from domain.calls import EndReason, EventKind
from prompts.texts import load_texts
from tests.flows.caller import HOURS, Caller

Calls = Callable[..., Caller]
NPWP = "1234567890123456"
TEXTS = load_texts(Path("prompts")).prompts
PERSONAL = {
    name for name in TEXTS if name.startswith("duty_") and name not in {"duty_done_already", "duty_keys"}
}


def reminded(call: Caller, about: str = "filing") -> Caller:
    """Answer, and listen up to the reminder."""
    call.is_called("outbound_reminder").hears("called_by_us", language="id").hears(
        "language_menu", language="en"
    )
    return call.hears(f"reminder_{about}", "never_asked", "reminder_keys", language="id")


def proven(call: Caller) -> Caller:
    return reminded(call).presses("1").hears("npwp_enter").presses(NPWP + "#")


def said(call: Caller) -> set[str]:
    return {phrase.name for play in call.commands if isinstance(play, Play) for phrase in play.phrases}


@pytest.mark.parametrize("about", ["filing", "payment"])
def test_an_answering_machine_hears_the_reminder_twice_and_the_call_ends(caller: Calls, about: str) -> None:
    call = reminded(caller(called_about=(about, {})), about)
    began = call.now
    call.hears("no_key", f"reminder_{about}", "never_asked", "reminder_keys").hears("goodbye_called")
    call.is_hung_up(EndReason.COMPLETED)
    assert not said(call) & PERSONAL
    assert (call.now - began).total_seconds() < 90


def test_nothing_of_the_persons_own_is_said_before_proof(caller: Calls) -> None:
    call = proven(caller()).hears("duty_filing_year", "duty_done_already")
    call.hears_the_value("tax_year", "2025").hears_the_value("deadline", "2026-03-31")
    call.hears("duty_keys").presses("9").hears("duty_filing_year", "duty_done_already").hears("duty_keys")
    call.hears("no_key", "duty_keys").hears("goodbye_called").is_hung_up(EndReason.COMPLETED)
    route = call.route()
    assert route.index("outbound_reminder.proof") < route.index("outbound_reminder.filing_year")


@pytest.mark.parametrize("word", ["filing_undated", "payment_year", "payment_month", "payment_undated"])
def test_every_kind_of_duty_has_its_words(caller: Calls, word: str) -> None:
    facts = {"as_of": "2026-11-02", "tax_year": "2025", "tax_month": "2025-10", "deadline": "2026-03-31"}
    proven(caller(duty=(word, facts))).hears(f"duty_{word}", "duty_done_already").hears("duty_keys")


def test_three_numbers_that_are_not_the_taxpayers_are_enough(caller: Calls) -> None:
    call = reminded(caller(owner=("other", {}))).presses("1").hears("npwp_enter")
    for _ in range(2):
        call.presses(NPWP + "#").hears("proof_other").hears("npwp_enter")
    call.presses(NPWP + "#").hears("proof_other").hears("proof_failed", "call_us_back")
    call.hears("goodbye_called").is_hung_up(EndReason.COMPLETED)
    assert [data["look_up"] for data in call.recorded(EventKind.ASKED)].count("owner") == 3
    assert not said(call) & PERSONAL


def test_a_wrong_number_counts_as_a_try_too(caller: Calls) -> None:
    call = (
        reminded(caller(owner=[("other", {}), ("owner", {"proven": "yes"})])).presses("1").hears("npwp_enter")
    )
    call.presses("12#").hears("npwp_too_short", "npwp_enter").presses(NPWP + "#").hears("proof_other")
    call.hears("npwp_enter").presses(NPWP + "#").hears("duty_filing_year", "duty_done_already")


@pytest.mark.parametrize("look_up", ["owner", "duty"])
def test_where_the_record_does_not_answer_nothing_is_said(caller: Calls, look_up: str) -> None:
    call = proven(caller(**{look_up: ("unavailable", {})})).hears("proof_unavailable", "call_us_back")
    call.hears("goodbye_called").is_hung_up(EndReason.COMPLETED)
    assert not said(call) & PERSONAL


def test_no_flow_can_be_written_that_speaks_before_proof(known: Known) -> None:
    files = read_folder(SHIPPED)
    text = files["outbound_reminder.yaml"]
    shortcut = text.replace("keys: {1: enter_npwp,", "keys: {1: duty,")
    assert shortcut != text
    with pytest.raises(FlowError, match="`proven` may not be known here"):
        FlowBook.from_files({**files, "outbound_reminder.yaml": shortcut}, known)


def test_english_is_for_everything_that_follows(caller: Calls) -> None:
    call = caller().is_called("outbound_reminder").hears("called_by_us").hears("language_menu")
    call.presses("2").hears("called_by_us", language="en")
    call.hears("reminder_filing", "never_asked", "reminder_keys", language="en")
    call.presses("1").hears("npwp_enter", language="en")


def test_further_calls_are_stopped_after_one_confirmation_and_it_is_said_back(caller: Calls) -> None:
    call = reminded(caller()).presses("3").hears("stop_confirm").presses("1")
    call.hears("calls_stopped", "goodbye_called").is_hung_up(EndReason.COMPLETED)
    assert "stop_calls" in [data["look_up"] for data in call.recorded(EventKind.ASKED)]


def test_calls_are_not_stopped_by_one_key_alone(caller: Calls) -> None:
    silent = reminded(caller()).presses("3").hears("stop_confirm").hears("no_key", "stop_confirm")
    silent.hears("not_stopped").hears("goodbye_called").is_hung_up(EndReason.COMPLETED)
    back = reminded(caller()).presses("3").hears("stop_confirm").presses("*")
    back.hears("reminder_filing", "never_asked", "reminder_keys")
    for call in (silent, back):
        assert "stop_calls" not in [data["look_up"] for data in call.recorded(EventKind.ASKED)]


def test_who_has_proven_stops_the_calls_to_all_their_numbers(caller: Calls) -> None:
    call = proven(caller()).hears("duty_filing_year", "duty_done_already").hears("duty_keys")
    call.presses("3").hears("stop_all_confirm").presses("1").hears("calls_stopped_all", "goodbye_called")
    call.is_hung_up(EndReason.COMPLETED)
    asked = [data["look_up"] for data in call.recorded(EventKind.ASKED)]
    assert "stop_all_calls" in asked and "stop_calls" not in asked


def test_what_could_not_be_stopped_is_not_promised(caller: Calls) -> None:
    call = reminded(caller(stop_calls=("unavailable", {}))).presses("3").hears("stop_confirm").presses("1")
    call.hears("stop_failed", "call_us_back").hears("goodbye_called").is_hung_up(EndReason.COMPLETED)


def test_key_0_leads_to_the_campaigns_agents_with_what_is_known(caller: Calls) -> None:
    call = proven(caller()).hears("duty_filing_year", "duty_done_already").hears("duty_keys").presses("0")
    call.is_queued_in("outbound/A")
    assert (call.room.facts["npwp"], call.room.facts["proven"]) == (NPWP, "yes")
    call.is_answered()


def test_outside_hours_key_0_tells_when_to_ring(caller: Calls) -> None:
    for way in ("closed", "ramadan_closed", "holiday", "shut"):
        call = reminded(caller(office_hours=way)).presses("0").hears("called_agents_away", "goodbye_called")
        call.is_hung_up(EndReason.COMPLETED)
        spoken = [
            phrase.values for play in call.commands if isinstance(play, Play) for phrase in play.phrases
        ]
        assert {"opens": HOURS["opens"], "closes": HOURS["closes"]} in spoken


def test_agents_who_do_not_come_are_not_waited_for_without_end(caller: Calls) -> None:
    call = reminded(caller()).presses("0").is_queued_in("outbound/A").waits_unmoved(290)
    call.waits(10).hears("called_agents_busy", "call_us_back", "goodbye_called")
    call.is_hung_up(EndReason.WAIT_EXPIRED)


@pytest.mark.parametrize("answers", [{"called_about": ("unknown", {})}])
def test_a_call_about_nothing_known_says_at_least_who_it_was(
    caller: Calls, answers: Mapping[str, object]
) -> None:
    call = caller(**answers).is_called("outbound_reminder").hears("called_by_us").hears("language_menu")
    call.hears("never_asked", "call_us_back").hears("goodbye_called").is_hung_up(EndReason.COMPLETED)


def test_a_survey_asks_three_questions_and_keeps_the_marks(caller: Calls) -> None:
    call = caller(called_about=("survey", {})).is_called("outbound_reminder").hears("called_by_us")
    call.hears("language_menu").hears("survey_invitation", "never_asked", "survey_keys").presses("1")
    for question, mark in (("clear", "5"), ("easy", "3"), ("satisfied", "4")):
        call.hears(f"survey_{question}").waits(3).presses(mark)
    call.hears("survey_thanks").hears("goodbye_called").is_hung_up(EndReason.COMPLETED)
    marks = [(data["question"], data["mark"]) for data in call.recorded(EventKind.SURVEYED)]
    assert marks == [("clear", "5"), ("easy", "3"), ("satisfied", "4")]


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_text_asks_for_what_fraudsters_ask_for(language: str) -> None:
    """Passwords, codes and money are named only to say that they are never asked for, or not to be given."""
    warnings = {"never_asked", "called_nobody_there", "code_unknown", "code_given_up", "announce_fraud"}
    words = {
        "id": ("sandi", "OTP", "transfer", "rekening", "uang"),
        "en": ("password", "OTP", "transfer", "money"),
    }
    for name, prompt in TEXTS.items():
        if name not in warnings:
            text = prompt.texts.get(language, "").lower()
            assert not [word for word in words[language] if word.lower() in text.split()], name
