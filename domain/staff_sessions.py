"""Sessions of staff: who is signed in with which browser, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.staff import Staff


class SessionEnd(StrEnum):
    """Why a session is over."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"  # by its owner from elsewhere, or by an administrator
    IDLE = "idle"
    TOO_OLD = "too_old"
    OTHER_BROWSER = "other_browser"  # its cookie came from another browser: probably stolen
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason
    RIGHTS_CHANGED = "rights_changed"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class StaffSession:
    """One session. Times are aware, UTC."""

    session_id: str  # names it in records and addresses; not the secret in the cookie
    staff_id: str
    browser: str  # a few words for its owner, e.g. "Chrome, Linux"
    fingerprint: bytes = field(repr=False)  # of the whole user agent
    created_at: datetime
    seen_at: datetime
    ends_at: datetime  # at the latest
    ended_at: datetime | None = None
    end: SessionEnd | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session with its owner as they are now."""

    session: StaffSession
    staff: Staff
    must_change: bool  # nothing but the password may be changed first


class SessionStore(Protocol):
    """Keeps sessions. Every method raises domain.staff.StaffUnavailable."""

    async def add(self, session: StaffSession, cookie_hash: bytes) -> None:
        """Keep a new session; of its cookie only a hash is known."""
        ...

    async def by_cookie(self, cookie_hash: bytes) -> SignedIn | None:
        """Return the session of a cookie, ended ones too."""
        ...

    async def by_id(self, session_id: str) -> StaffSession | None:
        """Return a session."""
        ...

    async def seen(self, session_id: str, at: datetime) -> None:
        """Move on when a session was last used."""
        ...

    async def end(self, session_ids: Sequence[str], at: datetime, why: SessionEnd) -> Sequence[str]:
        """End sessions; return those that were open until now."""
        ...

    async def of(self, staff_id: str, since: datetime) -> Sequence[StaffSession]:
        """Return a person's open sessions and those that ended after `since`, newest first."""
        ...

    async def open_of(self, staff_id: str) -> Sequence[str]:
        """Return the ids of a person's open sessions."""
        ...

    async def ended(self, session_ids: Sequence[str]) -> Sequence[str]:
        """Return which of these are over."""
        ...

    async def overdue(self, now: datetime, unseen_since: datetime) -> Sequence[SignedIn]:
        """Return open sessions past their end, or not seen since, with their owners."""
        ...

    async def remove_ended_before(self, at: datetime) -> int:
        """Remove sessions that ended before; return how many."""
        ...
