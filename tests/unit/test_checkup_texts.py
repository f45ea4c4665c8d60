"""Whatever a check finds has its words in both languages, with a value for each place in them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service import checkup, findings
from web.checkup_port import Finding, Severity
from web.checkup_texts import tell
from web.texts import LANGUAGES, Texts

TEXTS = Texts.load()
_MAKERS = ("good", "note", "warning", "wrong")
_PLACES = re.compile(r"\{(\w+)\}")
_FOLDERS_AND_PORTS = {"home", "cache", "web_port", "sip_port", "wss_port", "ari_port", "ami_port"}


@dataclass(frozen=True)
class Made:
    """A finding as a check's source makes it."""

    where: str
    maker: str
    about: str  # empty: a variable
    code: str
    values: frozenset[str]


def _made_in(path: Path) -> Iterator[Made]:
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            chosen = list(_choices(function))
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                    yield from _of_call(f"{path.name}:{call.lineno}", call, call.func.id, chosen)


def _of_call(where: str, call: ast.Call, called: str, chosen: list[tuple[str, str]]) -> Iterator[Made]:
    if called not in (*_MAKERS, "make"):
        return
    about, code = (arg.value if isinstance(arg, ast.Constant) else "" for arg in call.args[:2])
    values = frozenset(str(keyword.arg) for keyword in call.keywords)
    pairs = [("warning" if called == "make" else called, str(code))] if code else chosen
    for maker, one in pairs:
        yield Made(where, maker, str(about), one, values)


def _choices(function: ast.AST) -> Iterator[tuple[str, str]]:
    """Return pairs such as (wrong, "folder_full"), of which a function chooses one for `make`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2:
            maker, code = node.elts
            if isinstance(maker, ast.Name) and maker.id in _MAKERS and isinstance(code, ast.Constant):
                yield maker.id, str(code.value)


MADE = [one for path in sorted(Path(checkup.__file__).parent.glob("checkup*.py")) for one in _made_in(path)]


def test_every_finding_has_words_and_a_value_for_each_place_in_them() -> None:
    assert len(MADE) > 100
    for one in MADE:
        assert f"finding.{one.code}" in TEXTS, one
        remedy = f"finding_remedy.{one.code}"
        assert (remedy in TEXTS) or one.maker in ("good", "note"), one
        assert not (remedy in TEXTS and one.maker == "good"), one
        said = [TEXTS.say(language, f"finding.{one.code}") for language in LANGUAGES]
        if remedy in TEXTS:
            said += [TEXTS.say(language, remedy) for language in LANGUAGES]
        places = {place for text in said for place in _PLACES.findall(text)}
        assert places <= one.values, one


def test_every_part_has_a_title_and_no_words_are_left_over() -> None:
    abouts = {one.about for one in MADE if one.about} | _FOLDERS_AND_PORTS
    titles = {name for name in TEXTS.names() if name.startswith("finding_about.")}
    assert titles == {f"finding_about.{about}" for about in abouts}
    codes = {one.code for one in MADE}
    known = {
        name.partition(".")[2] for name in TEXTS.names() if name.startswith(("finding.", "finding_remedy."))
    }
    assert known == codes


def test_numbers_and_lists_are_written_as_the_language_does() -> None:
    room = findings.good("home", "folder", folder=Path("/x"), free=2.25)
    assert tell(room, "id").found == "/x: 2,2 GB kosong"
    assert tell(room, "en").found == "/x: 2.2 GB free"
    queues = findings.wrong("queues", "queues_unserved", names=tuple("abcdef"))
    assert tell(queues, "id").found == "Tidak ada yang dapat melayani a, b, c, d, e, dan 1 lainnya"


def test_a_finding_without_a_value_is_not_told_half() -> None:
    with pytest.raises(KeyError):
        tell(Finding("home", "folder", Severity.GOOD, {"folder": "/x"}), "id")
