"""Templates and scripts say only what the catalogue holds, and it holds each text in both languages."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tests.web.seen_words import english_sentences, raw_words
from web.build import UI
from web.rendering import TEMPLATES
from web.texts import FOLDER, LANGUAGES, Texts, TextsProblem

TEXTS = Texts.load()
_TEMPLATES = sorted(TEMPLATES.rglob("*.html"))
_SCRIPTS = sorted((UI / "src").rglob("*.ts"))
_SAID = re.compile(r"\bsay\(\s*\"([^\"]+)\"")
_PLACES = re.compile(r"\{(\w+)\}")


def _texts_of(tree: nodes.Node) -> set[str]:
    """Return the names that a template gives to t(): whole constants, and both sides of a choice."""
    found: set[str] = set()
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t" and call.args:
            found |= _constants(call.args[0])
    return found


def _constants(node: nodes.Node) -> set[str]:
    if isinstance(node, nodes.Const):
        return {str(node.value)}
    if isinstance(node, nodes.CondExpr):
        return _constants(node.expr1) | (_constants(node.expr2) if node.expr2 else set())
    return set()


def _families_of(tree: nodes.Node) -> set[str]:
    """Return the beginnings of names that a template completes itself: t("card.status_" ~ status)."""
    found: set[str] = set()
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t" and call.args:
            first = call.args[0].nodes[0] if isinstance(call.args[0], nodes.Concat) else None
            if isinstance(first, nodes.Const):
                found.add(str(first.value))
    return found


def _parsed(path: Path) -> nodes.Template:
    return Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_says_only_known_texts(path: Path) -> None:
    tree = _parsed(path)
    assert _texts_of(tree) - TEXTS.names() == set()
    for family in _families_of(tree):
        assert any(name.startswith(family) for name in TEXTS.names()), family


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_holds_no_text_script_or_style_of_its_own(path: Path) -> None:
    tree = _parsed(path)
    written = "\0".join(part.data for part in tree.find_all(nodes.TemplateData))
    assert re.search(r"<script(?![^>]*\ssrc=)", written) is None
    assert re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", written) is None
    assert "://" not in written.replace("http://www.w3.org/", "")


def test_scripts_say_only_known_texts() -> None:
    said = {name for path in _SCRIPTS for name in _SAID.findall(path.read_text(encoding="utf-8"))}
    assert len(said) > 5
    assert said - TEXTS.names() == set()


def test_a_text_has_the_same_places_in_both_languages() -> None:
    def places(language: str, name: str) -> frozenset[str]:
        return frozenset(_PLACES.findall(TEXTS.say(language, name)))

    # What an inner part refuses with may hold a word of programs, which the sentence for staff leaves out.
    assert [name for name in sorted(TEXTS.names()) if places("id", name) - places("en", name)] == []
    rest = [name for name in sorted(TEXTS.names()) if not name.startswith("refusal.")]
    assert [name for name in rest if len({places(language, name) for language in LANGUAGES}) > 1] == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a.b: {id: 'Halo'}", "needs a text for each"),
        ("a.b: {id: 'Halo', en: ''}", "empty"),
        ("a.b: {id: 'Halo', en: no}", "no text"),
        ("a.b: {id: 'Halo', en: 'Hello'}\na.b: {id: 'Hai', en: 'Hi'}", "is there twice"),
        ("a.b: {id: 'Halo'", "bad.yaml"),
        ("Ab: {id: 'Halo', en: 'Hello'}", "is no name"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "bad.yaml").write_text(content)
    with pytest.raises(TextsProblem, match=told):
        Texts.load(tmp_path)


def test_no_text_is_in_two_files() -> None:
    assert FOLDER.is_dir()
    names = [
        line.split(":")[0]
        for path in FOLDER.glob("*.yaml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"[a-z_]+\.[a-z0-9_.]+:", line)
    ]
    assert sorted(names) == sorted(set(names))


def test_every_step_of_a_matter_has_its_name_on_the_trail_as_well() -> None:
    of_the_service = {"opened", "referred", "handed_over", "taken_back", "tried", "put_off", "told"}
    steps = {name.partition(".")[2] for name in TEXTS.names() if name.startswith("matters_event.")}
    assert {f"act.matter_{step}" for step in steps - of_the_service} <= TEXTS.names()


def test_words_of_programs_are_seen_among_those_of_people() -> None:
    page = (
        '<p title="a_title">Keadaan: waiting_long</p><code>in_code</code><p lang="en">in_english</p>'
        '<input aria-label="Isi field_name"><br>quality_lead1<template>not_shown</template>'
    )
    assert raw_words(page) == ["field_name", "waiting_long"]


def test_english_sentences_are_found_among_what_people_see() -> None:
    page = (
        "<p>Simpan</p><p>The call is over</p><p lang='en'>the row is not there</p><code>it is code</code>"
        "<input placeholder='Write the name of it'><p>Kring of 1500200</p><p>ACW and CRM</p>"
    )
    assert english_sentences(page) == ["The call is over", "Write the name of it"]
