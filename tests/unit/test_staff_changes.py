"""What can be taken back of an account's changes, and what stands in the way."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.staff import Staff, StaffRole
from domain.staff_changes import CannotUndoStaff, StaffAct, StaffChange, differences, taken_back, undoing_of

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
SARI = Staff("a" * 32, "sari", "Sari Contoh", frozenset({StaffRole.AGENT}), "90000001", "alfa")


class Account:
    """An account that is changed step by step."""

    def __init__(self) -> None:
        self.person = SARI
        self.history: list[StaffChange] = []

    def changes(self, undoes: int = 0, **put: object) -> int:
        after = replace(self.person, **put)  # type: ignore[arg-type]
        return self._keeps(StaffAct.CHANGED, after, undoes)

    def undoes(self, number: int) -> int:
        change = next(one for one in self.history if one.number == number)
        return self._keeps(StaffAct.CHANGED, taken_back(change, self.history, self.person), number)

    def without(self, number: int) -> Staff:
        change = next(one for one in self.history if one.number == number)
        return taken_back(change, self.history, self.person)

    def refusal(self, number: int) -> str:
        with pytest.raises(CannotUndoStaff) as refused:
            self.without(number)
        return refused.value.word

    def _keeps(self, act: StaffAct, after: Staff, undoes: int) -> int:
        number = len(self.history) + 1
        fields = differences(self.person, after)
        self.history.append(StaffChange(number, AT, "x", SARI.staff_id, act, "", undoes, fields))
        self.person = after
        return number


def test_what_was_changed_later_stays() -> None:
    account = Account()
    roles = account.changes(roles=frozenset({StaffRole.AGENT, StaffRole.QUALITY}))
    account.changes(team="beta")
    assert account.without(roles) == replace(SARI, team="beta")


def test_a_later_change_of_the_same_field_stands_in_the_way_until_it_is_undone() -> None:
    account = Account()
    first = account.changes(team="beta", display_name="Sari B.")
    second = account.changes(team="gama")
    assert account.refusal(first) == "overlaps"
    account.undoes(second)
    assert account.refusal(second) == "already"
    assert account.without(first) == SARI


def test_a_later_change_stands_in_the_way_even_if_it_brought_the_same_value_back() -> None:
    account = Account()
    first = account.changes(team="beta")
    account.changes(team="gama")
    account.changes(team="beta")
    assert account.refusal(first) == "overlaps"


def test_an_undoing_can_be_undone_and_then_the_change_holds_again() -> None:
    account = Account()
    first = account.changes(disabled=True)
    undoing = account.undoes(first)
    assert (account.person, account.refusal(first)) == (SARI, "already")
    account.undoes(undoing)
    assert account.person.disabled
    assert undoing_of(account.history) == {undoing: 3}
    assert account.without(first) == SARI


def test_what_was_changed_past_the_record_is_not_overwritten() -> None:
    account = Account()
    first = account.changes(team="beta")
    account.person = replace(account.person, team="delta")
    assert account.refusal(first) == "overlaps"


@pytest.mark.parametrize("act", [StaffAct.MADE, StaffAct.PASSWORD_RESET, StaffAct.SESSIONS_ENDED])
def test_what_changes_no_value_is_never_undone(act: StaffAct) -> None:
    change = StaffChange(1, AT, "x", SARI.staff_id, act, "", 0, {})
    with pytest.raises(CannotUndoStaff, match="never"):
        taken_back(change, [change], SARI)
