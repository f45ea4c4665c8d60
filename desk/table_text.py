"""Reads the YAML of a table strictly: what YAML itself takes without a word is told here. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.constructor import ConstructorError

_SHOWN = 40  # characters of a value


@dataclass(frozen=True, slots=True)
class Miswriting:
    """One mistake of writing. `line` counts from 1; 0: it is not known."""

    line: int
    name: str  # of the key; empty: of none
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return it as the readers of tables tell mistakes."""
        named = f"{self.name} " if self.name else ""
        return f"line {self.line}: {named}{self.what}. Remedy: {self.remedy}."


class BadText(Exception):
    """A text is no YAML that a table can be read from; `found` has one or more mistakes."""

    def __init__(self, *found: Miswriting) -> None:
        super().__init__(str(found[0]))
        self.found = found


class _Loader(yaml.CSafeLoader):
    """Names the line of what looks like a date or a number and is none, e.g. `2026-02-30`."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            value = str(node.value)[:_SHOWN] if isinstance(node, yaml.ScalarNode) else ""
            raise ConstructorError(None, None, f"`{value}` is no value", node.start_mark) from error


def read_text(text: str) -> Any:
    """Return what a YAML text says: mappings, lists, texts, numbers, dates; None where it says nothing.

    Doubled keys, keys of more than one word and what refers to itself are mistakes. Raises BadText.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            found = list(_miswritings(node, (), set()))
            if found:
                raise BadText(*found)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        what = error.problem or "this is no YAML"
        known = isinstance(error, ConstructorError)
        remedy = "correct this place" if known else "correct the writing here, or in the line before"
        raise BadText(Miswriting(line, "", what, remedy)) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise BadText(Miswriting(0, "", "this is no YAML", "look for unusual characters")) from error
    except RecursionError as error:
        raise BadText(Miswriting(0, "", "this is no YAML", "write fewer levels, one in the other")) from error


def _miswritings(node: yaml.Node, within: tuple[yaml.Node, ...], read: set[int]) -> Iterator[Miswriting]:
    line = node.start_mark.line + 1
    if node in within:
        yield Miswriting(line, "", "this part refers to itself", "Write it out")
        return
    if id(node) in read:
        return  # a part that is referred to is read once
    read.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _miswritings(value, (*within, node), read)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            at = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                yield Miswriting(at, "", "a key must be one word", "correct this place")
            elif key.value in seen:
                yield Miswriting(at, key.value[:_SHOWN], "is there twice", "remove one")
            else:
                seen.add(key.value)
            yield from _miswritings(value, (*within, node), read)
