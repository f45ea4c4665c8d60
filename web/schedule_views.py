"""Says schedules to a reader: shifts as words and drawings, adherence, what agents do now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from fastapi import Request

from acd.floor_views import AgentView
from desk.working_days import WIB
from reporting.adherence import Adherence, AdherenceRules, Away, Span, State
from reporting.formulas import Figure
from reporting.schedule import Piece, Shift
from reporting.schedule_book import Change, Exempt
from reporting.schedule_figures import DaySums, sums
from web.appeal_models import ChoiceView
from web.schedule_models import (
    ExemptView,
    ScheduleChangeView,
    ScheduleSumRow,
    ShareView,
    ShiftNowView,
    ShiftOutView,
    ShiftPieceView,
    ShiftView,
)
from web.schedule_port import Agent, Agents, ScheduleDoor

WIDTH = 960  # of the drawing
_MINUTE = timedelta(minutes=1)
_LEAST_OUT = 60_000  # milliseconds: shorter gaps are not drawn, they count all the same


@dataclass(frozen=True, slots=True)
class Scale:
    """From which minute to which of the day (WIB) a drawing reaches."""

    first: int = 7 * 60
    last: int = 17 * 60

    @classmethod
    def around(cls, shifts: Iterable[Shift]) -> Scale:
        """Return one with room for all shifts, of whole steps."""
        found = list(shifts)
        first = min([7 * 60, *(one.begins // 60 * 60 for one in found)])
        last = max([17 * 60, *(-(-one.ends // 60) * 60 for one in found)])
        step = cls(first, last).step
        return cls(first, first + -(-(last - first) // step) * step)

    @property
    def step(self) -> int:
        """Minutes between two marks."""
        return 60 if self.last - self.first <= 12 * 60 else 120

    def x(self, minute: float) -> float:
        """Return where a minute is."""
        inside = min(max(minute, self.first), self.last)
        return round((inside - self.first) / (self.last - self.first) * WIDTH, 1)

    def marks(self) -> list[ChoiceView]:
        """Return the hours from edge to edge: x and the word."""
        return [
            ChoiceView(value=str(self.x(minute)), words=f"{minute // 60 % 24:02d}.00")
            for minute in range(self.first, self.last + 1, self.step)
        ]


def share(figure: Figure) -> ShareView:
    """Return a figure as the API gives it."""
    return ShareView(value=figure.value, numerator=figure.numerator, denominator=figure.denominator)


class ScheduleWords:
    """Makes views for one reader."""

    def __init__(self, door: ScheduleDoor, request: Request) -> None:
        self._door, self._request = door, request
        self._language = door.language(request)
        self._rules, self._reasons = door.desk.on.rules, door.desk.on.reasons
        self._pauses = door.port.pauses(self._language)

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return self._door.say(self._request, name, **values)

    def activity(self, code: str, day: date) -> str:
        """Return an activity in words."""
        found = self._rules.activities(day).activities.get(code)
        text: str = code if found is None else getattr(found, self._language)
        return text

    def place(self, code: str) -> str:
        """Return a place in words."""
        found = self._rules.places.get(code)
        text: str = code if found is None else getattr(found, self._language)
        return text

    def pattern(self, code: str, day: date) -> str:
        """Return a pattern in words; empty for a shift made piece by piece."""
        found = self._rules.patterns(day).get(code)
        text: str = code if found is None else getattr(found, self._language)
        return text

    def reason(self, code: str) -> str:
        """Return the reason of an exception in words."""
        return self._reasons.words(code, self._language)

    def doing(self, word: str) -> str:
        """Return what somebody does (`State.doing`) in words."""
        if word.startswith("pause:"):
            reason = word.removeprefix("pause:")
            words = self._pauses.get(reason, reason) or self.say("schedules_doing.no_reason")
            return self.say("schedules_doing.pause", reason=words)
        return self.say(f"schedules_doing.{word}")

    def clock(self, minute: int, day: date, place: str) -> str:
        """Return a minute of a shift's day as its place's clock shows it."""
        at = datetime.combine(day, time.min, WIB) + minute * _MINUTE
        return at.astimezone(self._rules.zone(place)).strftime("%H.%M")

    def hours(self, shift: Shift) -> str:
        """Return from when until when a shift is."""
        begins, ends = (self.clock(one, shift.day, shift.place) for one in (shift.begins, shift.ends))
        return f"{begins}–{ends}"

    def pieces(self, pieces: Sequence[Piece], day: date) -> str:
        """Return pieces as a line of words, WIB."""
        return "; ".join(
            f"{_wib(one.begins)}–{_wib(one.ends)} {self.activity(one.activity, day)}" for one in pieces
        )

    def shift(
        self,
        day: date,
        agent: Agent,
        shift: Shift | None,
        done: Adherence | None,
        scale: Scale,
        now: ShiftNowView | None = None,
    ) -> ShiftView:
        """Return one agent's day."""
        added = sums([done] if done is not None else [])
        return ShiftView(
            day=day,
            agent=agent.name,
            staff_id=agent.staff_id,
            team=agent.team,
            hours="" if shift is None else self.hours(shift),
            place="" if shift is None else self.place(shift.place),
            pattern="" if shift is None else self.pattern(shift.pattern, day),
            pieces=[] if shift is None else [self._piece(shift, one, scale) for one in shift.pieces],
            out=[] if shift is None or done is None else self._out(shift, done, scale),
            ats=share(added.ats),
            conformance=share(added.conformance),
            excepted_ms=added.excepted_ms,
            excepted=[self.reason(one) for one in added.by_reason],
            now=now,
        )

    def _piece(self, shift: Shift, piece: Piece, scale: Scale) -> ShiftPieceView:
        x = scale.x(piece.begins)
        return ShiftPieceView(
            activity=piece.activity,
            words=self.activity(piece.activity, shift.day),
            begins=self.clock(piece.begins, shift.day, shift.place),
            ends=self.clock(piece.ends, shift.day, shift.place),
            x=x,
            width=round(scale.x(piece.ends) - x, 1),
        )

    def _out(self, shift: Shift, done: Adherence, scale: Scale) -> list[ShiftOutView]:
        found = []
        for span in done.spans:
            if (span.adherent and not span.excepted) or span.ms < _LEAST_OUT:
                continue
            begins, ends = _minute(span.begins, shift.day), _minute(span.ends, shift.day)
            x = scale.x(begins)
            found.append(
                ShiftOutView(
                    words=self._out_words(span, shift),
                    x=x,
                    width=max(round(scale.x(ends) - x, 1), 1.5),
                    excepted=bool(span.excepted),
                )
            )
        return found

    def _out_words(self, span: Span, shift: Shift) -> str:
        zone = self._rules.zone(shift.place)
        begins, ends = (at.astimezone(zone).strftime("%H.%M") for at in (span.begins, span.ends))
        what = self.reason(span.excepted) if span.excepted else self.doing(span.doing)
        return f"{begins}–{ends} {what}"

    def row(self, key: str, added: DaySums, staff_id: str = "") -> ScheduleSumRow:
        """Return days added up."""
        return ScheduleSumRow(
            key=key,
            staff_id=staff_id,
            shifts=added.shifts,
            ats=share(added.ats),
            conformance=share(added.conformance),
            excepted_ms=added.excepted_ms,
        )

    def exempt(self, one: Exempt, agents: Agents) -> ExemptView:
        """Return an exception."""
        begins, ends = one.begins.astimezone(WIB), one.ends.astimezone(WIB)
        return ExemptView(
            exception_id=one.exception_id,
            reason=self.reason(one.reason),
            begins=one.begins,
            ends=one.ends,
            whole_days=begins.time() == ends.time() == time.min,
            made_by=agents.name(one.made_by),
            made_at=one.made_at,
            by_request=bool(one.request_id),
            ended_at=one.ended_at,
        )

    def change(self, one: Change, agents: Agents) -> ScheduleChangeView:
        """Return something that was done to a schedule."""
        return ScheduleChangeView(
            at=one.at,
            who=agents.name(one.who),
            what=one.what,
            words=self.say(f"schedules_change.{one.what}"),
            day=one.day,
            last_day=one.last_day,
            before=self.pieces(one.before, one.day),
            after=self.pieces(one.after, one.day),
        )

    def now(
        self, shift: Shift | None, view: AgentView | None, away: Iterable[Away], at: datetime
    ) -> ShiftNowView | None:
        """Return what somebody is to do now and does; None: nothing is planned now."""
        piece = None if shift is None else _current(shift, at)
        if shift is None or piece is None:
            return None
        since = at - timedelta(seconds=0 if view is None else view.seconds)
        state = (
            State(since, at) if view is None else State(since, at, view.declared, view.observed, view.reason)
        )
        rules = self._rules.activities(shift.day).rules
        excepted = any(one.begins <= at < one.ends for one in away)
        fits = _fits(piece, state, shift.day, at, rules)
        out_since = max(since, piece.at(shift.day)[0])
        return ShiftNowView(
            planned=self.activity(piece.activity, shift.day),
            doing=self.doing(state.doing),
            adherent=fits or excepted,
            excepted=excepted,
            seconds=0 if fits or excepted else int((at - out_since).total_seconds()),
        )


def _fits(piece: Piece, state: State, day: date, at: datetime, rules: AdherenceRules) -> bool:
    if rules.fits(piece.activity, state.doing):
        return True
    begins = piece.at(day)[0]
    # A call that began before the activity may run into it.
    return state.on_call and at < begins + rules.call_runs_over


def _current(shift: Shift, at: datetime) -> Piece | None:
    for piece in shift.pieces:
        begins, ends = piece.at(shift.day)
        if begins <= at < ends:
            return piece
    return None


def _minute(at: datetime, day: date) -> float:
    return (at - datetime.combine(day, time.min, WIB)) / _MINUTE


def _wib(minute: int) -> str:
    return f"{minute // 60 % 24:02d}.{minute % 60:02d}"


def by_agent(exempt: Iterable[Exempt]) -> Mapping[str, Sequence[Away]]:
    """Return staff number → exceptions in force."""
    found: dict[str, list[Away]] = {}
    for one in exempt:
        if one.ended_at is None:
            found.setdefault(one.agent, []).append(one.away)
    return found
