"""All flow files of one version, compiled together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from call_flows.called import CALLED, CAMPAIGN, NoSuchFlow
from call_flows.checking import check, keys_can_be_used
from call_flows.known import Known
from call_flows.problems import FlowError, FlowProblem, did_you_mean
from call_flows.reading import Many, Node, Table, Text, read
from call_flows.session import APOLOGY
from call_flows.step import OUTSIDE, Step
from call_flows.step_text import WORD, Spoken, StepText
from call_flows.verbs import VERBS
from call_flows.verbs.menu import REPEAT
from call_flows.verbs.play import PlayStep

START = "kring_pajak"
"""The flow of every dialled number that no other flow claims."""

_NUMBER = re.compile(r"\+?[0-9]{3,15}")

SHIPPED = Path(__file__).parent / "flows"
"""The folder of the flows in force."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One file: its first step is its entry."""

    name: str
    about: str
    numbers: tuple[str, ...]
    called: bool  # people we called enter it by its name
    steps: tuple[str, ...]  # `flow.step`, in the order written
    file: str


@dataclass(frozen=True, slots=True)
class FlowBook:
    """Flows that belong together, ready to be walked. Unchanging: a running call keeps its own."""

    version: str  # hash of the texts
    files: Mapping[str, str] = field(repr=False)  # file name → text, for the archive
    flows: Mapping[str, Flow] = field(repr=False)
    steps: Mapping[str, Step] = field(repr=False)
    entries: Mapping[str, str]  # dialled number → step
    known: Known = field(repr=False)
    apology: Spoken

    @classmethod
    def from_files(cls, files: Mapping[str, str], known: Known) -> FlowBook:
        """Compile and check flow files. Raises FlowError with every problem found."""
        book = cls._compile(files, known)
        problems = check(book.flows, book.steps, known)
        if APOLOGY not in known.prompts:
            remedy = "Write its text in prompts/catalogue.yaml: it is said when something fails"
            problems.append(FlowProblem("catalogue.yaml", 1, f"there is no prompt `{APOLOGY}`", remedy))
        if problems:
            raise FlowError(problems)
        return book

    @classmethod
    def from_archive(cls, files: Mapping[str, str], known: Known) -> FlowBook:
        """Compile a version that was in force before, for the calls still on it.

        Skips the checks of a whole book, which may have become stricter since, and lets prompts be
        missing: they are passed over when they cannot be played. Raises FlowError where the texts cannot
        be compiled at all.
        """
        return cls._compile(files, replace(known, any_prompt=True))

    @classmethod
    def _compile(cls, files: Mapping[str, str], known: Known) -> FlowBook:
        tables, problems = _read_all(files)
        flows: dict[str, Flow] = {}
        steps: dict[str, Step] = {}
        all_steps = _step_names(tables)
        for file, table in tables.items():
            flow, own = _compile_flow(file, table, known, all_steps, problems)
            flows[flow.name] = flow
            steps.update(own)
        entries = _entries(tables, flows, problems)
        if not problems and START not in flows:
            remedy = f"Write {START}.yaml with `flow: {START}`"
            what = f"there is no flow `{START}`, where calls begin"
            problems.append(FlowProblem(f"{START}.yaml", 1, what, remedy))
        if problems:
            raise FlowError(problems)
        version = version_of(files)
        linked = _spare_farewells(steps)
        return cls(version, dict(files), flows, linked, entries, known, Spoken((APOLOGY,)))

    def entry(self, dialled: str) -> str:
        """Return the first step for a dialled number, or for `flow:NAME` the first step of that flow.

        Raises NoSuchFlow: no flow of that name is for people we called.
        """
        if not dialled.startswith(CALLED):
            return self.entries.get(dialled) or self.flows[START].steps[0]
        name = dialled.removeprefix(CALLED)
        if name not in self.called():
            raise NoSuchFlow(name, self.called())
        return self.flows[name].steps[0]

    def called(self) -> tuple[str, ...]:
        """Return the names of the flows that people we called enter."""
        return tuple(sorted(flow.name for flow in self.flows.values() if flow.called))

    def for_agents(self) -> tuple[str, ...]:
        """Return those of `called` in which people come to a campaign's agents without pressing a key."""
        return tuple(name for name in self.called() if self._comes_to_agents(self.flows[name].steps[0]))

    def _comes_to_agents(self, first: str) -> bool:
        seen: set[str] = set()
        ahead = [first]
        while ahead:
            name = ahead.pop()
            if name in seen or name not in self.steps:
                continue
            seen.add(name)
            if getattr(self.steps[name], "queue", "") == CAMPAIGN:
                return True
            ahead.extend(self.steps[name].silent_exits().values())
        return False

    def values_of(self, prompt: str) -> tuple[str, ...]:
        """Return the facts that a prompt speaks."""
        found = self.known.prompts.get(prompt)
        return found.values if found else ()

    def queues(self) -> tuple[str, ...]:
        """Return the names of all queues that a call can wait in, besides those of campaigns."""
        named = {getattr(step, "queue", "") for step in self.steps.values()}
        return tuple(sorted(named - {"", CAMPAIGN}))


def version_of(files: Mapping[str, str]) -> str:
    """Return the version of flow texts: 16 hex digits of SHA-256 over names and texts."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name, files[name]):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


def read_folder(folder: Path = SHIPPED) -> dict[str, str]:
    """Return the texts of a folder's flow files by file name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}


def load_folder(folder: Path, known: Known) -> FlowBook:
    """Read and compile a folder. Raises FlowError, and OSError if it cannot be read."""
    return FlowBook.from_files(read_folder(folder), known)


