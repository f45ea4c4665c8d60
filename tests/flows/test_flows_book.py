"""What the loader refuses, and how it says so."""

from dataclasses import replace
from pathlib import Path

import pytest

from call_flows.book import SHIPPED, FlowBook, accept, load_folder, read_folder
from call_flows.known import Known, KnownPrompt
from call_flows.problems import FlowError
from prompts.library import Library
from tests.flows.caller import Caller

CLINIC = """\
flow: kring_pajak
about: A clinic, to try mistakes on.
numbers: ["1500200"]
steps:
  welcome:
    play: welcome_morning
    then: main
  main:
    menu: npwp_or_not
    keys: {1: desk, 9: repeat, 0: desk}
    wait: 5s
    tries: 3
    otherwise: desk
  desk:
    queue: desk
    announce: connecting
    music: music
    messages: waiting_thanks
    every: 45s
    limit: 10m
    answered: conversation
    closed: sorry
    otherwise: sorry
  sorry:
    play: goodbye
    then: end
  end:
    hang_up: wait_expired
"""


def mistakes(known: Known, text: str) -> list[str]:
    with pytest.raises(FlowError) as caught:
        FlowBook.from_files({"kring_pajak.yaml": text}, known)
    return [str(problem) for problem in caught.value.problems]


def test_the_clinic_is_in_order(known: Known) -> None:
    assert FlowBook.from_files({"kring_pajak.yaml": CLINIC}, known).queues() == ("desk",)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("then: main\n", "then: mian\n", "7: step `welcome`: there is no step `mian`. Did you mean `main`?"),
        (
            "play: welcome_morning",
            "play: welcom_morning",
            "6: step `welcome`: there is no prompt `welcom_morning`",
        ),
        (
            "    menu: npwp",
            "    mneu: npwp",
            "8: step `main` begins with `mneu`, which is no verb. Did you mean `menu`",
        ),
        ("    tries: 3", "    trys: 3", "12: step `main`: `trys` means nothing here. Did you mean `tries`?"),
        (
            "    wait: 5s\n",
            "",
            "8: step `main`: `wait:` is missing, so the wait has no bound. Write `wait: 5s`",
        ),
        ("wait: 5s", "wait: 5", "11: step `main`: `wait:` is not a duration. Write seconds as `5s`"),
        ("wait: 5s", "wait: 10:00", "11: step `main`: `wait:` is not a duration"),
        ("limit: 10m", "limit: 90m", "20: step `desk`: `limit: 90m` is too long. At most 3600s"),
        ("0: desk}", "0: sorry}", "8: step `main`: key 0 does not lead to a person"),
        ("9: repeat, 0: desk}", "9: repeat}", "8: step `main`: key 0 does not lead to a person"),
        ("{1: desk,", "{1: desk, 1: sorry,", "10: `1` is written twice; the first is in line 10"),
        ("{1: desk,", "{01: desk,", "10: step `main`: `01` is no key of a telephone"),
        ("{1: desk,", "{*: desk,", "10: this is not YAML: expected alphabetic or numeric character"),
        ("{1: desk,", "{#: desk,", "10: `#:` is a comment in YAML and vanishes. Write `pound:`"),
        ("  end:\n", "  lost:\n    hang_up: closed\n  end:\n", "27: step `lost`: no call can ever come here"),
        ("then: end\n  end:\n    hang_up: wait_expired\n", "then: welcome\n", "silent"),
        ("hang_up: wait_expired", "hang_up: caller_hung_up", "`caller_hung_up` is not known here"),
        ("flow: kring_pajak", "flow: kring", "1: `flow:` must be the file's name, `kring_pajak`"),
        ("    tries: 3", "    tries: yes", "12: step `main`: `tries:` must be a number from 1 to 5"),
        ("play: goodbye", "play: npwp_read_back", "speaks `npwp_last4`, which may not be known here"),
        ("play: goodbye", "play: {fr: goodbye}", "25: step `sorry`: `fr` is not a language"),
        ("about: A", "about: &x A", "2: flows have no anchors (`&`) or references (`*`)"),
        ("steps:", "stepps:", "4: `stepps` means nothing here. Did you mean `steps`?"),
        ('numbers: ["1500200"]\n', "", "1: no flow has a number"),
        ('"1500200"]', '"1500200", "1500200"]', "3: number 1500200 is claimed twice"),
        ('"1500200"]', "15-00-200]", "3: `15-00-200` is no telephone number"),
        (
            "  end:\n",
            "  The End:\n    hang_up: closed\n  end:\n",
            "27: `The End` cannot be the name",
        ),
        (
            "play: goodbye\n",
            "play: goodbye\n    uninterrupted: ja\n",
            "26: step `sorry`: `ja` is not known here",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_remedy(known: Known, right: str, wrong: str, said: str) -> None:
    assert right in CLINIC
    told = mistakes(known, CLINIC.replace(right, wrong, 1))
    said = "a caller who does nothing goes round in a circle" if said == "silent" else said
    assert any(said in line and line.startswith("kring_pajak.yaml:") for line in told), told


def test_all_mistakes_are_told_at_once(known: Known) -> None:
    told = mistakes(
        known,
        CLINIC.replace(" 5s", " soon").replace(" 45s", " often").replace("then: main\n", "then: nowhere\n"),
    )
    assert len(told) == 3


def test_a_path_without_end_is_found(known: Known) -> None:
    text = CLINIC.replace("answered: conversation", "answered: sorry").replace(
        "    then: end\n  end:\n    hang_up: wait_expired\n", "    then: main\n"
    )
    told = mistakes(known, text)
    assert any("a call that comes here never ends" in line for line in told)


def test_a_prompt_missing_in_one_language_is_found(known: Known) -> None:
    half = replace(known, prompts={**known.prompts, "goodbye": KnownPrompt(frozenset({"id"}))})
    told = mistakes(half, CLINIC)
    assert any("prompt `goodbye` is missing in English" in line for line in told)


def test_a_number_that_is_not_known_begins_at_the_start(book: FlowBook) -> None:
    assert book.entry("999") == book.entry("1500200") == "kring_pajak.greeting"


def test_words_that_yaml_would_change_stay_words(known: Known) -> None:
    text = CLINIC.replace("main", "yes").replace("sorry", "off").replace("desk:\n", "no:\n", 1)
    text = (
        text.replace(": desk,", ": no,")
        .replace("0: desk", "0: no")
        .replace("otherwise: desk", "otherwise: no")
    )
    book = FlowBook.from_files({"kring_pajak.yaml": text}, known)
    assert {"kring_pajak.yes", "kring_pajak.no", "kring_pajak.off"} <= book.steps.keys()


def test_a_broken_file_leaves_the_book_in_force(book: FlowBook, known: Known) -> None:
    files = read_folder(SHIPPED)
    broken = {**files, "waiting.yaml": files["waiting.yaml"].replace("queue: efin\n", "que: efin\n")}
    kept, problems = accept(broken, book, known)
    assert kept is book
    assert problems[0].file == "waiting.yaml"
    assert "Did you mean `queue`?" in str(problems[0])


def test_a_changed_file_makes_a_new_version_and_running_calls_keep_theirs(
    book: FlowBook, known: Known
) -> None:
    files = read_folder(SHIPPED)
    call = Caller(book).calls().hears("welcome_morning").presses("1")
    call.hears("npwp_or_not", "repeat_or_person")
    changed = files["kring_pajak.yaml"].replace("2: without_npwp.main_menu", "3: without_npwp.main_menu")
    fresh, problems = accept({**files, "kring_pajak.yaml": changed}, book, known)
    assert problems == () and fresh.version != book.version
    call.presses("2").hears("main_menu_without_npwp", "repeat_or_person")
    other = Caller(fresh).calls().hears("welcome_morning").presses("1")
    other.hears("npwp_or_not", "repeat_or_person").presses("3")
    other.hears("main_menu_without_npwp", "repeat_or_person")


def test_the_same_texts_are_the_same_book(book: FlowBook, known: Known) -> None:
    assert accept(read_folder(SHIPPED), book, known)[0] is book


def test_an_archived_version_is_walked_though_its_prompts_are_gone(known: Known) -> None:
    poorer = replace(known, prompts={})
    book = FlowBook.from_archive({"kring_pajak.yaml": CLINIC}, poorer)
    asked = Caller(book).calls().hears("welcome_morning").hears("npwp_or_not")
    call = asked.presses("0").is_queued_in("desk", after="connecting")
    call.is_turned_away().hears("goodbye")


def test_the_shipped_flows_stand_with_the_real_rules_of_the_number() -> None:
    book = load_folder(SHIPPED, Known.of(Library.load(Path("prompts"))))
    call = Caller(book).calls().hears("welcome_morning").presses("1 1 3171230101900001#")
    call.hears("npwp_read_back", "npwp_confirm").hears_the_value("npwp_last4", "0001")
    call.presses("2").hears("npwp_enter").presses("3171233101900001# 1 1 3")
    call.hears("before_service").is_queued_in("non_dlp")
    wrong = Caller(book).calls().hears("welcome_morning").presses("1 1 3171233113900001#")
    wrong.hears("npwp_wrong", "npwp_enter")


def test_the_apology_of_last_resort_must_exist(known: Known) -> None:
    poorer = {name: prompt for name, prompt in known.prompts.items() if name != "apology_failed"}
    assert any("`apology_failed`" in line for line in mistakes(replace(known, prompts=poorer), CLINIC))


def test_a_prompt_to_be_heard_in_full_keeps_the_keys_pressed_in_it(known: Known) -> None:
    text = CLINIC.replace("play: welcome_morning", "play: welcome_morning\n    uninterrupted: true")
    call = Caller(FlowBook.from_files({"kring_pajak.yaml": text}, known)).calls()
    call.hears("welcome_morning").presses("1").waits(3.9)
    assert call.route() == ["kring_pajak.welcome"]
    call.is_queued_in("desk", after="connecting")
    assert call.route() == ["kring_pajak.welcome", "kring_pajak.main", "kring_pajak.desk"]


LINE = (
    CLINIC.replace("    every: 45s\n", "    every: 45s\n    tell_place: true\n    callback: ask\n")
    + """\
  ask:
    look_up: caller_number
    known: book
    unknown: stay
  book:
    call_back: callback_number
    booked: booked
    refused: stay
  booked:
    play: callback_booked
    then: end
  stay:
    play: callback_declined
    then: keep_waiting
"""
)


def test_a_callback_beside_the_line_is_in_order(known: Known) -> None:
    assert FlowBook.from_files({"kring_pajak.yaml": LINE}, known).queues() == ("desk",)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("then: keep_waiting", "then: desk", "step `desk`: the caller waits in line already"),
        ("then: keep_waiting", "then: end", "step `end`: a caller who waits in line is hung up"),
        ("    otherwise: sorry\n", "    otherwise: stay\n", "does not wait in line. Only what follows"),
        ("    otherwise: sorry\n", "    otherwise: book\n", "step `book`: the caller does not wait in line"),
        (
            "then: keep_waiting",
            "then: keep_wating",
            "there is no step `keep_wating`. Did you mean `keep_waiting`",
        ),
        ("unknown: stay", "unknown: book", "step `book`: `callback_number` may not be known here"),
        ("look_up: caller_number", "look_up: place_in_line", "`place_in_line` is not known here"),
        ("tell_place: true", "tell_place: yes", "`yes` is not known here"),
        ("  stay:\n", "  keep_waiting:\n", "`keep_waiting` cannot be the name of a step"),
    ],
)
def test_a_mistake_beside_the_line_is_named(known: Known, right: str, wrong: str, said: str) -> None:
    assert right in LINE
    told = mistakes(known, LINE.replace(right, wrong, 1))
    assert any(said in line for line in told), told
