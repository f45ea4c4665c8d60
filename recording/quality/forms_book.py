"""Reads scoring forms out of YAML and refuses mistakes, each with file, line and remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from call_flows.problems import FlowError, FlowProblem, did_you_mean
from call_flows.reading import Text, read
from desk.tables import BadTable, Fields
from recording.quality.forms import (
    FORMS,
    Criterion,
    Effect,
    Fact,
    Form,
    Hints,
    Item,
    NaRule,
    NaWay,
    Part,
    Texts,
)
from recording.quality.forms_check import check_form
from recording.quality.scores import Kind

DATA = Path(__file__).parent / "data"
"""The folder of the shipped forms: `form_<name>.yaml`, version 1 of each."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")


def shipped_text(name: str) -> str:
    """Return the text of the shipped version of a form."""
    return (DATA / f"form_{name}.yaml").read_text(encoding="utf-8")


@cache  # never changes, and reading it takes longer than most that is done with it
def shipped(name: str) -> Form:
    """Return the shipped version of a form. Raises desk.tables.BadTable."""
    return read_form(f"form_{name}.yaml", shipped_text(name), 1)


def read_form(file: str, text: str, version: int = 0) -> Form:
    """Read one form. Raises desk.tables.BadTable with every mistake."""
    return form_and_fields(file, text, version)[0]


def form_and_fields(file: str, text: str, version: int = 0) -> tuple[Form, Fields]:
    """Read one form; return it with its fields, at which more can be found wrong. Raises BadTable."""
    fields = form_fields(file, text)
    form = _form(fields, version)
    fields.done()
    check_form(form, fields)
    fields.done()
    return form, fields


def form_fields(file: str, text: str) -> Fields:
    """Return the fields of a form's text. Raises desk.tables.BadTable: it is not YAML as forms use it."""
    try:
        return Fields(read(file, text))
    except FlowError as error:
        raise BadTable(list(error.problems)) from error


def read_file(path: Path) -> str:
    """Return a file's text. Raises desk.tables.BadTable."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        what, remedy = f"the file cannot be read ({error.strerror})", "Look at its name and rights"
    except UnicodeDecodeError:
        what, remedy = "the file is not UTF-8", "Save it as UTF-8"
    raise BadTable([FlowProblem(path.name, 1, what, remedy)])


def _form(file: Fields, version: int) -> Form:
    file.only("form", "valid_from", "source", "title", "na", "criteria", "facts", "effects")
    name = file.text("form")
    if name and name not in FORMS:
        file.wrong("form", f"`{name}` is no form", did_you_mean(name, FORMS))
    return Form(
        name=name,
        version=version,
        valid_from=file.day("valid_from"),
        title=file.part("title").both(),
        source=file.text("source"),
        na=_na_rule(file.part("na")),
        criteria=tuple(_criterion(code, part) for code, part in _coded(file.part("criteria"))),
        facts=tuple(_fact(code, part) for code, part in _coded(file.part("facts")))
        if file.has("facts")
        else (),
        effects=_effects(file),
    )


def _effects(file: Fields) -> tuple[Effect, ...]:
    if not file.has("effects"):
        return ()
    return tuple(_effect(code, part) for code, part in _coded(file.part("effects")))


def _na_rule(part: Fields) -> NaRule:
    text = part.both("item", "criterion", "assumed")
    return NaRule(_way(part, "item"), _way(part, "criterion"), text, part.flag("assumed"))


def _way(part: Fields, key: str) -> NaWay:
    said = part.text(key)
    if said in list(NaWay):
        return NaWay(said)
    if said:
        part.wrong(key, f"`{key}: {said}` is no rule", did_you_mean(said, NaWay))
    return NaWay.SHARE_OUT


def _criterion(code: str, part: Fields) -> Criterion:
    text = part.both("weight", "assumed", "items")
    weight = _number(part, "weight")
    items = tuple(_item(key, entry) for key, entry in _coded(part.part("items")))
    return Criterion(code, text, weight, items, part.flag("assumed"))


def _item(code: str, entry: Fields) -> Item:
    text = entry.both("share", "na", "parts", "suggest")
    share = _number(entry, "share")
    if not entry.has("parts"):
        return Item(code, text, share, entry.flag("na"), (), _hints(entry))
    for key in ("na", "suggest"):
        if entry.has(key):
            entry.wrong(key, f"`{code}` is answered by its parts", f"Write `{key}` at the parts")
    parts = tuple(_part(key, one) for key, one in _coded(entry.part("parts")))
    if not parts:
        entry.wrong("parts", f"`{code}` has no part", "Add parts, or remove `parts:`")
    return Item(code, text, share, all(part.na for part in parts), parts, {})


def _part(code: str, entry: Fields) -> Part:
    return Part(code, entry.both("na", "suggest"), entry.flag("na"), _hints(entry))


def _fact(code: str, entry: Fields) -> Fact:
    text = entry.both("values", "default", "kinds", "suggest")
    values: Mapping[str, Texts] = {key: one.both() for key, one in _coded(entry.part("values"))}
    default, kinds = entry.text("default", ""), entry.words("kinds")
    for kind in kinds:
        if kind not in list(Kind):
            entry.wrong("kinds", f"`{kind}` is no kind of score", did_you_mean(kind, Kind))
    asked = frozenset(Kind(kind) for kind in kinds if kind in list(Kind)) or frozenset(Kind)
    return Fact(code, text, values, default, asked, _hints(entry))


def _effect(code: str, entry: Fields) -> Effect:
    text = entry.both("when", "zero", "full", "assumed")
    when = entry.part("when")
    conditions = {key: _values(when, key) for key in when.table.entries}
    return Effect(code, text, conditions, entry.words("zero"), entry.words("full"), entry.flag("assumed"))


def _values(when: Fields, key: str) -> tuple[str, ...]:
    """Return a condition's values: one word, or a list of them."""
    return (when.text(key),) if isinstance(when.table.entries[key], Text) else when.words(key)


def _hints(entry: Fields) -> Hints:
    if not entry.has("suggest"):
        return {}
    return {
        key: {seen: one.text(seen) for seen in one.table.entries}
        for key, one in entry.part("suggest").parts()
    }


def _number(part: Fields, key: str) -> Decimal:
    """Return a number above 0, at most 100."""
    said = part.text(key)
    try:
        value = Decimal(said) if _NUMBER.fullmatch(said) else Decimal(0)
    except InvalidOperation:
        value = Decimal(0)
    if said and not 0 < value <= 100:
        part.wrong(key, f"`{key}: {said}` is no number above 0 and up to 100", "Write it as 12.5")
    return value or Decimal(1)


def _coded(part: Fields) -> Sequence[tuple[str, Fields]]:
    """Return the parts below a field, by their codes."""
    found = list(part.parts())
    for code, _ in found:
        if _CODE.fullmatch(code) is None:
            part.wrong(code, f"`{code}` is no code", "Small letters, digits and _, at most 40")
    return found
