"""The desk's tables and scripts as YAML: every scalar a text, every mistake with file, line and remedy."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from call_flows.problems import FlowError, FlowProblem, did_you_mean
from call_flows.reading import Many, Node, Table, Text, read
from domain.own_tables import in_use

LANGUAGES = ("id", "en")
_FLAGS = {"yes": True, "no": False}


class BadTable(Exception):
    """A table or script cannot be used: `problems` lists every mistake found."""

    def __init__(self, problems: Sequence[FlowProblem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Fields:
    """The fields of one part of a file. What is wrong is collected, and told by `done` at the end."""

    def __init__(self, table: Table, problems: list[FlowProblem] | None = None) -> None:
        self.table = table
        self.problems: list[FlowProblem] = [] if problems is None else problems

    @classmethod
    def load(cls, path: Path) -> "Fields":
        """Read a file. Raises BadTable."""
        try:
            return cls(read(path.name, in_use(path).read_text(encoding="utf-8")))
        except FlowError as error:
            raise BadTable(list(error.problems)) from error
        except OSError as error:
            what = f"the file cannot be read ({error.strerror})"
            raise BadTable([FlowProblem(path.name, 1, what, "It belongs to the product")]) from error

    def done(self) -> None:
        """Raise BadTable if anything was wrong."""
        if self.problems:
            raise BadTable(self.problems)

    def wrong(self, key: str, what: str, remedy: str = "") -> None:
        """Note a mistake at a field, or at the part itself."""
        line = self.table.key_lines.get(key, self.table.line)
        self.problems.append(FlowProblem(self.table.file, line, what, remedy))

    def only(self, *known: str) -> None:
        """Note every field that is not known."""
        for key in self.table.entries:
            if key not in known:
                self.wrong(key, f"`{key}` is no field here", did_you_mean(key, known))

    def has(self, key: str) -> bool:
        """Whether a field is there."""
        return key in self.table.entries

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without `default` it must be there."""
        node = self._node(key, default is None)
        if node is None:
            return default or ""
        if not isinstance(node, Text) or not node.value.strip():
            self.wrong(key, f"`{key}` must be one text", "Put it in quotation marks")
            return default or ""
        return node.value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return `yes` or `no`."""
        said = self.text(key, "yes" if default else "no")
        if said not in _FLAGS:
            self.wrong(key, f"`{key}: {said}` is neither yes nor no", "Write yes or no")
        return _FLAGS.get(said, default)

    def day(self, key: str) -> date:
        """Return a day, written YYYY-MM-DD."""
        said = self.text(key)
        try:
            return date.fromisoformat(said)
        except ValueError:
            self.wrong(key, f"`{key}` is no day", "Write it as 2025-01-31")
            return date.min

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of words; empty when the field is not there."""
        node = self._node(key, wanted=False)
        if node is None:
            return ()
        if not isinstance(node, Many) or not all(isinstance(item, Text) for item in node.items):
            self.wrong(key, f"`{key}` must be a list of words", "Write [one, two]")
            return ()
        return tuple(item.value for item in node.items if isinstance(item, Text))

    def both(self, *others: str) -> Mapping[str, str]:
        """Return this part's text in each language. `others` are further fields that it may have."""
        self.only(*LANGUAGES, *others)
        return {language: self.text(language) for language in LANGUAGES}

    def part(self, key: str) -> "Fields":
        """Return a field that has fields itself; without any when it is not there or none."""
        node = self._node(key, wanted=True)
        if isinstance(node, Table):
            return Fields(node, self.problems)
        if node is not None:
            self.wrong(key, f"`{key}` needs fields of its own", "Indent them below it")
        line = self.table.key_lines.get(key, self.table.line)
        return Fields(Table({}, {}, self.table.file, line), self.problems)

    def parts(self) -> Iterator[tuple[str, "Fields"]]:
        """Return each field and its own fields, in the order written."""
        for key in self.table.entries:
            yield key, self.part(key)

    def one_or_many(self, key: str) -> Sequence["Fields"]:
        """Return the parts of a field that is one part or a list of them."""
        node = self._node(key, wanted=False)
        if not isinstance(node, Many):
            return () if node is None else (self.part(key),)
        found = [Fields(item, self.problems) for item in node.items if isinstance(item, Table)]
        if len(found) != len(node.items) or not found:
            self.wrong(key, f"`{key}` must be a list of texts in two languages", "Write `- id:` and `en:`")
        return found

    def _node(self, key: str, wanted: bool) -> Node | None:
        node = self.table.entries.get(key)
        if node is None and wanted:
            self.wrong(key, f"`{key}` is missing", f"Add `{key}:`")
        return node
