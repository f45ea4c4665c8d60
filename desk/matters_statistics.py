"""How long complaints took, by step and by unit, and cases by type: recomputed from their trails. Pure.

A passage is one stay in one step; a step that was sent back is passed again. Days are working days, the day
of arrival not counted, as the clocks count them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from desk.complaint_referrals import referrals_of
from desk.complaint_steps import OVER, STEPS
from desk.complaints import REOPEN, ComplaintTable, Step
from desk.matters import Matter, MatterEvent, MatterKind
from desk.working_days import WorkingCalendar, after, between, office_day


@dataclass(frozen=True, slots=True)
class Passage:
    """One stay in one step, or one wait for a unit's answer."""

    matter_id: str
    step: str
    unit: str  # the executor, or who was asked (`asked_name`)
    began: date
    due: date
    ended: date | None  # None: it goes on

    def days(self, calendar: WorkingCalendar, today: date) -> int:
        """Return the working days it took, or has taken until today."""
        return max(between(calendar, self.began, self.ended or today), 0)

    def late(self, today: date) -> bool:
        """Whether it took, or takes, longer than it may."""
        return (self.ended or today) > self.due


@dataclass(frozen=True, slots=True)
class Line:
    """The passages of one step, unit or type together."""

    name: str
    done: int  # ended in the span
    on_time: int  # of these
    days: int  # of these, together
    longest: int  # of these
    open: int  # going on at the end of the span
    open_late: int  # of these, past their due day

    @property
    def late(self) -> int:
        """Return how many ended late."""
        return self.done - self.on_time

    @property
    def mean_days(self) -> float | None:
        """Return the mean of the working days; None: none ended."""
        return self.days / self.done if self.done else None

    @property
    def on_time_share(self) -> float | None:
        """Return which share ended on time; None: none ended."""
        return self.on_time / self.done if self.done else None


@dataclass(frozen=True, slots=True)
class ComplaintStatistics:
    """The complaints of a span of days."""

    first: date
    last: date
    received: int
    closed: int  # how often one came to its end, also if it was reopened since
    reopened: int
    open: int  # at the end of the span
    open_late: int  # of these, their step past its due day
    by_kind: Mapping[str, int]  # of the received ones
    by_result: Mapping[str, int]  # of the closed ones
    steps: Sequence[Line]  # every step, in its order
    units: Sequence[Line]  # executors
    asked: Sequence[Line]  # units that were asked by a disposition
    confirmations: Mapping[str, int] = field(default_factory=dict)  # result of the callback → how many


@dataclass(frozen=True, slots=True)
class Story:
    """A matter without what was said, and its trail without notes."""

    matter: Matter
    trail: Sequence[MatterEvent]


def passages(complaints: ComplaintTable, calendar: WorkingCalendar, story: Story) -> Sequence[Passage]:
    """Return the stays of a complaint in its steps, first to last."""
    version = complaints.of(story.matter)
    found: list[Passage] = []
    step, began = "", office_day(story.matter.opened_at)
    for event in story.trail:
        if event.state == step:
            continue
        day = office_day(event.at)
        if step:
            found.append(_passage(story, version.step(step), began, day, calendar))
        step, began = (event.state, day) if event.state in STEPS else ("", day)
    if step:
        found.append(_passage(story, version.step(step), began, None, calendar))
    return found


def _passage(story: Story, step: Step, began: date, ended: date | None, calendar: WorkingCalendar) -> Passage:
    due = after(calendar, began, step.days)
    return Passage(story.matter.matter_id, step.name, step.executor, began, due, ended)


def asked_units(story: Story) -> Sequence[Passage]:
    """Return the waits for units' answers.

    Those taken back are left out, and those that were over with the complaint before an answer came.
    """
    return [
        Passage(
            story.matter.matter_id,
            one.step,
            asked_name(one.to_unit, one.unit_name),
            office_day(one.at),
            one.due_on,
            None if one.ended_at is None else office_day(one.ended_at),
        )
        for one in referrals_of(story.trail)
        if not one.recalled and not (one.open and story.matter.closed_at is not None)
    ]


def asked_name(unit: str, name: str) -> str:
    """Return what a unit's line is called: the table's word, and which of many after a colon."""
    return f"{unit}:{name}" if name else unit


def unit_of(line: str) -> tuple[str, str]:
    """Return a line's unit and which of many; the latter is empty where there is one."""
    unit, _, name = line.partition(":")
    return unit, name


