"""Who is behind a request."""

from dataclasses import dataclass, field
from typing import Protocol

from domain.staff import Reach, Staff
from web.permissions import Permission, reach_of


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, in one session."""

    staff: Staff
    session_id: str  # names the session in records; not the secret in the cookie
    csrf: str = field(repr=False)  # the token that every change must bring
    must_change: bool = False  # the password first: nothing else is open until then
    is_service: bool = False  # the command line on this machine, by its token: no session, no cookie

    def reach(self, permission: Permission) -> Reach | None:
        """Return how far a permission reaches for this person; None: not at all."""
        return reach_of(self.staff.roles, permission)

    def covers(self, permission: Permission, number: str, team: str) -> bool:
        """Whether a permission covers the work of the agent with this staff number in this team."""
        match self.reach(permission):
            case Reach.ALL:
                return True
            case Reach.TEAM:
                return bool(team) and team == self.staff.team
            case Reach.OWN:
                return bool(number) and number == self.staff.number
        return False


class SessionsUnavailable(Exception):
    """Sessions cannot be read at the moment: nobody gets in."""


class Sessions(Protocol):
    """Knows who a session's cookie belongs to."""

    async def visitor(self, cookie: str, browser: str) -> Visitor | None:
        """Return who holds this cookie; None: ended, revoked or disabled. Raises SessionsUnavailable.

        `browser` is the request's user agent: a session is used from one browser only.
        """
        ...
