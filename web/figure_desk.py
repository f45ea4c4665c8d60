"""What the routes of figures share: the question and its reach, names, the trail, refusals."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NoReturn, TypeVar

from fastapi import HTTPException, Request

from acd.skills import office_day
from domain.audit import AuditRow
from domain.masking import mask
from domain.staff import Reach, Staff, StaffUnavailable
from reporting.asking import Dimension, FiguresUnavailable, Interval, Line, NotAsked, Question
from reporting.channels import ChannelsUnavailable
from web.field_refused import field_refused
from web.figure_models import NONE, Earlier, FigureWanted
from web.figure_people import People, Person
from web.figure_port import FigurePort
from web.figure_words import FigureWords
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor

T = TypeVar("T")

VIEW = Permission.FIGURES_VIEW
UNAVAILABLE = "figures_page.unavailable"
_NEWEST = timedelta(days=6)  # before the last day, where nobody says otherwise
_WEEKS = timedelta(weeks=52)
_FIELDS = {"first": "since", "last": "until"}  # of a question → of the form


@dataclass(frozen=True, slots=True)
class Span:
    """Days, first and last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Return how many."""
        return (self.last - self.first).days + 1

    def earlier(self, how: Earlier) -> "Span | None":
        """Return the span to compare with."""
        if how is Earlier.NOTHING:
            return None
        back = _WEEKS if how is Earlier.YEAR else timedelta(days=self.days)
        return Span(self.first - back, self.last - back)


@dataclass(frozen=True, slots=True)
class FigureDesk:
    """Figures, for somebody who was let in."""

    shared: Shared
    port: FigurePort

    def today(self) -> date:
        """Return the day of the office."""
        return office_day(self.shared.clock.now())

    def span(self, wanted: FigureWanted) -> Span:
        """Return the days that are asked for. Raises RequestValidationError: they end before they begin."""
        last = wanted.until or (self.today() if wanted.since is None else max(self.today(), wanted.since))
        first = wanted.since or last - _NEWEST
        if last < first:
            raise field_refused("until", "figures_refused.first_after_last")
        return Span(first, last)

    async def staff(self) -> Sequence[Staff]:
        """Return everybody who signs in. Raises HTTPException 503."""
        try:
            return await self.port.people.all()
        except StaffUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error

    async def people(self) -> People:
        """Return everybody who takes calls, with the name that colleagues know."""
        on_air = {one.agent: one for one in self.shared.floor.agents()}
        known = {
            number: Person(number, one.on_air_name or mask(number), "", one.team)
            for number, one in on_air.items()
        }
        for one in await self.staff():
            if one.number:
                there = known.get(one.number)
                name = there.name if there else mask(one.number)
                team = one.team or (there.team if there else "")
                known[one.number] = Person(one.number, name, one.staff_id, team)
        return People(known.values())

    async def words(self, request: Request, people: People) -> FigureWords:
        """Return names in the reader's language."""
        render = self.shared.render
        campaigns = await self.port.campaigns()
        return FigureWords(render.texts, render.language(request), people, self.port.branches, campaigns)

    def only(
        self, visitor: Visitor, wanted: FigureWanted, people: People
    ) -> Mapping[Dimension, frozenset[str]]:
        """Return what a question is narrowed to: what is asked, within what the visitor may see.

        Raises HTTPException 403: another team; 404: no such agent.
        """
        asked = {
            Dimension.TEAM: wanted.team,
            Dimension.TIER: wanted.tier,
            Dimension.QUEUE: wanted.queue,
            Dimension.BRANCH: wanted.branch,
            Dimension.DIRECTION: wanted.direction,
            Dimension.CAMPAIGN: wanted.campaign,
        }
        only = {
            dimension: frozenset("" if one == NONE else one for one in values)
            for dimension, values in asked.items()
            if values
        }
        if wanted.agent:
            only[Dimension.AGENT] = frozenset(_agent(people, visitor, one) for one in wanted.agent)
        match visitor.reach(VIEW):
            case Reach.ALL:
                return only
            case Reach.TEAM:
                own = frozenset({visitor.staff.team}) - {""}
                if not own or only.get(Dimension.TEAM, own) != own:
                    raise HTTPException(403, "figures_page.other_team")
                return {**only, Dimension.TEAM: own}
            case _:
                own = frozenset({visitor.staff.number}) - {""}
                if not own or only.get(Dimension.AGENT, own) != own:
                    raise HTTPException(403, "figures_page.other_team")
                return {**only, Dimension.AGENT: own}

    async def lines(
        self,
        span: Span,
        only: Mapping[Dimension, frozenset[str]],
        by: Sequence[Dimension] = (),
        interval: Interval = Interval.WHOLE,
    ) -> Sequence[Line]:
        """Return the answer to a question. Raises RequestValidationError, HTTPException 503."""
        return await answered(
            self.port.figures.lines(Question(span.first, span.last, tuple(by), interval, only))
        )

    async def did(self, visitor: Visitor, act: str, **data: str) -> None:
        """Write on the trail what is about to be shown or done. Raises AuditUnavailable."""
        who, at = visitor.staff.staff_id, self.shared.clock.now()
        await self.shared.audit.record(AuditRow(at, who, act, "figures:", "figures", "done", data))


async def answered(asked: Awaitable[T]) -> T:
    """Return what a port answers. Raises RequestValidationError: no such question; HTTPException 503."""
    try:
        return await asked
    except NotAsked as refusal:
        _refuse(refusal)
    except (FiguresUnavailable, ChannelsUnavailable) as error:
        raise HTTPException(503, UNAVAILABLE) from error


def _refuse(refusal: NotAsked) -> NoReturn:
    place = _FIELDS.get(refusal.place, refusal.place)
    raise field_refused(place, f"figures_refused.{refusal.word}") from refusal


def _agent(people: People, visitor: Visitor, staff_id: str) -> str:
    """Return the staff number of an agent within reach. Raises HTTPException 404, the same for no right."""
    if staff_id == NONE:
        return ""
    found = people.by_id(staff_id)
    if found is None or not visitor.covers(VIEW, found.number, found.team):
        raise HTTPException(404, "figures_page.no_such_agent")
    return found.number


async def ordered(lines: Sequence[Line], words: FigureWords, by: Sequence[Dimension]) -> Sequence[Line]:
    """Return lines by interval, then by the names of their groups. Beside the loop: there may be many."""

    def sort() -> list[Line]:
        keys = sorted({one.key for one in lines}, key=lambda key: words.order(by, key))
        rank = {key: place for place, key in enumerate(keys)}
        return sorted(
            lines, key=lambda one: (one.begins is not None and one.begins.timestamp(), rank[one.key])
        )

    return await asyncio.to_thread(sort)
