"""The record of what became of an account: who, when, before and after; and what can be undone of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.staff import By, Staff, StaffRole, StaffStore

FIELDS = ("user_name", "display_name", "roles", "number", "team", "language", "disabled")
YES = "yes"  # of `disabled`; its other value is empty


class StaffAct(StrEnum):
    """What was done. Secrets are never on record, only that they were given, changed or taken away."""

    MADE = "made"
    CHANGED = "changed"
    DISABLED = "disabled"
    ENABLED = "enabled"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a word; given by somebody else
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word; by its owner
    CODE_ENROLLED = "code_enrolled"
    CODE_ENDED = "code_ended"  # by its owner
    CODE_RESET = "code_reset"  # taken away together with the password
    RECOVERY_CODES_MADE = "recovery_codes_made"
    SESSIONS_ENDED = "sessions_ended"


UNDONE_BY_VALUES = frozenset({StaffAct.CHANGED, StaffAct.DISABLED, StaffAct.ENABLED})


@dataclass(frozen=True, slots=True)
class StaffChange:
    """One row of the record. Values before and after may be names and staff numbers."""

    number: int  # counts up over all accounts
    at: datetime  # aware, UTC
    who: str
    staff_id: str  # whose account
    act: StaffAct
    why: str
    undoes: int  # 0: nothing
    fields: Mapping[str, tuple[str, str]] = field(repr=False)  # of FIELDS: before, after


class CannotUndoStaff(Exception):
    """A change of an account cannot be taken back. `word`: `never`, `already`, `overlaps`."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class StaffBook(StaffStore, Protocol):
    """Keeps staff and the record of their accounts. Every method raises domain.staff.StaffUnavailable."""

    async def note(self, staff_id: str, act: StaffAct, at: datetime, by: By) -> None:
        """Put on record what changes no value: codes, sessions."""
        ...

    async def changes(self, before: int = 0, most: int = 50) -> Sequence[StaffChange]:
        """Return changes of all accounts, newest first; `before`: older than this number."""
        ...

    async def changes_of(self, staff_ids: Collection[str]) -> Sequence[StaffChange]:
        """Return every change of these accounts, newest first."""
        ...

    async def change_of_number(self, number: int) -> StaffChange | None:
        """Return one change."""
        ...


def values(person: Staff) -> Mapping[str, str]:
    """Return what is on record of a person: FIELDS as words, roles separated by spaces."""
    return {
        "user_name": person.user_name,
        "display_name": person.display_name,
        "roles": " ".join(sorted(person.roles)),
        "number": person.number,
        "team": person.team,
        "language": person.language,
        "disabled": YES if person.disabled else "",
    }


def differences(before: Staff | None, after: Staff) -> Mapping[str, tuple[str, str]]:
    """Return the fields that differ, with both values; `before` None: somebody new."""
    was = dict.fromkeys(FIELDS, "") if before is None else values(before)
    now = values(after)
    return {name: (was[name], now[name]) for name in FIELDS if was[name] != now[name]}


def act_of(before: Staff, after: Staff) -> StaffAct:
    """Return what a change of values is called."""
    if before.disabled != after.disabled:
        return StaffAct.DISABLED if after.disabled else StaffAct.ENABLED
    return StaffAct.CHANGED


def undoing_of(history: Sequence[StaffChange]) -> Mapping[int, int]:
    """Return which changes of one account no longer hold, each with the change that took it back.

    An undoing that was itself undone takes nothing back. `history`: all changes of the account.
    """
    found: dict[int, int] = {}
    for one in sorted(history, key=lambda change: change.number, reverse=True):
        if one.undoes and one.number not in found:
            found[one.undoes] = one.number
    return found


def taken_back(change: StaffChange, history: Sequence[StaffChange], person: Staff) -> Staff:
    """Return the person without a change; what was changed later stays. Raises CannotUndoStaff.

    `history`: all changes of the account; `person`: as it stands now.
    """
    if change.act not in UNDONE_BY_VALUES or not change.fields:
        raise CannotUndoStaff("never")
    undone = undoing_of(history)
    if change.number in undone:
        raise CannotUndoStaff("already")
    for later in history:
        # A later change that was undone, and its undoing, are as if they had not been.
        stands = later.number > change.number and later.number not in undone
        if stands and later.undoes <= change.number and set(later.fields) & set(change.fields):
            raise CannotUndoStaff("overlaps")
    now = values(person)
    if any(now[name] != after for name, (_, after) in change.fields.items()):
        raise CannotUndoStaff("overlaps")
    return _with(person, {name: before for name, (before, _) in change.fields.items()})


def _with(person: Staff, put: Mapping[str, str]) -> Staff:
    now = {**values(person), **put}
    return replace(
        person,
        user_name=now["user_name"],
        display_name=now["display_name"],
        roles=frozenset(map(StaffRole, now["roles"].split())),
        number=now["number"],
        team=now["team"],
        language=now["language"],
        disabled=now["disabled"] == YES,
    )