def accept(
    files: Mapping[str, str], current: FlowBook, known: Known
) -> tuple[FlowBook, tuple[FlowProblem, ...]]:
    """Return the book for new calls: of these files, or the current one and what is wrong with them."""
    if version_of(files) == current.version:
        return current, ()
    try:
        return FlowBook.from_files(files, known), ()
    except FlowError as error:
        return current, tuple(error.problems)


def _read_all(files: Mapping[str, str]) -> tuple[dict[str, Table], list[FlowProblem]]:
    tables: dict[str, Table] = {}
    problems: list[FlowProblem] = []
    for file in sorted(files):
        try:
            tables[file] = read(file, files[file])
        except FlowError as error:
            problems.extend(error.problems)
    return tables, problems


def _step_names(tables: Mapping[str, Table]) -> frozenset[str]:
    names: set[str] = set()
    for file, table in tables.items():
        steps = table.entries.get("steps")
        if isinstance(steps, Table):
            names.update(f"{_flow_name(file)}.{step}" for step in steps.entries)
    return frozenset(names)


def _flow_name(file: str) -> str:
    return file.removesuffix(".yaml")


def _compile_flow(
    file: str, table: Table, known: Known, all_steps: frozenset[str], problems: list[FlowProblem]
) -> tuple[Flow, dict[str, Step]]:
    name = _flow_name(file)
    fields = {"flow", "about", "numbers", "called", "steps"}
    for key, line in table.key_lines.items():
        if key not in fields:
            problems.append(FlowProblem(file, line, f"`{key}` means nothing here", did_you_mean(key, fields)))
    if _text(table.entries.get("flow")) != name:
        what = f"`flow:` must be the file's name, `{name}`"
        problems.append(FlowProblem(file, table.line, what, f"Write `flow: {name}`"))
    steps: dict[str, Step] = {}
    written = table.entries.get("steps")
    if isinstance(written, Table) and written.entries:
        for step_name, node in written.entries.items():
            step = _compile_step(StepSource(name, step_name, node, written), known, all_steps, problems)
            if step:
                steps[step.name] = step
    else:
        problems.append(
            FlowProblem(file, table.line, "there are no steps", "Write `steps:` and below it a step")
        )
    about = _text(table.entries.get("about"))
    numbers = tuple(item.value for item in _numbers(table))
    return Flow(name, about, numbers, _is_called(table, problems), tuple(steps), file), steps


def _is_called(table: Table, problems: list[FlowProblem]) -> bool:
    node = table.entries.get("called")
    if node is not None and _text(node) not in {"true", "false"}:
        what = "`called:` is neither `true` nor `false`"
        problems.append(FlowProblem(node.file, node.line, what, "Write `called: true`, or leave it out"))
    return _text(node) == "true"


@dataclass(frozen=True, slots=True)
class StepSource:
    """Where a step is written."""

    flow: str
    name: str
    node: Node
    table: Table  # of all steps


def _compile_step(
    source: StepSource, known: Known, all_steps: frozenset[str], problems: list[FlowProblem]
) -> Step | None:
    node, line = source.node, source.table.key_lines[source.name]
    if not WORD.fullmatch(source.name) or source.name in {REPEAT, *OUTSIDE}:
        words = "`repeat`, `conversation` or `keep_waiting`"
        remedy = f"Use small letters, digits and underscores, and not {words}"
        what = f"`{source.name}` cannot be the name of a step"
        problems.append(FlowProblem(node.file, line, what, remedy))
    if not isinstance(node, Table):
        what = f"step `{source.name}` does nothing"
        problems.append(FlowProblem(node.file, line, what, "Write a verb below it, e.g. `play: welcome`"))
        return None
    verb = next(iter(node.entries), "")  # the verb is written first; an exit may be called `open` too
    if verb not in VERBS:
        what = f"step `{source.name}` begins with `{verb}`, which is no verb"
        later = [key for key in node.entries if key in VERBS]
        remedy = f"Write `{later[0]}:` first" if later else did_you_mean(verb, VERBS)
        problems.append(FlowProblem(node.file, line, what, remedy))
        return None
    table = Table(node.entries, node.key_lines, node.file, line)
    return VERBS[verb].compile(StepText(source.flow, source.name, table, known, all_steps, problems))


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Text) else ""


def _numbers(table: Table) -> tuple[Text, ...]:
    node = table.entries.get("numbers")
    items = node.items if isinstance(node, Many) else (node,) if node else ()
    return tuple(item for item in items if isinstance(item, Text))


def _entries(
    tables: Mapping[str, Table], flows: Mapping[str, Flow], problems: list[FlowProblem]
) -> dict[str, str]:
    """Return dialled number → first step, noting numbers that are none or that two flows claim."""
    entries: dict[str, str] = {}
    for file, table in tables.items():
        steps = flows[_flow_name(file)].steps
        for number in _numbers(table):
            if not _NUMBER.fullmatch(number.value):
                what = f"`{number.value}` is no telephone number"
                problems.append(FlowProblem(file, number.line, what, "Write digits only, or + and digits"))
            elif number.value in entries:
                what = f"number {number.value} is claimed twice"
                problems.append(FlowProblem(file, number.line, what, "Leave it in one place"))
            elif steps:
                entries[number.value] = steps[0]
    return entries


def _spare_farewells(steps: Mapping[str, Step]) -> dict[str, Step]:
    """Mark the prompts after which no key can be used: a key typed too far ahead must not skip them."""
    return {
        name: replace(step, uninterrupted=True)
        if isinstance(step, PlayStep) and not keys_can_be_used(name, steps)
        else step
        for name, step in steps.items()
    }