def complaint_statistics(
    complaints: ComplaintTable,
    calendar: WorkingCalendar,
    stories: Sequence[Story],
    first: date,
    last: date,
    now: datetime,
) -> ComplaintStatistics:
    """Return the statistics of complaints from the first to the last day (WIB, both included).

    `stories`: at least those that were open at any time of the span.
    """
    upto = min(last, office_day(now))
    mine = [one for one in stories if one.matter.kind is MatterKind.COMPLAINT]
    received = [one.matter for one in mine if first <= office_day(one.matter.opened_at) <= last]
    ends = [event for one in mine for event in one.trail if event.state in OVER and "result" in event.words]
    closed = [event.words["result"] for event in ends if first <= office_day(event.at) <= last]
    again = [event for one in mine for event in one.trail if event.what == REOPEN]
    stays = [stay for one in mine for stay in passages(complaints, calendar, one)]
    waits = _alike([wait for one in mine for wait in asked_units(one)])
    still = [stay for stay in stays if _open_at(stay, upto)]
    return ComplaintStatistics(
        first=first,
        last=last,
        received=len(received),
        closed=len(closed),
        reopened=sum(first <= office_day(event.at) <= last for event in again),
        open=len({stay.matter_id for stay in still}),
        open_late=len({stay.matter_id for stay in still if upto > stay.due}),
        by_kind=dict(Counter(one.topic for one in received)),
        by_result=dict(Counter(closed)),
        steps=_lines(calendar, stays, "step", STEPS, first, upto),
        units=_lines(calendar, stays, "unit", _names(stays), first, upto),
        asked=_lines(calendar, waits, "unit", _names(waits), first, upto),
        confirmations=dict(Counter(_confirmations(mine, first, last))),
    )


def _alike(waits: Sequence[Passage]) -> Sequence[Passage]:
    """Return waits with every unit spelled as it was first: names are typed."""
    spelled: dict[str, str] = {}
    return [replace(one, unit=spelled.setdefault(one.unit.casefold(), one.unit)) for one in waits]


def _confirmations(stories: Sequence[Story], first: date, last: date) -> Sequence[str]:
    """Return what the callbacks of final confirmation came to."""
    return [
        event.words["result"]
        for one in stories
        for event in one.trail
        if event.state == "outcome_validation"
        and "result" in event.words
        and first <= office_day(event.at) <= last
    ]


def case_lines(
    calendar: WorkingCalendar, stories: Sequence[Story], first: date, last: date, now: datetime
) -> Sequence[Line]:
    """Return cases and requests by type: done, on time, days. A clock that stood still is in the due day."""
    upto = min(last, office_day(now))
    stays = [
        Passage(
            one.matter.matter_id,
            one.matter.topic,
            one.matter.cluster,
            office_day(one.matter.opened_at),
            one.matter.due_on or last,
            None if one.matter.closed_at is None else office_day(one.matter.closed_at),
        )
        for one in stories
        if one.matter.kind in (MatterKind.CASE, MatterKind.REQUEST)
    ]
    names = sorted({stay.step for stay in stays})
    return _lines(calendar, stays, "step", names, first, upto)


def _lines(
    calendar: WorkingCalendar,
    stays: Sequence[Passage],
    by: str,
    names: Sequence[str],
    first: date,
    upto: date,
) -> Sequence[Line]:
    groups: dict[str, list[Passage]] = defaultdict(list)
    for stay in stays:
        groups[getattr(stay, by)].append(stay)
    return [_line(calendar, name, groups[name], first, upto) for name in names]


def _line(calendar: WorkingCalendar, name: str, stays: Sequence[Passage], first: date, upto: date) -> Line:
    done = [stay for stay in stays if stay.ended is not None and first <= stay.ended <= upto]
    still = [stay for stay in stays if _open_at(stay, upto)]
    days = [stay.days(calendar, upto) for stay in done]
    return Line(
        name=name,
        done=len(done),
        on_time=sum(not stay.late(upto) for stay in done),
        days=sum(days),
        longest=max(days, default=0),
        open=len(still),
        open_late=sum(upto > stay.due for stay in still),
    )


def _open_at(stay: Passage, day: date) -> bool:
    return stay.began <= day and (stay.ended is None or stay.ended > day)


def _names(stays: Sequence[Passage]) -> Sequence[str]:
    return sorted({stay.unit for stay in stays})
