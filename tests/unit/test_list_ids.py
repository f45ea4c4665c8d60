"""Numbers of taxpayers in lists: what a spreadsheet has touched is refused in every spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.lists import RowReason
from dialer.rows_cells import Cell, as_text
from dialer.rows_ids import IdSigns, marked, read_npwp
from domain.npwp import check_digit

NO_PERSONS = frozenset("0123")
NIK = "3171995506990123"  # made up: district 99 does not exist
COMPANY = "02" + "345678" + check_digit("02345678") + "999" + "000"
PERSON = "09" + "345678" + check_digit("09345678") + "999" + "000"

DAMAGED: list[Cell] = [
    3171995506990123,  # a numeric cell, whatever it holds
    3171995506990120,
    3171995506990120.0,
    3.17199550699012e15,
    int(COMPANY),
    12345,
    "3.17199550699012E+15",
    "3,17199550699012E+15",
    "3.17E+15",
    "3.17E15",
    "3.17e+15",
    "3E+15",
    "3.171995506990123e+15",
    "3.17199 E+15",
    "317199550699E4",
    "3.17199D+15",
    "3.17199×10^15",
    "3.17199 x 10^15",
    "3.17199*10**15",
    "+3.17199E+15",
    "3171995506990123.0",
    "3171995506990123.00",
    "3171995506990123,00",
    "3171995506990123.",
    "3.171.995.506.990.120",
    "3,171,995,506,990,120",
    "3 171 995 506 990 120",
    "3'171'995'506'990'120",
    "3,171,995,506,990,120.00",
    "3171995506990000",
    "3171995506991000",
    "3171990000000000",
    "########",
    "#N/A",
    "#VALUE!",
    COMPANY[1:],  # a zero in front is lost
    COMPANY[2:],
    "317199550699012?",  # as refused rows are written back
]


@pytest.mark.parametrize("cell", DAMAGED, ids=repr)
def test_what_a_spreadsheet_has_touched_is_refused(cell: Cell) -> None:
    assert read_npwp(cell, rounded=False, no_persons=NO_PERSONS) == ("", RowReason.NPWP_DAMAGED)


@pytest.mark.parametrize("cell", [cell for cell in DAMAGED if not isinstance(cell, int)], ids=repr)
def test_a_damaged_number_is_refused_again_when_its_row_comes_back(cell: Cell) -> None:
    _, reason = read_npwp(marked(as_text(cell)), rounded=False, no_persons=NO_PERSONS)
    assert reason is RowReason.NPWP_DAMAGED


@pytest.mark.parametrize(
    "text",
    [NIK, f" {NIK} ", f"'{NIK}", f'="{NIK}"', "3171 9955 0699 0123", "3171-9955-0699-0123",
     "3171\u20139955\u20130699\u20130123", f"{NIK}000000",
     "".join(chr(ord("０") + int(digit)) for digit in NIK), f"\ufeff{NIK}\u200b"],
)  # fmt: skip
def test_a_text_with_the_whole_number_is_read_in_every_spelling(text: str) -> None:
    assert read_npwp(text, rounded=True, no_persons=NO_PERSONS) == (NIK, None)


@pytest.mark.parametrize(
    "text", [COMPANY, f"{COMPANY[:2]}.{COMPANY[2:5]}.{COMPANY[5:8]}.{COMPANY[8]}-999.000"]
)
def test_fifteen_digits_of_a_company_get_a_zero_in_front(text: str) -> None:
    assert read_npwp(text, rounded=True, no_persons=NO_PERSONS) == ("0" + COMPANY, None)
    assert read_npwp("0" + COMPANY, rounded=True, no_persons=NO_PERSONS) == ("0" + COMPANY, None)


def test_fifteen_digits_of_a_person_cannot_be_made_sixteen() -> None:
    assert read_npwp(PERSON, rounded=False, no_persons=NO_PERSONS)[1] is RowReason.NPWP_OLD_PERSON


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", RowReason.NPWP_MISSING),
        ("  ", RowReason.NPWP_MISSING),
        ("tidak ada", RowReason.NPWP_INVALID),
        ("3171995506990", RowReason.NPWP_DAMAGED),  # 13 digits: two zeros of 15 may be lost
        ("317199550699", RowReason.NPWP_INVALID),
        ("3171993213990123", RowReason.NPWP_INVALID),  # no such birth date
        ("-3171995506990123", RowReason.NPWP_INVALID),
        (COMPANY[:8] + str(9 - int(COMPANY[8])) + COMPANY[9:], RowReason.NPWP_INVALID),
    ],
)
def test_what_cannot_be_a_number_is_refused(text: str, reason: RowReason) -> None:
    assert read_npwp(text, rounded=False, no_persons=NO_PERSONS) == ("", reason)


ENDS_IN_ZERO = "3171995506990120"


def signs(*cells: Cell, from_cells: bool = False) -> IdSigns:
    found = IdSigns(from_cells)
    for cell in cells:
        found.look_at(cell)
    return found


def test_one_number_that_ends_in_zero_among_whole_ones_is_right() -> None:
    assert not signs(*[NIK] * 20, ENDS_IN_ZERO).rounded
    assert read_npwp(ENDS_IN_ZERO, rounded=False, no_persons=NO_PERSONS) == (ENDS_IN_ZERO, None)


@pytest.mark.parametrize("damage", [cell for cell in DAMAGED[6:28] if isinstance(cell, str)])
def test_any_sign_of_a_spreadsheet_makes_every_number_that_ends_in_zero_doubtful(damage: str) -> None:
    assert signs(*[NIK] * 1000, ENDS_IN_ZERO, damage).rounded
    assert read_npwp(ENDS_IN_ZERO, rounded=True, no_persons=NO_PERSONS) == ("", RowReason.NPWP_DAMAGED)
    assert read_npwp(ENDS_IN_ZERO + "000000", rounded=True, no_persons=NO_PERSONS)[1] is not None


def test_a_column_of_which_all_end_in_zero_went_through_a_spreadsheet() -> None:
    assert signs(ENDS_IN_ZERO).rounded
    assert signs(*[ENDS_IN_ZERO] * 5, from_cells=True).rounded
    assert not signs(ENDS_IN_ZERO, from_cells=True).rounded  # a text cell keeps all digits


def test_far_more_zeros_than_usual_are_a_sign() -> None:
    assert not signs(*[NIK] * 900, *[ENDS_IN_ZERO] * 100).rounded
    assert signs(*[NIK] * 700, *[ENDS_IN_ZERO] * 300).rounded


def test_numbers_of_companies_say_nothing_about_rounding() -> None:
    assert not signs("0" + COMPANY, COMPANY).rounded
    assert signs("0" + COMPANY, COMPANY).whole == 0


@given(st.integers(10**15, 10**16 - 1))
def test_no_number_that_was_a_double_is_ever_taken(number: int) -> None:
    """Whatever the spelling, and whatever digits are left."""
    kept = f"{float(number):.14E}"
    for spelling in (
        kept,
        kept.replace(".", ","),
        f"{number}.0",
        f"{number:,}",
        f"{number:,}".replace(",", "."),
    ):
        digits, reason = read_npwp(spelling, rounded=False, no_persons=NO_PERSONS)
        assert (digits, reason) == ("", RowReason.NPWP_DAMAGED), spelling
    rounded = str(number // 10 * 10)
    assert read_npwp(rounded, rounded=True, no_persons=NO_PERSONS)[0] == ""
    assert read_npwp(number, rounded=False, no_persons=NO_PERSONS)[0] == ""
