"""How work on matters is watched: the dated table of clocks, spreading and proofs, and signals of clocks.

Pure. A signal is raised once for each step, due day and kind; it is over when the matter leaves the step,
that of a disposition to a unit when the unit has answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from desk.complaint_steps import STEPS
from desk.matter_data import DATA, TableProblem, check_order, in_force, read_table
from desk.matters import Matter, MatterKind, MatterRefused
from desk.working_days import WorkingCalendar, between, office_day

SYSTEM = "system"
"""In the place of a staff_id: the service did it by itself."""


class SignalKind(StrEnum):
    """How near or how far past its due day a matter is."""

    REMINDER = "reminder"  # the clock is nearly over
    OVERDUE = "overdue"  # it is over
    ESCALATED = "escalated"  # for days


class Means(StrEnum):
    """A proof that another system gives."""

    OTP = "otp"
    TOKEN = "token"  # noqa: S105 (the name of a means, no secret)


class ProofRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a proof that was asked for is good for, and how often it may be tried."""

    means: Means
    minutes: int
    tries: int


class Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit that complaints are disposed to. `named`: there are many, so the name is written too.

    `sees_reporter`: its people learn who complains.
    """

    name: str
    named: bool = False
    sees_reporter: bool = False


class WorkRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is in force at one time. Days are working days, `unassigned` is minutes."""

    since: date
    rule: str
    remind: int
    remind_steps: Mapping[str, int]
    escalate: int
    automatic: frozenset[MatterKind]
    unassigned: int
    most_open: int
    late_weight: int
    proofs: tuple[ProofRule, ...]
    referral_days: int
    units: tuple[Unit, ...]
    withheld: frozenset[str] = frozenset({"reporter", "contact"})
    assumed: bool = False

    def proof(self, means: Means) -> ProofRule:
        """Return the rule of a proof."""
        return next(rule for rule in self.proofs if rule.means is means)

    def unit(self, name: str) -> Unit:
        """Return a unit. Raises MatterRefused: there is no such unit."""
        for unit in self.units:
            if unit.name == name:
                return unit
        raise MatterRefused("no_choice", place="to_unit")


class WorkTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[WorkRule, ...]

    def at(self, now: datetime) -> WorkRule:
        """Return the rule in force at a time."""
        return in_force(self.versions, office_day(now))


def load_work(folder: Path = DATA) -> WorkTable:
    """Read `matter_work.yaml`. Raises TableProblem."""
    path = folder / "matter_work.yaml"
    table = read_table(path, WorkTable)
    check_order(path, table.versions)
    for rule in table.versions:
        for fault in _faults(rule):
            raise TableProblem(f"{path.name}: {rule.rule}: {fault}")
    return table


def _faults(rule: WorkRule) -> Iterator[str]:
    counts = (rule.unassigned, rule.most_open, rule.late_weight, rule.escalate, rule.referral_days)
    if min(counts) < 1 or min(rule.remind, *rule.remind_steps.values(), 0) < 0:
        yield "a number is too small. Remedy: reminders from 0, the others from 1."
    if unknown := sorted(set(rule.remind_steps) - set(STEPS)):
        yield f"remind_steps: {', '.join(unknown)}: no step of a complaint."
    if {one.means for one in rule.proofs} != set(Means) or len(rule.proofs) != len(Means):
        yield f"proofs: exactly one of each of {', '.join(Means)}."
    if any(min(one.minutes, one.tries) < 1 for one in rule.proofs):
        yield "proofs: minutes and tries are at least 1."
    names = [unit.name for unit in rule.units]
    if not names or len(set(names)) != len(names):
        yield "units: none, or one is there twice."
    if MatterKind.PROMISE in rule.automatic:
        yield "automatic: promises belong to who made them, or to anyone."


@dataclass(frozen=True, slots=True)
class Signal:
    """That a matter's clock is nearly over, or over."""

    matter_id: str
    kind: SignalKind
    step: str  # the matter's state, or a disposition to a unit (`desk.complaint_referrals.Referral.clock`)
    due_on: date


def signal_of(rule: WorkRule, calendar: WorkingCalendar, matter: Matter, now: datetime) -> Signal | None:
    """Return the gravest signal that a matter's clock gives now; None: none.

    A promise has a clock of its own; while the taxpayer is waited for, a case's clock stands still.
    """
    due = matter.due_on
    still = matter.kind is MatterKind.PROMISE or matter.state == "waiting_for_taxpayer"
    if due is None or matter.closed_at is not None or still:
        return None
    kind = kind_of(rule, calendar, due, rule.remind_steps.get(matter.state, rule.remind), now)
    return None if kind is None else Signal(matter.matter_id, kind, matter.state, due)


def kind_of(
    rule: WorkRule, calendar: WorkingCalendar, due: date, remind: int, now: datetime
) -> SignalKind | None:
    """Return the gravest signal of a clock that ends on a day; `remind`: working days left. None: none."""
    left = between(calendar, office_day(now), due)
    if office_day(now) > due:
        return SignalKind.ESCALATED if -left >= rule.escalate else SignalKind.OVERDUE
    return SignalKind.REMINDER if left <= remind else None


def signals(
    rule: WorkRule, calendar: WorkingCalendar, matters: Sequence[Matter], now: datetime
) -> Sequence[Signal]:
    """Return what the clocks of matters give now."""
    return [found for one in matters if (found := signal_of(rule, calendar, one, now)) is not None]
