"""The requests of `acd.requests` as JSON objects, and back: one form for every door.

A request is written as its name and its fields, e.g. `{"request": "pause", "agent": "…", "reason":
"prayer"}`; a target is written as `Target.parse` reads it. Everything follows from the dataclasses.
"""

import dataclasses
import re
import typing
from collections.abc import Mapping
from typing import Any

import msgspec

from acd.requests import Request, Target

NAME = "request"

# What a field may hold, by its name; a field of a request without a line here is refused at import.
_FORMS: Mapping[str, re.Pattern[str]] = {
    "agent": re.compile(r"[0-9A-Za-z]{1,20}"),
    "supervisor": re.compile(r"[0-9A-Za-z]{1,20}"),
    "account": re.compile(r"(a[0-9a-f]{15})?"),
    "reason": re.compile(r"[a-z_]{0,40}"),
    "state": re.compile(r"[a-z_]{1,40}"),
}


class BadRequest(Exception):
    """A request cannot be read. The message names the field, what is wrong and the remedy; no value."""


def request_name(kind: type) -> str:
    """Return a request's name: `EndWrapUp` is `end_wrap_up`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


@dataclasses.dataclass(frozen=True, slots=True)
class _Shape:
    """A request's class and its fields."""

    kind: type
    types: Mapping[str, type]
    required: frozenset[str]

    @classmethod
    def of(cls, kind: type) -> "_Shape":
        hints = typing.get_type_hints(kind)
        fields = dataclasses.fields(kind)
        for field in fields:
            known = hints[field.name] in (bool, Target) or (hints[field.name] is str and field.name in _FORMS)
            if not known:
                raise TypeError(
                    f"{kind.__name__}.{field.name}: web.floor_requests has no form for it; add one"
                )
        required = frozenset(field.name for field in fields if field.default is dataclasses.MISSING)
        return cls(kind, {field.name: hints[field.name] for field in fields}, required)


_SHAPES: Mapping[str, _Shape] = {request_name(kind): _Shape.of(kind) for kind in typing.get_args(Request)}


def names() -> tuple[str, ...]:
    """Return the name of every request."""
    return tuple(_SHAPES)


def read_request(body: Mapping[str, object]) -> Request:
    """Read a request out of a decoded JSON object.

    Raises BadRequest for what is no request, Refused (`bad_target`) for an unreadable target.
    """
    shape = _SHAPES.get(str(body.get(NAME)))
    if shape is None:
        raise BadRequest(f"{NAME}: unknown; one of {', '.join(_SHAPES)}")
    given = {name: value for name, value in body.items() if name != NAME}
    if unknown := sorted(given.keys() - shape.types.keys()):
        raise BadRequest(f"{unknown[0][:40]!r}: no field of this request; it has {', '.join(shape.types)}")
    if missing := sorted(shape.required - given.keys()):
        raise BadRequest(f"{missing[0]}: missing; add it")
    values = {name: _read(name, shape.types[name], value) for name, value in given.items()}
    return typing.cast(Request, shape.kind(**values))


def written_request(request: Request) -> dict[str, Any]:
    """Return a request as the JSON object that `read_request` reads."""
    shape = _SHAPES[request_name(type(request))]
    fields = {name: getattr(request, name) for name in shape.types}
    return {
        NAME: request_name(type(request)),
        **{
            name: _target_text(value) if isinstance(value, Target) else value
            for name, value in fields.items()
        },
    }


def decode_object(body: bytes, most: int = 4096) -> dict[str, object]:
    """Return the JSON object in a body of at most `most` bytes. Raises BadRequest."""
    if len(body) > most:
        raise BadRequest(f"the body is larger than {most} bytes; a request is one short JSON object")
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest("the body is no JSON object; send one, with the field `request`") from error


def _read(name: str, kind: type, value: object) -> object:
    if kind is bool:
        if not isinstance(value, bool):
            raise BadRequest(f"{name}: write true or false")
        return value
    if not isinstance(value, str):
        raise BadRequest(f"{name}: write a text")
    if kind is Target:
        return Target.parse(value)
    form = _FORMS[name]
    if form.fullmatch(value) is None:
        raise BadRequest(f"{name}: not of the form {form.pattern}")
    return value


def _target_text(target: Target) -> str:
    if target.agent:
        return f"agent:{target.agent}"
    return f"skill:{target.skill}/{target.tier}" if target.skill else f"queue:{target.queue}"
