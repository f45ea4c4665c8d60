"""The office's view of matters: signals of clocks, who has how much, statistics, callbacks."""

from datetime import date, datetime, time, timedelta

from fastapi import HTTPException, Request, Response

from desk.complaint_steps import STEPS
from desk.matters import MatterKind, MatterRefused
from desk.matters_statistics import case_lines, complaint_statistics
from desk.matters_watch import Reached
from desk.matters_work import SignalKind
from desk.working_days import WIB, office_day
from web.days import DayOrNothing
from web.guard import visitor_of
from web.matter_board_views import BoardWords
from web.matter_models import WorkList
from web.matter_office_models import (
    Bell,
    Callbacks,
    SeenBody,
    SignalList,
    Spread,
    SpreadBody,
    Statistics,
    SwitchBody,
    Workload,
)
from web.matter_office_port import reached
from web.matter_port import WORK_KINDS, MatterDoor
from web.permissions import Permission
from web.visitor import Visitor

TAGS = ["matters"]
_MOST = 200
_A_YEAR = timedelta(days=366)
_COMPLAINTS = frozenset({MatterKind.COMPLAINT})


def add_board_routes(door: MatterDoor) -> None:
    """Add the routes."""
    _add_signals(door)
    _add_workload(door)
    _add_complaints(door)
    _add_statistics(door)
    _add_callbacks(door)


def _whose(visitor: Visitor, permission: Permission) -> Reached:
    found = reached(visitor, permission)
    if found is None:
        raise HTTPException(403, "matters.not_yours")
    return found


# ---- Signals of clocks


async def _signals(door: MatterDoor, request: Request) -> SignalList:
    visitor = visitor_of(request)
    await door.audit(visitor, "matters_listed", None, "signals", subject="matters:signals")
    whose = _whose(visitor, Permission.MATTER_WORK)
    found = await door.port.office.watch.standing_signals(whose, visitor.staff.staff_id, _MOST)
    words, names = BoardWords(door, request, visitor), await door.names()
    return SignalList(
        signals=[words.signal(one, names) for one in found],
        overdue=sum(one.signal.kind is not SignalKind.REMINDER for one in found),
    )


def _add_signals(door: MatterDoor) -> None:
    shared, watch = door.shared, door.port.office.watch

    @shared.guard.get(
        "/api/matter-work/signals", Permission.MATTER_WORK, response_model=SignalList, tags=TAGS
    )
    async def matter_signals(request: Request) -> Response:
        """Return what clocks within reach tell that the visitor has not seen, due first."""
        return shared.render.reply(request, await _signals(door, request), "matters/signal_list.html")

    @shared.guard.get("/pengingat", Permission.MATTER_WORK, include_in_schema=False)
    async def signals_page(request: Request) -> Response:
        """Show reminders and alarms."""
        return shared.render.page(request, "matters/signals.html", model=await _signals(door, request))

    @shared.guard.post(
        "/api/matter-work/signals/seen", Permission.MATTER_WORK, response_model=SignalList, tags=TAGS
    )
    async def signals_seen(request: Request, body: SeenBody) -> Response:
        """Note that the visitor has seen signals; they are gone from the visitor's list alone."""
        visitor = visitor_of(request)
        whose = _whose(visitor, Permission.MATTER_WORK)
        mine = {one.signal_id for one in await watch.standing_signals(whose, most=10_000)}
        chosen = [one for one in body.signals if one in mine]
        await watch.saw(chosen, visitor.staff.staff_id, shared.clock.now())
        return shared.render.reply(request, await _signals(door, request), "matters/signal_list.html")

    @shared.guard.get("/api/matter-work/bell", Permission.MATTER_WORK, response_model=Bell, tags=TAGS)
    async def matter_bell(request: Request) -> Response:
        """Return how many signals the visitor has not seen. Nothing of a taxpayer is in it."""
        visitor = visitor_of(request)
        whose = reached(visitor, Permission.MATTER_WORK)
        found = [] if whose is None else await watch.standing_signals(whose, visitor.staff.staff_id, _MOST)
        overdue = sum(one.signal.kind is not SignalKind.REMINDER for one in found)
        return shared.render.reply(request, Bell(unseen=len(found), overdue=overdue), "matters/bell.html")


# ---- Who has how much


async def _workload(door: MatterDoor, request: Request) -> Workload:
    visitor = visitor_of(request)
    await door.audit(visitor, "matters_listed", None, "workload", subject="matters:workload")
    whose, today = _whose(visitor, Permission.MATTER_STEER), office_day(door.shared.clock.now())
    office = door.port.office
    workers = [
        one for one in await door.port.workers.workers() if one.clusters and whose.team in (None, one.team)
    ]
    burdens, counts = await office.watch.burdens(today), await office.watch.open_by_step(whose, today)
    waiting = await office.watch.unassigned(WORK_KINDS, door.shared.clock.now(), _MOST)
    words = BoardWords(door, request, visitor)
    return Workload(
        workers=words.loads(workers, burdens),
        steps=words.steps(counts),
        unassigned=[words.words.view(one) for one in waiting if whose.covers(one)],
    )


