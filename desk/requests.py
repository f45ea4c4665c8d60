"""Requests for updates of data: what a taxpayer proposes on the line, field by field. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

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
from desk.working_days import WorkingCalendar, after, office_day

REQUEST = table(
    "request",
    "A taxpayer's request to update data, until each field of it is decided.",
    {
        "recorded": "as the taxpayer said it",
        "checking": "somebody checks it",
        "applied": "every field was taken over",
        "partly_applied": "some fields were taken over, others not",
        "refused": "no field was taken over",
        "withdrawn": "the taxpayer took it back",
    },
    {
        "take": "somebody begins to check it",
        "release": "whoever checked it gives it back",
        "apply": "every field is taken over",
        "apply_partly": "some fields are taken over",
        "refuse": "no field is taken over",
        "withdraw": "the taxpayer takes it back",
    },
    """
    recorded + take -> checking
    checking + release -> recorded
    checking + apply -> applied
    checking + apply_partly -> partly_applied
    checking + refuse -> refused
    recorded, checking + withdraw -> withdrawn
    """,
    """
    take: * = somebody checks it, or it is over
    release: * = nobody checks it, or it is over
    apply: * = only who checks it decides
    apply_partly: * = only who checks it decides
    refuse: * = only who checks it decides
    withdraw: * = it is over
    """,
)
OVER = frozenset({"applied", "partly_applied", "refused", "withdrawn"})
NEEDED = Rung.FULL  # PORO before any data is changed


class RequestVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time."""

    since: date
    rule: str
    days: int
    cluster: str
    fields: tuple[Field, ...]
    assumed: bool = False


class RequestTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[RequestVersion, ...]

    def on(self, day: date) -> RequestVersion:
        """Return the version in force on a day."""
        return in_force(self.versions, day)


def load_requests(folder: Path = DATA) -> RequestTable:
    """Read `requests.yaml`. Raises TableProblem."""
    path = folder / "requests.yaml"
    requests = read_table(path, RequestTable)
    check_order(path, requests.versions)
    for version in requests.versions:
        check_fields(path, version.rule, version.fields)
        if version.days < 1:
            raise TableProblem(f"{path.name}: {version.rule}: days: at least 1.")
    return requests


def record_request(
    requests: RequestTable, calendar: WorkingCalendar, origin: Origin, given: Mapping[str, str]
) -> Moved:
    """Return a new request with the fields that the taxpayer named. Raises MatterRefused."""
    check_rung(origin, NEEDED)
    today = office_day(origin.at)
    version = requests.on(today)
    body = filled(version.fields, given, today)
    if not body:
        raise MatterRefused("nothing_given")
    matter = Matter(
        matter_id=origin.matter_id,
        code=origin.code,
        kind=MatterKind.REQUEST,
        topic="data_update",
        state=REQUEST.start,
        since=origin.at,
        opened_at=origin.at,
        opened_by=origin.by,
        team=origin.team,
        call_id=origin.call_id,
        rung=origin.rung,
        rule=version.rule,
        body=body,
        taxpayer_id=origin.confirmed_taxpayer,
        cluster=version.cluster,
        due_on=after(calendar, today, version.days),
    )
    return opened(matter)


def move_request(request: Matter, event: str, act: Act, accepted: Sequence[str] = ()) -> Moved:
    """Return a request after an event.

    With `apply_partly`, `accepted` names the fields that were taken over: some, but not all. Raises
    MatterRefused.
    """
    act = replace(act, note=check_note(act.note, required=event in ("refuse", "apply_partly")))
    changes: dict[str, object] = {}
    words: dict[str, str] = {}
    if event == "take":
        if is_possible(REQUEST, request, event) and request.assignee not in ("", act.who):
            raise MatterRefused("with_another")
        changes = {"assignee": act.who}
    elif event == "release":
        changes = {"assignee": ""}
    elif event == "apply_partly":
        chosen = set(accepted)
        if not chosen or not chosen < set(request.body):
            raise MatterRefused("no_choice", place="accepted")
        words = {"accepted": " ".join(sorted(chosen))}
    state = REQUEST.moves.get((request.state, event), "")
    if state in OVER:
        changes |= {"closed_at": act.at, "result": state}
    return moved(REQUEST, request, event, act, words, **changes)
