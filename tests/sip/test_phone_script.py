"""The grammar of `kring call --press`, and what of it is shown."""

import pytest

from service.phone.script import BadScript, Press, Wait, read_script, shown_keys

WORDS = {"npwp": "1101990101500001"}


def test_keys_runs_waits_and_words() -> None:
    assert read_script("1 w 1 <npwp> # 1 w5 w2.5 *0", WORDS) == [
        Press("1"),
        Wait(),
        Press("1"),
        Press(WORDS["npwp"], personal=True),
        Press("#"),
        Press("1"),
        Wait(5.0),
        Wait(2.5),
        Press("*0"),
    ]


def test_blanks_only_separate() -> None:
    assert read_script("1w<npwp>#", WORDS) == read_script(" 1  w <npwp>  # ", WORDS)


def test_an_empty_script_does_nothing() -> None:
    assert read_script("") == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("1 x", "character 3: 'x' is no key"), ("<nik>", "<nik> is not known; known: <npwp>"), ("w 1 <", "'<'")],
)
def test_what_cannot_be_read_is_named(text: str, complaint: str) -> None:
    with pytest.raises(BadScript, match=complaint):
        read_script(text, WORDS)


@pytest.mark.parametrize(
    ("keys", "shown"), [("1", "1"), ("1234", "1234"), ("12345", "…2345"), ("*987654#1", "*…7654#1")]
)
def test_runs_of_five_or_more_digits_are_masked(keys: str, shown: str) -> None:
    assert shown_keys(keys) == shown
    assert Press(keys).shown() == shown


def test_a_word_is_masked_whatever_it_stands_for() -> None:
    assert Press("123456789", personal=True).shown() == "…6789"
    assert "1101" not in Press(WORDS["npwp"], personal=True).shown()
