"""Every word that staff can be told has its text, in Indonesian and English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.messages import DECLARED, OBSERVED, REFUSED, TOLD, BadMessages, read_messages, staff_messages
from acd.states import DECLARED as DECLARED_STATES
from acd.states import OBSERVED as OBSERVED_STATES
from prompts.errors import BadCatalogue

ACD = Path(__file__).parents[2] / "acd"
WORD = re.compile(r"[a-z][a-z0-9_]*")


TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ACD.glob("*.py"))]


def _constants() -> dict[str, str]:
    """Return the texts that acd/ gives a name to."""
    assigned = (node for tree in TREES for node in tree.body if isinstance(node, ast.Assign))
    return {
        target.id: node.value.value
        for node in assigned
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _given(name: str, position: int) -> Iterator[ast.expr]:
    """Return what acd/ gives as the word: to `name(…)`, or to a method `….name(…)` with two arguments."""
    for node in (node for tree in TREES for node in ast.walk(tree)):
        if not isinstance(node, ast.Call):
            continue
        plain = isinstance(node.func, ast.Name) and node.func.id == name
        method = isinstance(node.func, ast.Attribute) and node.func.attr == name and len(node.args) == 2
        if plain or method:
            named = [keyword.value for keyword in node.keywords if keyword.arg == "word"]
            yield named[0] if named else node.args[position]


def words_of(name: str, position: int) -> set[str]:
    """Return the words given; of a word that is computed, every text in it."""
    constants, found = _constants(), set()
    for argument in _given(name, position):
        for node in ast.walk(argument):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(node, ast.Name):
                text = constants.get(node.id)
            if isinstance(text, str) and WORD.fullmatch(text):
                found.add(text)
    return found


def test_every_refusal_has_its_text() -> None:
    raised = words_of("Refused", 0)
    assert "bad_target" in raised
    assert raised - staff_messages().words(REFUSED) == set()


def test_everything_that_is_told_has_its_text() -> None:
    told = words_of("Tell", 1) | words_of("tell", 1)
    assert "missed_ring" in told
    assert told - staff_messages().words(TOLD) == set()


def test_every_state_has_its_text() -> None:
    messages = staff_messages()
    assert messages.words(DECLARED) == set(DECLARED_STATES.states)
    assert messages.words(OBSERVED) == set(OBSERVED_STATES.states)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('refused.late: {id: "Terlambat"}', "refused.late: needs a text in id and one in en"),
        ('late: {id: "a", en: "b"}', "late: write SECTION.WORD"),
        ('moods.late: {id: "a", en: "b"}', "moods.late: write SECTION.WORD"),
    ],
)
def test_a_broken_entry_is_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "messages.yaml"
    file.write_text(content)
    with pytest.raises(BadMessages, match=re.escape(said)):
        read_messages(file)


def test_a_word_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "messages.yaml"
    file.write_text('told.a: {id: "x", en: "y"}\ntold.a: {id: "x", en: "y"}\n')
    with pytest.raises(BadCatalogue, match="written twice"):
        read_messages(file)
