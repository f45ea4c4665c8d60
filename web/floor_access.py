"""Who may use the floor's API: a bearer token, and what it allows."""

import hmac
from dataclasses import dataclass, field

from acd.requests import Role

SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A secret and the role of whoever knows it."""

    secret: str = field(repr=False)
    role: Role


def role_of(authorization: str | None, tokens: tuple[AccessToken, ...]) -> Role | None:
    """Return the role that a header `Authorization: Bearer SECRET` gives; None: none.

    Takes the same time whichever token fits and however much of it.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    given = secret.strip().encode("utf-8", "replace") if scheme.lower() == SCHEME else b""
    found: Role | None = None
    for token in tokens:
        if hmac.compare_digest(given, token.secret.encode()) and token.secret:
            found = token.role
    return found
