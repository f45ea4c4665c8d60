"""Whose call it is: who may see its card and write its note."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Handling:
    """One agent's part in a call."""

    agent: str  # staff number
    team: str  # of the agent, as the tables have it now
    live: bool  # offered to the agent, on the line, or its note being written now


class AssignmentsUnavailable(Exception):
    """Who had a call cannot be read at the moment: nothing of it is shown."""


class Assignments(Protocol):
    """Tells who has or had a call."""

    async def handlings(self, call_id: str) -> Sequence[Handling]:
        """Return every agent who answered the call, first to last, then those whose phone rings for it.

        Empty for an unknown call, and for one that no agent was offered. Raises AssignmentsUnavailable.
        """
        ...
