"""The rows of one drawn day, table by table, in the order of their columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

OPENS, CLOSES = 8 * 3_600_000, 16 * 3_600_000  # of the office's day, in milliseconds
_WIB = 7 * 3_600_000
# The seconds of a day after midnight UTC, as texts: 07.00 to 23.59 WIB.
_SECONDS = [f"{one // 3600:02d}:{one // 60 % 60:02d}:{one % 60:02d}" for one in range(17 * 3600)]
Row = tuple[Any, ...]


@dataclass(slots=True)
class Numbers:
    """What is counted up over the whole year."""

    row: int = 0  # of the floor's record
    offer: int = 0
    lead: int = 0


def ids_from(seed: int, day: date) -> Iterator[str]:
    """Yield ids of calls, other ones on every day."""
    head = f"{seed:04x}{day:%Y%m%d}"
    number = 0
    while True:
        number += 1
        yield f"{head}{number:020x}"


class DayRows:
    """Collects rows. Times are milliseconds of the office's day."""

    def __init__(self, day: date, numbers: Numbers, ids: Iterator[str]) -> None:
        self.day = day
        self.tables: dict[str, list[Row]] = defaultdict(list)
        self._numbers, self._ids = numbers, ids
        self._head = f"{day}T"
        self._since: dict[str, tuple[int, str, str]] = {}  # agent → since when, declared, observed

    def new_id(self) -> str:
        """Return a new id."""
        return next(self._ids)

    def at(self, ms: int) -> str:
        """Return a time as the databases take it, UTC."""
        seconds, rest = divmod(ms - _WIB, 1000)
        return f"{self._head}{_SECONDS[seconds]}.{rest:03d}000+00:00"

    def n(self) -> int:
        """Return the next number of the floor's record."""
        self._numbers.row += 1
        return self._numbers.row

    def call(self, call_id: str, began: int, ended: int, reason: str) -> None:
        """Add a call."""
        self.tables["calls"].append(
            (call_id, call_id, "1500200", None, "drawn", self.at(began), self.at(ended), reason)
        )

    def entry(self, call_id: str, at: int, queue: str, since: int, outcome: str = "") -> None:
        """Add that a call entered a waiting room, or how it left."""
        self.tables["floor_entries"].append(
            (self.n(), call_id, self.at(at), queue, "id", self.at(since), outcome)
        )

    def offer(self, call_id: str, agent: str, at: int, ended: int, waited: int, outcome: str) -> str:
        """Add an offer and its end; return its leg."""
        self._numbers.offer += 1
        number, leg = self._numbers.offer, f"leg-{self._numbers.offer}"
        head = (call_id, agent, leg, 0, waited / 1000)
        self.tables["floor_offers"].append((self.n(), number, self.at(at), *head, ""))
        self.tables["floor_offers"].append((self.n(), number, self.at(ended), *head, outcome))
        return leg

    def phases(self, leg: str, call_id: str, agent: str, began: int, *phases: tuple[str, int]) -> int:
        """Add a leg's phases one after the other; return when the last one ended."""
        rows, seq = self.tables["floor_legs"], 0
        for phase, ms in phases:
            rows.append((self.n(), leg, seq + 1, self.at(began), call_id, agent, phase, None, "", False))
            began += ms
            seq += 2
            rows.append((self.n(), leg, seq, self.at(began), call_id, agent, phase, ms / 1000, "over", False))
        return began

    def state(self, agent: str, at: int, declared: str, observed: str, reason: str = "") -> None:
        """Add that an agent's state changed."""
        before = self._since.get(agent)
        seconds = None if before is None else (at - before[0]) / 1000
        self._since[agent] = (at, declared, observed)
        self.tables["floor_agents"].append(
            (self.n(), agent, self.at(at), declared, observed, reason, "", "agent", seconds)
        )

    def sign_out(self) -> None:
        """Let everybody go home."""
        for agent, (since, _, _) in list(self._since.items()):
            self.state(agent, max(CLOSES, since + 1), "signed_out", "phone_gone")

    def note(self, call_id: str, agent: str, at: int, branch: str) -> None:
        """Add an interaction note."""
        when = self.at(at)
        self.tables["interaction_notes"].append(
            (self.new_id(), 1, call_id, when, when, agent, agent, "", branch, "", "", "id", None, b"")
        )

    def attempt(self, call_id: str, campaign: str, began: int, ended: int, outcome: str, agent: str) -> None:
        """Add a dial that is over."""
        self._numbers.lead += 1
        key = self._numbers.lead.to_bytes(16, "big")
        live = outcome in ("talked", "abandoned")
        answered = self.at(began + 9000) if live else None
        joined = self.at(began + 9500) if agent else None
        self.tables["attempts"].append(
            (call_id, campaign, 1, self._numbers.lead, 1, key, key, b"", "wib", "predictive", "", "drawn",
             key, b"", self.at(began), "ended", 2, self.at(ended), outcome, "", "", agent, 200, 16, "",
             self.at(began + 200), answered, joined, self.at(ended))
        )  # fmt: skip
