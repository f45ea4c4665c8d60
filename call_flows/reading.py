"""Reads YAML as plain text with line numbers, and refuses what YAML would silently change.

YAML's own rules turn `10:00` into 600, `no` into False and `0123` into 83, let the last of two equal
keys win, and drop `#: step` as a comment. Here every scalar stays the text that was written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from call_flows.problems import FlowError, FlowProblem

_POUND_KEY = re.compile(r"(^|[\s{,])#\s*:")


@dataclass(frozen=True, slots=True)
class Text:
    """A word or sentence as written."""

    value: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    items: tuple["Node", ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """Keys and what they stand for, in the order written."""

    entries: dict[str, "Node"]
    key_lines: dict[str, int]
    file: str
    line: int


Node = Text | Many | Table


def read(file: str, text: str) -> Table:
    """Read a flow file's text. Raises FlowError naming file, line and remedy."""
    problems = list(_swallowed_pound_keys(file, text))
    try:
        problems.extend(_references(file, text))
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.YAMLError as error:
        raise FlowError([*problems, _syntax_problem(file, _explained(text, error))]) from error
    if problems:
        raise FlowError(problems)
    node = _node(file, root, problems) if root is not None else None
    if problems:
        raise FlowError(problems)
    if not isinstance(node, Table):
        raise FlowError([FlowProblem(file, 1, "this is not a flow", "A flow begins with `flow: name`")])
    return node


def _swallowed_pound_keys(file: str, text: str) -> Iterator[FlowProblem]:
    for number, line in enumerate(text.splitlines(), start=1):
        if _POUND_KEY.search(line):
            yield FlowProblem(file, number, "`#:` is a comment in YAML and vanishes", "Write `pound:`")


def _references(file: str, text: str) -> Iterator[FlowProblem]:
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1 if event.start_mark else 1
            yield FlowProblem(file, line, "flows have no anchors (`&`) or references (`*`)", "Write it out")


def _explained(text: str, error: yaml.YAMLError) -> yaml.YAMLError:
    """Return what the slow parser says is wrong: an editor understands it better than the fast one."""
    try:
        yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as told:
        return told
    return error


def _syntax_problem(file: str, error: yaml.YAMLError) -> FlowProblem:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return FlowProblem(file, 1, f"this is not YAML: {error}")
    remedy = "Look at the indentation, colons, quotes and brackets here and just above"
    if error.context and "alias" in error.context:
        remedy = "Write `star` for the star key"
    elif error.problem and "\\t" in error.problem:
        remedy = "Indent with spaces, not with tabs"
    return FlowProblem(file, error.problem_mark.line + 1, f"this is not YAML: {error.problem}", remedy)


def _node(file: str, node: yaml.Node, problems: list[FlowProblem]) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return Text(node.value, file, line)
    if isinstance(node, yaml.SequenceNode):
        return Many(tuple(_node(file, item, problems) for item in node.value), file, line)
    entries: dict[str, Node] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            problems.append(FlowProblem(file, at, "a key must be one word"))
        elif key.value in entries:
            what = f"`{key.value}` is written twice; the first is in line {lines[key.value]}"
            problems.append(FlowProblem(file, at, what, "Remove one of them"))
        else:
            entries[key.value] = _node(file, value, problems)
            lines[key.value] = at
    return Table(entries, lines, file, line)
