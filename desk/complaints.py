"""Complaints: kinds and legal bases, completeness, steps with executors and working-day clocks.

Pure. Kinds, steps and days are dated data (`desk/data/complaints.yaml`: SE-11/PJ/2019 and
SE-15/PJ/2025); a complaint follows the version of the day on which it was filed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from desk.complaint_steps import COMPLAINT, OVER, STEPS
from desk.matter_data import DATA, TableProblem, check_fields, check_order, in_force, read_table
from desk.matter_fields import Field, check_note, filled, missing
from desk.matters import (
    Act,
    Matter,
    MatterKind,
    MatterRefused,
    Moved,
    Origin,
    is_possible,
    moved,
    noted,
    opened,
)
from desk.working_days import WorkingCalendar, after, office_day

CLUSTER = "complaints"  # who works on the steps of KLIP
OURS = "klip"
"""The executor whose people work on all of it; for units that do not sign in they record what those did."""
REOPEN = "reopen"
_NEEDS_NOTE = frozenset({"send_back", "close", REOPEN})


class ComplaintKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is complained of, and by which law."""

    name: Literal["service", "conduct", "tax_crime"]
    bases: tuple[str, ...]
    extra: tuple[str, ...] = ()  # fields that only some kinds have
    assumed: bool = False


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Steps that belong together, and their working days together."""

    name: str
    days: int


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step: who does it, and in how many working days."""

    name: str
    executor: Literal["klip", "p2_humas", "reported_unit"]
    days: int
    stage: str


class Disposition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way to end, and at which steps."""

    name: str
    at: tuple[str, ...]
    assumed: bool = False


class ComplaintVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time."""

    since: date
    rule: str
    source: str
    kinds: tuple[ComplaintKind, ...]
    fields: tuple[Field, ...]
    stages: tuple[Stage, ...]
    steps: tuple[Step, ...]
    dispositions: tuple[Disposition, ...]
    assumed: bool = False

    def kind(self, name: str) -> ComplaintKind:
        """Return a kind. Raises MatterRefused."""
        for kind in self.kinds:
            if kind.name == name:
                return kind
        raise MatterRefused("no_choice", place="kind")

    def fields_of(self, kind: str) -> tuple[Field, ...]:
        """Return the fields of a kind's form."""
        special = {name for other in self.kinds for name in other.extra}
        mine = self.kind(kind).extra
        return tuple(field for field in self.fields if field.name not in special or field.name in mine)

    def step(self, name: str) -> Step:
        """Return a step. Raises KeyError."""
        return {step.name: step for step in self.steps}[name]

    def dispositions_at(self, step: str) -> tuple[str, ...]:
        """Return how a complaint may end at a step."""
        return tuple(found.name for found in self.dispositions if step in found.at)


class ComplaintTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[ComplaintVersion, ...]

    def on(self, day: date) -> ComplaintVersion:
        """Return the version in force on a day."""
        return in_force(self.versions, day)

    def of(self, complaint: Matter) -> ComplaintVersion:
        """Return the version that a complaint follows."""
        named = {version.rule: version for version in self.versions}
        return named.get(complaint.rule) or self.on(office_day(complaint.opened_at))


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of a complaint's way, as it is now."""

    name: str
    executor: str
    days: int
    due: date | None  # None: done already, or the complaint is over
    status: Literal["done", "now", "ahead"]


def load_complaints(folder: Path = DATA) -> ComplaintTable:
    """Read `complaints.yaml`. Raises TableProblem."""
    path = folder / "complaints.yaml"
    complaints = read_table(path, ComplaintTable)
    check_order(path, complaints.versions)
    for version in complaints.versions:
        for fault in _faults(version):
            raise TableProblem(f"{path.name}: {version.rule}: {fault}")
        check_fields(path, version.rule, version.fields)
    return complaints


def file_complaint(
    complaints: ComplaintTable,
    calendar: WorkingCalendar,
    origin: Origin,
    kind: str,
    given: Mapping[str, str],
) -> Moved:
    """Return a new complaint, at its first step. Anyone may complain: no proof is asked for.

    What is not known on the line is completed in the first step. Raises MatterRefused.
    """
    today = office_day(origin.at)
    version = complaints.on(today)
    body = filled(version.fields_of(kind), given, today)
    first = version.step(COMPLAINT.start)
    matter = Matter(
        matter_id=origin.matter_id,
        code=origin.code,
        kind=MatterKind.COMPLAINT,
        topic=kind,
        state=first.name,
        since=origin.at,
        opened_at=origin.at,
        opened_by=origin.by,
        team=origin.team,
        call_id=origin.call_id,
        rung=origin.rung,
        rule=version.rule,
        body=body,
        taxpayer_id=origin.confirmed_taxpayer,
        cluster=CLUSTER,
        due_on=after(calendar, today, first.days),
    )
    return opened(matter)


