"""Messages from supervisors to agents: to whom they go, until when they are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

LONGEST_TEXT = 500  # characters
SHOWN_FOR = timedelta(hours=8)  # a message that nobody acknowledged is shown so long, to latecomers too


class Audience(StrEnum):
    """To whom a message goes."""

    AGENT = "agent"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class StaffMessage:
    """A message. `whom` is a staff number or a team; empty: everybody. The text is personal."""

    message_id: str
    at: datetime
    who: str  # staff_id of the sender
    audience: Audience
    whom: str
    until: datetime
    text: str

    def is_for(self, agent: str, team: str) -> bool:
        """Whether it goes to an agent (staff number) of a team."""
        match self.audience:
            case Audience.AGENT:
                return self.whom == agent
            case Audience.TEAM:
                return bool(team) and self.whom == team
            case Audience.ALL:
                return True


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far a message got with one agent."""

    agent: str  # staff number
    told_at: datetime
    shown_at: datetime | None = None  # an open page of the agent fetched it
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message with its receipts, by staff number."""

    message: StaffMessage
    receipts: Sequence[Receipt]

    @property
    def shown(self) -> int:
        """How many saw it."""
        return sum(one.shown_at is not None for one in self.receipts)

    @property
    def acknowledged(self) -> int:
        """How many said that they read it."""
        return sum(one.acknowledged_at is not None for one in self.receipts)


def told(message: StaffMessage, at_work: Iterable[tuple[str, str]]) -> list[str]:
    """Return which of those at work (staff number, team) a message goes to."""
    return [agent for agent, team in at_work if message.is_for(agent, team)]


class MessageStore(Protocol):
    """Keeps messages. Raises reporting.wall_thresholds.WallUnavailable."""

    async def send(self, message: StaffMessage, agents: Sequence[str]) -> None:
        """Keep a message, with a receipt for each of these agents."""
        ...

    async def open_for(self, agent: str, team: str, now: datetime) -> Sequence[StaffMessage]:
        """Return what an agent has yet to acknowledge, oldest first; it counts as shown."""
        ...

    async def acknowledge(self, message_id: str, agent: str, team: str, now: datetime) -> bool:
        """Note that an agent read it; False: it was not for them. Idempotent."""
        ...

    async def recent(self, since: datetime, limit: int = 50) -> Sequence[SentMessage]:
        """Return the newest messages sent since then, newest first."""
        ...
