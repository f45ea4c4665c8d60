"""Reads how long claims last, when an agent is no longer new, and why a task may be let go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, read_table

_FILE = Path(__file__).parent / "data" / "sampling.yaml"
_Names = dict[str, dict[str, str]]


class TaskRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated data of the work list. Reasons are words, each with its text by language."""

    since: date = msgspec.field(name="from")
    source: str
    assumed: bool
    claim_hours: int
    new_agent_days: int
    draw_hour: int
    give_back: _Names
    skip: _Names

    def reasons(self, language: str) -> Mapping[str, str]:
        """Return every reason in words."""
        return {word: texts[language] for word, texts in {**self.give_back, **self.skip}.items()}


def load_task_rules(path: Path = _FILE) -> TaskRules:
    """Return the rules. Raises TableProblem: file, place and remedy."""
    rules = read_table(path, TaskRules)
    for name in ("claim_hours", "new_agent_days"):
        if getattr(rules, name) < 1:
            raise TableProblem(f"{path.name}: {name} must be at least 1. Remedy: correct this place.")
    if not 0 <= rules.draw_hour <= 23:
        raise TableProblem(f"{path.name}: draw_hour must be 0 to 23. Remedy: correct this place.")
    for group in ("give_back", "skip"):
        for word, texts in getattr(rules, group).items():
            if set(texts) != {"id", "en"}:
                raise TableProblem(f"{path.name}: {group}.{word} needs `id` and `en`. Remedy: add them.")
    return rules