def _add_workload(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/matter-work/workload", Permission.MATTER_STEER, response_model=Workload, tags=TAGS
    )
    async def matter_workload(request: Request) -> Response:
        """Return who has how much within reach, where matters are, and what nobody has."""
        return shared.render.reply(request, await _workload(door, request), "matters/workload_parts.html")

    @shared.guard.get("/perkara-tim", Permission.MATTER_STEER, include_in_schema=False)
    async def workload_page(request: Request) -> Response:
        """Show the team's work on matters."""
        return shared.render.page(request, "matters/workload.html", model=await _workload(door, request))

    @shared.guard.post("/api/matter-work/spread", Permission.MATTER_STEER, response_model=Spread, tags=TAGS)
    async def spread_matters(request: Request, body: SpreadBody) -> Response:
        """Give out what nobody has, by skill and load, within reach; each with the reason."""
        visitor = visitor_of(request)
        await door.audit(visitor, "matters_given_out", None, body.kind or "all", subject="matters:list")
        kinds = WORK_KINDS if body.kind is None else frozenset({MatterKind(body.kind)})
        whose = _whose(visitor, Permission.MATTER_STEER)
        given = await door.port.office.desk.give_out_now(whose, kinds, visitor.staff.staff_id)
        found = BoardWords(door, request, visitor).spread(given)
        return shared.render.reply(request, found, "matters/spread.html")


# ---- Complaints


def _add_complaints(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.get("/pengaduan", Permission.MATTER_STEER, include_in_schema=False)
    async def complaints_page(request: Request) -> Response:
        """Show the complaints within reach, by step, due first."""
        visitor = visitor_of(request)
        await door.audit(visitor, "matters_listed", None, "complaints", subject="matters:complaints")
        whose, now = _whose(visitor, Permission.MATTER_STEER), shared.clock.now()
        wanted = door.filter(visitor, kinds=_COMPLAINTS, most=_MOST)
        found = [] if wanted is None else await door.port.book.work(wanted)
        counts = await door.port.office.watch.open_by_step(whose, office_day(now))
        words, names = BoardWords(door, request, visitor), await door.names()
        of_steps = {key: count for key, count in counts.items() if key[0] == MatterKind.COMPLAINT}
        listed = [words.words.view(one, names) for one in found if one.state in STEPS]
        work = WorkList(matters=listed, more=len(found) == _MOST, kind="complaint", whose="all", closed=False)
        steps = words.steps(of_steps)
        return shared.render.page(request, "matters/complaints.html", model=work, steps=steps)


async def _statistics(
    door: MatterDoor, request: Request, first: date | None, last: date | None
) -> Statistics:
    visitor, now = visitor_of(request), door.shared.clock.now()
    whose = _whose(visitor, Permission.MATTER_STEER)
    last = last or office_day(now)
    first = first or last.replace(day=1)
    if first > last:
        raise MatterRefused("days_swapped", place="first")
    if last - first > _A_YEAR:
        raise MatterRefused("span_too_long", place="last")
    since = datetime.combine(first, time(), WIB)
    until = datetime.combine(last, time(), WIB) + timedelta(days=1)
    stories = await door.port.office.watch.stories(WORK_KINDS, since, until, whose.team)
    rules = door.port.rules
    found = complaint_statistics(rules.complaints, rules.calendar, stories, first, last, now)
    cases = case_lines(rules.calendar, stories, first, last, now)
    return BoardWords(door, request, visitor).statistics(found, cases)


def _add_statistics(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/matter-work/statistics", Permission.MATTER_STEER, response_model=Statistics, tags=TAGS
    )
    async def matter_statistics(
        request: Request, first: DayOrNothing = None, last: DayOrNothing = None
    ) -> Response:
        """Return how long complaints took by step and unit, and cases by type; without days this month."""
        found = await _statistics(door, request, first, last)
        return shared.render.reply(request, found, "matters/statistics_parts.html")

    @shared.guard.get("/pengaduan/statistik", Permission.MATTER_STEER, include_in_schema=False)
    async def statistics_page(
        request: Request, first: DayOrNothing = None, last: DayOrNothing = None
    ) -> Response:
        """Show the statistics."""
        found = await _statistics(door, request, first, last)
        return shared.render.page(request, "matters/statistics.html", model=found)


# ---- Callbacks through the dialer


async def _callbacks(door: MatterDoor, request: Request) -> Callbacks:
    visitor, switch = visitor_of(request), door.port.office.switch
    standing = [] if switch is None else await switch.standing()
    words = BoardWords(door, request, visitor)
    may = visitor.reach(Permission.CAMPAIGN_RUN) is not None
    may = may and visitor.reach(Permission.LIST_APPROVE) is not None
    return Callbacks(
        available=switch is not None,
        may_switch=may,
        purposes=[words.callback(one) for one in standing],
    )


def _add_callbacks(door: MatterDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/matter-work/callbacks", Permission.MATTER_STEER, response_model=Callbacks, tags=TAGS
    )
    async def matter_callbacks(request: Request) -> Response:
        """Return how callbacks of matters through the dialer stand."""
        return shared.render.reply(request, await _callbacks(door, request), "matters/callbacks.html")

    @shared.guard.post(
        "/api/matter-work/callbacks", Permission.LIST_APPROVE, response_model=Callbacks, tags=TAGS
    )
    async def switch_callbacks(request: Request, body: SwitchBody) -> Response:
        """Let the dialer call back, or not: starting approves its lists and runs its campaigns."""
        visitor, switch = visitor_of(request), door.port.office.switch
        if visitor.reach(Permission.CAMPAIGN_RUN) is None:
            raise HTTPException(403, "matters.not_yours")
        if switch is None:
            raise MatterRefused("no_dialer")
        act = "matter_callbacks_on" if body.on else "matter_callbacks_off"
        await door.audit(visitor, act, None, "callbacks", subject="matters:callbacks")
        await (switch.switch_on if body.on else switch.switch_off)(visitor.staff.staff_id)
        return shared.render.reply(request, await _callbacks(door, request), "matters/callbacks.html")
