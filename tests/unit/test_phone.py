"""Telephone numbers at the edge."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.phone import callback_number, caller_number, dialled_number


@pytest.mark.parametrize(
    "dialled",
    [
        "1500200",
        "500200",
        "021500200",
        "0211500200",
        "+621500200",
        "621500200",
        "(62)1500200",
        "00621500200",
        "+62500200",
        "+6221500200",
        "6221500200",
        "+62 21 500-200",
        "+62 (0)21 500200",
        "01500200",
        "(021) 500200",
    ],
)
def test_every_spelling_of_the_service_leads_in(dialled: str) -> None:
    assert dialled_number(dialled) == "1500200"


@pytest.mark.parametrize(
    ("dialled", "digits"), [("1500201", "1500201"), ("+6221111", "6221111"), ("112", "112")]
)
def test_other_numbers_keep_their_digits(dialled: str, digits: str) -> None:
    assert dialled_number(dialled) == digits


@pytest.mark.parametrize(
    "dialled", ["", "kring", "1500200;x=y", "1500200\r\nVia: x", "sip:1500200", "+", "1" * 41]
)
def test_what_is_no_number_was_not_dialled(dialled: str) -> None:
    assert dialled_number(dialled) is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("08110000123", "628110000123"),
        ("8110000123", "628110000123"),
        ("628110000123", "628110000123"),
        ("+628110000123", "628110000123"),
        ("00628110000123", "628110000123"),
        ("62215250208", "62215250208"),  # a Jakarta number, not a second country code
        ("+62 (0)21 5250208", "62215250208"),
        ("+620215250208", "62215250208"),
        ("(021) 525-0208", "62215250208"),
        ("+6591234567", "6591234567"),
        ("006591234567", "6591234567"),
    ],
)
def test_a_callers_number_becomes_e164(text: str, digits: str) -> None:
    assert caller_number(text) == digits


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "anonymous",
        "5250208",  # of which town?
        "6591234567",  # of which country?
        "0811",
        "+62",
        "+0811000012",
        "0811000012\r\nX: y",
        "0811000012\n",
        "0811000012&x",
        "<b>0811000012</b>",
        "=cmd|'/C calc'!A0",
        "٠٨١١٠٠٠٠١٢",
        "0811000012/0812000012",
        "081100/0012",
        "+1234567890123456",
    ],
)
def test_a_text_that_is_not_clearly_one_number_is_dropped(text: str | None) -> None:
    assert caller_number(text) is None


@given(st.text(max_size=50))
@example("0811000012\n")
def test_nothing_but_digits_comes_out(text: str) -> None:
    for number in (caller_number(text), dialled_number(text)):
        assert number is None or (number.isascii() and number.isdigit() and len(number) <= 15)


@given(st.text("0123456789+", max_size=18))
def test_a_normalised_number_stays_as_it_is(text: str) -> None:
    once = caller_number(text)
    if once is not None:
        assert caller_number("+" + once) == once


@pytest.mark.parametrize(
    ("keyed", "number"),
    [
        ("081100001234", "6281100001234"),
        ("0215250208", "62215250208"),
        ("62215250208", "62215250208"),
        ("81100001234", "6281100001234"),
    ],
)
def test_numbers_of_subscribers_may_be_called_back(keyed: str, number: str) -> None:
    assert callback_number(keyed) == number


@pytest.mark.parametrize(
    "keyed",
    [
        "5250208",  # without an area code it could be anywhere
        "00442079460000",  # abroad
        "08091234567",  # premium
        "08001234567",  # freephone
        "01788812345678",  # another carrier's access code
        "0211500200",  # this service itself
        "110",
        "",
    ],
)
def test_numbers_that_could_cost_or_loop_are_not_called_back(keyed: str) -> None:
    assert callback_number(keyed) is None
