"""Izin Tidak Online: an agent asks that time be taken out of their schedule; a supervisor decides. Pure.

A request is about a day of the office, or about some days in a row for one reason, which are decided
together. It comes within so many working days after its first shift (reporting/data/exceptions.yaml).
Nobody decides about themselves. Every step stays on record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

from acd.machine import Impossible, table
from desk.working_days import WIB, WorkingCalendar, after, office_day
from reporting.offline_rules import AGENT, OfflineVersion, Reason
from reporting.schedule import Shift
from reporting.schedule_book import Exempt

LONGEST = 2000  # characters of a note

REQUEST = table(
    "offline",
    "A request to take time out of a schedule (Izin Tidak Online).",
    {
        "filed": "waits for a supervisor",
        "approved": "the time is out of the schedule",
        "refused": "the time counts",
        "withdrawn": "the agent took it back",
        "revoked": "was approved by mistake: the time counts again",
    },
    {
        "approve": "a supervisor approves it",
        "refuse": "a supervisor refuses it, with the reason",
        "withdraw": "the agent takes it back",
        "revoke": "a supervisor takes the approval back, with the reason",
    },
    """
    filed + approve -> approved
    filed + refuse -> refused
    filed + withdraw -> withdrawn
    approved + revoke -> revoked
    """,
    """
    approve: * = decided, or taken back
    refuse: * = decided, or taken back
    withdraw: * = decided already
    revoke: * = nothing was approved
    """,
)
STANDS = frozenset({"filed", "approved"})
_WITH_NOTE = frozenset({"refuse", "revoke"})


class OfflineUnavailable(Exception):
    """Requests cannot be read or written at the moment; nothing was changed."""


class OfflineChanged(Exception):
    """Somebody else changed the request in the meantime. Load it again."""


class OfflineRefused(Exception):
    """What was asked for is not allowed. `word` names the reason in the catalogue, `place` the field."""

    def __init__(self, word: str, place: str = "", **values: str) -> None:
        super().__init__(f"{word} {place}".strip())
        self.word, self.place, self.values = word, place, values


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands."""

    request_id: str  # 32 hex digits
    agent: str  # staff number
    team: str
    day: date
    begins: datetime  # aware, UTC
    ends: datetime
    reason: str
    rule: str  # the version of the table it was filed under
    due_on: date  # the last day it could be filed
    filed_at: datetime
    filed_by: str  # staff_id
    state: str = REQUEST.start
    closed_at: datetime | None = None  # decided or taken back
    closed_by: str = ""
    version: int = 1
    last_day: date | None = None  # of several; None: it is about `day` alone
    parts: tuple[tuple[datetime, datetime], ...] = ()  # by the shift, of several days; empty: one time
    seen: int = 1  # the version that the agent has seen

    @property
    def until(self) -> date:
        """The last day it is about."""
        return self.last_day or self.day

    @property
    def times(self) -> Sequence[tuple[datetime, datetime]]:
        """The times it is about, in order; together from `begins` to `ends`."""
        return self.parts or ((self.begins, self.ends),)

    @property
    def is_news(self) -> bool:
        """Whether somebody else closed it and the agent has not seen that."""
        return self.version > self.seen


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a request's trail."""

    request_id: str
    number: int  # the request's version after it
    at: datetime
    who: str
    what: str  # an event of REQUEST, or "filed"
    state: str
    note: str = field(default="", repr=False)  # may tell of an illness; sealed at rest


@dataclass(frozen=True, slots=True)
class Moved:
    """A request after a step, the step, and what it does to the schedule."""

    request: Request
    step: Step
    exempt: tuple[Exempt, ...] = ()  # to be kept with an approval, one for each time


