"""What somebody sees of a page: its words without what is marked as code, English or not shown."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

_RAW = re.compile(
    r"\b[a-z]+(?:_[a-z]+)+\b"
)  # as enumerations and fields are written; user names end in a digit
# Two of them in one piece of text are a sentence; one may be a name or a word of the trade.
_ENGLISH = {
    "the", "is", "are", "of", "and", "not", "with", "was", "has", "have", "cannot", "must", "this", "that",
    "which", "from", "by", "for", "be", "it", "when", "there", "only",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z']+")
_UNSEEN = frozenset({"script", "style", "template", "textarea", "code", "pre"})
_ALONE = frozenset(
    {"br", "hr", "img", "input", "link", "meta", "path", "circle", "rect", "line", "col", "wbr"}
)
_SAID = ("aria-label", "placeholder", "alt")


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.words += [said for name in _SAID if (said := given.get(name))]
        if tag not in _ALONE:
            self._inside.append((tag, tag in _UNSEEN or given.get("lang") == "en"))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(unseen for _, unseen in self._inside):
            self.words.append(data)


def raw_words(page: str) -> Sequence[str]:
    """Return the words of a page that are written as programs write them, such as `waiting_for_taxpayer`."""
    seen = _Seen()
    seen.feed(page)
    return sorted({found for said in seen.words for found in _RAW.findall(said)})


def english_sentences(page: str) -> Sequence[str]:
    """Return what an Indonesian page says in English where that is not marked as English."""
    seen = _Seen()
    seen.feed(page)
    return sorted({" ".join(said.split()) for said in seen.words if _is_english(said)})


def _is_english(said: str) -> bool:
    return len(_ENGLISH & {word.lower() for word in _WORD.findall(said)}) > 1
