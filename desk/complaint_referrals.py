"""Dispositions between units: who sent a complaint to which unit when, until when, and what came back. Pure.

They stand in the complaint's own trail, which only grows; this module reads them out of it and adds to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from desk.matter_fields import check_note
from desk.matters import Act, Matter, MatterEvent, MatterKind, MatterRefused, Moved, noted
from desk.matters_work import Signal, WorkRule, kind_of
from desk.working_days import WorkingCalendar, after, office_day

SENT, ANSWERED, RECALLED = "referred", "referral_answered", "referral_recalled"
ITSELF = "by_unit"
"""The word of a trail's row: which unit's own people did it; without it KLIP recorded it for them."""
CLOCK = "referral_"
"""What the names of the clocks of dispositions begin with; no step is called so."""
ROWS = frozenset({SENT, ANSWERED, RECALLED})
"""Which rows of a trail tell of dispositions."""
_LONGEST_NAME = 120
_LONGEST_CLOCK = 60  # working days


@dataclass(frozen=True, slots=True)
class Referral:
    """One disposition to a unit, and its answer."""

    number: int  # of the trail's row by which it was sent
    at: datetime
    by: str  # staff_id
    step: str  # of the complaint, when it was sent
    from_unit: str
    to_unit: str
    unit_name: str  # which of many; empty where there is one
    due_on: date
    question: str = field(repr=False)
    ended_at: datetime | None = None
    ended_by: str = ""
    recalled: bool = False
    itself: bool = False  # the unit's own people answered
    answer: str = field(default="", repr=False)

    @property
    def open(self) -> bool:
        """Whether its answer is waited for."""
        return self.ended_at is None

    @property
    def clock(self) -> str:
        """The name of its clock, in the place of a step (`desk.matters_work.Signal`)."""
        return f"{CLOCK}{self.number}"


@dataclass(frozen=True, slots=True)
class Wish:
    """To which unit, and what is asked; `days`: working days until the answer, 0: as the table says."""

    to_unit: str
    unit_name: str = ""
    days: int = 0


def referrals_of(trail: Sequence[MatterEvent]) -> Sequence[Referral]:
    """Return the dispositions of a complaint's trail, first to last."""
    found: dict[int, Referral] = {}
    for event in trail:
        words = event.words
        if event.what == SENT:
            found[event.number] = Referral(
                event.number,
                event.at,
                event.who,
                event.state,
                words["from_unit"],
                words["to_unit"],
                words.get("unit_name", ""),
                date.fromisoformat(words["due_on"]),
                event.note,
            )
        elif event.what in (ANSWERED, RECALLED) and (number := int(words["answers"])) in found:
            found[number] = replace(
                found[number],
                ended_at=event.at,
                ended_by=event.who,
                recalled=event.what == RECALLED,
                itself=ITSELF in words,
                answer=event.note,
            )
    return list(found.values())


def awaited(matter: Matter, trail: Sequence[MatterEvent]) -> Sequence[Referral]:
    """Return the dispositions whose answer is waited for; none once the complaint is over."""
    return [] if matter.closed_at is not None else [one for one in referrals_of(trail) if one.open]


def referral_signals(
    rule: WorkRule, calendar: WorkingCalendar, matter: Matter, trail: Sequence[MatterEvent], now: datetime
) -> Sequence[Signal]:
    """Return what the clocks of a complaint's dispositions give now, as its own clock does.

    `trail`: the rows of dispositions are enough.
    """
    kinds = [(one, kind_of(rule, calendar, one.due_on, rule.remind, now)) for one in awaited(matter, trail)]
    return [Signal(matter.matter_id, kind, one.clock, one.due_on) for one, kind in kinds if kind is not None]


def refer(
    rule: WorkRule,
    calendar: WorkingCalendar,
    complaint: Matter,
    trail: Sequence[MatterEvent],
    from_unit: str,
    wish: Wish,
    act: Act,
) -> Moved:
    """Return a complaint that is sent to a unit. Raises MatterRefused.

    `from_unit`: the executor of its step. A unit that has not answered yet is not asked again.
    """
    _check_open(complaint)
    act = replace(act, note=check_note(act.note, required=True))
    to_unit, name = which_unit(rule, wish.to_unit, wish.unit_name)
    if to_unit == from_unit and not name:
        raise MatterRefused("same_unit", place="to_unit")
    if not 0 <= wish.days <= _LONGEST_CLOCK:
        raise MatterRefused("days_out_of_range", place="days", most=str(_LONGEST_CLOCK))
    for earlier in referrals_of(trail):
        if earlier.open and (earlier.to_unit, earlier.unit_name.casefold()) == (to_unit, name.casefold()):
            raise MatterRefused("asked_already", place="to_unit")
    due = after(calendar, office_day(act.at), wish.days or rule.referral_days)
    words = {"from_unit": from_unit, "to_unit": to_unit, "due_on": due.isoformat()}
    return noted(complaint, SENT, act, words | ({"unit_name": name} if name else {}))


def which_unit(rule: WorkRule, to_unit: str, unit_name: str) -> tuple[str, str]:
    """Return a unit of the table and which of many it is, empty where there is one. Raises MatterRefused."""
    unit, name = rule.unit(to_unit), " ".join(unit_name.split())
    if unit.named and not name:
        raise MatterRefused("missing", place="unit_name")
    if len(name) > _LONGEST_NAME:
        raise MatterRefused("too_long", place="unit_name", most=str(_LONGEST_NAME))
    return unit.name, name if unit.named else ""


def answer(complaint: Matter, trail: Sequence[MatterEvent], number: int, act: Act) -> Moved:
    """Return a complaint with a unit's answer. Raises MatterRefused: none is waited for, or no answer."""
    return _end(complaint, trail, number, replace(act, note=check_note(act.note, required=True)), ANSWERED)


def recall(complaint: Matter, trail: Sequence[MatterEvent], number: int, act: Act) -> Moved:
    """Return a complaint whose disposition is taken back, with the reason. Raises MatterRefused."""
    return _end(complaint, trail, number, replace(act, note=check_note(act.note, required=True)), RECALLED)


def check_answered(trail: Sequence[MatterEvent]) -> None:
    """Raise MatterRefused while a unit's answer is waited for: a complaint is not closed over it."""
    if any(one.open for one in referrals_of(trail)):
        raise MatterRefused("answers_missing")


def _end(complaint: Matter, trail: Sequence[MatterEvent], number: int, act: Act, what: str) -> Moved:
    _check_open(complaint)
    sent = next((one for one in referrals_of(trail) if one.number == number), None)
    if sent is None or not sent.open:
        raise MatterRefused("not_waited_for")
    words = {"answers": str(number), "to_unit": sent.to_unit}
    return noted(complaint, what, act, words | ({"unit_name": sent.unit_name} if sent.unit_name else {}))


def _check_open(complaint: Matter) -> None:
    if complaint.kind is not MatterKind.COMPLAINT or complaint.closed_at is not None:
        raise MatterRefused("not_possible", event=SENT, state=complaint.state)
