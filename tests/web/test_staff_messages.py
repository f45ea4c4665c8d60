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


def _calls(name: str) -> Iterator[ast.Call]:
    for path in sorted(ACD.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def _argument(call: ast.Call, position: int) -> ast.expr:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "word"]
    return named[0] if named else call.args[position]


def words_of(name: str, position: int) -> set[str]:
    """Return the words given to a class; a word that is computed has its possible texts beside it."""
    found = set()
    for call in _calls(name):
        texts = [node for node in ast.walk(_argument(call, position)) if isinstance(node, ast.Constant)]
        found |= {node.value for node in texts if isinstance(node.value, str) and WORD.fullmatch(node.value)}
    return found


def test_every_refusal_has_its_text() -> None:
    raised = words_of("Refused", 0)
    assert "bad_target" in raised
    assert raised - staff_messages().words(REFUSED) == set()


def test_everything_that_is_told_has_its_text() -> None:
    assert words_of("Tell", 1) - staff_messages().words(TOLD) == set()


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
