"""The rules of taxpayer numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.npwp import NpwpFault, NpwpKind, check_digit, check_npwp, keyed_npwp

OLD = "01" + "234567" + check_digit("01234567") + "013" + "000"  # made up
WOMAN = "3171" + "01" + "550190" + "0001"
MAN = "3171" + "01" + "150190" + "0001"

digits = st.text("0123456789", min_size=0, max_size=24)
eight = st.text("0123456789", min_size=8, max_size=8).filter(lambda text: int(text) > 0)
six = st.text("0123456789", min_size=6, max_size=6)


def test_the_check_digit_is_luhn_over_the_first_nine() -> None:
    assert check_digit("01234567") == "4"  # by hand: 5+6+1+4+6+2+2+0 = 26, so 4 is missing to 30
    assert check_npwp(OLD).valid


def test_an_old_number_is_asked_for_in_both_ways() -> None:
    check = check_npwp(OLD)
    assert check.kind is NpwpKind.OLD
    assert check.candidates == ("0" + OLD, OLD)


def test_sixteen_digits_with_a_zero_are_the_old_number() -> None:
    check = check_npwp("0" + OLD)
    assert (check.kind, check.valid, check.candidates) == (NpwpKind.PREFIXED, True, ("0" + OLD,))


@pytest.mark.parametrize("nik", [MAN, WOMAN, "317101" + "290200" + "0001", "961201" + "710199" + "0009"])
def test_a_nik_with_a_date_and_a_region_is_accepted(nik: str) -> None:
    check = check_npwp(nik)
    assert (check.kind, check.fault, check.candidates) == (NpwpKind.NIK, None, (nik,))


@pytest.mark.parametrize(
    ("nik", "fault"),
    [
        ("317101" + "320190" + "0001", NpwpFault.BIRTH_DATE),
        ("317101" + "400190" + "0001", NpwpFault.BIRTH_DATE),
        ("317101" + "720190" + "0001", NpwpFault.BIRTH_DATE),
        ("317101" + "151390" + "0001", NpwpFault.BIRTH_DATE),
        ("317101" + "290201" + "0001", NpwpFault.BIRTH_DATE),
        ("317101" + "000190" + "0001", NpwpFault.BIRTH_DATE),
        ("207101" + "150190" + "0001", NpwpFault.REGION),
        ("310001" + "150190" + "0001", NpwpFault.REGION),
        ("317100" + "150190" + "0001", NpwpFault.REGION),
        ("317101" + "150190" + "0000", NpwpFault.SERIAL),
    ],
)
def test_a_nik_that_cannot_exist_is_refused(nik: str, fault: NpwpFault) -> None:
    assert check_npwp(nik).fault is fault
    assert keyed_npwp(nik) is None


def test_a_place_of_business_leads_to_its_taxpayer() -> None:
    check = check_npwp("0" + OLD + "000001")
    assert (check.kind, check.valid, check.candidates) == (NpwpKind.NITKU, True, ("0" + OLD,))
    assert keyed_npwp(MAN + "000000") == MAN


@pytest.mark.parametrize("number", ["", "12345678901234", "1" * 17, "١" * 15, "0123456789O1234", " " * 15])
def test_other_lengths_and_other_characters_are_refused(number: str) -> None:
    assert not check_npwp(number).valid


def test_zeros_are_nobodys_number() -> None:
    assert check_npwp("0" * 15).fault is NpwpFault.SERIAL
    assert check_npwp("0" * 16).fault is NpwpFault.SERIAL


@given(eight, six, st.integers(1, 9))
def test_one_wrong_check_digit_is_always_noticed(first: str, rest: str, off: int) -> None:
    right = check_digit(first)
    wrong = str((int(right) + off) % 10)
    assert check_npwp(first + right + rest).valid
    assert check_npwp(first + wrong + rest).fault is NpwpFault.CHECK_DIGIT
    assert check_npwp("0" + first + right + rest).candidates == ("0" + first + right + rest,)


@given(digits)
def test_a_number_is_valid_exactly_when_there_is_something_to_ask_for(number: str) -> None:
    check = check_npwp(number)
    assert check.valid == bool(check.candidates)
    assert all(len(candidate) in (15, 16) for candidate in check.candidates)
    assert keyed_npwp(number) == (number[:16] if check.valid else None)
