"""A result in words of both languages, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from desk.tables import LANGUAGES, Fields
from recording.quality.forms import Form, Item, Texts
from recording.quality.scores import Answer, Given, Line, Result
from recording.quality.scoring import PART_MISSED, REASONS

_FILE = Path(__file__).parent / "data" / "reasons.yaml"

Reasons = Mapping[str, Texts]
"""The words of `recording.quality.scoring.REASONS`."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A line of a result in words."""

    criterion: Texts
    item: Texts
    most: Decimal
    points: Decimal
    why: Texts
    missed: Sequence[Texts]  # the parts that voided the item
    line: Line


def load_reasons(path: Path = _FILE) -> Reasons:
    """Read the words of the reasons. Raises desk.tables.BadTable."""
    file = Fields.load(path)
    file.only(*REASONS)
    found = {reason: file.part(reason).both() for reason in REASONS}
    file.done()
    return found


def explained(
    form: Form, result: Result, reasons: Reasons, answers: Mapping[str, Given | Answer]
) -> Sequence[Explained]:
    """Return every line in words, in the form's order."""
    items = {item.code: item for item in form.items}
    return [
        Explained(
            form.criterion(line.criterion).text,
            items[line.item].text,
            line.most,
            line.points,
            form.effect(line.effect).text if line.effect else reasons[line.reason],
            _missed(items[line.item], answers) if line.reason == PART_MISSED else (),
            line,
        )
        for line in result.lines
    ]


def sentence(one: Explained, language: str) -> str:
    """Return a line as a sentence: where, what, points of most, why."""
    if language not in LANGUAGES:
        raise KeyError(language)
    missed = "; ".join(text[language] for text in one.missed)
    why = one.why[language] + (f" ({missed})" if missed else "")
    return f"{one.criterion[language]}, {one.item[language]}: {one.points}/{one.most}. {why}"


def _missed(item: Item, answers: Mapping[str, Given | Answer]) -> Sequence[Texts]:
    return [part.text for part in item.parts if _answer(answers.get(part.code)) is Answer.NO]


def _answer(given: Given | Answer | None) -> Answer | None:
    return given.answer if isinstance(given, Given) else given
