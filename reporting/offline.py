"""Izin Tidak Online: an agent asks that time be taken out of their schedule; a supervisor decides. Pure.

A request is about one day of the office and comes within so many working days after it
(reporting/data/exceptions.yaml). Nobody decides about themselves. Every step stays on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    exempt: Exempt | None = None  # to be kept with an approval


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


class OfflineBook(Protocol):
    """Keeps requests. Every method raises OfflineUnavailable."""

    async def file(self, moved: Moved) -> None:
        """Keep a new request. Raises OfflineRefused("there_is_one"): another one stands for this time."""
        ...

    async def change(self, moved: Moved) -> Request:
        """Keep a step; an approval keeps its exception, `revoke` takes it back. Raises OfflineChanged."""
        ...

    async def get(self, request_id: str) -> Request:
        """Return one. Raises KeyError."""
        ...

    async def trail(self, request_id: str) -> Sequence[Step]:
        """Return every step, first to last."""
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
    shift: Shift | None,
    served: timedelta,
    version: OfflineVersion,
    calendar: WorkingCalendar,
) -> Moved:
    """Return a new request with the first row of its trail. Raises OfflineRefused.

    `shift` is the agent's on that day, `served` how long they were signed in then.
    """
    reason = version.reasons.get(asked.reason)
    if reason is None or AGENT not in reason.asked_by:
        raise OfflineRefused("no_reason", "reason")
    _check_note(asked.note, needed=reason.needs_note)
    if shift is None or not shift.pieces:
        raise OfflineRefused("no_shift", "day")
    today, due_on = office_day(now), after(calendar, asked.day, version.request_days)
    if today > due_on:
        raise OfflineRefused("too_late", "day", due=due_on.strftime("%d.%m.%Y"))
    if asked.day > today + timedelta(days=version.ahead_days):
        raise OfflineRefused("too_early", "day", days=str(version.ahead_days))
    if reason.served_below_minutes and served >= timedelta(minutes=reason.served_below_minutes):
        raise OfflineRefused("served_more", "reason", minutes=str(reason.served_below_minutes))
    begins, ends = _time(asked, reason, shift)
    made = Request(
        request_id, asked.agent, asked.team, asked.day, begins, ends, asked.reason, version.rule,
        due_on, now, who,
    )  # fmt: skip
    return Moved(made, Step(request_id, 1, now, who, "filed", made.state, asked.note.strip()))


def _time(asked: Asked, reason: Reason, shift: Shift) -> tuple[datetime, datetime]:
    """Return the time within the shift. Raises OfflineRefused."""
    first, last = shift.pieces[0].at(shift.day)[0], shift.pieces[-1].at(shift.day)[1]
    begins, ends = asked.begins, asked.ends
    if reason.whole_day:
        # Whatever becomes of the shift, the day is out.
        midnight = datetime.combine(shift.day, time.min, WIB)
        return midnight, max(midnight + timedelta(days=1), last)
    if reason.edge == "begin":
        begins = first
    if reason.edge == "end":
        ends = last
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
        one.state in STANDS and one.begins < request.ends and one.ends > request.begins for one in others
    )


def move_request(
    request: Request, event: str, who: str, at: datetime, exception_id: str = "", note: str = ""
) -> Moved:
    """Return a request after an event; an approval brings its exception. Raises OfflineRefused.

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
    moved = replace(request, state=state, closed_at=at, closed_by=who, version=request.version + 1)
    step = Step(request.request_id, moved.version, at, who, event, state, note.strip())
    exempt = None
    if state == "approved":
        exempt = Exempt(
            exception_id, request.agent, request.begins, request.ends, request.reason, who, at,
            request.request_id,
        )  # fmt: skip
    return Moved(moved, step, exempt)


def _check_note(note: str, *, needed: bool) -> None:
    if needed and not note.strip():
        raise OfflineRefused("missing", "note")
    if len(note) > LONGEST:
        raise OfflineRefused("too_long", "note")
