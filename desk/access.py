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


class Assignments(Protocol):
    """Tells who has or had a call."""

    async def handlings(self, call_id: str) -> Sequence[Handling]:
        """Return every agent who was offered and answered the call, first to last; live ones too.

        An agent whose phone rings for the call now is among them. Empty for an unknown call.
        """
        ...
