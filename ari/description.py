"""Asterisk's own description of ARI (`rest-api/*.json`, Swagger 1.1), read into plain values.

The generator turns these values into code; nothing else reads the description.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INDEX = "resources.json"


class UnreadableDescription(Exception):
    """The folder does not hold an ARI description that this generator understands."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    place: str  # "path", "query" or "body"
    type: str  # as Asterisk writes it: "string", "int", "long", "boolean", "object", "containers"
    required: bool
    multiple: bool  # several values, joined by commas
    values: tuple[str, ...]  # the only values Asterisk takes; empty: any


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what is asked, and what comes back."""

    group: str  # the file's name: "channels", "deviceStates"
    nickname: str  # "playWithId"
    method: str
    path: str  # "channels/{channelId}/play/{playbackId}"
    result: str  # "Playback", "List[Channel]", "void", "binary"
    parameters: tuple[Parameter, ...]
    statuses: tuple[int, ...]  # the refusals that the description names


@dataclass(frozen=True, slots=True)
class Property:
    """One field of a model or an event."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A model or an event."""

    name: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """Everything the generator needs to know."""

    sha256: str
    operations: tuple[Operation, ...]
    models: tuple[Model, ...]
    events: tuple[Model, ...]


def read(folder: Path) -> Description:
    """Read the description below a `rest-api` folder. Raises UnreadableDescription."""
    index = folder / INDEX
    if not index.is_file():
        raise UnreadableDescription(
            f"{folder}: no {INDEX} here; give the rest-api folder of an Asterisk installation, "
            "usually share/asterisk/rest-api"
        )
    digest = hashlib.sha256()
    operations: list[Operation] = []
    models: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        text = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + text)
        if path.name == INDEX:
            continue
        try:
            resource = json.loads(text)
            operations += _operations(path.stem, resource)
            models |= resource.get("models", {})
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableDescription(f"{path}: not an ARI description: {error!r}") from error
    event_names = set(models["Event"]["subTypes"]) | {"MissingParams"}
    shared = models["Message"]["properties"] | models["Event"]["properties"]
    transport = event_names | {"Message", "Event", "RESTRequest", "RESTHeader", "RESTQueryStringParameter"}
    return Description(
        sha256=digest.hexdigest(),
        operations=tuple(operations),
        models=tuple(_model(name, models[name]["properties"]) for name in models if name not in transport),
        events=tuple(_model(name, shared | models[name]["properties"]) for name in sorted(event_names)),
    )


def snake(name: str) -> str:
    """Return a camelCase name in snake_case: `sendDTMF` → `send_dtmf`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _operations(group: str, resource: dict[str, Any]) -> list[Operation]:
    return [
        Operation(
            group=group,
            nickname=operation["nickname"],
            method=operation["httpMethod"],
            path=api["path"].removeprefix("/"),
            result=operation["responseClass"],
            parameters=tuple(_parameter(p) for p in operation.get("parameters", [])),
            statuses=tuple(sorted({int(e["code"]) for e in operation.get("errorResponses", [])})),
        )
        for api in resource["apis"]
        for operation in api["operations"]
        # The event stream itself is the transport, not an operation on it.
        if not operation.get("upgrade")
    ]


def _parameter(source: dict[str, Any]) -> Parameter:
    place = source["paramType"]
    return Parameter(
        name=source["name"],
        place=place,
        type=source["dataType"],
        required=bool(source.get("required")) or place == "path",
        multiple=bool(source.get("allowMultiple")),
        values=tuple(source.get("allowableValues", {}).get("values", [])),
    )


def _model(name: str, properties: dict[str, dict[str, Any]]) -> Model:
    return Model(
        name=name,
        properties=tuple(
            Property(name=key, type=value["type"], required=bool(value.get("required")))
            for key, value in properties.items()
        ),
    )