def move_complaint(
    complaints: ComplaintTable,
    calendar: WorkingCalendar,
    complaint: Matter,
    event: str,
    act: Act,
    disposition: str = "",
) -> Moved:
    """Return a complaint after an event. The clock of the step it comes to starts today.

    One that is reopened follows the version it was filed under, and its earlier end stays on the trail.
    Raises MatterRefused: not possible now, not complete, no note, or no such disposition here.
    """
    version = complaints.of(complaint)
    act = replace(act, note=check_note(act.note, required=event in _NEEDS_NOTE))
    if not is_possible(COMPLAINT, complaint, event):
        raise MatterRefused("not_possible", event=event, state=complaint.state)
    if complaint.state == COMPLAINT.start and event == "forward":
        lacking = missing(version.fields_of(complaint.topic), complaint.body)
        if lacking:
            raise MatterRefused("not_complete", place=lacking[0])
    following = COMPLAINT.moves[complaint.state, event]
    if event == REOPEN:
        due = after(calendar, office_day(act.at), version.step(following).days)
        again = {"closed_at": None, "result": "", "due_on": due}
        return moved(COMPLAINT, complaint, event, act, {"ended": complaint.result}, **again)
    executor = version.step(complaint.state).executor
    # A withdrawal is the reporter's own doing, whichever unit's step it is.
    words: dict[str, str] = {} if executor == OURS or event == "withdraw" else {"for_unit": executor}
    if following in OVER:
        result = following if event == "withdraw" else _disposition(version, complaint, disposition)
        words = {**words, "result": result}
        return moved(COMPLAINT, complaint, event, act, words, closed_at=act.at, result=result, due_on=None)
    due = after(calendar, office_day(act.at), version.step(following).days)
    return moved(COMPLAINT, complaint, event, act, words, due_on=due)


def complete(complaints: ComplaintTable, complaint: Matter, given: Mapping[str, str], act: Act) -> Moved:
    """Return a complaint with more of its fields filled in, while it is being completed.

    What it said before stays in the trail. Raises MatterRefused.
    """
    if complaint.state not in ("completeness", "completeness_validation"):
        raise MatterRefused("not_possible", event="complete", state=complaint.state)
    version = complaints.of(complaint)
    added = filled(version.fields_of(complaint.topic), given, office_day(act.at), partial=True)
    if not added:
        raise MatterRefused("nothing_given")
    before = [f"{name}: {complaint.body[name]}" for name in added if complaint.body.get(name)]
    act = replace(act, note="\n".join([check_note(act.note), *before]).strip())
    words = {"fields": " ".join(sorted(added))}
    return noted(complaint, "completed", act, words, body={**complaint.body, **added})


def give_to(matter: Matter, to: str, act: Act, team: str = "") -> Moved:
    """Return a matter that somebody else has now, its step the same. Raises MatterRefused: it is over."""
    if matter.closed_at is not None:
        raise MatterRefused("not_possible", event="assign", state=matter.state)
    act = replace(act, note=check_note(act.note))
    return noted(matter, "assigned", act, {"to": to}, assignee=to, team=team or matter.team)


def lacking(complaints: ComplaintTable, complaint: Matter) -> tuple[str, ...]:
    """Return the points of the completeness check that have no answer yet."""
    return missing(complaints.of(complaint).fields_of(complaint.topic), complaint.body)


def plan(complaints: ComplaintTable, calendar: WorkingCalendar, complaint: Matter) -> Sequence[PlannedStep]:
    """Return the whole way with the day each step is due, if every step takes all its days."""
    version = complaints.of(complaint)
    if complaint.state not in STEPS:
        return [PlannedStep(step.name, step.executor, step.days, None, "done") for step in version.steps]
    at = STEPS.index(complaint.state)
    due = complaint.due_on
    found = []
    for place, name in enumerate(STEPS):
        step = version.step(name)
        if place < at:
            found.append(PlannedStep(name, step.executor, step.days, None, "done"))
            continue
        if place > at and due is not None:
            due = after(calendar, due, step.days)
        found.append(PlannedStep(name, step.executor, step.days, due, "now" if place == at else "ahead"))
    return found


def _disposition(version: ComplaintVersion, complaint: Matter, disposition: str) -> str:
    if disposition not in version.dispositions_at(complaint.state):
        raise MatterRefused("no_choice", place="disposition")
    return disposition


def _faults(version: ComplaintVersion) -> Iterator[str]:
    if tuple(step.name for step in version.steps) != STEPS:
        yield f"steps: they are {', '.join(STEPS)}, in this order."
    if any(step.days < 1 for step in version.steps):
        yield "steps: a step has at least 1 working day."
    if {step.stage for step in version.steps} != {stage.name for stage in version.stages}:
        yield "stages: a step's stage is not declared, or a stage has no step."
    for stage in version.stages:
        total = sum(step.days for step in version.steps if step.stage == stage.name)
        if total != stage.days:
            yield f"stages: {stage.name} has {stage.days} days, its steps have {total}. Remedy: correct one."
    declared = {field.name for field in version.fields}
    if not all(set(kind.extra) <= declared for kind in version.kinds):
        yield "kinds: `extra` names a field that is not declared."
    ends = {step for step, event in COMPLAINT.moves if event == "close"}
    if not all(set(disposition.at) <= ends for disposition in version.dispositions):
        yield f"dispositions: a complaint ends at {', '.join(sorted(ends))} alone."
