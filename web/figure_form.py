"""The form of figures: as it was answered, or as it was sent when something in it is wrong. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from reporting.asking import Dimension
from web.error_fields import field_errors
from web.figure_models import NONE, FigureWanted
from web.figure_options import Offered, Options
from web.figure_words import FigureWords
from web.texts import Texts

_LISTS = ("by", *(one.value for one in Dimension))  # fields that may be sent more than once
_DAYS = ("since", "until")
_CHOSEN = ("interval", "by", "figure", "compare", "shown")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = 64  # letters of what was sent that are shown again
_BESIDE = {"figures_page.other_team": Dimension.TEAM, "figures_page.no_such_agent": Dimension.AGENT}


def read_wanted(sent: QueryParams) -> FigureWanted:
    """Return the question of an address. Raises RequestValidationError naming every field that is wrong."""
    given = {name: _sent(sent, name) for name in FigureWanted.model_fields if name in sent}
    try:
        return FigureWanted.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def _sent(sent: QueryParams, name: str) -> Any:
    return sent.getlist(name) if name in _LISTS else sent[name]


@dataclass(frozen=True, slots=True)
class FigureForm:
    """What each field shows, offers, and what is wrong with it."""

    filled: Mapping[str, Sequence[str]]
    offered: Offered
    words: FigureWords
    errors: Mapping[str, str]  # field → in the reader's language; the second group is by.1
    problem: str = ""  # what is wrong with no field of the form

    def value(self, name: str, place: int = 0) -> str:
        """Return what stands in a field."""
        values = self.filled.get(name, ())
        return _shown(values[place]) if place < len(values) else ""

    def kind(self, name: str) -> str:
        """Return the type of a field for a day: a browser shows nothing in one for days that has none."""
        value = self.value(name)
        return "date" if not value or _DAY.fullmatch(value) else "text"

    def error(self, name: str) -> str:
        """Return what is wrong with a field; empty: nothing."""
        return self.errors.get(name, "")

    def options(self, name: str, offered: Options, place: int = 0) -> Options:
        """Return what a field offers, and what stands in it if that is something else."""
        value = self.value(name, place)
        if not value or any(value == one for one, _ in offered):
            return offered
        return [*offered, (value, self._called(name, value))]

    @property
    def narrowed(self) -> bool:
        """Whether anything stands in the fields that narrow, or is wrong with them."""
        return any(self.value(one) or one in self.errors for one in self.offered.narrowed)

    def _called(self, name: str, value: str) -> str:
        if name not in tuple(Dimension):
            return value
        if value == NONE:
            return self.words.group(Dimension(name), "")
        if name == Dimension.AGENT:
            found = self.words.people.by_id(value)
            return value if found is None else found.name
        return self.words.group(Dimension(name), value)


def refused_form(
    sent: QueryParams, offered: Offered, words: FigureWords, texts: Texts, refusal: Exception
) -> FigureForm:
    """Return the form as it was sent, with what is wrong beside its field.

    `refusal`: RequestValidationError, or an HTTPException whose detail is the name of a text.
    """
    plain = FigureWanted.model_validate({})
    kept: dict[str, Sequence[str]] = {"interval": [plain.interval], "figure": [plain.figure]}
    filled = kept | {name: sent.getlist(name) for name in FigureWanted.model_fields if name in sent}
    found = _problems(refusal, words, texts)
    on_form = {*_DAYS, "interval", "by", "by.1", "figure", "compare", *offered.narrowed}
    errors = {name: text for name, text in found.items() if name in on_form}
    others = [text for name, text in found.items() if name not in on_form]
    return FigureForm(filled, offered, words, errors, " ".join(dict.fromkeys(others)))


def _problems(refusal: Exception, words: FigureWords, texts: Texts) -> dict[str, str]:
    if not isinstance(refusal, RequestValidationError):
        text = str(getattr(refusal, "detail", ""))
        return {_BESIDE.get(text, ""): words.say(text)}
    found: dict[str, str] = {}
    for problem, said in zip(
        refusal.errors(), (field_errors([one], texts, words.language)[0] for one in refusal.errors()),
        strict=True,
    ):  # fmt: skip
        name, _, rest = said.field.partition(".")
        kind = str(problem.get("type", ""))
        if name == "by" and kind == "too_long":
            text = words.say("figures_page.most_groups")
        elif name in _CHOSEN and kind != "value_error":
            text = words.say("figures_page.from_list")
        elif name in _DAYS and kind != "value_error":
            text = words.say("figures_page.a_day")
        else:
            text = said.problem
        found.setdefault("by.1" if name == "by" and rest.startswith("1") else name, text)
    return found


def _shown(value: str) -> str:
    return "".join(letter for letter in value[:_LONGEST] if letter.isprintable())
