"""What the record of a call suggests a reviewer to answer. Offered, never decided: a person listens. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desk.proof import ActKind, Outcome
from desk.proof_ladder import Ladder
from desk.standing import Rung
from recording.quality.forms import Form
from recording.quality.scores import Kind
from recording.recordings import Mark, MarkKind

SEEN: Mapping[str, tuple[str, ...]] = {
    "poro_on_record": ("full", "begun", "none", "no_npwp_line"),  # `poro_on_record` below
    "held": ("yes", "no"),  # there is a hold in the recording
    "transferred": ("yes", "no"),  # the agent gave the call to somebody else
    "note": ("kept", "missing"),  # the interaction note
    "proof_before_content": ("yes", "no"),  # outbound: when proof and the script's content were ticked
}
"""What can be seen in the record of a call, and its values. What is not known is left out."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer (`yes`, `no`, `na`) or a fact's value, and what in the record suggests it."""

    value: str
    seen: str  # a key of SEEN
    seen_value: str


def suggest(form: Form, seen: Mapping[str, str], kind: Kind = Kind.REVIEW) -> Mapping[str, Suggestion]:
    """Return suggestions by question and by fact; for most there is none."""
    found: dict[str, Suggestion] = {}
    elsewhere = {fact.code for fact in form.facts if kind not in fact.kinds}
    for code, hints in form.hints.items():
        for key, answers in hints.items():
            value = answers.get(seen.get(key, ""))
            if value is not None and code not in elsewhere:
                found.setdefault(code, Suggestion(value, key, seen[key]))
    return found


def poro_on_record(ladder: Ladder) -> str:
    """Return how far a call's proof of ownership came, as it is on record: a value of SEEN.

    `full`: every item of a service matched. `begun`: something matched, or was asked. `none`: nothing was
    asked; whether something had to be, only who listens can tell. `no_npwp_line`: the call could not climb.
    """
    if not ladder.case.may_climb:
        return "no_npwp_line"
    if ladder.rung is Rung.FULL:
        return "full"
    asked = (ActKind.VALIDATION, ActKind.ITEM)
    tried = any(act.kind in asked and act.outcome is not Outcome.NOT_HELD for act in ladder.acts)
    return "begun" if tried else "none"


def seen_in_marks(marks: Sequence[Mark], agent: str) -> Mapping[str, str]:
    """Return what a recording's marks tell of one agent's part (staff number): `held` and `transferred`.

    The part lasts from the agent's first talk until somebody else's begins. Who has no talk: nothing.
    """
    talks = sorted((mark.from_ms, mark.detail) for mark in marks if mark.kind is MarkKind.TALK)
    begins = next((at for at, who in talks if who == agent), None)
    if begins is None:
        return {}
    ends = next((at for at, who in talks if who != agent and at > begins), None)
    holds = [mark.from_ms for mark in marks if mark.kind is MarkKind.HOLD]
    held = any(begins <= at and (ends is None or at < ends) for at in holds)
    return {"held": _word(held), "transferred": _word(ends is not None)}


def _word(seen: bool) -> str:
    return "yes" if seen else "no"
