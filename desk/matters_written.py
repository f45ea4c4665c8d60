"""The written way: a case's result that a telephone could not tell is told by letter or e-mail. Pure.

It is work of its own for the back office, with a clock: the case itself is over, and nobody would look at it.
"""

from dataclasses import replace

from desk.cases import CASE, NOTICE, CaseTable
from desk.matter_codes import shown_code
from desk.matters import Act, Matter, MatterKind, MatterRefused, Moved, opened
from desk.working_days import WorkingCalendar, after, office_day

_KEPT = ("contact_name", "contact")
_KNOWN = "known_"


def is_notice(matter: Matter) -> bool:
    """Whether a matter is the letter about another one's result."""
    return matter.kind is MatterKind.CASE and matter.topic == NOTICE


def needs_notice(parent: Matter) -> bool:
    """Whether a result that could not be told by telephone is told in writing: a case's is.

    A complaint goes on to the validation of its outcome, where that is judged.
    """
    return parent.kind is MatterKind.CASE and not is_notice(parent)


def written_notice(
    cases: CaseTable,
    calendar: WorkingCalendar,
    case: Matter,
    promise: Matter,
    why: str,
    matter_id: str,
    code: str,
    act: Act,
) -> Moved:
    """Return the work to tell a case's result in writing.

    `promise`: by which it was to be told; `why`: the code of what came of its last call, empty where a person
    gave it up. Raises MatterRefused: the case is not over, or has no such way.
    """
    if not needs_notice(case) or case.closed_at is None:
        raise MatterRefused("not_possible", event=NOTICE, state=case.state)
    written = cases.on(office_day(act.at)).written
    known = {name: said for name, said in case.body.items() if name in _KEPT or name.startswith(_KNOWN)}
    matter = Matter(
        matter_id=matter_id,
        code=code,
        kind=MatterKind.CASE,
        topic=NOTICE,
        state=CASE.start,
        since=act.at,
        opened_at=act.at,
        opened_by=act.who,
        team=case.team,
        call_id=case.call_id,
        rung=case.rung,
        rule=case.rule,
        body={
            "case_code": shown_code(case.code),
            **known,
            "about": promise.body.get("about", ""),
        },
        taxpayer_id=case.taxpayer_id,
        cluster=case.cluster,
        due_on=after(calendar, office_day(act.at), written.days),
        parent=case.matter_id,
    )
    made = opened(matter)
    words = {"disposition": why} if why else {}
    return Moved(made.matter, replace(made.event, words=words))
