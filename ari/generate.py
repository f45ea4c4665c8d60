"""Writes `ari/generated/` from the description that an Asterisk carries: `python -m ari.generate FOLDER`.

Only developers run it (it needs ruff): when the product moves to another Asterisk.
"""

import keyword
import subprocess
import sys
from pathlib import Path

from ari import description
from ari.description import Description, Model, Operation, Parameter, Property, snake

TARGET = Path(__file__).parent / "generated"

# Asterisk answers these only when the channel's own thread has carried them out, and that thread may be
# busy for as long as a prompt or a recording lasts (measured: a variable set during a 20 s prompt kept
# the whole socket for 19 s). `answer` waits too, but it comes first in a call, when nothing plays, and
# must stay in order with the first prompt: the main lane.
MAY_WAIT = frozenset(
    {
        "bridges.addChannel",
        "bridges.removeChannel",
        "channels.setChannelVar",
        "channels.setChannelVars",
    }
)

# Verbs whose purpose is reached when the thing is gone already.
ENDS = frozenset(
    {
        "bridges.destroy",
        "bridges.removeChannel",
        "bridges.stopMoh",
        "channels.hangup",
        "channels.ringStop",
        "channels.stopMoh",
        "channels.stopSilence",
        "playbacks.stop",
    }
)

SCALARS = {
    "string": "str",
    "Date": "str",
    "int": "int",
    "long": "int",
    "double": "float",
    "boolean": "bool",
    "object": "dict[str, Any]",
}

# Asterisk leaves out fields that its description calls required (the device names of an application when
# device states are not loaded). An event must not be lost over that: what is missing is read as empty,
# except the id of a thing and the thing itself.
DEFAULTS = {"str": '""', "int": "0", "float": "0.0", "bool": "False", "dict[str, Any]": "{}"}


def python_type(name: str) -> str:
    """Return the Python type for a type of the description: `List[string]` → `list[str]`."""
    if name.startswith("List["):
        return f"list[{python_type(name[5:-1])}]"
    return SCALARS.get(name, name)


def _element(name: str) -> str:
    """Return what a list holds, and any other type as it is."""
    return name.removeprefix("List[").removesuffix("]")


def attribute(name: str) -> str:
    """Return the Python name for a field or parameter."""
    python = snake(name)
    return f"{python}_" if keyword.iskeyword(python) else python


def class_name(group: str) -> str:
    """Return the class that holds a group's operations: `deviceStates` → `DeviceStates`."""
    return group[0].upper() + group[1:]


def _header(title: str) -> str:
    return f'"""{title}\n\nWritten by `python -m ari.generate`; not edited by hand.\n"""\n\n'


def _field(source: Property) -> str:
    name = attribute(source.name)
    annotation = python_type(source.type)
    default = DEFAULTS.get(annotation, "[]" if annotation.startswith("list") else "")
    if source.name == "id":
        default = ""
    if not source.required:
        annotation, default = f"{annotation} | None", "None"
    if name != source.name:
        default = f'msgspec.field(name="{source.name}"' + (f", default={default})" if default else ")")
    return f"    {name}: {annotation}" + (f" = {default}" if default else "")


def _struct(model: Model, base: str, summary: str, skip: frozenset[str] = frozenset()) -> str:
    fields = [_field(p) for p in model.properties if p.name not in skip]
    return (
        f'class {model.name}({base}, kw_only=True):\n    """{summary}"""\n\n' + "\n".join(fields) + "\n\n\n"
    )


def models(source: Description) -> str:
    """Return the text of `models.py`: one class per model, dependencies first."""
    out = _header("The things that Asterisk's answers and events are made of.")
    out += "from typing import Any\n\nimport msgspec\n\n\n"
    out += 'class Model(msgspec.Struct, kw_only=True, gc=False):\n    """What all models share."""\n\n\n'
    done: set[str] = set()
    by_name = {model.name: model for model in source.models}

    def emit(model: Model) -> str:
        if model.name in done:
            return ""
        done.add(model.name)
        needed = (_element(p.type) for p in model.properties)
        before = "".join(emit(by_name[name]) for name in needed if name in by_name)
        return before + _struct(model, "Model", f"Asterisk's `{model.name}`.")

    return out + "".join(emit(model) for model in source.models)


