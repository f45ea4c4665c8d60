"""Telephone numbers in lists."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialer.lists import RowReason
from dialer.rows_numbers import MOST, read_numbers
from domain.phone import callback_number

MOBILE, OTHER, FIXED = "628123456789", "6281399998888", "62215250208"


@pytest.mark.parametrize(
    "text",
    ["08123456789", "8123456789", "628123456789", "+628123456789", "00628123456789", "62 0812 3456 789",
     "+62 (0)812-3456-789", "(0812) 3456789", "0812.3456.789", "HP: 0812-3456-789", "Telp. 08123456789",
     "08123456789 (istri)", "08123456789 ext 12", "0812\u20113456\u2011789", "0812\u20133456 \u2013 789"],
)  # fmt: skip
def test_every_spelling_of_a_mobile_is_the_same_number(text: str) -> None:
    assert read_numbers(text) == ((MOBILE,), None)


@pytest.mark.parametrize(
    "text", ["62215250208", "021-5250208", "(021) 525 0208", "+62 (0)21 525 0208", "021 5250208 pes. 7"]
)
def test_every_spelling_of_a_landline_is_the_same_number(text: str) -> None:
    assert read_numbers(text) == ((FIXED,), None)


@pytest.mark.parametrize(
    "text",
    ["08123456789/081399998888", "08123456789;081399998888", "08123456789, 081399998888",
     "08123456789\n081399998888", "08123456789 081399998888", "08123456789 atau 081399998888",
     "08123456789 | 081399998888 | 08123456789", "08123456789 & 081399998888",
     "110 / 08123456789 / 081399998888"],
)  # fmt: skip
def test_several_numbers_in_one_cell_are_all_read_in_their_order(text: str) -> None:
    assert read_numbers(text) == ((MOBILE, OTHER), None)


@pytest.mark.parametrize(
    "text",
    ["110", "112", "119", "1500123", "0809 123 4567", "0800 1 234567", "0804123456", "+6591234567",
     "01700812345678", "0812345", "081234567890123456", "6.28123E+12", "(021) 5250208-10", "tidak ada", "-",
     "0", "00000000000"],
)  # fmt: skip
def test_what_may_not_be_rung_or_is_no_number_is_dropped(text: str) -> None:
    assert read_numbers(text) == ((), RowReason.NUMBER_INVALID)


@pytest.mark.parametrize(
    "text", ["1500200", "500200", "021500200", "(021) 500200", "0211500200", "+62 21 1500200", "621500200"]
)
def test_our_own_number_is_never_called(text: str) -> None:
    assert read_numbers(text) == ((), RowReason.NUMBER_OURS)
    assert read_numbers(f"{text}; 08123456789") == ((MOBILE,), None)


@pytest.mark.parametrize("text", ["8123456789.0", "08123456789.0", "628123456789.00", "+628123456789.0"])
def test_what_a_program_wrote_as_a_quantity_is_not_somebody_elses_number(text: str) -> None:
    assert read_numbers(text) == ((MOBILE,), None)


@pytest.mark.parametrize("text", ["(021) 5250208\u201310", "021 5250208 \u2014 10"])
def test_a_row_of_lines_is_no_number_whatever_its_dash(text: str) -> None:
    assert read_numbers(text) == ((), RowReason.NUMBER_INVALID)


def test_an_empty_cell_has_no_number() -> None:
    assert read_numbers("") == ((), RowReason.NUMBER_MISSING)


def test_no_more_numbers_are_kept_than_a_contact_may_have() -> None:
    cell = ";".join(f"0812345678{last:02d}" for last in range(20))
    assert len(read_numbers(cell)[0]) == MOST


@given(st.from_regex(r"(\+62|62|0|00)?[ (]?[0-9]{2,4}[) .-]?[0-9]{3,5}[ .-]?[0-9]{2,6}", fullmatch=True))
@example("6220000000.00")
def test_a_number_is_never_read_differently_from_how_callers_numbers_are(text: str) -> None:
    quantity = re.fullmatch(r".*[0-9]{9}(\.00?)", text)  # no caller's number arrives with decimals
    for number in read_numbers(text)[0]:
        assert number == callback_number(text.removesuffix(quantity[1]) if quantity else text)


@given(st.text(max_size=60))
def test_whatever_a_cell_holds_only_numbers_that_may_be_rung_come_out(text: str) -> None:
    numbers, reason = read_numbers(text)
    assert bool(numbers) == (reason is None)
    assert all(callback_number("+" + number) == number for number in numbers)
