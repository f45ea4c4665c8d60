"""What the pages of schedules stand on, and what every route of theirs does first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from fastapi import HTTPException, Request

from acd.floor_views import AgentView
from domain.audit import AuditRow, AuditUnavailable
from domain.staff import Reach, Staff, StaffStore, StaffUnavailable
from reporting.adherence import Adherence
from reporting.schedule_desk import ScheduleDesk
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

Table = tuple[Sequence[str], Sequence[tuple[int, Sequence[str]]]]
"""The cells of a header, and rows with their numbers; cells as text."""


class Today(Protocol):
    """Keeps today's adherence for some seconds: pages that refresh do not reckon it anew each time."""

    async def of_today(self) -> Mapping[str, Adherence]:
        """Return staff number → today so far. Raises AdherenceUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class SchedulePort:
    """Given to `add_schedule_routes`."""

    desk: ScheduleDesk
    people: StaffStore
    today: Today
    read_table: Callable[[bytes, str], Table]  # content, file name; blocking; raises FileRefused
    pauses: Callable[[str], Mapping[str, str]]  # language → reason of a pause → its words


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent of the floor as the pages name them."""

    number: str  # never shown, never in an address
    name: str
    team: str
    staff_id: str  # empty: cannot sign in to the pages


class Agents:
    """The agents within somebody's reach, by name."""

    def __init__(self, agents: Sequence[Agent], staff: Sequence[Staff]) -> None:
        self.all = sorted(agents, key=lambda one: (one.team, one.name, one.number))
        self._by_number = {one.number: one for one in agents}
        self._names = {one.staff_id: one.display_name for one in staff}

    def of(self, number: str) -> Agent | None:
        """Return who has this staff number."""
        return self._by_number.get(number)

    def by_staff(self, staff_id: str) -> Agent | None:
        """Return the agent who signs in as this member of staff."""
        return next((one for one in self.all if one.staff_id == staff_id), None)

    def name(self, staff_id: str) -> str:
        """Return a member of staff's name; a machine's own word; empty: nobody of ours."""
        return self._names.get(staff_id, staff_id if ":" in staff_id else "")

    @property
    def teams(self) -> Sequence[str]:
        """Return their teams."""
        return sorted({one.team for one in self.all if one.team})


class ScheduleDoor:
    """What the routes share."""

    def __init__(self, shared: Shared, port: SchedulePort) -> None:
        self.shared, self.port = shared, port

    @property
    def desk(self) -> ScheduleDesk:
        """The desk."""
        return self.port.desk

    def now(self) -> datetime:
        """Return the time."""
        return self.shared.clock.now()

    def today(self) -> date:
        """Return the office's day."""
        return self.desk.today()

    def language(self, request: Request) -> str:
        """Return the reader's language."""
        return self.shared.render.language(request)

    def say(self, request: Request, name: str, **values: object) -> str:
        """Return a text."""
        return self.shared.render.texts.say(self.language(request), name, **values)

    async def agents(self, visitor: Visitor, permission: Permission = Permission.SCHEDULE_VIEW) -> Agents:
        """Return the agents within reach of a permission. Raises HTTPException 503."""
        try:
            staff = await self.port.people.all()
        except StaffUnavailable as error:
            raise HTTPException(503, "schedules.unavailable") from error
        signs_in = {one.number: one.staff_id for one in staff if one.number and not one.disabled}
        found = [
            Agent(view.agent, view.on_air_name, view.team, signs_in.get(view.agent, ""))
            for view in self.shared.floor.agents()
            if visitor.covers(permission, view.agent, view.team)
        ]
        return Agents(found, staff)

    async def agent(
        self, request: Request, staff_id: str, permission: Permission = Permission.SCHEDULE_VIEW
    ) -> tuple[Agent, Agents]:
        """Return an agent within reach. Raises HTTPException 404, the same for no right."""
        agents = await self.agents(visitor_of(request), permission)
        found = agents.by_staff(staff_id)
        if found is None:
            raise HTTPException(404, "schedules.no_such_agent")
        return found, agents

    def live(self) -> Mapping[str, AgentView]:
        """Return every agent as the floor has them now."""
        return {one.agent: one for one in self.shared.floor.agents()}

    def team(self, visitor: Visitor, asked: str, agents: Agents) -> str:
        """Return the team to show; empty: all. Raises HTTPException 403: not within reach."""
        if not asked or visitor.reach(Permission.SCHEDULE_VIEW) is Reach.OWN:
            return ""
        if asked not in agents.teams and visitor.reach(Permission.SCHEDULE_VIEW) is not Reach.ALL:
            raise HTTPException(403, "schedules.not_your_team")
        return asked

    async def did(self, visitor: Visitor, act: str, subject: str, outcome: str = "done", **data: str) -> None:
        """Put an act on the audit trail, before it is done. Raises HTTPException 503."""
        row = AuditRow(self.now(), visitor.staff.staff_id, act, subject, "", outcome, data)
        try:
            await self.shared.audit.record(row)
        except AuditUnavailable as error:
            raise HTTPException(503, "schedules.audit_down") from error
