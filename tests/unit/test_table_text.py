"""The YAML of tables: what is wrong with its writing is told with its place, whatever is written."""

import re
import shutil
import tempfile
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import acd.blending
import ivr.hours_tables
from desk.matter_data import TableProblem, read_table
from desk.proof_rules import ProofTableProblem
from desk.table_text import BadText, read_text
from desk.tables import BadTable
from service.config_kinds import FILE_KINDS
from web.config_port import ConfigRefused

NAMED = (
    TableProblem,
    ProofTableProblem,
    BadTable,
    ivr.hours_tables.TableProblem,
    acd.blending.BlendingRefused,
)
ODD = [
    "", "~", "2026-13-45", "2026-02-30", "0x_", "-1", "0", "1e400", ".nan", "9" * 30, "[]", "{}", "[a, b]",
    "{a: b}", "yes", "'", '"', "&a", "*a", "&a [*a]", "!!int x", "!!int ''", "!!bool x", "!!timestamp x",
    "? [a]\n: b", "? {a: 1}\n: b", "\t", "\0", "\x85", "é", "25:61", "<<: 1", "x" * 300, ",", ";", "\r",
    "\n", "- ", ": ", "#", "!!python/object:os.system", "[" * 400,
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: a is there twice. Remedy: remove one."),
        ("a: 2026-01-01\nb: 2026-02-30\n", "line 2: `2026-02-30` is no value. Remedy: correct this place."),
        ("a: 0x_\n", "line 1: `0x_` is no value. Remedy: correct this place."),
        ("a: !!int ''\n", "line 1: `` is no value. Remedy: correct this place."),
        ("? [a, b]\n: 1\n", "line 1: a key must be one word. Remedy: correct this place."),
        ("a: &x [*x]\n", "line 1: this part refers to itself. Remedy: Write it out."),
        ("[" * 5000 + "]" * 5000, "line 0: this is no YAML. Remedy: write fewer levels, one in the other."),
        ("a: \ud800", "line 0: this is no YAML. Remedy: look for unusual characters."),
    ],
)  # fmt: skip
def test_a_mistake_of_writing_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(BadText) as refused:
        read_text(text)
    assert str(refused.value) == told


def test_a_text_without_mistakes_is_what_yaml_reads() -> None:
    text = "a: {since: 2026-02-28, most: 12, rate: 0.5, on: yes}\nb: [x, 'y']\n"
    assert read_text(text) == {
        "a": {"since": date(2026, 2, 28), "most": 12, "rate": 0.5, True: True},
        "b": ["x", "y"],
    }
    assert read_text("a: &x {b: [1]}\nc: *x\nd: [*x, *x]\n")["d"] == [{"b": [1]}, {"b": [1]}]
    assert read_text("# nothing\n") is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a:\n- b: 2026-13-01\n", "t.yaml, line 2: `2026-13-01` is no value. Remedy: correct this place."),
        (b"versions: caf\xe9\n", "t.yaml: the file is not UTF-8. Remedy: save it as UTF-8."),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_is_told_with_its_name(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(content)
    with pytest.raises(TableProblem) as refused:
        read_table(path, dict[str, object])
    assert str(refused.value) == told


@given(st.text(st.sampled_from("ab1:-?&*!'\"[]{},\n \t#|>%@~.0x_é"), max_size=60))
def test_any_text_is_read_as_yaml_reads_it_or_refused(text: str) -> None:
    try:
        found = read_text(text)
    except BadText as refused:
        assert refused.found
        assert all(one.what and one.remedy for one in refused.found)
    else:
        assert repr(found) == repr(yaml.load(text, Loader=yaml.CSafeLoader))


def _spoilt(text: str, data: st.DataObject) -> str:
    """Return a table with a few changes that people or programs make by mistake."""
    for _ in range(data.draw(st.integers(1, 3))):
        lines = text.split("\n")
        at = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["value", "value", "odd", "double", "drop", "move"]))
        values = list(re.finditer(r"(?<=[:,\[] )[^,\]\n]+|(?<=,)[^,\n]*", text))
        if change == "value" and values:
            found = data.draw(st.sampled_from(values))
            text = text[: found.start()] + data.draw(st.sampled_from(ODD)) + text[found.end() :]
        elif change == "double":
            text = "\n".join([*lines[:at], lines[at], *lines[at:]])
        elif change == "drop":
            text = "\n".join(lines[:at] + lines[at + 1 :])
        elif change == "move":
            text = "\n".join([*lines[:at], *lines[at + 1 :], lines[at]])
        else:
            place = data.draw(st.integers(0, len(text)))
            text = text[:place] + data.draw(st.sampled_from(ODD)) + text[place + 1 :]
    return text


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.sampled_from(sorted(FILE_KINDS)), st.data())
def test_a_spoilt_table_is_taken_or_refused_by_its_reader_and_nothing_else(
    name: str, data: st.DataObject
) -> None:
    kind = FILE_KINDS[name]
    text = _spoilt(kind.shipped(), data)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for path in kind.path.parent.glob(f"*{kind.path.suffix}"):
            shutil.copyfile(path, folder / path.name)
        (folder / kind.path.name).write_text(text, encoding="utf-8", newline="")
        try:
            kind.read(folder)
            taken = True
        except NAMED as refused:
            taken = False
            assert str(refused)
    try:
        kind.check(text, {})
        assert taken or kind.form == "yaml"
    except ConfigRefused as refused:
        assert not taken
        assert all(one.what and one.remedy for one in refused.mistakes)
