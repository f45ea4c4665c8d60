"""A member of staff as they are written down: in a form, in a request, in a row of a CSV file."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from domain.staff import Staff, StaffRole

_USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_NUMBER = re.compile(r"[0-9A-Za-z]{0,20}")
_TEAM = re.compile(r"[\w .-]{0,40}")
LANGUAGES = ("id", "en")


class StaffFault(Exception):
    """A member of staff cannot be kept so. `field` is wrong; `word` is a text `staff_fault.…`."""

    def __init__(self, field: str, word: str) -> None:
        super().__init__(f"{field}: {REMEDIES[word]}")
        self.field = field
        self.word = word

    @property
    def remedy(self) -> str:
        """Return what to write instead."""
        return REMEDIES[self.word]


# What is wrong and the remedy, for the command line; pages have the same in both languages.
REMEDIES = {
    "user_name": "2 to 40 small letters, digits and . _ -, beginning with a letter or digit",
    "display_name": "write a name, up to 80 characters",
    "roles": f"write at least one of {', '.join(StaffRole)}",
    "number": "up to 20 letters and digits",
    "number_needed": "an agent needs a staff number: without it no call can reach them",
    "team": "up to 40 letters, digits, spaces and . _ -",
    "team_needed": "a team leader needs a team: without it the role reaches nobody",
    "language": "write id or en",
    "user_name_taken": "somebody else has this user name; choose another",
    "number_taken": "somebody else has this staff number; correct it, or take it from them first",
    "last_administrator": "this is the last administrator; make another one first",
    "yourself": "this cannot be done to oneself; ask another administrator",
    "undo_never": "only names, roles, number, team, language and being shut out can be taken back; "
    "an account is shut out with: kring staff disable",
    "undo_already": "it was undone already",
    "undo_overlaps": "the same was changed again since; undo the later change first, or set it anew",
    "undo_meanwhile": "the account was changed meanwhile; look again and try once more",
}


@dataclass(frozen=True, slots=True)
class StaffDraft:
    """What is written about one person."""

    user_name: str
    display_name: str
    roles: Collection[str]
    number: str = ""
    team: str = ""
    language: str = "id"

    @classmethod
    def of(cls, one: Staff) -> "StaffDraft":
        """Return what is written about somebody."""
        return cls(
            one.user_name, one.display_name, tuple(sorted(one.roles)), one.number, one.team, one.language
        )

    def person(self, staff_id: str, *, disabled: bool = False) -> Staff:
        """Return the member of staff. Raises StaffFault."""
        name, shown = self.user_name.strip().casefold(), " ".join(self.display_name.split())
        if _USER_NAME.fullmatch(name) is None:
            raise StaffFault("user_name", "user_name")
        if not shown or len(shown) > 80 or not shown.isprintable():
            raise StaffFault("display_name", "display_name")
        if not self.roles or not set(self.roles) <= set(StaffRole):
            raise StaffFault("roles", "roles")
        roles = frozenset(map(StaffRole, self.roles))
        number, team = self.number.strip(), self.team.strip()
        if _NUMBER.fullmatch(number) is None:
            raise StaffFault("number", "number")
        if not number and StaffRole.AGENT in roles:
            raise StaffFault("number", "number_needed")
        if _TEAM.fullmatch(team) is None:
            raise StaffFault("team", "team")
        if not team and StaffRole.TEAM_LEADER in roles:
            raise StaffFault("team", "team_needed")
        if self.language not in LANGUAGES:
            raise StaffFault("language", "language")
        return Staff(staff_id, name, shown, roles, number, team, self.language, disabled)
