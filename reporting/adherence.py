"""Adherence: how much of the scheduled time an agent did what the schedule says. Pure.

The scheduled time is that of every piece of the shift, less the exceptions. ATS is `adherent_ms` over
`scheduled_ms` (both are fields of `reporting.counts.Counts`, summed by agent and day of the office).
Conformance does not ask when: time worked over time scheduled for work, exceptions taken out of both.
A day is one of the office: of a shift that ends after midnight each part counts in its own day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Protocol

from desk.working_days import WIB
from reporting.counts import Counts
from reporting.schedule import Shift

SIGNED_OUT = "signed_out"
_OF_CALL = frozenset({"offered", "joining", "talking", "holding", "consulting", "rejoining", "wrap_up"})
_MS = timedelta(milliseconds=1)


class AdherenceUnavailable(Exception):
    """Schedules or the floor's record cannot be read at the moment."""


@dataclass(frozen=True, slots=True)
class State:
    """What an agent was, from the floor's record. Times are aware; the end is not included."""

    begins: datetime
    ends: datetime
    declared: str = SIGNED_OUT  # acd.states.DECLARED
    observed: str = "phone_gone"  # acd.states.OBSERVED
    reason: str = ""  # of a pause

    @property
    def on_call(self) -> bool:
        """Whether a call was theirs, from ringing to the end of wrap-up."""
        return self.observed in _OF_CALL

    @property
    def doing(self) -> str:
        """What that is, in one word: work, own_call, signed_out, or `pause:REASON`."""
        if self.on_call:
            return "work"
        if self.declared == "paused":
            return f"pause:{self.reason}"
        if self.observed == "busy_otherwise" and self.declared != SIGNED_OUT:
            return "own_call"
        if self.declared in ("ready", "leaving"):
            # Ready without a phone takes no call.
            return "no_phone" if self.observed == "phone_gone" else "work"
        return SIGNED_OUT


@dataclass(slots=True)
class _Doing:
    """A time in which somebody did one thing."""

    begins: datetime
    ends: datetime
    doing: str


@dataclass(frozen=True, slots=True)
class Away:
    """Time that the schedule does not ask for any more: an exception in force."""

    begins: datetime
    ends: datetime
    reason: str  # a code of reporting/data/exceptions.yaml


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a shift with one activity and one state. Borders are whole milliseconds, aware."""

    begins: datetime
    ends: datetime
    activity: str
    doing: str  # as State.doing
    adherent: bool
    excepted: str = ""  # the reason; then it is not of the scheduled time
    late_call: bool = False  # adherent because a call ran over the activity's begin

    @property
    def ms(self) -> int:
        """How long, in whole milliseconds."""
        return (self.ends - self.begins) // _MS

    def within(self, begins: datetime, ends: datetime) -> int:
        """Return how many milliseconds of it lie in a time."""
        return max((min(self.ends, ends) - max(self.begins, begins)) // _MS, 0)


@dataclass(frozen=True, slots=True)
class Adherence:
    """One agent's day under its schedule, as far as it has come."""

    agent: str  # staff number
    day: date  # of the office
    spans: tuple[Span, ...]  # in order
    work: frozenset[str] = frozenset()  # the activities that are work with callers
    worked_ms: int = 0  # working during the day, scheduled or not; excepted time taken out
    shifts: int = 1  # that begin on the day; 0: it has the end of the one before alone

    @property
    def scheduled_ms(self) -> int:
        """The schedule's time, exceptions taken out."""
        return sum(span.ms for span in self.spans if not span.excepted)

    @property
    def adherent_ms(self) -> int:
        """Of that: doing what the schedule says."""
        return sum(span.ms for span in self.spans if span.adherent and not span.excepted)

    @property
    def excepted_ms(self) -> int:
        """Taken out of the schedule by exceptions."""
        return sum(span.ms for span in self.spans if span.excepted)

    @property
    def work_scheduled_ms(self) -> int:
        """Of the scheduled time: work with callers. The denominator of conformance."""
        return sum(span.ms for span in self.spans if not span.excepted and span.activity in self.work)

    @property
    def counts(self) -> Counts:
        """What the day gives to the sums."""
        return Counts(scheduled_ms=self.scheduled_ms, adherent_ms=self.adherent_ms)

    def between(self, begins: datetime, ends: datetime) -> Counts:
        """Return what an interval of the day gives to the sums; intervals side by side add up to `counts`."""
        of_schedule = [span for span in self.spans if not span.excepted]
        return Counts(
            scheduled_ms=sum(span.within(begins, ends) for span in of_schedule),
            adherent_ms=sum(span.within(begins, ends) for span in of_schedule if span.adherent),
        )


class AdherenceOf(Protocol):
    """Says what schedules and the floor's record make of days. Raises AdherenceUnavailable."""

    async def of(self, first: date, last: date, agents: Collection[str] = ()) -> Sequence[Adherence]:
        """Return the days of these agents (empty: all) with something of a shift, by day and staff number.

        First and last included. What has not come yet is not counted: today is cut at the present moment.
        """
        ...

    async def changed(self, since: datetime) -> Collection[date]:
        """Return the days whose shifts or exceptions changed at or after a time (aware): sum them again."""
        ...


@dataclass(frozen=True, slots=True)
class AdherenceRules:
    """By what adherence is judged (reporting/data/activities.yaml)."""

    does: Mapping[str, frozenset[str]]  # activity → what counts as doing it, as State.doing; `pause:*`: any
    work: frozenset[str]  # activities that are work with callers
    call_runs_over: timedelta  # how long a call that began before an activity may take of it

    def fits(self, activity: str, doing: str) -> bool:
        """Whether somebody who does this does what the activity asks for."""
        right = self.does.get(activity, frozenset())
        return doing in right or (doing.startswith("pause:") and "pause:*" in right)


