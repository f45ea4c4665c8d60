"""Taking back a change of an account: what would stand then, or why it cannot be."""

from collections.abc import Sequence

from domain.staff import Staff, StaffRole
from domain.staff_changes import CannotUndoStaff, StaffChange, taken_back
from web.staff_drafts import StaffDraft, StaffFault


def check_administrator_stays(before: Staff, after: Staff, everybody: Sequence[Staff]) -> None:
    """Refuse what would leave nobody to administer. Raises StaffFault."""
    if not _administers(before) or _administers(after):
        return
    if not any(_administers(one) for one in everybody if one.staff_id != before.staff_id):
        raise StaffFault("roles", "last_administrator")


def without(
    change: StaffChange, history: Sequence[StaffChange], everybody: Sequence[Staff], who: str
) -> tuple[Staff, Staff]:
    """Return the person as they stand and as they would stand without a change. Raises StaffFault.

    `history`: all changes of the account; `who` asks.
    """
    person = next(one for one in everybody if one.staff_id == change.staff_id)
    try:
        after = taken_back(change, history, person)
    except CannotUndoStaff as refused:
        raise StaffFault("undo", f"undo_{refused.word}") from refused
    if after.disabled and not person.disabled and who == person.staff_id:
        raise StaffFault("disabled", "yourself")
    check_administrator_stays(person, after, everybody)
    for other in everybody:
        if other.staff_id == person.staff_id:
            continue
        if other.user_name == after.user_name:
            raise StaffFault("user_name", "user_name_taken")
        if after.number and other.number == after.number:
            raise StaffFault("number", "number_taken")
    return person, StaffDraft.of(after).person(after.staff_id, disabled=after.disabled)


def _administers(one: Staff) -> bool:
    return StaffRole.ADMINISTRATOR in one.roles and not one.disabled
