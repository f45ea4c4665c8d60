"""What of a personal number may be shown."""

from hypothesis import given
from hypothesis import strategies as st

from domain.masking import mask


def test_the_last_four_are_shown() -> None:
    assert mask("3171011501900001") == "…0001"


def test_of_a_short_number_nothing_is_shown() -> None:
    assert mask("1234567") == "…"
    assert mask("") == "…"


@given(st.text("0123456789", max_size=30))
def test_never_more_than_half_is_shown(number: str) -> None:
    shown = mask(number).removeprefix("…")
    assert number.endswith(shown)
    assert len(shown) <= 4
    assert len(shown) * 2 <= len(number)
