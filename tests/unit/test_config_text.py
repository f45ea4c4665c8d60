"""Texts of tables: what is assumed, values with their places, comparing, taking a change back out."""

import pytest

from service.config_kinds import FILE_KINDS
from service.config_merge import Overlaps, counted, differences, taken_back
from web.config_port import Form
from web.config_text import (
    assumed_lines,
    cells_of,
    fields_of,
    for_spreadsheets,
    from_spreadsheets,
    line_of,
    row_count,
    scalars,
)

YAML = """# Jam – ±
versions:
  - since: 2019-01-01
    assumed: true
    opens: "08:00"   # dibuka
    names: {id: "Libur – ±", en: Holiday}
    caps: [1, 2]
"""


def test_each_value_is_found_where_it_stands() -> None:
    for one in scalars(YAML):
        written = YAML[one.begins : one.ends]
        assert written.strip("\"'") == one.value
        assert written.startswith('"') is one.quoted
        assert YAML.splitlines()[one.line - 1].count(one.value) >= 1
    assert [one.path for one in scalars(YAML)][:3] == [
        ("versions", "2019-01-01", "since"),
        ("versions", "2019-01-01", "assumed"),
        ("versions", "2019-01-01", "opens"),
    ]


@pytest.mark.parametrize("kind", sorted(kind.name for kind in FILE_KINDS.values() if kind.form is Form.YAML))
def test_values_of_every_shipped_table_are_found_where_they_stand(kind: str) -> None:
    text = FILE_KINDS[kind].shipped()
    found = scalars(text)
    assert found
    for one in found:
        assert text[one.begins : one.ends].strip("\"'").replace('\\"', '"') == one.value
    assert sum(len(part.values) for part in fields_of(text)) == len(found)


def test_assumed_places_are_counted_in_both_ways_of_writing() -> None:
    assert list(assumed_lines(Form.YAML, YAML)) == [4]
    assert list(assumed_lines(Form.CSV, "rule,assumed\na,yes\nb,\nc,yes\n")) == [2, 4]
    assert list(assumed_lines(Form.YAML, "a: [")) == []


def test_a_place_named_by_a_check_has_its_line() -> None:
    assert line_of(YAML, "versions[0].caps[1]") == 7
    assert line_of(YAML, "versions[0].names") == 6
    assert line_of(YAML, "nowhere") == 0


def test_rows_and_cells() -> None:
    assert row_count(Form.CSV, "a,b\n1,2\n\n3,4\n") == 2
    assert row_count(Form.YAML, YAML) == 6
    assert cells_of('a,b\n"x, y",2\n') == [["a", "b"], ["x, y", "2"]]


def test_only_what_differs_is_shown_with_a_little_around() -> None:
    before = "".join(f"{n}\n" for n in range(1, 31))
    after = before.replace("10\n", "zehn\n").replace("25\n", "")
    found = differences(before, after)
    assert counted(found) == (1, 2)
    assert [(one.sign, one.text) for one in found if one.sign in "+-" and one.sign] == [
        ("-", "10"),
        ("+", "zehn"),
        ("-", "25"),
    ]
    assert [one.sign for one in found].count("") == 1
    assert len(found) == 12  # two lines around each of both, and one that says what is left out


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("a\nB\nc\nd\n", "a\nb\nc\nd\n"),  # nothing else changed
        ("a\nB\nc\nd\ne\n", "a\nb\nc\nd\ne\n"),  # something was added at the end
        ("a\nB\nc\n", "a\nb\nc\n"),  # something was removed
        ("x\na\nB\nc\nd\n", "x\na\nb\nc\nd\n"),
    ],
)
def test_a_change_is_taken_back_and_later_ones_stay(now: str, left: str) -> None:
    assert taken_back("a\nb\nc\nd\n", "a\nB\nc\nd\n", now, rows=False) == left


def test_lines_that_were_changed_again_are_left_to_people() -> None:
    with pytest.raises(Overlaps):
        taken_back("a\nb\n", "a\nB\n", "a\nBB\n", rows=False)
    with pytest.raises(Overlaps):  # which of two insertions comes first is not for us to say
        taken_back("a\nb\nc\n", "a\nc\n", "a\nx\nc\n", rows=False)
    assert taken_back("a\nb\nc\n", "a\nc\n", "a\nx\nc\n", rows=True) in ("a\nx\nb\nc\n", "a\nb\nx\nc\n")


def test_a_file_for_spreadsheets_holds_no_formula_and_comes_back_as_it_was() -> None:
    text = 'day,about\n2099-12-24,"=1+1, -5"\n2099-12-25,\'n kata\n'
    given = for_spreadsheets(text)
    assert given == "day,about\n2099-12-24,\"'=1+1, -5\"\n2099-12-25,'n kata\n"
    assert from_spreadsheets(given) == text
