"""Checks a request against Asterisk's description."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ari.description import Operation, Parameter
from ari.generated.rules import OPERATIONS


class NoSuchRequest(Exception):
    """A request that the description does not know; the fake's answer to it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request: its operation ("channels.playWithId") and all its parameters by name."""

    name: str
    values: dict[str, Any]

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        value = self.values.get(name)
        return default if value is None else str(value)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "([^/]+)", path))


# Fixed paths first: channels/externalMedia is not the channel "externalMedia".
_ROUTES = sorted(((_pattern(o.path), o) for o in OPERATIONS), key=lambda route: route[1].path.count("{"))


def check(method: str, uri: str, query: dict[str, str], body: str) -> Asked:
    """Return the request, checked. Raises NoSuchRequest as Asterisk would, and for unknown parameters."""
    matches = [(m, o) for pattern, o in _ROUTES if (m := pattern.fullmatch(uri))]
    if not matches:
        raise NoSuchRequest(404, "Resource not found")
    found = [(m, o) for m, o in matches if o.method == method]
    if not found:
        raise NoSuchRequest(405, "Invalid method")
    match, operation = found[0]
    content = _content(body)
    known = {p.name: p for p in operation.parameters}
    values: dict[str, Any] = {}
    path_names = re.findall(r"\{(\w+)\}", operation.path)
    values |= dict(zip(path_names, map(unquote, match.groups()), strict=True))
    values |= _given(operation, query, content, known)
    for parameter in operation.parameters:
        if parameter.required and parameter.name not in values:
            raise NoSuchRequest(400, f"Missing parameter {parameter.name}")
    return Asked(f"{operation.group}.{operation.nickname}", values)


def _content(body: str) -> dict[str, Any]:
    if not body:
        return {}
    try:
        content = json.loads(body)
    except ValueError:
        raise NoSuchRequest(400, "Request body is not JSON") from None
    if not isinstance(content, dict):
        raise NoSuchRequest(400, "Request body is not an object")
    return content


def _given(
    operation: Operation, query: dict[str, str], content: dict[str, Any], known: dict[str, Parameter]
) -> dict[str, Any]:
    whole = next((p for p in operation.parameters if p.place == "body" and p.type == "object"), None)
    if whole is not None:
        content = {whole.name: content}
    given = query | content
    for name, value in given.items():
        parameter = known.get(name)
        if parameter is None or parameter.place == "path":
            raise NoSuchRequest(400, f"Unknown parameter {name} of {operation.group}.{operation.nickname}")
        _check_value(parameter, value)
    return given


def _check_value(parameter: Parameter, value: Any) -> None:
    texts = str(value).split(",") if parameter.multiple else [str(value)]
    wrong = (
        (parameter.place == "body") != isinstance(value, dict | list)
        or (parameter.values and not all(text in parameter.values for text in texts))
        or (parameter.type in {"int", "long"} and not re.fullmatch(r"-?\d+", str(value)))
        or (parameter.type == "boolean" and str(value).lower() not in {"true", "false"})
    )
    if wrong:
        raise NoSuchRequest(400, f"Invalid value for parameter {parameter.name}")
