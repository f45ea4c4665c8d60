"""What a caller says compared with what the register holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.answers import AnswerUnreadable, normal, readable_npwp, same
from domain.directory import ProofItem as Item
from domain.npwp import check_digit
from tests.laws import asks

ADDRESS = "Jalan Contoh Melati No. 12, RT 001/RW 002, Kelurahan Fiktif 0001, Kota Contoh"


@pytest.mark.parametrize(
    ("item", "held", "answer"),
    [
        (Item.NAME, "Contoh Wajib Pajak 0001", "  contoh wajib   PAJAK 0001 "),
        (Item.NAME, "Muhammad Soekarno", "Bapak moh. sukarno"),
        (Item.NAME, "Siti Nur Haliza", "siti nurhaliza"),
        (Item.NAME, "PT Contoh Fiktif 0011", "Contoh Fiktif 0011, P.T."),
        (Item.NAME, "Andrée Tjahjadi", "andre cahjadi"),
        (Item.BIRTH_DATE, "1990-12-31", "31 Desember 1990"),
        (Item.BIRTH_DATE, "1990-12-31", "31/12/1990"),
        (Item.BIRTH_DATE, "1990-02-01", "1-2-1990"),
        (Item.BIRTH_DATE, "1990-12-31", "31121990"),
        (Item.BIRTH_DATE, "1990-12-31", "1990-12-31"),
        (Item.EFIN, "9990000001", "999 000 0001"),
        (Item.AUTHORISATION_CODE, "CONTOH000123", "contoh-000123"),
        (Item.EMAIL, "wajib.pajak@contoh.invalid", " Wajib.Pajak@CONTOH.invalid"),
        (Item.PHONE, "6281100000001", "0811-0000-0001"),
        (Item.PHONE, "6281100000001", "+62 811 0000 0001"),
        (Item.ADDRESS, ADDRESS, "jl. contoh melati 12 rt 1 rw 2"),
        (Item.ADDRESS, ADDRESS, "JALAN CONTOH MELATI NOMOR 12"),
    ],
)
def test_the_same_in_another_spelling_matches(item: Item, held: str, answer: str) -> None:
    assert same(item, held, answer)


@pytest.mark.parametrize(
    ("item", "held", "answer"),
    [
        (Item.NAME, "Contoh Wajib Pajak 0011", "Contoh Wajib Pajak 0001"),
        (Item.NAME, "Contoh Wajib Pajak 0001", "Contoh"),
        (Item.BIRTH_DATE, "1990-12-11", "12-11-1990"),
        (Item.EFIN, "9990000001", "9990000002"),
        (Item.PHONE, "6281100000001", "0811-0000-0002"),
        (Item.EMAIL, "wajib.pajak@contoh.invalid", "wajibpajak@contoh.invalid"),
        (Item.ADDRESS, ADDRESS, "melati 12"),
        (Item.ADDRESS, ADDRESS, "jl contoh melati 13"),
        (Item.ADDRESS, ADDRESS, "jl contoh melati 12 kota lain"),
        (Item.ADDRESS, ADDRESS, "12 contoh melati"),
        (Item.ADDRESS, "", "jl contoh melati 12"),
        (Item.EFIN, "out of form", "9990000002"),
    ],
)
def test_what_differs_does_not_match(item: Item, held: str, answer: str) -> None:
    assert not same(item, held, answer)


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        (Item.BIRTH_DATE, "31-02-1990"),
        (Item.BIRTH_DATE, "lupa"),
        (Item.EFIN, "12345"),
        (Item.EFIN, "٩٩٩٠٠٠٠٠٠١"),
        (Item.EMAIL, "tidak tahu"),
        (Item.PHONE, "12"),
        (Item.NAME, "Bapak"),
        (Item.NAME, "x" * 500),
    ],
)
def test_an_answer_that_cannot_be_one_is_told_and_not_repeated(item: Item, answer: str) -> None:
    with pytest.raises(AnswerUnreadable) as caught:
        normal(item, answer)
    assert answer not in str(caught.value)


def test_an_npwp_is_read_in_its_usual_spelling() -> None:
    right = check_digit("02000001")
    assert readable_npwp(f"02.000.001-{right} 999.000") == f"02000001{right}999000"
    wrong = (int(right) + 1) % 10
    with pytest.raises(AnswerUnreadable):
        readable_npwp(f"02.000.001-{wrong} 999.000")


@settings(max_examples=asks(300), deadline=None)
@given(item=st.sampled_from(list(Item)), answer=st.text(max_size=60))
def test_whatever_is_typed_is_compared_or_told_unreadable(item: Item, answer: str) -> None:
    try:
        once = normal(item, answer)
    except AnswerUnreadable:
        with pytest.raises(AnswerUnreadable):
            same(item, "1990-01-01", answer)
        return
    assert once
    assert same(item, "9990000001", answer) in (True, False)