def judge(
    day: date,
    shifts: Sequence[Shift],
    states: Sequence[State],
    away: Iterable[Away],
    rules: Callable[[date], AdherenceRules],
    until: datetime,
) -> Adherence:
    """Return an agent's day. `shifts`: those of the agent that reach into it, the day before's and its own.

    `states` in order without overlap, from the beginning of the first shift on; `rules`: those in force on
    a day; `until` aware: later is not counted. Time without a state is signed out, which fits nothing before
    the agent has come. A call that began before an activity may run into it, no longer than `call_runs_over`:
    nobody hangs up on a caller because of a break.
    """
    exceptions, doings = list(away), _doings(states)
    begins, ends = _midnight(day), min(_midnight(day) + timedelta(days=1), until)
    spans = [
        replace(span, begins=max(span.begins, begins), ends=min(span.ends, ends))
        for shift in shifts
        for span in _judged(shift, states, doings, exceptions, rules(shift.day), ends)
        if span.ends > begins
    ]
    work = frozenset[str]().union(*(rules(shift.day).work for shift in shifts))
    worked = _worked(begins, ends, doings, exceptions)
    own = sum(shift.day == day for shift in shifts)
    return Adherence(shifts[0].agent, day, tuple(_joined(spans)), work, worked, own)


def _judged(
    shift: Shift,
    states: Sequence[State],
    doings: Sequence[_Doing],
    exceptions: Sequence[Away],
    rules: AdherenceRules,
    until: datetime,
) -> Iterator[Span]:
    """Yield the parts of a whole shift, as far as it has come."""
    came = _came(shift, states)
    for piece in shift.pieces:
        begins, ends = piece.at(shift.day)
        late_until = min(_call_until(states, begins), begins + rules.call_runs_over)
        ends = min(ends, until)
        for start, end in _cuts(begins, ends, late_until, doings, exceptions):
            doing = _doing(doings, start)
            # Who never came was not on a break: signed out fits only after having been there.
            there = doing != SIGNED_OUT or start >= came
            fits = there and rules.fits(piece.activity, doing)
            late = not fits and start < late_until
            reason = _reason(exceptions, start)
            yield Span(start, end, piece.activity, doing, fits or late, reason, late)


def _came(shift: Shift, states: Sequence[State]) -> datetime:
    """Return when an agent was first signed in during a shift; its end if never."""
    begins, ends = shift.pieces[0].at(shift.day)[0], shift.pieces[-1].at(shift.day)[1]
    found = (one.begins for one in states if one.declared != SIGNED_OUT and one.ends > begins)
    return min(next(found, ends), ends)


def _doings(states: Sequence[State]) -> Sequence[_Doing]:
    """Return the states by what was done, neighbours that do the same as one: a day has hundreds of calls."""
    found: list[_Doing] = []
    for state in states:
        doing = state.doing
        if found and found[-1].doing == doing and found[-1].ends == state.begins:
            found[-1].ends = state.ends
        else:
            found.append(_Doing(state.begins, state.ends, doing))
    return found


def _worked(begins: datetime, ends: datetime, doings: Sequence[_Doing], away: Sequence[Away]) -> int:
    """Return the milliseconds worked in a time."""
    return sum(
        (to - start) // _MS
        for start, to in _cuts(begins, ends, begins, doings, away)
        if _doing(doings, start) == "work" and not _reason(away, start)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, WIB)


def _cuts(
    begins: datetime, ends: datetime, late: datetime, doings: Sequence[_Doing], away: Sequence[Away]
) -> Sequence[tuple[datetime, datetime]]:
    """Return the parts of a time in which nothing changes. Borders in whole milliseconds."""
    if begins >= ends:
        return []
    first = max(bisect_right(doings, begins, key=_begin) - 1, 0)
    here = doings[first : bisect_right(doings, ends, key=_begin)]
    changes: list[_Doing | Away] = [*here, *away]
    inner = [at for one in changes for at in (one.begins, one.ends)]
    borders = {_ms(at) for at in (begins, ends, *(at for at in (late, *inner) if begins < at < ends))}
    return list(pairwise(sorted(borders)))


def _begin(one: State | _Doing) -> datetime:
    return one.begins


def _doing(doings: Sequence[_Doing], at: datetime) -> str:
    # Borders were cut to whole milliseconds: what begins within this one is meant.
    place = bisect_right(doings, at + _MS - timedelta(microseconds=1), key=_begin) - 1
    return doings[place].doing if place >= 0 and doings[place].ends > at else SIGNED_OUT


def _reason(away: Sequence[Away], at: datetime) -> str:
    return next((one.reason for one in away if _ms(one.begins) <= at < _ms(one.ends)), "")


def _call_until(states: Sequence[State], at: datetime) -> datetime:
    """Return when the call ends that was on before `at`; `at` itself if none was."""
    until = at
    for state in states[max(bisect_right(states, at, key=_begin) - 1, 0) :]:
        is_that_call = state.on_call and (state.begins < at if until == at else state.begins == until)
        if not is_that_call or state.ends <= until:
            break
        until = state.ends
    return until


def _joined(spans: Sequence[Span]) -> Sequence[Span]:
    """Return the spans, neighbours that differ in nothing else as one."""
    found: list[Span] = []
    for span in spans:
        if found and replace(span, begins=found[-1].begins) == replace(found[-1], ends=span.ends):
            found[-1] = replace(found[-1], ends=span.ends)
        else:
            found.append(span)
    return found


def _ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