def events(source: Description) -> str:
    """Return the text of `events.py`: one class per event and the union of all."""
    out = _header("What Asterisk tells: one class per event.")
    used = {_element(p.type) for event in source.events for p in event.properties}
    names = sorted(model.name for model in source.models if model.name in used)
    out += "from typing import Any\n\nimport msgspec\n\n"
    out += f"from ari.generated.models import {', '.join(names)}\n\n\n"
    out += 'class Event(msgspec.Struct, kw_only=True, gc=False, tag_field="type"):\n'
    out += '    """What all events share. `timestamp` as Asterisk writes it: see `ari.when`."""\n\n'
    out += '    application: str = ""\n    timestamp: str = ""\n    asterisk_id: str = ""\n\n\n'
    shared = frozenset({"type", "application", "timestamp", "asterisk_id"})
    for event in source.events:
        out += _struct(event, f'Event, tag="{event.name}"', f"Asterisk's event `{event.name}`.", shared)
    out += f"AnyEvent = {' | '.join(event.name for event in source.events)}\n\n"
    listed = ", ".join(f'"{event.name}": {event.name}' for event in source.events)
    return out + f"BY_NAME: dict[str, type[Event]] = {{{listed}}}\n"


def _annotation(parameter: Parameter) -> str:
    if parameter.name == "fields":
        return "Sequence[models.ConfigTuple]"
    if parameter.type == "containers":
        return "Variables"
    if parameter.type == "object":
        return "Mapping[str, object]"
    single = "Literal[" + ", ".join(f'"{v}"' for v in parameter.values) + "]" if parameter.values else ""
    single = single or python_type(parameter.type)
    return f"{single} | Sequence[{single}]" if parameter.multiple else single


def _value(parameter: Parameter) -> str:
    name = attribute(parameter.name)
    if parameter.multiple:
        return f"joined({name})"
    if parameter.type == "boolean":
        return f'"true" if {name} else "false"'
    return name if python_type(parameter.type) == "str" else f"str({name})"


def _signature(parameters: tuple[Parameter, ...]) -> str:
    path = [f"{attribute(p.name)}: str" for p in parameters if p.place == "path"]
    rest = [p for p in parameters if p.place != "path"]
    required = [f"{attribute(p.name)}: {_annotation(p)}" for p in rest if p.required]
    optional = [f"{attribute(p.name)}: {_annotation(p)} | None = None" for p in rest if not p.required]
    ours = ["lane: str | None = None", "deadline: float | None = None"]
    return ", ".join(["self", *path, "*", *required, *optional, *ours])


def _summary(operation: Operation) -> str:
    text = f"Send `{operation.method} {operation.path}`."
    notes = []
    if operation.statuses:
        notes.append(f"Asterisk may refuse with {', '.join(map(str, operation.statuses))}.")
    if f"{operation.group}.{operation.nickname}" in ENDS:
        notes.append("Done, too, when the thing is gone already.")
    if f"{operation.group}.{operation.nickname}" in MAY_WAIT:
        notes.append("May wait for the channel's thread: the slow lane unless told otherwise.")
    return text + ("\n\n        " + "\n        ".join(notes) + "\n        " if notes else "")


def _body(operation: Operation) -> list[str]:
    query = [p for p in operation.parameters if p.place == "query"]
    lines = [
        "query = [" + ", ".join(f'QueryParameter("{p.name}", {_value(p)})' for p in query if p.required) + "]"
    ]
    if not query:
        lines = ["query: list[QueryParameter] = []"]
    for p in query:
        if not p.required:
            name = attribute(p.name)
            lines += [f"if {name} is not None:", f'    query.append(QueryParameter("{p.name}", {_value(p)}))']
    body = next((p for p in operation.parameters if p.place == "body"), None)
    content = "None"
    if body is not None:
        name = attribute(body.name)
        wrapped = f'{{"{body.name}": {name}}}' if body.type == "containers" else name
        content = wrapped if body.required else f"None if {name} is None else {wrapped}"
    uri = operation.path
    for p in operation.parameters:
        if p.place == "path":
            uri = uri.replace("{" + p.name + "}", "{segment(" + attribute(p.name) + ")}")
    quoted = f'f"{uri}"' if "{" in uri else f'"{uri}"'
    lines.append(f"return self._request({_constant(operation)}, {quoted}, query, {content}, lane, deadline)")
    return lines


