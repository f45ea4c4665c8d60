"""What a menu says and what its keys do must be the same."""

import re
from pathlib import Path

import pytest

from call_flows.book import SHIPPED, load_folder
from call_flows.known import Known
from call_flows.verbs.menu import Menu
from prompts.library import Library
from prompts.texts import load_texts

WORDS = {
    "id": ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "bintang"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "star"],
}
PRESS = {"id": re.compile(r"tekan (\w+)"), "en": re.compile(r"press (\w+)")}
UNSPOKEN = {"0", "9"}  # where the menu is very short they work without being told

TEXTS = load_texts(Path("prompts")).prompts
BOOK = load_folder(SHIPPED, Known.of(Library.load(Path("prompts"))))
MENUS = [step for step in BOOK.steps.values() if isinstance(step, Menu)]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("menu", MENUS, ids=lambda menu: menu.name)
def test_every_key_is_told_and_every_told_key_works(menu: Menu, language: str) -> None:
    told: list[str] = []
    for part in menu.prompts:
        # A prompt bound to one language is heard in that language by everybody.
        spoken_in = part.language or language
        words = WORDS[spoken_in]
        for name in part.names:
            found = PRESS[spoken_in].findall(TEXTS[name].texts[spoken_in])
            told.extend("0123456789*"[words.index(word)] for word in found)
    assert len(told) == len(set(told)), "a key is told twice"
    assert set(told) <= menu.keys.keys()
    assert menu.keys.keys() - set(told) <= UNSPOKEN


def test_the_main_menus_tell_the_branches_in_order() -> None:
    for name in ("main_menu_with_npwp", "main_menu_without_npwp"):
        for language, words in WORDS.items():
            found = PRESS[language].findall(TEXTS[name].texts[language])
            assert found == words[1:8]


def test_no_menu_takes_longer_to_say_than_a_caller_can_bear() -> None:
    # At the 2.3 words a second of a clear voice: half a minute at most.
    for menu in MENUS:
        for language in WORDS:
            words = sum(len(TEXTS[n].texts[language].split()) for part in menu.prompts for n in part.names)
            assert words <= 75, (menu.name, language, words)
