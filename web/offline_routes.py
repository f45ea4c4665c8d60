"""Izin Tidak Online: an agent's own schedule and requests; what supervisors decide, with the trail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from fastapi import HTTPException, Request, Response

from desk.working_days import WIB, after
from reporting.offline import Asked, OfflineRefused, Step
from reporting.offline import Request as Asking
from reporting.offline_rules import AGENT
from web.appeal_models import ChoiceView, HexId, StepView
from web.guard import visitor_of
from web.offline_models import (
    OfflineBody,
    OfflineList,
    OfflineRow,
    OfflineShift,
    OfflineStepBody,
    OfflineTime,
    OfflineView,
    OfflineWaiting,
    OfflineWithdrawBody,
)
from web.permissions import Permission
from web.schedule_days import agent_view
from web.schedule_models import clock_of
from web.schedule_port import Agent, Agents, ScheduleDoor
from web.schedule_views import ScheduleWords
from web.visitor import Visitor

TAGS = ["schedules"]
_ASK, _DECIDE = Permission.OFFLINE_REQUEST, Permission.OFFLINE_DECIDE
_ONE = timedelta(days=1)


def add_offline_routes(door: ScheduleDoor) -> None:
    """Add the routes."""
    _add_own(door)
    _add_asking(door)
    _add_listing(door)
    _add_bell(door)  # before what takes any word in its place for a request
    _add_deciding(door)


class OfflineWords:
    """Makes views of requests for one reader."""

    def __init__(self, door: ScheduleDoor, request: Request, agents: Agents) -> None:
        self._door, self._agents = door, agents
        self._words = ScheduleWords(door, request)
        self._visitor = visitor_of(request)

    def row(self, one: Asking) -> OfflineRow:
        """Return a request in a list."""
        agent = self._agents.of(one.agent)
        begins, ends = one.begins.astimezone(WIB), one.ends.astimezone(WIB)
        return OfflineRow(
            request_id=one.request_id,
            agent="…" if agent is None else agent.name,
            team=one.team,
            day=one.day,
            last_day=one.until,
            begins=one.begins,
            ends=one.ends,
            whole_day=begins.time() == ends.time() == time.min,
            reason=self._words.reason(one.reason),
            state=one.state,
            words=self._words.say(f"offline_state.{one.state}"),
            filed_at=one.filed_at,
            mine=one.agent == self._visitor.staff.number,
            news=one.agent == self._visitor.staff.number and one.is_news,
        )

    async def view(self, one: Asking) -> OfflineView:
        """Return a request with its trail. To be called after the view is on the audit trail."""
        shifts = await self._door.desk.on.book.shifts(one.day, one.until, {one.agent})
        mine = one.filed_by == self._visitor.staff.staff_id
        decides = not mine and self._visitor.reach(_DECIDE) is not None
        return OfflineView(
            **self.row(one).model_dump(),
            version=one.version,
            due_on=one.due_on,
            rule=self._rule(one.rule),
            times=[OfflineTime(begins=begins, ends=ends) for begins, ends in one.times],
            scheduled=[
                OfflineShift(day=shift.day, words=self._words.pieces(shift.pieces, shift.day))
                for shift in shifts
            ],
            trail=[self._step(step) for step in await self._door.desk.on.offline.trail(one.request_id)],
            may_decide=decides and one.state == "filed",
            may_revoke=decides and one.state == "approved",
            may_withdraw=mine and one.state == "filed",
        )

    def _rule(self, rule: str) -> str:
        """Return the version of the table in words; its day is the last word of its name."""
        day = date.fromisoformat(rule.rpartition(" ")[2])
        return self._words.say("offline.rule", day=day.strftime("%d.%m.%Y"))

    def _step(self, step: Step) -> StepView:
        return StepView(
            at=step.at,
            who=self._agents.name(step.who),
            words=self._words.say(f"offline_event.{step.what}"),
            note=step.note,
        )

    def reasons(self, day: date) -> list[ChoiceView]:
        """Return what an agent may ask for."""
        known = self._door.desk.on.reasons.on(day).asked_by(AGENT)
        return [ChoiceView(value=code, words=self._words.reason(code)) for code in known]


async def _listed(door: ScheduleDoor, request: Request, *, own: bool) -> OfflineList:
    visitor = visitor_of(request)
    agents = await door.agents(visitor, Permission.SCHEDULE_VIEW)
    words, today = OfflineWords(door, request, agents), door.today()
    numbers = (visitor.staff.number or "-",) if own else ()
    found = await door.desk.on.offline.find(numbers)
    return OfflineList(
        requests=[words.row(one) for one in found],
        reasons=words.reasons(today),
        days=door.desk.on.reasons.on(today).request_days,
        span_days=door.desk.on.reasons.on(today).span_days,
    )


def _add_own(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.get("/jadwal/saya", _ASK, include_in_schema=False)
    async def own_schedule_page(request: Request) -> Response:
        """Show an agent's own schedule, adherence and requests."""
        visitor, today = visitor_of(request), door.today()
        agents = await door.agents(visitor)
        mine = _own(visitor, agents)
        days = (today - 7 * _ONE, today + 14 * _ONE)
        model = await agent_view(door, request, mine, agents, *days)
        requests = await _listed(door, request, own=True)
        return shared.render.page(
            request,
            "schedules/own_page.html",
            model=model,
            requests=requests,
            earliest=_earliest(door, today),
            today=today,
        )