def _constant(operation: Operation) -> str:
    return f"_{snake(operation.group)}_{snake(operation.nickname)}".upper()


def _result(operation: Operation) -> str:
    special = {"void": "None", "binary": "bytes"}
    if operation.result.startswith("List["):
        return f"_{operation.result[5:-1]}List"
    return special.get(operation.result) or f"models.{operation.result}"


def _operation_constant(operation: Operation) -> str:
    full = f"{operation.group}.{operation.nickname}"
    flags = ", slow=True" if full in MAY_WAIT else ""
    flags += ", ends=True" if full in ENDS else ""
    result = _result(operation)
    python = "type(None)" if result == "None" else result
    name = f"{snake(operation.group)}.{snake(operation.nickname)}"
    arguments = f'"{name}", "{operation.method}", {python}{flags}'
    return f"{_constant(operation)}: Operation[{result}] = Operation({arguments})"


def operations(source: Description) -> str:
    """Return the text of `operations.py`: one class per group, one method per operation."""
    # A parameter keeps its name where Python has a built-in of that name, and each optional one is an `if`.
    out = "# ruff: noqa: A002, C901\n"
    out += _header("What Asterisk can be asked: one class per group, one method each.")
    out += "from collections.abc import Mapping, Sequence\nfrom typing import Literal\n\n"
    out += "from ari.generated import models\n"
    out += "from ari.request import Operation, QueryParameter, Reply, Request, Variables, joined, segment\n\n"
    lists = sorted({o.result[5:-1] for o in source.operations if o.result.startswith("List[")})
    out += "\n".join(f"_{name}List = list[models.{name}]" for name in lists) + "\n\n"
    out += "\n".join(_operation_constant(o) for o in source.operations) + "\n\n\n"
    for group in dict.fromkeys(o.group for o in source.operations):
        out += f'class {class_name(group)}:\n    """The operations on `{group}`."""\n\n'
        out += '    __slots__ = ("_request",)\n\n'
        out += "    def __init__(self, request: Request) -> None:\n        self._request = request\n\n"
        for o in (o for o in source.operations if o.group == group):
            out += f"    def {attribute(o.nickname)}({_signature(o.parameters)}) -> Reply[{_result(o)}]:\n"
            out += f'        """{_summary(o)}"""\n'
            out += "".join(f"        {line}\n" for line in _body(o)) + "\n"
        out += "\n"
    groups = {snake(group): class_name(group) for group in dict.fromkeys(o.group for o in source.operations)}
    out += 'class Operations:\n    """Every operation, by group."""\n\n'
    out += "    def __init__(self, request: Request) -> None:\n"
    return out + "".join(f"        self.{name} = {cls}(request)\n" for name, cls in groups.items())


def rules(source: Description) -> str:
    """Return the text of `rules.py`: what a well-formed request is, for the fake Asterisk."""
    out = _header("What a well-formed request is; the fake Asterisk refuses all others.")
    out += "from ari.description import Operation, Parameter\n\n"
    out += "# SHA-256 over the names and bytes of the description this code was written from.\n"
    out += f'DESCRIPTION_SHA256 = "{source.sha256}"\n\n'
    return out + f"OPERATIONS = ({', '.join(repr(o) for o in source.operations)},)\n"


def generate(folder: Path) -> dict[str, str]:
    """Return file name → text of everything below `ari/generated/`.

    Raises UnreadableDescription when the folder holds no description.
    """
    source = description.read(folder)
    texts = {
        "models.py": models(source),
        "events.py": events(source),
        "operations.py": operations(source),
        "rules.py": rules(source),
    }
    return {name: _formatted(text, name) for name, text in texts.items()}


def _formatted(text: str, name: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    for step in (["check", "--fix", "--quiet", "--select", "I,F401", "-"], ["format", "-"]):
        run = [str(ruff), *step, "--stdin-filename", str(TARGET / name)]
        text = subprocess.run(run, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main() -> None:
    """Write the generated files."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m ari.generate FOLDER   (an Asterisk's share/asterisk/rest-api)")
    try:
        texts = generate(Path(sys.argv[1]))
    except description.UnreadableDescription as error:
        sys.exit(str(error))
    for name, text in texts.items():
        (TARGET / name).write_text(text)
        sys.stdout.write(f"{TARGET / name}: {len(text.splitlines())} lines\n")


if __name__ == "__main__":
    main()
