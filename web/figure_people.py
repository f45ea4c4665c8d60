"""Whose figures: agents by staff number and by the id that addresses and pages may hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.masking import mask
from web.permissions import Permission
from web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Person:
    """An agent. The staff number is personal: it goes into no page and no address."""

    number: str
    name: str  # on-air name, or the number masked
    staff_id: str = ""  # empty: no account, so that nothing can be narrowed to them
    team: str = ""


class People:
    """Agents as they are at one moment."""

    def __init__(self, known: Iterable[Person]) -> None:
        self._known = {one.number: one for one in known}
        self._by_id = {one.staff_id: one for one in self._known.values() if one.staff_id}

    def of(self, number: str) -> Person:
        """Return whose number it is; somebody unknown has a masked number."""
        return self._known.get(number) or Person(number, mask(number))

    def by_id(self, staff_id: str) -> Person | None:
        """Return an agent by the id of the account."""
        return self._by_id.get(staff_id)

    def with_account(self) -> Sequence[Person]:
        """Return whom something can be narrowed to, by name."""
        return sorted(self._by_id.values(), key=lambda one: (one.name, one.number))

    def within(self, visitor: Visitor) -> Sequence[Person]:
        """Return whose figures somebody may narrow to, by name."""
        found = (
            one
            for one in self._by_id.values()
            if visitor.covers(Permission.FIGURES_VIEW, one.number, one.team)
        )
        return sorted(found, key=lambda one: one.name)

    def everybody(self) -> Sequence[Person]:
        """Return all of them, by number."""
        return sorted(self._known.values(), key=lambda one: one.number)

    def teams(self) -> Sequence[str]:
        """Return every team, by name."""
        return sorted({one.team for one in self._known.values() if one.team})

    def team_of(self) -> dict[str, str]:
        """Return the team of each staff number."""
        return {one.number: one.team for one in self._known.values()}