def _own(visitor: Visitor, agents: Agents) -> Agent:
    found = agents.of(visitor.staff.number)
    staff = visitor.staff
    return found or Agent(staff.number or "-", staff.display_name, staff.team, staff.staff_id)


def _earliest(door: ScheduleDoor, today: date) -> date:
    """Return the first day that a request may still be about."""
    days, day = door.desk.on.reasons.on(today).request_days, today
    while after(door.desk.on.calendar, day - _ONE, days) >= today:
        day -= _ONE
    return day


def _add_asking(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.get("/api/offline/mine", _ASK, response_model=OfflineList, tags=TAGS)
    async def own_offline(request: Request) -> Response:
        """Return the visitor's own requests, waiting ones first."""
        return shared.render.reply(
            request, await _listed(door, request, own=True), "schedules/offline_list.html"
        )

    @shared.guard.post("/api/offline", _ASK, response_model=OfflineView, status_code=201, tags=TAGS)
    async def ask_offline(request: Request, body: OfflineBody) -> Response:
        """Ask that time be taken out of one's own schedule, within the days after the event."""
        visitor = visitor_of(request)
        if not visitor.staff.number:
            raise OfflineRefused("no_shift", "day")
        await door.did(visitor, "offline_asked", f"staff:{visitor.staff.staff_id}")
        agents = await door.agents(visitor)
        asked = Asked(
            visitor.staff.number,
            _own(visitor, agents).team,
            body.day,
            body.reason,
            _at(body.day, body.begins),
            _at(body.day, body.ends),
            body.note,
            body.last,
        )
        made = await door.desk.file(asked, visitor.staff.staff_id)
        view = await OfflineWords(door, request, agents).view(made)
        answer = shared.render.reply(request, view, "schedules/offline_one.html", 201)
        answer.headers["HX-Redirect"] = f"/jadwal/izin/{made.request_id}"
        return answer

    @shared.guard.post("/api/offline/{request_id}/withdraw", _ASK, response_model=OfflineView, tags=TAGS)
    async def withdraw_offline(request: Request, request_id: HexId, body: OfflineWithdrawBody) -> Response:
        """Take one's own request back, while it waits."""
        visitor = visitor_of(request)
        one = await _read(door, request_id)
        if one.filed_by != visitor.staff.staff_id:
            raise HTTPException(404, "schedules.no_such_request")
        await door.did(visitor, "offline_withdraw", f"offline:{request_id}")
        moved = await door.desk.move(one, body.version, "withdraw", visitor.staff.staff_id, body.note)
        view = await OfflineWords(door, request, await door.agents(visitor)).view(moved)
        return shared.render.reply(request, view, "schedules/offline_one.html")


def _at(day: date, text: str) -> datetime | None:
    clock = clock_of(text)
    return None if clock is None else datetime.combine(day, clock, WIB)


async def _read(door: ScheduleDoor, request_id: str) -> Asking:
    try:
        return await door.desk.on.offline.get(request_id)
    except KeyError as error:
        raise HTTPException(404, "schedules.no_such_request") from error


def _add_listing(door: ScheduleDoor) -> None:
    shared = door.shared

    @shared.guard.get("/api/offline", _DECIDE, response_model=OfflineList, tags=TAGS)
    async def offline_requests(request: Request) -> Response:
        """Return the requests of everybody, waiting ones first."""
        await door.did(visitor_of(request), "offline_listed", "offline:list")
        return shared.render.reply(
            request, await _listed(door, request, own=False), "schedules/offline_list.html"
        )

    @shared.guard.get("/jadwal/izin", _DECIDE, include_in_schema=False)
    async def offline_page(request: Request) -> Response:
        """Show them."""
        await door.did(visitor_of(request), "offline_listed", "offline:list")
        model = await _listed(door, request, own=False)
        return shared.render.page(request, "schedules/offline_page.html", model=model)


def _add_deciding(door: ScheduleDoor) -> None:
    shared = door.shared

    async def seen(request: Request, request_id: str) -> OfflineView:
        visitor = visitor_of(request)
        one = await _read(door, request_id)
        if one.filed_by != visitor.staff.staff_id and visitor.reach(_DECIDE) is None:
            raise HTTPException(404, "schedules.no_such_request")
        await door.did(visitor, "offline_viewed", f"offline:{request_id}")
        if one.filed_by == visitor.staff.staff_id and one.is_news:
            await door.desk.on.offline.saw(one)
        return await OfflineWords(door, request, await door.agents(visitor)).view(one)

    @shared.guard.get(
        "/api/offline/{request_id}", Permission.SCHEDULE_VIEW, response_model=OfflineView, tags=TAGS
    )
    async def offline_request(request: Request, request_id: HexId) -> Response:
        """Return a request with its trail: one's own, or any for who decides."""
        return shared.render.reply(request, await seen(request, request_id), "schedules/offline_one.html")

    @shared.guard.get("/jadwal/izin/{request_id}", Permission.SCHEDULE_VIEW, include_in_schema=False)
    async def offline_one_page(request: Request, request_id: HexId) -> Response:
        """Show it."""
        model = await seen(request, request_id)
        return shared.render.page(request, "schedules/offline_one_page.html", model=model)

    @shared.guard.post("/api/offline/{request_id}/decide", _DECIDE, response_model=OfflineView, tags=TAGS)
    async def decide_offline(request: Request, request_id: HexId, body: OfflineStepBody) -> Response:
        """Approve, refuse, or take an approval back; never about oneself."""
        visitor = visitor_of(request)
        one = await _read(door, request_id)
        if one.agent == visitor.staff.number:
            raise OfflineRefused("own")
        await door.did(visitor, f"offline_{body.event}", f"offline:{request_id}")
        moved = await door.desk.move(one, body.version, body.event, visitor.staff.staff_id, body.note)
        view = await OfflineWords(door, request, await door.agents(visitor)).view(moved)
        return shared.render.reply(request, view, "schedules/offline_one.html")


def _add_bell(door: ScheduleDoor) -> None:
    shared = door.shared
    shared.render.add_bell("/api/offline/waiting", _ASK, _DECIDE)

    @shared.guard.get(
        "/api/offline/waiting", Permission.SCHEDULE_VIEW, response_model=OfflineWaiting, tags=TAGS
    )
    async def offline_waiting(request: Request) -> Response:
        """Return how many requests wait for the visitor's decision, and news of own ones: for the bar."""
        visitor = visitor_of(request)
        decides = visitor.reach(_DECIDE) is not None
        agent = (visitor.staff.number or "") if visitor.reach(_ASK) is not None else ""
        found = await door.desk.on.offline.waiting(decides, agent)
        newest = found.news[0] if len(found.news) == 1 else ""
        model = OfflineWaiting(to_decide=found.to_decide, news=len(found.news), newest=newest)
        return shared.render.reply(request, model, "schedules/offline_bell.html")
