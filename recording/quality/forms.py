"""A scoring form as data: criteria with weights, items with shares, facts, cross effects, the rule for N/A.

Source: domain.md, section 7. What the handbook leaves open is marked `assumed` in the form itself. A form has
versions, each in force from a day on; a score keeps the version that it was given under.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from recording.quality.scores import Answer, Kind

FORMS = ("inbound", "outbound", "complaint")
"""The kinds of call that are scored, each under a form of its own."""

Texts = Mapping[str, str]
"""A text in each of `desk.tables.LANGUAGES`."""

Hints = Mapping[str, Mapping[str, str]]
"""What the record of a call suggests: fact of the record → its value → answer (`forms_suggest`)."""


class NaWay(StrEnum):
    """What becomes of the points of something that could not occur in a call."""

    SHARE_OUT = "share_out"  # they go to its neighbours, in proportion to what those weigh
    FULL_MARKS = "full_marks"  # they are given


@dataclass(frozen=True, slots=True)
class NaRule:
    """The form's rule for N/A."""

    item: NaWay  # an item that is N/A, beside others of its criterion that are not
    criterion: NaWay  # a criterion whose every item is N/A
    text: Texts
    assumed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that are all needed for an item: one missed voids the item."""

    code: str
    text: Texts
    na: bool  # whether N/A is an answer
    suggest: Hints


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is answered yes, no or N/A: itself, or by its parts."""

    code: str
    text: Texts
    share: Decimal  # percent of the criterion's weight; those of a criterion are 100 together
    na: bool  # whether N/A is an answer; of one with parts: whether every part may be N/A
    parts: tuple[Part, ...]
    suggest: Hints


@dataclass(frozen=True, slots=True)
class Criterion:
    """A part of the form with its weight in points; the weights of a form are 100 together."""

    code: str
    text: Texts
    weight: Decimal
    items: tuple[Item, ...]
    assumed: bool  # the shares of its items are nobody's publication


@dataclass(frozen=True, slots=True)
class Fact:
    """What a form asks beside the items: one of a few values, which only effects look at."""

    code: str
    text: Texts
    values: Mapping[str, Texts]
    default: str  # counts where nothing is given; empty: it must be given
    kinds: frozenset[Kind]  # for which kinds of score it is asked; else the default counts
    suggest: Hints


@dataclass(frozen=True, slots=True)
class Effect:
    """A cross effect. It applies when all of `when` holds; what it decides is decided whatever was answered.

    `when`: item, part or fact → the values with which it holds. `zero` and `full`: criteria and items that
    get no points, or all. Where effects decide the same, zero wins over full: so their order is nothing.
    """

    code: str
    text: Texts
    when: Mapping[str, tuple[str, ...]]
    zero: tuple[str, ...]
    full: tuple[str, ...]
    assumed: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a reviewer answers: an item without parts, or a part."""

    code: str
    criterion: str
    item: str
    text: Texts
    na: bool
    suggest: Hints

    @property
    def choices(self) -> tuple[Answer, ...]:
        """What can be answered."""
        return tuple(Answer) if self.na else (Answer.YES, Answer.NO)


@dataclass(frozen=True, slots=True)
class Form:
    """One version of a form."""

    name: str  # one of FORMS
    version: int  # 1, 2, …; 0: not kept yet
    valid_from: date  # of the calls: the office's day on which they began
    title: Texts
    source: str
    na: NaRule
    criteria: tuple[Criterion, ...]
    facts: tuple[Fact, ...]
    effects: tuple[Effect, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item, in the form's order."""
        return tuple(item for criterion in self.criteria for item in criterion.items)

    @property
    def questions(self) -> tuple[Question, ...]:
        """Everything that is to be answered, in the form's order; facts apart."""
        return tuple(
            Question(one.code, criterion.code, item.code, one.text, one.na, one.suggest)
            for criterion in self.criteria
            for item in criterion.items
            for one in item.parts or (item,)
        )

    def facts_for(self, kind: Kind) -> tuple[Fact, ...]:
        """Return the facts that are asked for a kind of score."""
        return tuple(fact for fact in self.facts if kind in fact.kinds)

    @property
    def hints(self) -> Mapping[str, Hints]:
        """What the record of a call suggests, by question and fact."""
        found = {question.code: question.suggest for question in self.questions}
        return found | {fact.code: fact.suggest for fact in self.facts}

    def criterion(self, code: str) -> Criterion:
        """Return one. Raises KeyError."""
        for criterion in self.criteria:
            if criterion.code == code:
                return criterion
        raise KeyError(code)

    def effect(self, code: str) -> Effect:
        """Return one. Raises KeyError."""
        for effect in self.effects:
            if effect.code == code:
                return effect
        raise KeyError(code)


def in_force(versions: Iterable[Form], day: date) -> Form:
    """Return the version for calls of a day: the last one valid by then; before all, the first.

    Raises ValueError: there is no version.
    """
    ordered = sorted(versions, key=lambda form: (form.valid_from, form.version))
    if not ordered:
        raise ValueError("there is no version of this form")
    past = [form for form in ordered if form.valid_from <= day]
    return past[-1] if past else ordered[0]


class FormsUnavailable(Exception):
    """Forms cannot be read or written at the moment; nothing was changed."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A version as it is kept, with who brought it."""

    form: Form
    text: str  # the YAML, as it was imported
    by: str  # staff_id, "cli:<user>", or "system" for the shipped one
    why: str
    at: datetime


class QualityForms(Protocol):
    """Keeps every version of every form; none is ever changed. Methods raise FormsUnavailable."""

    async def get(self, name: str, version: int) -> Form:
        """Return one. Raises KeyError."""
        ...

    async def for_day(self, name: str, day: date) -> Form:
        """Return the version for calls of a day. Raises KeyError: no such form."""
        ...

    async def versions(self, name: str = "") -> Sequence[KeptForm]:
        """Return every version of a form, or of all, newest first."""
        ...

    async def check(self, file: str, text: str, at: datetime) -> Form:
        """Return what `keep` would keep, with its version. Raises desk.tables.BadTable."""
        ...

    async def keep(self, file: str, text: str, at: datetime, by: str, why: str) -> Form:
        """Keep a new version. Raises desk.tables.BadTable with every mistake; then nothing was kept.

        It is in force from `valid_from` on, which is the office's day of `at` or later. Until then it can be
        tried out (Kind.TRIAL). Scores keep the version that they were given under.
        """
        ...
