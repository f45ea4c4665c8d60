from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import spoken_en, spoken_id
from prompts.errors import BadValue
from prompts.grouping import groups
from prompts.speaking import speak
from prompts.texts import LANGUAGES, PAUSE, load_texts
from prompts.thousands import LARGEST

WORDS = load_texts(Path("prompts")).words


def said(language: str, keys: tuple[str, ...]) -> str:
    return " ".join(", " if key == PAUSE else WORDS[language][key] for key in keys).replace(" ,  ", ", ")


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        (0, "nol", "zero"),
        (10, "sepuluh", "ten"),
        (11, "sebelas", "eleven"),
        (15, "lima belas", "fifteen"),
        (47, "empat puluh tujuh", "forty seven"),
        (100, "seratus", "one hundred"),
        (111, "seratus sebelas", "one hundred eleven"),
        (1_000, "seribu", "one thousand"),
        (1_001, "seribu satu", "one thousand one"),
        (2_026, "dua ribu dua puluh enam", "two thousand twenty six"),
        (21_000, "dua puluh satu ribu", "twenty one thousand"),
        (101_000, "seratus satu ribu", "one hundred one thousand"),
        (1_000_000, "satu juta", "one million"),
        (1_001_000, "satu juta seribu", "one million one thousand"),
        (1_250_000, "satu juta dua ratus lima puluh ribu", "one million two hundred fifty thousand"),
        (10**9, "satu miliar", "one billion"),
        (10**12, "satu triliun", "one trillion"),
        (-40, "minus empat puluh", "minus forty"),
    ],
)
def test_numbers(value: int, indonesian: str, english: str) -> None:
    assert said("id", spoken_id.number(value)) == indonesian
    assert said("en", spoken_en.number(value)) == english


def _parse(words: list[str]) -> int:
    """Read a number back, in either language, as a listener would."""
    ones = {**{WORDS["id"][f"d_{n}"]: n for n in range(10)}, **{WORDS["en"][f"d_{n}"]: n for n in range(10)}}
    ones |= {WORDS["en"][f"n_{n}"]: n for n in (*range(10, 20), *range(20, 100, 10))}
    ones |= {"sepuluh": 10, "sebelas": 11}
    scales = {"ribu": 3, "juta": 6, "miliar": 9, "triliun": 12}
    scales |= {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
    total = part = last = 0
    for word in words:
        if word in ones:
            last = ones[word]
            part += last
        elif word == "belas":
            part += 10
        elif word == "puluh":
            part += 9 * last
        elif word in ("ratus", "hundred"):
            part += 99 * last
        elif word == "seratus":
            part += 100
        elif word == "seribu":
            total += 1000
        else:
            total, part = total + part * 10 ** scales[word], 0
    return total + part


@given(st.integers(0, 10**12) | st.integers(0, LARGEST) | st.integers(0, 3000))
def test_every_number_is_read_back(value: int) -> None:
    assert _parse([WORDS["id"][key] for key in spoken_id.number(value)]) == value
    assert _parse([WORDS["en"][key] for key in spoken_en.number(value)]) == value


@given(st.integers(1, 10**12), st.sampled_from(LANGUAGES))
def test_no_two_numbers_sound_alike(value: int, language: str) -> None:
    assert speak(language, "number", str(value)) != speak(language, "number", str(value - 1))


def test_a_number_beyond_the_words_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be spoken"):
        spoken_id.number(10**15)


@pytest.mark.parametrize(
    ("value", "parts"),
    [("", ()), ("1234", ("1234",)), ("15002", ("150", "02")), ("1500200", ("1500", "200"))],
)
def test_groups(value: str, parts: tuple[str, ...]) -> None:
    assert groups(value) == parts


@given(st.text("0123456789", max_size=40))
def test_groups_lose_nothing_and_are_short(value: str) -> None:
    parts = groups(value)
    assert "".join(parts) == value
    assert all(1 <= len(part) <= 4 for part in parts)


def test_a_tax_number_is_read_in_four_groups() -> None:
    keys = speak("id", "digits", "0012345678901234")
    assert keys.count(PAUSE) == 3
    assert said("id", speak("id", "digits", "0369")) == "nol tiga enam sembilan"


def test_codes_use_the_services_own_alphabet() -> None:
    assert said("id", speak("id", "code", "1B2DF67K")) == "satu Bravo dua Delta, Fanta enam tujuh Kilo"
    assert said("en", speak("en", "code", "lux")) == "London Ultra X-ray"


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=16))
def test_a_spelled_code_is_read_back(code: str) -> None:
    heard = [WORDS["id"][key] for key in speak("id", "code", code) if key != PAUSE]
    digits = {WORDS["id"][f"d_{n}"]: str(n) for n in range(10)}
    assert "".join(digits.get(word, word[0]) for word in heard) == code


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        (
            "2026-03-31",
            "tiga puluh satu Maret dua ribu dua puluh enam",
            "March thirty first twenty twenty six",
        ),
        ("2005-01-01", "satu Januari dua ribu lima", "January first two thousand five"),
        (
            "1999-08-17",
            "tujuh belas Agustus seribu sembilan ratus sembilan puluh sembilan",
            "August seventeenth nineteen ninety nine",
        ),
        ("1900-12-30", "tiga puluh Desember seribu sembilan ratus", "December thirtieth nineteen hundred"),
    ],
)
def test_dates(value: str, indonesian: str, english: str) -> None:
    assert said("id", speak("id", "date", value)) == indonesian
    assert said("en", speak("en", "date", value)) == english


