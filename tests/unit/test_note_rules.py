"""What a note needs, what is suggested for it, and its words; the spelling alphabet."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from acd.tables_csv import DATA
from call_flows.book import SHIPPED, read_folder
from call_flows.reading import Table, read
from desk import branches as module
from desk.branches import Branches, Suggestion, load_branches
from desk.notes import Fault, NoteContent, faults
from desk.notes_words import MOST, words_of
from desk.spelling import Heard, NoCode, Spelling, load_spelling
from desk.tables import BadTable

TODAY = date(2025, 6, 3)
GOOD = NoteContent("kup", "payment", "resolved", "id", "", "Kapan batas setor?", "Tanggal 15")


@pytest.fixture(scope="module")
def catalogue() -> Branches:
    return load_branches()


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return load_spelling()


def test_branches_and_categories_are_the_guides(catalogue: Branches) -> None:
    counts = {key: len(branch.categories) for key, branch in catalogue.branches.items()}
    assert counts == {"efin_token": 3, "taxpayer_data": 4, "kup": 14, "pph": 22, "ppn": 22, "complaint": 3}
    assert catalogue.name("id", "pph", "final_article_4_2") == "Final Pasal 4 Ayat (2)"
    assert catalogue.name("en", "kup") == "General provisions (KUP)"
    assert catalogue.name("id", "gone", "older") == "older"


def test_every_queue_has_a_suggestion(catalogue: Branches) -> None:
    with (DATA / "requirements.csv").open(encoding="utf-8") as file:
        assert catalogue.queues == {row["queue"] for row in csv.DictReader(file)}


def test_every_menu_of_a_suggestion_is_in_the_flows(catalogue: Branches) -> None:
    menus = set()
    for name, text in read_folder(SHIPPED).items():
        steps = read(name, text).entries["steps"]
        assert isinstance(steps, Table)
        for step, entry in steps.entries.items():
            if isinstance(entry, Table) and "menu" in entry.entries:
                menus.add(f"{Path(name).stem}.{step}")
    assert catalogue.menus <= menus


@pytest.mark.parametrize(
    ("queue", "chosen", "found"),
    [
        ("token", [], Suggestion("efin_token", "token_request")),
        ("npwp_reactivation", ["branches.kup"], Suggestion("taxpayer_data", "reactivation")),
        ("pph_application", [], Suggestion("pph", "application")),
        ("general", ["without_npwp.main_menu", "branches.ppn"], Suggestion("ppn")),
        ("general", ["branches.kup", "with_npwp.data", "with_npwp.main_menu"], Suggestion("taxpayer_data")),
        ("general", [], Suggestion()),
        ("", ["kring_pajak.language"], Suggestion()),
        ("new_queue", ["branches.pph"], Suggestion("pph")),
    ],
)
def test_the_menu_suggests_branch_and_category(
    catalogue: Branches, queue: str, chosen: list[str], found: Suggestion
) -> None:
    assert catalogue.suggest(queue, chosen) == found


def test_results_have_digits_of_their_own(catalogue: Branches) -> None:
    digits = [result.digit for result in catalogue.results.values()]
    assert sorted(digits) == sorted(set(digits))
    assert set(digits) <= set("123456789")


def test_a_mistake_in_the_catalogue_is_told_with_its_line(tmp_path: Path) -> None:
    for name in ("branches.yaml", "results.yaml"):
        (tmp_path / name).write_text((module.DATA / name).read_text("utf-8"), "utf-8")
    text = (tmp_path / "branches.yaml").read_text("utf-8")
    text = text.replace("category: token_request}", "category: token_requst}")
    (tmp_path / "branches.yaml").write_text(text, "utf-8")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "token_requst" in one)
    with pytest.raises(BadTable, match=rf"branches\.yaml:{line}: .*Did you mean `token_request`"):
        load_branches(tmp_path)
    (tmp_path / "branches.yaml").write_text((module.DATA / "branches.yaml").read_text("utf-8"), "utf-8")
    results = (tmp_path / "results.yaml").read_text("utf-8").replace("digit: 2", "digit: 1")
    (tmp_path / "results.yaml").write_text(results, "utf-8")
    with pytest.raises(BadTable, match="chooses another result already"):
        load_branches(tmp_path)


def test_a_note_is_complete_or_its_faults_are_named(catalogue: Branches) -> None:
    assert faults(GOOD, catalogue, TODAY) == []
    assert faults(replace(GOOD, result="no_speech", question=""), catalogue, TODAY) == []
    for change, fault in [
        ({"branch": ""}, Fault("branch", "missing")),
        ({"branch": "tax"}, Fault("branch", "unknown")),
        ({"category": ""}, Fault("category", "missing")),
        ({"category": "token_request"}, Fault("category", "unknown")),
        ({"result": ""}, Fault("result", "missing")),
        ({"question": " \n"}, Fault("question", "missing")),
        ({"answer": "x" * 8001}, Fault("answer", "too_long")),
        ({"language": "jv"}, Fault("language", "unknown")),
    ]:
        assert faults(replace(GOOD, **change), catalogue, TODAY) == [fault]


def test_a_category_that_has_ended_takes_no_new_note(catalogue: Branches) -> None:
    branch = catalogue.branches["kup"]
    ended = replace(branch.categories["payment"], until=date(2025, 6, 2))
    old = replace(branch, categories={**branch.categories, "payment": ended})
    later = Branches({**catalogue.branches, "kup": old}, catalogue.results, {}, {})
    assert faults(GOOD, later, date(2025, 6, 2)) == []
    assert faults(GOOD, later, TODAY) == [Fault("category", "unknown")]


def test_words_are_small_plain_and_in_one_piece() -> None:
    assert words_of("Lupa EFIN, Ibu Kénanga!", "12.345.678.9-012.000") == {
        "lupa", "efin", "kenanga", "123456789012000",
    }  # fmt: skip
    assert words_of("dan yang di a 1") == frozenset()
    assert len(words_of(" ".join(f"kata{n}" for n in range(2 * MOST)))) == MOST


def test_the_services_own_alphabet(spelling: Spelling) -> None:
    groups = spelling.spell("1b2d f67k-42nq.LN7D")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert [one.word for one in groups[1]] == ["Fanta", "enam", "tujuh", "Kilo"]
    assert [one.word for one in groups[3]] == ["London", "November", "tujuh", "Delta"]
    assert [one.word for one in spelling.spell("U0X", "en")[0]] == ["Ultra", "zero", "X-ray"]


def test_every_character_comes_back_from_its_word(spelling: Spelling) -> None:
    code = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for language in ("id", "en"):
        words = " ".join(one.word for group in spelling.spell(code, language) for one in group)
        assert spelling.heard(words, code) == Heard(code, ())


@pytest.mark.parametrize(
    ("words", "code", "heard"),
    [
        ("satu Bravo dua Delta", "1B2D", Heard("1B2D", ())),
        ("alfa-uniform x ray kosong", "AUX0", Heard("AUX0", ())),
        ("lima", "5", Heard("5", ())),
        ("b 2 d", "B2E", Heard("B2D", (3,))),
        ("satu dua", "123", Heard("12", (3,))),
        ("satu dua tiga", "12", Heard("123", (3,))),
    ],
)
def test_what_was_heard_is_compared_by_place(spelling: Spelling, words: str, code: str, heard: Heard) -> None:
    assert spelling.heard(words, code) == heard


@pytest.mark.parametrize("code", ["", " - ", "AB!C", "É1", "A" * 65])
def test_what_is_no_code_is_refused_without_repeating_it(spelling: Spelling, code: str) -> None:
    with pytest.raises(NoCode) as raised:
        spelling.spell(code)
    assert "É" not in str(raised.value)
    assert "AB!C" not in str(raised.value)


def test_a_word_that_means_nothing_is_told_by_its_place(spelling: Spelling) -> None:
    with pytest.raises(NoCode, match=r"Word 2 .*Did you hear fanta\?"):
        spelling.heard("satu fantas")
    with pytest.raises(NoCode, match="Nothing was heard"):
        spelling.heard(" , ")
