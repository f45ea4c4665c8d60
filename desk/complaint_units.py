"""Units outside KLIP that sign in: which complaints are theirs, and what they do themselves. Pure.

A unit's people are staff whose team is the unit by its name: `P2 Humas`, `KPP Pratama Contoh`. For a unit
that does not sign in KLIP records what it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from desk.complaint_referrals import ITSELF, Referral, referrals_of, which_unit
from desk.complaint_steps import OVER, STEPS
from desk.complaints import OURS, REOPEN, ComplaintTable
from desk.matters import Matter, MatterEvent, MatterKind, MatterRefused, Moved
from desk.matters_work import WorkRule

REPORTED = "reported_unit"
"""The executor of the steps of the reported unit, and the word of a complaint that names which one it is."""
SENDS_ON = "distribution"
"""The step that ends by sending a complaint to the reported unit."""
_JUDGES = "p2_humas"
_FIRST_SEEN = STEPS.index("disposition")
_NOT_THEIRS = frozenset({"withdraw", REOPEN})  # the reporter's own doing, and KLIP's


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; `which`: the name of one of many, empty where there is one."""

    name: str
    which: str = ""

    @property
    def code(self) -> str:
        """Return it as trails and teams write it."""
        return f"{self.name}:{self.which}" if self.which else self.name

    @property
    def _key(self) -> tuple[str, str]:
        # Names are typed: capitals, and whether the kind of office is said with them, do not count.
        return self.name, self.which.casefold().removeprefix(f"{self.name} ")

    def __eq__(self, other: object) -> bool:
        """Whether it is the same unit."""
        return isinstance(other, Unit) and self._key == other._key

    def __hash__(self) -> int:
        """Return the hash of what is compared."""
        return hash(self._key)


def read_unit(code: str) -> Unit:
    """Return the unit that a trail or a complaint names (`Unit.code`)."""
    name, _, which = code.partition(":")
    return Unit(name, which)


def own_unit(rule: WorkRule, team: str) -> Unit | None:
    """Return the unit of who is in a team; None: the team is none, is KLIP, or does not say which of many."""
    said = " ".join(team.split())
    folded = said.replace("_", " ").casefold()
    for known in rule.units:
        name = known.name.replace("_", " ")
        if known.name == OURS:
            continue
        if not known.named and folded == name:
            return Unit(known.name)
        if known.named and folded.startswith(f"{name} "):
            return Unit(known.name, said[len(name) + 1 :] if "_" in known.name else said)
    return None


def withheld(rule: WorkRule, unit: Unit) -> frozenset[str]:
    """Return the fields of a complaint that a unit's people are not shown: who complains."""
    return frozenset() if rule.unit(unit.name).sees_reporter else rule.withheld


def step_unit(complaints: ComplaintTable, complaint: Matter) -> Unit | None:
    """Return whose step a complaint is at; None: KLIP's, it is over, or the reported unit was not named."""
    if complaint.kind is not MatterKind.COMPLAINT or complaint.state not in STEPS:
        return None
    executor = complaints.of(complaint).step(complaint.state).executor
    if executor == OURS:
        return None
    if executor != REPORTED:
        return Unit(executor)
    named = complaint.words.get(REPORTED, "")
    return read_unit(named) if named else None


def asked_of(trail: Sequence[MatterEvent], unit: Unit) -> Sequence[Referral]:
    """Return the dispositions to a unit, first to last; those taken back are left out."""
    return [
        one for one in referrals_of(trail) if Unit(one.to_unit, one.unit_name) == unit and not one.recalled
    ]


def concerns(complaints: ComplaintTable, complaint: Matter, trail: Sequence[MatterEvent], unit: Unit) -> bool:
    """Whether a unit's people may see a complaint.

    P2 Humas sees what KLIP has passed on; the others what they were asked, or are reported for.
    """
    if complaint.kind is not MatterKind.COMPLAINT:
        return False
    if unit == step_unit(complaints, complaint) or asked_of(trail, unit):
        return True
    if unit.name == _JUDGES:
        return complaint.state in OVER or STEPS.index(complaint.state) >= _FIRST_SEEN
    return read_unit(complaint.words.get(REPORTED, "")) == unit


def may_do(event: str) -> bool:
    """Whether a unit may take a step of its own that is possible."""
    return event not in _NOT_THEIRS


def sent_on(rule: WorkRule, before: Matter, moved: Moved, to_unit: str, unit_name: str) -> Moved:
    """Return a complaint that is sent to the reported unit, which is named. Raises MatterRefused.

    Without a name (`to_unit` empty) it stays unnamed, and KLIP records what the unit does.
    """
    if not to_unit:
        return moved
    if before.state != SENDS_ON or moved.event.what != "forward":
        raise MatterRefused("no_choice", place="to_unit")
    unit = Unit(*which_unit(rule, to_unit, unit_name))
    if unit.name == OURS:
        raise MatterRefused("no_choice", place="to_unit")
    matter = replace(moved.matter, words={**moved.matter.words, REPORTED: unit.code})
    return Moved(matter, replace(moved.event, words={**moved.event.words, "to_unit": unit.code}))


def by_itself(moved: Moved, unit: Unit) -> Moved:
    """Return a step that a unit's own people did: nobody recorded it for them."""
    words = {name: word for name, word in moved.event.words.items() if name != "for_unit"}
    return Moved(moved.matter, replace(moved.event, words={**words, ITSELF: unit.code}))


def theirs(trail: Sequence[MatterEvent], unit: Unit) -> Sequence[MatterEvent]:
    """Return the rows of a trail that a unit's people see: what they did, and what they were asked."""
    numbers = {str(one.number) for one in asked_of(trail, unit)}
    return [
        event
        for event in trail
        if read_unit(event.words.get(ITSELF, "")) == unit
        or str(event.number) in numbers
        or event.words.get("answers", "") in numbers
    ]
