"""Cases for the back office: change of data, non-effective status, its reversal, other.

Pure. What each type needs is dated data (`desk/data/cases.yaml`); PER-04/PJ/2020 lets the contact centre
receive and process these on the phone, the caller being proved.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from acd.machine import table
from desk.matter_data import DATA, TableProblem, check_fields, check_order, in_force, read_table
from desk.matter_fields import Field, check_note, filled
from desk.matters import (
    Act,
    Matter,
    MatterKind,
    MatterRefused,
    Moved,
    Origin,
    check_rung,
    is_possible,
    moved,
    opened,
)
from desk.standing import Rung
from desk.working_days import WorkingCalendar, after, office_day, paused

CASE = table(
    "case",
    "A case of the back office, from the call to its end; the taxpayer is told by a callback.",
    {
        "open": "nobody has it",
        "assigned": "somebody has it and has not begun",
        "working": "somebody works on it",
        "waiting_for_taxpayer": "the taxpayer has to send or say something; the clock stands still",
        "done": "carried out",
        "refused": "not carried out, with the reason",
        "withdrawn": "the taxpayer does not want it any more",
    },
    {
        "assign": "it is given to somebody",
        "take": "somebody takes it and begins",
        "release": "whoever had it gives it back",
        "wait": "the taxpayer is asked for something",
        "resume": "what was missing is there",
        "finish": "it was carried out",
        "refuse": "it cannot be carried out",
        "withdraw": "the taxpayer takes it back",
    },
    """
    open, assigned, working, waiting_for_taxpayer + assign -> assigned
    open, assigned + take -> working
    assigned, working + release -> open
    working + wait -> waiting_for_taxpayer
    waiting_for_taxpayer + resume -> working
    working + finish -> done
    working + refuse -> refused
    open, assigned, working, waiting_for_taxpayer + withdraw -> withdrawn
    """,
    """
    assign: * = it is over
    take: * = somebody works on it, or it is over; it is assigned anew instead
    release: * = nobody has it, or the taxpayer is asked, or it is over
    wait: * = only who works on it asks the taxpayer
    resume: * = nothing is waited for
    finish: * = only who works on it ends it
    refuse: * = only who works on it ends it
    withdraw: * = it is over
    """,
)
NOTICE = "written_notice"
"""The topic of the work to tell a result in writing (`desk.matters_written`); no type is called so."""
OVER = frozenset({"done", "refused", "withdrawn"})
_NEEDS_NOTE = frozenset({"wait", "finish", "refuse"})
_RUNGS = {rung.name.lower(): rung for rung in Rung}


class Cluster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of multiskilled people; who has the skill is in it."""

    name: str
    skill: str
    assumed: bool = False


class CaseType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a type of case needs."""

    name: str
    rung: Literal["anonymous", "keyed", "confirmed", "full"]
    cluster: str
    days: int  # working days
    fields: tuple[Field, ...]
    proofs: tuple[str, ...] = ()  # one of them must have been given
    assumed: bool = False

    @property
    def needed(self) -> Rung:
        """The rung that the caller must have reached."""
        return _RUNGS[self.rung]


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Within how many working days a result that nobody could be told is told in writing."""

    days: int = 5
    assumed: bool = True


class CaseVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time."""

    since: date
    rule: str
    clusters: tuple[Cluster, ...]
    types: tuple[CaseType, ...]
    written: Written = Written()

    def type(self, name: str) -> CaseType:
        """Return a type. Raises MatterRefused."""
        for found in self.types:
            if found.name == name:
                return found
        raise MatterRefused("no_choice", place="type")


class CaseTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[CaseVersion, ...]

    def on(self, day: date) -> CaseVersion:
        """Return the version in force on a day."""
        return in_force(self.versions, day)


def load_cases(folder: Path = DATA) -> CaseTable:
    """Read `cases.yaml`. Raises TableProblem."""
    path = folder / "cases.yaml"
    cases = read_table(path, CaseTable)
    check_order(path, cases.versions)
    for version in cases.versions:
        clusters = {cluster.name for cluster in version.clusters}
        if version.written.days < 1:
            raise TableProblem(f"{path.name}: {version.rule}: written: days: at least 1.")
        for kind in version.types:
            check_fields(path, kind.name, kind.fields)
            if kind.cluster not in clusters:
                raise TableProblem(f"{path.name}: {kind.name}: its cluster is not declared.")
            if kind.name == NOTICE:
                raise TableProblem(
                    f"{path.name}: {NOTICE}: the service opens such work itself. Remedy: another name."
                )
            if kind.days < 1:
                raise TableProblem(f"{path.name}: {kind.name}: days: at least 1.")
    return cases


def open_case(
    cases: CaseTable,
    calendar: WorkingCalendar,
    origin: Origin,
    topic: str,
    given: Mapping[str, str],
    known: Mapping[str, str],
    proof: str = "poro",
) -> Moved:
    """Return a new case.

    `given`: the form's fields; `known`: what the register has of the taxpayer, kept beside them.
    Raises MatterRefused: the caller has not proved enough, or a field is wrong.
    """
    today = office_day(origin.at)
    version = cases.on(today)
    kind = version.type(topic)
    check_rung(origin, kind.needed)
    if kind.proofs and proof not in kind.proofs:
        raise MatterRefused("no_choice", place="proof")
    body = filled(kind.fields, given, today)
    matter = Matter(
        matter_id=origin.matter_id,
        code=origin.code,
        kind=MatterKind.CASE,
        topic=kind.name,
        state=CASE.start,
        since=origin.at,
        opened_at=origin.at,
        opened_by=origin.by,
        team=origin.team,
        call_id=origin.call_id,
        rung=origin.rung,
        rule=version.rule,
        body={**{f"known_{name}": value for name, value in known.items()}, **body},
        words={"proof": proof} if kind.proofs else {},
        taxpayer_id=origin.confirmed_taxpayer,
        cluster=kind.cluster,
        due_on=after(calendar, today, kind.days),
    )
    return opened(matter)


def move_case(
    calendar: WorkingCalendar, case: Matter, event: str, act: Act, to: str = "", team: str = ""
) -> Moved:
    """Return a case after an event; `to`, of `team`, is whom it is assigned to. Raises MatterRefused.

    While the taxpayer is waited for, the clock stands still.
    """
    act = replace(act, note=check_note(act.note, required=event in _NEEDS_NOTE))
    changes: dict[str, object] = {}
    words = {"to": to} if event == "assign" else {}
    if event == "assign":
        if not to:
            raise MatterRefused("missing", place="to")
        changes = {"assignee": to, "team": team or case.team}
    elif event == "take":
        if is_possible(CASE, case, event) and case.assignee not in ("", act.who):
            raise MatterRefused("with_another")
        changes = {"assignee": act.who}
    elif event == "release":
        changes = {"assignee": ""}
    if case.state == "waiting_for_taxpayer" and case.due_on is not None:
        changes["due_on"] = paused(calendar, case.due_on, office_day(case.since), office_day(act.at))
    state = CASE.moves.get((case.state, event), "")
    if state in OVER:
        changes |= {"closed_at": act.at, "result": state}
    return moved(CASE, case, event, act, words, **changes)
