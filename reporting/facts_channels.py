"""Counts of chat and e-mail, which come by import from the products that serve them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from reporting.counts import Counts


@dataclass(frozen=True, slots=True)
class ChannelDay:
    """What an agent, or a team as a whole, did on one day in other channels."""

    day: date  # of the office
    agent: str = ""  # staff number; empty: of the team as a whole
    team: str = ""  # empty: the agent's team of that day
    chats: int = 0  # answered
    chats_in_time: int = 0  # of `chats`: within the SLA
    mails_assigned: int = 0
    mails_answered: int = 0

    @property
    def counts(self) -> Counts:
        """What it gives to the sums."""
        return Counts(
            chats=self.chats,
            chats_in_time=self.chats_in_time,
            mails_assigned=self.mails_assigned,
            mails_answered=self.mails_answered,
        )


@dataclass(frozen=True, slots=True)
class ChannelImport:
    """One import that was taken: who, when, which file, how many rows."""

    import_id: int  # 1, 2, … in the order of taking
    at: datetime  # aware, UTC
    who: str  # staff_id
    about: str
    rows: int


class ChannelCounts(Protocol):
    """Keeps counts of other channels. Every method raises `reporting.asking.FiguresUnavailable`."""

    async def put(self, rows: Sequence[ChannelDay], who: str, about: str, at: datetime) -> ChannelImport:
        """Keep the rows of one import, all or none, and let the roll-ups of their days be made again.

        They hold in place of earlier ones of the same day, agent and team. Raises ValueError: a row twice.
        """
        ...

    async def days(self, first: date, last: date) -> Sequence[ChannelDay]:
        """Return what holds for these days, first and last included, by day, team and agent."""
        ...

    async def imports(self, limit: int = 20) -> Sequence[ChannelImport]:
        """Return the newest imports, newest first."""
        ...
