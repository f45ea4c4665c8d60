from pathlib import Path

import pytest

from prompts.recognise import Hearing
from prompts.report import report
from prompts.texts import load_texts, read_yaml
from prompts.wer import errors, normalise, rate

FOLDER = Path("prompts")
WORDS = load_texts(FOLDER).words
SPELLINGS = read_yaml(FOLDER / "heard.yaml")


@pytest.mark.parametrize(
    ("language", "heard", "words"),
    [
        ("id", "Untuk PPN, tekan 5.", "untuk ppn tekan lima"),
        ("id", "pukul 08.00 sampai 16.00", "pukul nol delapan sampai enam belas"),
        ("id", "Rp 1.250", "rp seribu dua ratus lima puluh"),
        ("id", "Masukkan N-P-W-P Anda!", "masukkan npwp anda"),
        ("en", "15 or 16 digits", "fifteen or sixteen digits"),
    ],
)
def test_both_sides_are_brought_to_the_same_words(language: str, heard: str, words: str) -> None:
    assert normalise(heard, language, WORDS[language], SPELLINGS[language]) == words.split()


@pytest.mark.parametrize(
    ("said", "heard", "count"),
    [("a b c", "a b c", 0), ("a b c", "a x c", 1), ("a b c", "a c", 1), ("a", "x a y", 2), ("a b", "", 2)],
)
def test_word_errors(said: str, heard: str, count: int) -> None:
    assert errors(said.split(), heard.split()) == count
    assert rate(said.split(), heard.split()) == count / len(said.split())


def test_a_misheard_word_is_no_spelling() -> None:
    """What is brought together must be the same sounds: no entry may mend a wrong word."""
    catalogue = {
        word
        for prompt in load_texts(FOLDER).prompts.values()
        for text in prompt.texts.values()
        for word in text.lower().split()
    }
    for language in SPELLINGS:
        for variant in SPELLINGS[language]:
            assert variant not in catalogue, f"{variant} is a word that prompts say"


def test_the_report_tells_a_missed_bound() -> None:
    def hearing(name: str, wer: float, *, menu: bool) -> Hearing:
        return Hearing(name, "id", "tekan satu", "tekan", wer, wer, menu)

    bad = report(
        [hearing("a", 0.1, menu=True), hearing("b", 0.3, menu=True), hearing("c", 0.5, menu=True)], "f00"
    )
    assert "It is MISSED: 30.0%" in bad
    good = report([hearing("a", 0.1, menu=True), hearing("b", 0.9, menu=False)], "f00")
    assert "It holds: 10.0%" in good
    assert "Audio: f00" in good
    assert good.index("| 90% |") < good.index("| 10% |")
