"""Staff: who works here, in which roles, how far each role reaches, and where they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class StaffRole(StrEnum):
    """What somebody is here for. One person may have several roles."""

    AGENT = "agent"
    TEAM_LEADER = "team_leader"
    SUPERVISOR = "supervisor"
    QUALITY = "quality"
    QUALITY_LEAD = "quality_lead"  # SPV PKL: leads the reviewers, decides appeals
    CAMPAIGN_MANAGER = "campaign_manager"
    PLANNER = "planner"
    AUDITOR = "auditor"
    UNIT = "unit"  # of another unit than KLIP: answers complaints; their team is the unit
    PRIVACY_OFFICER = "privacy_officer"  # answers requests of UU 27/2022 about one person's data
    ADMINISTRATOR = "administrator"


class Reach(StrEnum):
    """Whose work a permission covers."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Staff:
    """One member of staff. Names and staff numbers are personal."""

    staff_id: str  # 32 hex digits, random: the only name of a person in records and addresses
    user_name: str  # to sign in with
    display_name: str
    roles: frozenset[StaffRole]
    number: str = ""  # staff number on the floor (`acd`); empty for who never takes a call
    team: str = ""
    language: str = "id"  # of the pages
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """What a person signs in with."""

    password_hash: str = field(repr=False)  # argon2id, as a PHC string
    must_change: bool  # the password was given by somebody else
    changed_at: datetime  # aware, UTC
    totp_secret: str = field(default="", repr=False)  # RFC 6238, base32; empty: none
    totp_since: datetime | None = None  # None: not enrolled; a secret may still wait for its first code


@dataclass(frozen=True, slots=True)
class By:
    """Who changes an account, and why. Goes on record beside the change."""

    who: str  # staff_id, `cli:NAME`, `directory` or `system`
    why: str = ""
    undoes: int = 0  # the number of the change on record that this one takes back; 0: none


SYSTEM = By("system")


class StaffUnavailable(Exception):
    """Staff and their sessions cannot be read or changed at the moment; nothing was changed."""


class StaffTaken(Exception):
    """Somebody else has this user name or staff number. `what`: `user_name` or `number`; `at`: which."""

    def __init__(self, what: str, at: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.at = at  # place in what was added, from 0


class StaffMoved(Exception):
    """Somebody else changed this person meanwhile; nothing was changed."""


class StaffStore(Protocol):
    """Keeps staff. Every method raises StaffUnavailable; nobody is ever deleted.

    What is done to a person goes on record in the same transaction (`domain.staff_changes`).
    """

    async def all(self) -> Sequence[Staff]:
        """Return everybody, by user name; disabled ones too."""
        ...

    async def by_id(self, staff_id: str) -> Staff | None:
        """Return one person."""
        ...

    async def by_user_name(self, user_name: str) -> Staff | None:
        """Return who signs in with this name."""
        ...

    async def add(self, new: Sequence[tuple[Staff, Credential]], by: By = SYSTEM) -> None:
        """Keep new people, all or none. Raises StaffTaken."""
        ...

    async def change(self, person: Staff, at: datetime, by: By = SYSTEM, was: Staff | None = None) -> None:
        """Change all of a person but the credential; `was`: only if they still stand so.

        Raises StaffTaken; StaffMoved; KeyError: no such person.
        """
        ...

    async def credential(self, staff_id: str) -> Credential:
        """Return what a person signs in with. Raises KeyError: no such person."""
        ...

    async def set_password(
        self, staff_id: str, password_hash: str, at: datetime, *, must_change: bool, by: By = SYSTEM
    ) -> None:
        """Replace a password. Raises KeyError: no such person."""
        ...

    async def rehash(self, staff_id: str, old: str, new: str) -> None:
        """Replace a hash by a stronger one of the same password, unless it changed meanwhile."""
        ...

    async def set_totp(self, staff_id: str, secret: str, since: datetime | None) -> None:
        """Keep a secret (enrolled with `since`); an empty one ends codes and recovery codes."""
        ...

    async def use_step(self, staff_id: str, step: int) -> bool:
        """Mark a TOTP time step as used; False: it or a later one was used before."""
        ...

    async def set_recovery_codes(self, staff_id: str, codes: Sequence[str]) -> None:
        """Replace a person's recovery codes; only fingerprints are kept."""
        ...

    async def use_recovery_code(self, staff_id: str, code: str, at: datetime) -> bool:
        """Mark a recovery code as used; False: there is none, or it was used before."""
        ...

    async def recovery_codes_left(self, staff_id: str) -> int:
        """Return how many recovery codes are unused."""
        ...

    async def bind_subject(self, staff_id: str, subject: str) -> bool:
        """Tie a person to a subject of the directory at first use; False: tied to another one."""
        ...
