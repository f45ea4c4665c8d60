"""What readers of tables say of mistakes is said in Indonesian; what is not is listed here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.config_kinds import FILE_KINDS, check_yaml
from web.config_port import ConfigRefused
from web.sentences import Sentences
from web.texts import Texts

HOUSE = Path(__file__).parents[2]
TOLD = Sentences(Texts.load(), "mistake.")
_SAYS = {
    "Problem", "FlowProblem", "RowProblem", "Mistake", "Miswriting", "TableProblem", "ProofTableProblem",
    "PolicyProblem", "BlendingRefused", "ValueError", "_Unreadable", "_Wrong", "problem", "wrong",
}  # fmt: skip
_READERS = (
    "acd/checking.py", "acd/tables_csv.py", "acd/floor_rules.py", "acd/blending.py", "desk/matter_data.py",
    "desk/table_text.py",
    "desk/tables.py", "desk/branches.py", "desk/cases.py", "desk/complaints.py", "desk/promises.py",
    "desk/matters_callbacks_table.py", "desk/matters_work.py", "desk/proof_rules.py", "desk/requests.py",
    "desk/tax_dates.py", "dialer/kinds.py", "dialer/retry.py", "dialer/dispositions.py", "dialer/outcomes.py",
    "dialer/desk_rules.py", "dialer/rows_tables.py", "ivr/hours_tables.py", "recording/retention.py",
    "recording/policies.py", "recording/listening_rules.py", "recording/persons_table.py",
    "recording/quality/sampling_rules.py", "recording/quality/appeals_table.py",
    "recording/quality/coaching.py", "recording/quality/forms_book.py", "recording/quality/forms_check.py",
    "reporting/schedule_rules.py",
    "reporting/offline_rules.py", "reporting/planning/table.py", "reporting/reports_monthly.py",
    "call_flows/reading.py", "service/config_days.py", "service/config_kinds.py",
)  # fmt: skip

_ENGLISH = {"a", "an", "the", "or", "is", "are", "of", "that", "it", "what", "later", "not", "and", "must"}
_QUOTED = re.compile("`[^`]*`")
_WORDS = re.compile(r"[a-z]{2}.* ")  # a word alone is a name
_LEFT = {
    # Put together out of other sentences, or a field's name
    "7: 7, row 7: 7", "7: 7: 7: share 7. 7", "blending.csv, row 7, 7: `7` 7.", "all_of, some_of",
    # Of the flows of calls, which have no page
    "this is not a flow", "A flow begins with `flow: name`", "Write `pound:`",
}  # fmt: skip


def _written(node: ast.expr) -> str:
    """Return a text as a reader would say it, a digit for each value in it; empty: no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""


def _told(node: ast.AST) -> list[ast.expr]:
    """Return what is told: a call's last two words, or what is kept as `what` and `remedy`."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return node.args[-2:] if called in _SAYS else []
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        names, value = ast.unparse(node.targets[0]), node.value
        if names == "(what, remedy)" and isinstance(value, ast.Tuple):
            return value.elts
        return [value] if names in ("what", "remedy") else []
    return []


def _sentences(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for text in filter(None, map(_written, _told(node))):
            told, _, remedy = text.partition(" Remedy: ")
            place = f"{path.name}:{getattr(node, 'lineno', 0)}"
            yield from ((place, one) for one in (told, remedy) if _WORDS.search(one))


def test_what_readers_say_is_said_in_indonesian() -> None:
    said = [one for name in _READERS for one in _sentences(HOUSE / name)]
    assert len(said) > 150
    unknown = {one for _, one in said if not TOLD.say("id", one).known} - _LEFT
    assert not unknown, unknown
    indonesian = {one: _QUOTED.sub("", TOLD.say("id", one).text) for _, one in said if one not in _LEFT}
    half = {one: text for one, text in indonesian.items() if _ENGLISH & set(text.split())}
    assert not half


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("desk/spelling.py", "NoCode"),
        ("desk/script.py", "BadTick"),
        ("service/desk_phones.py", "NoDeskPhone"),
    ],
)
def test_what_inner_parts_say_when_they_refuse_is_said_in_indonesian(name: str, refusal: str) -> None:
    calls = [
        one for one in ast.walk(ast.parse((HOUSE / name).read_text("utf-8"))) if isinstance(one, ast.Call)
    ]
    said = [_written(one.args[0]) for one in calls if getattr(one.func, "id", "") == refusal]
    assert said
    refusals = Sentences(Texts.load(), "refusal.")
    assert not [one for one in said if not refusals.say("id", one).known]


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("no such skill", "keahlian ini tidak ada"),
        ("one of efin, kup", "salah satu dari efin, kup"),
        ("is there twice, first in entry 3", "ada dua kali, pertama pada isian ke-3"),
        ("Expected `int`, got `str`", "seharusnya `int`, bukan `str`"),
        ("2025-01-01: days: at least 1.", "2025-01-01: days: sedikitnya 1"),
        ("hours: {x} is no date", "hours: {x} bukan tanggal"),
    ],
)
def test_a_sentence_is_known_with_its_values_and_its_place(sentence: str, said: str) -> None:
    assert TOLD.say("id", sentence).text == said
    assert TOLD.say("en", sentence).text == sentence


def test_a_sentence_that_is_not_known_stays_as_it_is() -> None:
    said = TOLD.say("id", "the moon is not full: wait")
    assert (said.text, said.known) == ("the moon is not full: wait", False)


@pytest.mark.parametrize(
    ("spoilt", "line"),
    [("a: [1", 2), ("a: 1\na: 2\n", 2), ("a: b: c\n", 1), ('a: "x\n', 2), ("a: 1\n b: 2\n", 2)],
)
def test_mistakes_of_writing_have_a_line_and_words(spoilt: str, line: int) -> None:
    with pytest.raises(ConfigRefused) as refused:
        check_yaml(spoilt)
    [mistake] = refused.value.mistakes
    assert TOLD.say("id", mistake.what).known, mistake.what
    assert abs(mistake.line - line) <= 1


def test_a_value_of_another_kind_is_told_with_its_field_and_line() -> None:
    kind = FILE_KINDS["dialer_caps"]
    shipped = kind.shipped()
    spoilt = shipped.replace("ask_again: ", "ask_again: x", 1)
    assert spoilt != shipped
    with pytest.raises(ConfigRefused) as refused:
        kind.check(spoilt, {})
    [mistake] = refused.value.mistakes
    assert "ask_again" in mistake.field and mistake.line > 0
    assert spoilt.splitlines()[mistake.line - 1].lstrip().startswith("ask_again")
    assert TOLD.say("id", mistake.what).known and kind.path.name not in mistake.what


def test_a_cell_of_a_table_of_floors_is_told_with_row_column_and_value() -> None:
    kind = FILE_KINDS["acd_blending"]
    rows = kind.shipped().splitlines()
    name, _, *others = rows[1].split(",")
    with pytest.raises(ConfigRefused) as refused:
        kind.check("\n".join([rows[0], ",".join([name, "-4", *others]), *rows[2:], ""]), {})
    [mistake] = refused.value.mistakes
    assert (mistake.line, mistake.value) == (2, "-4")
    assert mistake.field == rows[0].split(",")[1]
    assert TOLD.say("id", mistake.what).text == "bukan angka 0 atau lebih"
