"""Codes that callers read aloud."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.matter_codes import LENGTH, LETTERS, CodeProblem, new_code, read_code, shown_code
from desk.spelling import load_spelling
from tests.laws import asks

BODIES = st.lists(st.integers(0, len(LETTERS) - 1), min_size=LENGTH - 1, max_size=LENGTH - 1)


def code_of(body: list[int]) -> str:
    drawn = iter(body)
    return new_code(lambda _: next(drawn))


@settings(max_examples=asks(150), deadline=None)
@given(BODIES)
def test_a_code_is_read_however_it_is_written(body: list[int]) -> None:
    code = code_of(body)
    assert read_code(f"  {shown_code(code).lower()} ") == code


@settings(max_examples=asks(60), deadline=None)
@given(BODIES, st.integers(0, LENGTH - 1))
def test_every_wrong_letter_is_found(body: list[int], place: int) -> None:
    code = code_of(body)
    for letter in set(LETTERS) - {code[place]}:
        with pytest.raises(CodeProblem) as problem:
            read_code(code[:place] + letter + code[place + 1 :])
        assert problem.value.word == "check"


@settings(max_examples=asks(100), deadline=None)
@given(BODIES, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_every_exchange_of_two_letters_is_found(body: list[int], one: int, other: int) -> None:
    letters = list(code_of(body))
    if letters[one] == letters[other]:
        return
    letters[one], letters[other] = letters[other], letters[one]
    with pytest.raises(CodeProblem):
        read_code("".join(letters))


@pytest.mark.parametrize(("text", "word"), [("BCD", "length"), ("AAAABBBB", "letter"), ("", "length")])
def test_what_is_no_code_says_why(text: str, word: str) -> None:
    with pytest.raises(CodeProblem) as problem:
        read_code(text)
    assert problem.value.word == word


def test_a_code_has_no_letter_that_can_be_taken_for_another_sign_or_makes_a_word() -> None:
    assert not set(LETTERS) & set("AEIOUQY0123456789")
    assert len({new_code() for _ in range(500)}) == 500


def test_a_code_can_be_spelled_and_heard_in_the_services_alphabet() -> None:
    spelling, code = load_spelling(), new_code()
    words = [spoken.word for group in spelling.spell(code) for spoken in group]
    assert spelling.heard(" ".join(words), code).code == code
    assert len(words) == LENGTH