@dataclass(frozen=True, slots=True)
class Asked:
    """What an agent asks for. Without times: the whole shift, or the edge that the reason is about."""

    agent: str
    team: str
    day: date
    reason: str
    begins: datetime | None
    ends: datetime | None
    note: str = field(default="", repr=False)
    last: date | None = None  # of several days; `begins` and `ends` are then meant for each of them

    @property
    def until(self) -> date:
        """The last day."""
        return self.last or self.day


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests wait for somebody."""

    to_decide: int = 0
    news: Sequence[str] = ()  # request ids: decided, and not yet seen by who asked


class OfflineBook(Protocol):
    """Keeps requests. Every method raises OfflineUnavailable."""

    async def file(self, moved: Moved) -> None:
        """Keep a new request. Raises OfflineRefused("there_is_one"): another one stands for this time."""
        ...

    async def change(self, moved: Moved) -> Request:
        """Keep a step; an approval keeps its exceptions, `revoke` takes them back. Raises OfflineChanged."""
        ...

    async def get(self, request_id: str) -> Request:
        """Return one. Raises KeyError."""
        ...

    async def trail(self, request_id: str) -> Sequence[Step]:
        """Return every step, first to last."""
        ...

    async def saw(self, request: Request) -> None:
        """Note that the agent has seen a request as it stands."""
        ...

    async def waiting(self, decides: bool, agent: str) -> Waiting:
        """Return what waits: if somebody `decides`, others' requests; and news of an agent's own."""
        ...

    async def find(
        self, agents: Sequence[str] = (), team: str = "", states: Sequence[str] = (), most: int = 200
    ) -> Sequence[Request]:
        """Return requests: waiting ones first, oldest in front; then the decided, newest in front."""
        ...


def file_request(
    asked: Asked,
    request_id: str,
    who: str,
    now: datetime,
    shifts: Sequence[Shift],
    served: timedelta,
    version: OfflineVersion,
    calendar: WorkingCalendar,
) -> Moved:
    """Return a new request with the first row of its trail. Raises OfflineRefused.

    `shifts` are the agent's on these days, by day; `served` is how long they were signed in on the first day.
    """
    reason = version.reasons.get(asked.reason)
    if reason is None or AGENT not in reason.asked_by:
        raise OfflineRefused("no_reason", "reason")
    _check_note(asked.note, needed=reason.needs_note)
    _check_span(asked, reason, version)
    there = [shift for shift in shifts if shift.pieces]
    if not there:
        raise OfflineRefused("no_shift", "day")
    today, due_on = office_day(now), after(calendar, there[0].day, version.request_days)
    if today > due_on:
        raise OfflineRefused("too_late", "day", due=due_on.strftime("%d.%m.%Y"))
    if asked.until > today + timedelta(days=version.ahead_days):
        place = "day" if asked.until == asked.day else "last"
        raise OfflineRefused("too_early", place, days=str(version.ahead_days))
    if reason.served_below_minutes and served >= timedelta(minutes=reason.served_below_minutes):
        raise OfflineRefused("served_more", "reason", minutes=str(reason.served_below_minutes))
    times = _times(asked, reason, there)
    made = Request(
        request_id, asked.agent, asked.team, asked.day, times[0][0], times[-1][1], asked.reason,
        version.rule, due_on, now, who, last_day=asked.until if asked.until > asked.day else None,
        parts=times if len(times) > 1 else (),
    )  # fmt: skip
    return Moved(made, Step(request_id, 1, now, who, "filed", made.state, asked.note.strip()))


def _check_span(asked: Asked, reason: Reason, version: OfflineVersion) -> None:
    """Refuse days that one request cannot be about. Raises OfflineRefused."""
    if asked.until < asked.day:
        raise OfflineRefused("ends_before", "last")
    if asked.until == asked.day:
        return
    if reason.served_below_minutes:
        raise OfflineRefused("one_day", "last")
    if (asked.until - asked.day).days >= version.span_days:
        raise OfflineRefused("span", "last", days=str(version.span_days))


def _times(asked: Asked, reason: Reason, shifts: Sequence[Shift]) -> tuple[tuple[datetime, datetime], ...]:
    """Return the times, one for each shift, or all of the days as one. Raises OfflineRefused."""
    if reason.whole_day:
        # Whatever becomes of the shifts, the days are out.
        midnights = [datetime.combine(day, time.min, WIB) for day in (asked.day, asked.until)]
        ends = max(midnights[1] + timedelta(days=1), shifts[-1].pieces[-1].at(shifts[-1].day)[1])
        return ((midnights[0], ends),)
    return tuple(_time(asked, reason, shift) for shift in shifts)


def _time(asked: Asked, reason: Reason, shift: Shift) -> tuple[datetime, datetime]:
    """Return the time within a shift. Raises OfflineRefused."""
    first, last = shift.pieces[0].at(shift.day)[0], shift.pieces[-1].at(shift.day)[1]
    later = shift.day - asked.day
    begins = first if reason.edge == "begin" else asked.begins and asked.begins + later
    ends = last if reason.edge == "end" else asked.ends and asked.ends + later
    if begins is None:
        raise OfflineRefused("missing", "begins")
    if ends is None:
        raise OfflineRefused("missing", "ends")
    if begins >= ends:
        raise OfflineRefused("ends_before", "ends")
    begins, ends = max(begins, first), min(ends, last)
    if begins >= ends:
        raise OfflineRefused("outside_shift", "begins")
    return begins, ends


def overlaps(request: Request, others: Iterable[Request]) -> bool:
    """Whether another request that stands is about the same time."""
    return any(
        begins < last and ends > first
        for one in others
        if one.state in STANDS
        for begins, ends in one.times
        for first, last in request.times
    )


def move_request(
    request: Request, event: str, who: str, at: datetime, new_id: Callable[[], str], note: str = ""
) -> Moved:
    """Return a request after an event; an approval brings its exceptions. Raises OfflineRefused.

    Who may is asked by the caller, but one thing: nobody decides about their own request.
    """
    if event != "withdraw" and who == request.filed_by:
        raise OfflineRefused("own")
    _check_note(note, needed=event in _WITH_NOTE)
    try:
        state = REQUEST.after(request.state, event)
    except Impossible as error:
        raise OfflineRefused("not_possible") from error
    if (request.state, event) not in REQUEST.moves:
        raise OfflineRefused("not_possible")
    version = request.version + 1
    seen = version if who == request.filed_by else request.seen
    moved = replace(request, state=state, closed_at=at, closed_by=who, version=version, seen=seen)
    step = Step(request.request_id, moved.version, at, who, event, state, note.strip())
    if state != "approved":
        return Moved(moved, step)
    exempt = tuple(
        Exempt(new_id(), request.agent, begins, ends, request.reason, who, at, request.request_id)
        for begins, ends in request.times
    )
    return Moved(moved, step, exempt)


def _check_note(note: str, *, needed: bool) -> None:
    if needed and not note.strip():
        raise OfflineRefused("missing", "note")
    if len(note) > LONGEST:
        raise OfflineRefused("too_long", "note")
