"""Forms in templates send what is in them: htmx hands `hx-vals` down whatever `hx-disinherit` says."""

import re
from html.parser import HTMLParser

from web.rendering import TEMPLATES

_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_VOID = {"input", "br", "hr", "img", "link", "meta", "source", "col", "wbr", "area"}


class _Forms(HTMLParser):
    """Collects forms that stand in something with values of its own, and do not leave them out."""

    def __init__(self) -> None:
        super().__init__()
        self.around: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if "hx-post" in named and "hx-vals" not in named and any(valued for _, valued in self.around):
            self.found.append(f"{tag} hx-post={named['hx-post']}")
        if tag not in _VOID:
            self.around.append((tag, "hx-vals" in named and named["hx-vals"] != "unset"))

    def handle_endtag(self, tag: str) -> None:
        places = [at for at, (name, _) in enumerate(self.around) if name == tag]
        if places:
            del self.around[places[-1] :]


def _sending_more(text: str) -> list[str]:
    forms = _Forms()
    forms.feed(_JINJA.sub("x", text))
    return forms.found


def test_what_is_around_a_form_adds_nothing_to_it() -> None:
    around = """<div hx-post="/a" hx-vals='{"on": true}' hx-disinherit="*"><form hx-post="/b"></form></div>"""
    assert _sending_more(around) == ["form hx-post=/b"]
    assert _sending_more(around.replace('"/b"', '"/b" hx-vals="unset"')) == []
    found = {
        str(path.relative_to(TEMPLATES)): more
        for path in sorted(TEMPLATES.rglob("*.html"))
        if (more := _sending_more(path.read_text(encoding="utf-8")))
    }
    assert found == {}
