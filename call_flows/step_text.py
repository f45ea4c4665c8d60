"""Reads the fields of one step, collecting what is wrong instead of stopping at the first mistake."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from call_flows.known import LANGUAGES, Known
from call_flows.problems import FlowProblem, did_you_mean
from call_flows.reading import Many, Node, Table, Text
from call_flows.step import KEEP_WAITING

_DURATION = re.compile(r"([1-9][0-9]{0,3})(s|m)")
WORD = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Prompts said one after the other in one language; None is the caller's."""

    names: tuple[str, ...]
    language: str | None = None


@dataclass
class StepText:
    """One step as written, and the names it may use."""

    flow: str
    name: str
    table: Table
    known: Known
    steps: frozenset[str]  # every `flow.step` of the book
    problems: list[FlowProblem]
    used: set[str] = field(default_factory=set)

    @property
    def full_name(self) -> str:
        """Return `flow.step`."""
        return f"{self.flow}.{self.name}"

    def problem(self, node: Node, what: str, remedy: str = "") -> None:
        """Note a mistake at a place in the file."""
        self.problems.append(FlowProblem(node.file, node.line, f"step `{self.name}`: {what}", remedy))

    def refuse_unused(self, allowed: set[str]) -> None:
        """Note every field that the verb does not know."""
        for key in self.table.entries:
            if key not in allowed:
                what = f"step `{self.name}`: `{key}` means nothing here"
                line = self.table.key_lines[key]
                self.problems.append(FlowProblem(self.table.file, line, what, did_you_mean(key, allowed)))

    def has(self, key: str) -> bool:
        """Return whether a field is written."""
        return key in self.table.entries

    def node(self, key: str) -> Node | None:
        """Return a field that must be written."""
        node = self.table.entries.get(key)
        if node is None:
            self.problem(self.table, f"`{key}:` is missing")
        return node

    def word(self, key: str) -> str:
        """Return a field that is one lower-case word."""
        node = self.node(key)
        if node is None:
            return ""
        if not isinstance(node, Text) or not WORD.fullmatch(node.value):
            self.problem(node, f"`{key}:` must be one word of small letters, digits and underscores")
            return ""
        return node.value

    def one_of(self, key: str, choices: set[str]) -> str:
        """Return a field that is one of some words."""
        value = self.word(key)
        if value and value not in choices:
            node = self.table.entries[key]
            self.problem(node, f"`{value}` is not known here", did_you_mean(value, choices))
            return ""
        return value

    def flag(self, key: str) -> bool:
        """Return an optional field that is `true` or `false`."""
        return self.has(key) and self.one_of(key, {"true", "false"}) == "true"

    def count(self, key: str, most: int) -> int:
        """Return a field that is a whole number from 1."""
        node = self.node(key)
        if node is None:
            return 1
        if not isinstance(node, Text) or not re.fullmatch(r"[1-9][0-9]{0,3}", node.value):
            self.problem(node, f"`{key}:` must be a number from 1 to {most}")
            return 1
        if int(node.value) > most:
            self.problem(node, f"`{key}: {node.value}` is too many", f"At most {most}")
        return int(node.value)

    def duration(self, key: str, most: int, default: int | None = None) -> int:
        """Return seconds written as `5s` or `10m`, at most `most`."""
        if default is not None and not self.has(key):
            return default
        node = self.table.entries.get(key)
        if node is None:
            self.problem(self.table, f"`{key}:` is missing, so the wait has no bound", f"Write `{key}: 5s`")
            return 1
        found = _DURATION.fullmatch(node.value) if isinstance(node, Text) else None
        if found is None:
            self.problem(node, f"`{key}:` is not a duration", "Write seconds as `5s`, minutes as `10m`")
            return 1
        seconds = int(found[1]) * (60 if found[2] == "m" else 1)
        if seconds > most:
            self.problem(node, f"`{key}: {found[0]}` is too long", f"At most {most}s")
        return seconds

    def target(self, key: str) -> str:
        """Return the step a field leads to, as `flow.step`."""
        node = self.node(key)
        return self.resolve(node) if node is not None else ""

    def resolve(self, node: Node, reserved: frozenset[str] = frozenset()) -> str:
        """Return the step that a node names, or one of the reserved words."""
        if not isinstance(node, Text):
            self.problem(node, "a step's name is expected here")
            return ""
        if node.value in reserved or node.value == KEEP_WAITING:
            return node.value
        full = node.value if "." in node.value else f"{self.flow}.{node.value}"
        if full not in self.steps:
            own = {name.removeprefix(f"{self.flow}.") for name in self.steps}
            meant = did_you_mean(node.value, own | reserved | {KEEP_WAITING})
            self.problem(node, f"there is no step `{node.value}`", meant)
            return ""
        return full

    def require_prompts(self, names: Iterable[str]) -> None:
        """Note every prompt of these, said by the verb itself, that is not there."""
        for name in names:
            self._check_prompt(name, None, self.table)

    def prompts(self, key: str, default: str = "") -> tuple[Spoken, ...]:
        """Return the prompts of a field: a name, a list of names, or `{en: name}` for one language."""
        if default and not self.has(key):
            self._check_prompt(default, None, self.table)
            return (Spoken((default,)),)
        node = self.node(key)
        if node is None:
            return ()
        spoken: list[Spoken] = []
        for item in node.items if isinstance(node, Many) else (node,):
            name, language = self._prompt(item)
            if name and spoken and spoken[-1].language == language:
                spoken[-1] = Spoken((*spoken[-1].names, name), language)
            elif name:
                spoken.append(Spoken((name,), language))
        return tuple(spoken)

    def _prompt(self, node: Node) -> tuple[str, str | None]:
        if isinstance(node, Text):
            self._check_prompt(node.value, None, node)
            return node.value, None
        if isinstance(node, Table) and len(node.entries) == 1:
            ((language, name),) = node.entries.items()
            if language not in LANGUAGES:
                self.problem(node, f"`{language}` is not a language", did_you_mean(language, LANGUAGES))
            elif isinstance(name, Text):
                self._check_prompt(name.value, language, name)
                return name.value, language
        self.problem(
            node, "a prompt's name is expected here", "Write `name`, or `{en: name}` for English only"
        )
        return "", None

    def _check_prompt(self, name: str, language: str | None, node: Node) -> None:
        if self.known.any_prompt:
            return
        prompt = self.known.prompts.get(name)
        if prompt is None:
            self.problem(node, f"there is no prompt `{name}`", did_you_mean(name, self.known.prompts))
            return
        for code in [language] if language else LANGUAGES:
            if code not in prompt.languages:
                what = f"prompt `{name}` is missing in {LANGUAGES[code]}"
                self.problem(node, what, "Write its text in prompts/catalogue.yaml and render it")
