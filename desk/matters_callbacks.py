"""Callbacks that the dialer makes: which promises it is given, and what becomes of them and of their matter.

Pure. A complaint's final confirmation and a case's result are promises with a parent; anyone's promises to
call back go the same way. While the dialer has one, nobody else calls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from desk.complaints import ComplaintTable, move_complaint
from desk.matters import Act, Matter, MatterKind, MatterRefused, Moved, moved, noted
from desk.matters_work import SYSTEM
from desk.promises import DIALER, PROMISE, Owner, with_dialer
from desk.working_days import WorkingCalendar


class Purpose(StrEnum):
    """What a callback is for; each is a campaign of its own."""

    CONFIRMATION = "confirmation"  # of a complaint's outcome
    RESULT = "result"  # of a case about a taxpayer's record: told after proof of ownership
    FOLLOW_UP = "follow_up"  # anything else that was promised


class CallbackResult(StrEnum):
    """What came of it."""

    SETTLED = "settled"  # reached; the reporter is content
    NOT_SETTLED = "not_settled"  # reached; the reporter is not
    REACHED = "reached"  # told, nothing more asked
    DECLINED = "declined"  # somebody answered, and would not listen
    NOT_REACHED = "not_reached"  # tried for the last time in vain, or not to be called


DIALLED = "dialled"
"""The word of a promise that the dialer has: how many of its calls are on the trail."""
_KEPT = frozenset({CallbackResult.SETTLED, CallbackResult.NOT_SETTLED, CallbackResult.REACHED})


def was_told(result: CallbackResult) -> bool:
    """Whether whom it is about has heard it."""
    return result in _KEPT


@dataclass(frozen=True, slots=True)
class Handed:
    """A promise that the dialer has."""

    promise_id: str
    round: int
    lead_id: int
    campaign_id: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Ended:
    """How the dialer's work on a promise ended. `by`: the staff_id of who spoke, or `system`."""

    handed: Handed
    result: CallbackResult
    code: str  # the disposition, or why nobody is called
    by: str
    call_id: str = ""
    calls: int = 0  # of the dialer, this one too


@dataclass(frozen=True, slots=True)
class InVain:
    """A call of the dialer's that settled nothing: another one follows."""

    code: str  # the outcome or the disposition
    by: str  # the staff_id of who spoke, or `system`
    calls: int  # of the dialer, this one too
    again_at: datetime


class CallbackBook(Protocol):
    """Which promises the dialer has. Every method raises desk.matters.MattersUnavailable."""

    async def running(self) -> Sequence[Handed]:
        """Return those that it has now."""
        ...

    async def of_promise(self, promise_id: str) -> Sequence[Handed]:
        """Return every round of a promise, first to last."""
        ...

    async def of_lead(self, lead_id: int) -> Handed | None:
        """Return the promise that a lead of the dialer is; None: it is none."""
        ...


def can_be_handed(promise: Matter) -> bool:
    """Whether the dialer may be given a promise: an open one that is anyone's, with a number."""
    anyone = promise.words.get("owner", Owner.ANYONE) == Owner.ANYONE and not promise.assignee
    number = bool(promise.body.get("number"))
    is_promise = promise.kind is MatterKind.PROMISE and promise.state == PROMISE.start
    return is_promise and anyone and number and not with_dialer(promise)


def purpose_of(parent: Matter | None) -> Purpose:
    """Return what a promise's callback is for; `parent`: whose result it tells."""
    if parent is None:
        return Purpose.FOLLOW_UP
    if parent.kind is MatterKind.COMPLAINT:
        return Purpose.CONFIRMATION
    return Purpose.FOLLOW_UP if parent.taxpayer_id is None else Purpose.RESULT


def handed_over(promise: Matter, round_: int, act: Act) -> Moved:
    """Return a promise that the dialer has from now on. Raises MatterRefused."""
    if not can_be_handed(promise):
        raise MatterRefused("not_possible", event="handed_over", state=promise.state)
    found = noted(promise, "handed_over", act, {})
    return _with_words(found, {**promise.words, DIALER: str(round_)})


def calls_on_trail(promise: Matter) -> int:
    """Return how many of the dialer's calls a promise's trail has, since it was handed over."""
    return int(promise.words.get(DIALLED, "0"))


def tried(promise: Matter, call: InVain, at: datetime) -> Moved:
    """Return a promise after a call in vain: the dialer keeps it, and it is due again."""
    words = {"disposition": call.code, "due_at": call.again_at.isoformat(timespec="minutes")}
    attempts = promise.attempts + call.calls - calls_on_trail(promise)
    found = noted(promise, "tried", Act(call.by, at), words, attempts=attempts, due_at=call.again_at)
    return _with_words(found, {**promise.words, DIALLED: str(call.calls)})


def put_off(promise: Matter, why: str, until: datetime, at: datetime) -> Moved:
    """Return a promise that the dialer may not call before a time: a cap, or closed hours."""
    words = {"disposition": why, "due_at": until.isoformat(timespec="minutes")}
    return noted(promise, "put_off", Act(SYSTEM, at), words, due_at=until)


def taken_back(promise: Matter, act: Act) -> Moved:
    """Return a promise that people call again: the campaign stands still."""
    return _with_words(noted(promise, "taken_back", act, {}), _without(promise))


def ended(promise: Matter, end: Ended, at: datetime) -> Moved:
    """Return a promise after the dialer's last call. Raises MatterRefused: it is over already."""
    event = "reached" if was_told(end.result) else "give_up"
    calls = max(end.calls - calls_on_trail(promise), int(event == "reached"))
    promise = replace(promise, attempts=promise.attempts + calls)
    if event == "reached" and promise.state == PROMISE.start:  # who spoke had taken it, as on the page
        promise = replace(promise, state="taken", assignee=end.by)
    words = {"result": end.result.value, "disposition": end.code}
    state = PROMISE.moves.get((promise.state, event), "")
    found = moved(PROMISE, promise, event, Act(end.by, at), words, closed_at=at, result=state)
    return _with_words(found, _without(promise))


def confirmed(
    complaints: ComplaintTable, calendar: WorkingCalendar, complaint: Matter, end: Ended, at: datetime
) -> Moved | None:
    """Return a complaint whose final confirmation was made, at its next step; None: it waits for none.

    Whether the reporter is content, or could not be reached, is for the validation of the outcome to judge.
    """
    if complaint.kind is not MatterKind.COMPLAINT or complaint.state != "confirmation":
        return None
    found = move_complaint(complaints, calendar, complaint, "forward", Act(end.by, at))
    words = {**found.event.words, "result": end.result.value}
    return Moved(found.matter, replace(found.event, words=words))


def told(matter: Matter, result: CallbackResult, code: str, act: Act) -> Moved:
    """Return a case with what came of telling its result: on its trail, whatever its state.

    `code`: the disposition, or why nobody was called; empty: a person says so.
    """
    words = {"result": result.value} | ({"disposition": code} if code else {})
    return noted(matter, "told" if was_told(result) else "not_told", act, words)


def _with_words(found: Moved, words: Mapping[str, str]) -> Moved:
    return Moved(replace(found.matter, words=words), found.event)


def _without(promise: Matter) -> dict[str, str]:
    return {name: word for name, word in promise.words.items() if name not in (DIALER, DIALLED)}
