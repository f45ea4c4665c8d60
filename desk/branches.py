"""What interactions are about and what came of them: branches, categories, results, and what to suggest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from call_flows.problems import did_you_mean
from desk.tables import Fields

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Category:
    """A subdivision of a branch. `until`: the last day on which a new note may have it."""

    key: str
    names: Mapping[str, str]  # language → name
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the six subjects of the menu."""

    key: str
    names: Mapping[str, str]
    categories: Mapping[str, Category]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an interaction."""

    key: str
    names: Mapping[str, str]
    digit: str  # the key that chooses it
    text: bool  # whether a note with it needs a question


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a note is probably about; empty where that is not known."""

    branch: str = ""
    category: str = ""


class Branches:
    """The catalogue of the interaction note. Immutable."""

    def __init__(
        self,
        branches: Mapping[str, Branch],
        results: Mapping[str, Result],
        queues: Mapping[str, Suggestion],
        menus: Mapping[str, Suggestion],
    ) -> None:
        self.branches = branches
        self.results = results
        self._queues = queues
        self._menus = menus

    @property
    def queues(self) -> frozenset[str]:
        """The waiting rooms that something is said about."""
        return frozenset(self._queues)

    @property
    def menus(self) -> frozenset[str]:
        """The menus, FLOW.STEP, that something is said about."""
        return frozenset(self._menus)

    def suggest(self, queue: str, chosen: Sequence[str]) -> Suggestion:
        """Return what a call is probably about: by its waiting room, else by the menus it chose in.

        `queue` is the last waiting room (empty: none), `chosen` the menus (FLOW.STEP) in which a key
        was taken, first to last.
        """
        found = self._queues.get(queue, Suggestion())
        if found.branch:
            return found
        known = (self._menus[menu] for menu in reversed(chosen) if menu in self._menus)
        return next(known, Suggestion())

    def name(self, language: str, branch: str, category: str = "") -> str:
        """Return the name of a branch, or of its category. A key that is no more stands for itself."""
        found = self.branches.get(branch)
        if found is None:
            return category or branch
        if not category:
            return found.names[language]
        part = found.categories.get(category)
        return category if part is None else part.names[language]

    def result_name(self, language: str, result: str) -> str:
        """Return the name of a result. A key that is no more stands for itself."""
        found = self.results.get(result)
        return result if found is None else found.names[language]


def load_branches(folder: Path = DATA) -> Branches:
    """Read the catalogue. Raises desk.tables.BadTable."""
    file = Fields.load(folder / "branches.yaml")
    file.only("from", "source", "branches", "queues", "menus")
    file.day("from")
    branches = {key: _branch(key, entry) for key, entry in file.part("branches").parts()}
    queues, menus = (
        {key: _suggestion(entry, branches) for key, entry in file.part(name).parts()}
        for name in ("queues", "menus")
    )
    file.done()
    return Branches(branches, load_results(folder), queues, menus)


def load_results(folder: Path = DATA) -> Mapping[str, Result]:
    """Read the table of results. Raises desk.tables.BadTable."""
    file = Fields.load(folder / "results.yaml")
    file.only("from", "source", "assumed", "results")
    file.day("from")
    file.flag("assumed")
    results: dict[str, Result] = {}
    for key, entry in file.part("results").parts():
        names, digit = entry.both("digit", "text"), entry.text("digit")
        if len(digit) != 1 or not digit.isdecimal():
            entry.wrong("digit", f"`digit: {digit}` is no digit", "Write one of 1 to 9")
        if digit in {other.digit for other in results.values()}:
            entry.wrong("digit", f"`digit: {digit}` chooses another result already", "Take a free digit")
        results[key] = Result(key, names, digit, entry.flag("text", default=True))
    file.done()
    return results


def _branch(key: str, entry: Fields) -> Branch:
    categories: dict[str, Category] = {}
    for name, part in entry.part("categories").parts():
        names = part.both("until")
        categories[name] = Category(name, names, part.day("until") if part.has("until") else None)
    return Branch(key, entry.both("categories"), categories)


def _suggestion(entry: Fields, branches: Mapping[str, Branch]) -> Suggestion:
    entry.only("branch", "category")
    branch, category = entry.text("branch", ""), entry.text("category", "")
    _known(entry, "branch", branch, branches)
    _known(entry, "category", category, branches[branch].categories if branch in branches else ())
    return Suggestion(branch, category)


def _known(entry: Fields, key: str, word: str, known: Iterable[str]) -> None:
    if word and word not in known:
        entry.wrong(key, f"`{word}` is no {key}", did_you_mean(word, known))
