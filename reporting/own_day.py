"""An agent's own day: the counts that every page, report and export has of it, and what they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from reporting.asking import Dimension, Question
from reporting.counting import count, pauses
from reporting.counting_tally import CellTally
from reporting.counts import Counts
from reporting.facts import DayFacts, Places
from reporting.rollup import Key
from reporting.rollup_lines import Adding


@dataclass(frozen=True, slots=True)
class OwnDay:
    """An agent's work on one day of the office; on the day at hand until now."""

    agent: str  # staff number
    day: date
    counts: Counts = field(default_factory=Counts)  # of what the agent did; of no schedule or other channel
    pauses: Mapping[str, int] = field(default_factory=dict)  # reason → milliseconds; their sum is `paused_ms`
    without_note: Sequence[str] = ()  # the calls of `interactions` that are not of `documented`, in order


class OwnDays(Protocol):
    """Counts what agents did."""

    async def own(self, agent: str, day: date) -> OwnDay:
        """Return one agent's work on a day of the office; nothing without any. Raises FiguresUnavailable.

        The counts are those that `reporting.asking.Figures` gives of the agent, read from the event log now.
        """
        ...


def own_day(facts: DayFacts, places: Places, in_time_seconds: int, agent: str) -> OwnDay:
    """Count the agent's own part of a day's facts, as `reporting.counting` counts everybody's."""
    tally = _OwnTally(facts.begins, agent)
    count(facts, places, in_time_seconds, tally)
    adding = Adding(Question(facts.day, facts.day, only={Dimension.AGENT: frozenset({agent})}))
    adding.add(facts.day, tally.day())
    counts = next((line.counts for line in adding.lines()), Counts())
    missing = [call_id for _, call_id in sorted(tally.talked) if call_id not in tally.documented]
    return OwnDay(agent, facts.day, counts, pauses(facts, agent), missing)


class _OwnTally(CellTally):
    """Adds up cells, and keeps which of the agent's interactions are documented."""

    def __init__(self, begins: int, agent: str) -> None:
        super().__init__(begins)
        self._agent = agent
        self.talked: list[tuple[int, str]] = []  # when the talk ended, and the call
        self.documented: set[str] = set()

    def one(self, at: int, key: Key, name: str, call_id: str = "", outcome: str = "") -> None:
        """Count one."""
        super().one(at, key, name, call_id, outcome)
        if key.agent == self._agent and name == "interactions":
            self.talked.append((at, call_id))
        elif key.agent == self._agent and name == "documented":
            self.documented.add(call_id)
