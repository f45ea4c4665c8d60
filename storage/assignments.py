"""Whose call it is: who answered it, by the floor's record, and who has it now, by the running floor."""

from collections.abc import Sequence
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from acd.floor_views import AgentView
from desk.access import AssignmentsUnavailable, Handling
from domain.floor_log import Phase
from storage.database import Database
from storage.kept import Kept
from storage.tables import floor_legs


class LiveFloor(Protocol):
    """The running floor, as far as it is asked here."""

    def agents(self) -> Sequence[AgentView]:
        """Return every agent of the tables."""
        ...


class FloorAssignments(Kept):
    """Tells who has or had a call (`desk.access.Assignments`).

    The record alone would be late by the moment between the ring and its row, and the floor alone forgets
    a call once its note is written: both are asked.
    """

    unavailable = AssignmentsUnavailable

    def __init__(self, database: Database, floor: LiveFloor) -> None:
        super().__init__(database)
        self._floor = floor

    async def handlings(self, call_id: str) -> Sequence[Handling]:
        """Return every agent who answered the call, first to last, then those whose phone rings for it.

        Empty for an unknown call, and for one that no agent was offered. Raises AssignmentsUnavailable.
        """
        if not call_id:
            return []
        answered = await self._read(lambda connection: _answered(connection, call_id))
        views = {view.agent: view for view in self._floor.agents()}
        live = [number for number, view in views.items() if view.call_id == call_id]
        return [
            Handling(number, views[number].team if number in views else "", live=number in live)
            for number in dict.fromkeys([*answered, *live])
        ]


def _answered(connection: Connection, call_id: str) -> Sequence[str]:
    """Return the staff numbers of those who answered, in the order of their first answers."""
    legs = floor_legs.c
    query = (
        sa.select(legs.agent)
        # A callback's own leg is the caller's and has no agent.
        .where(legs.call_id == call_id, legs.agent != "", legs.phase != Phase.RING.value)
        .group_by(legs.agent)
        .order_by(sa.func.min(legs.n))
    )
    return list(connection.execute(query).scalars())