@given(st.dates(), st.times(), st.sampled_from(LANGUAGES))
def test_every_date_and_time_has_recorded_words(day: date, clock: time, language: str) -> None:
    keys = (
        *speak(language, "date", day.isoformat()),
        *speak(language, "month", day.isoformat()[:7]),
        *speak(language, "weekday", day.isoformat()),
        *speak(language, "time", f"{clock:%H:%M}"),
    )
    assert keys
    assert set(keys) <= set(WORDS[language])


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        ("08:00", "delapan", "eight a.m."),
        ("16:00", "enam belas", "four p.m."),
        ("08:05", "delapan nol lima", "eight oh five a.m."),
        ("15:30", "lima belas tiga puluh", "three thirty p.m."),
        ("00:15", "nol lima belas", "twelve fifteen a.m."),
    ],
)
def test_times(value: str, indonesian: str, english: str) -> None:
    assert said("id", speak("id", "time", value)) == indonesian
    assert said("en", speak("en", "time", value)) == english


def test_months() -> None:
    assert said("id", speak("id", "month", "2025-03")) == "Maret dua ribu dua puluh lima"
    assert said("en", speak("en", "month", "2025-12")) == "December twenty twenty five"


@pytest.mark.parametrize("value", ["2025-13", "2025-00", "2025", "2025-3", "2025-03-01", "0325-1"])
def test_what_is_no_month_is_not_spoken(value: str) -> None:
    for language in LANGUAGES:
        with pytest.raises(BadValue, match="give YYYY-MM"):
            speak(language, "month", value)


def test_money() -> None:
    assert said("id", speak("id", "money", "100000")) == "seratus ribu rupiah"
    assert said("en", speak("en", "money", "500000")) == "five hundred thousand rupiah"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("digits", "12a4567890123456"),
        ("digits", "١٢٣٤"),
        ("number", "1.5"),
        ("money", ""),
        ("date", "31-03-2026"),
        ("time", "25:00"),
        ("code", "A-1"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_that_cannot_be_spoken_is_not_repeated(kind: str, value: str, language: str) -> None:
    with pytest.raises(BadValue) as caught:
        speak(language, kind, value)
    assert kind in str(caught.value)
    assert not value or value not in str(caught.value)
