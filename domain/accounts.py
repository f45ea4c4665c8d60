"""SIP accounts of agents: who may register which phone, and where that is kept.

The database is the truth about accounts; what Asterisk knows is pushed to it from there.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

REALM = "kring"  # of Asterisk's challenges; part of every digest, so it can never change
_ACCOUNT = re.compile(r"a[0-9a-f]{15}")


class AccountKind(StrEnum):
    """What registers with an account."""

    DESK = "desk"  # a SIP phone: UDP or TCP, plain RTP
    BROWSER = "browser"  # WebRTC: WSS, DTLS-SRTP


class AccountsUnavailable(Exception):
    """The store of accounts does not answer; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account. Its secret is shown once when it is made and kept nowhere."""

    account: str  # SIP user name: `a` and 15 random hex digits; says nothing about the person
    agent: str  # staff number; never in SIP, logs, file names or URLs
    kind: AccountKind
    digest: str = field(repr=False)  # see `secret_digest`; enough to register, so as secret as a password
    created_at: datetime  # aware, UTC
    revoked_at: datetime | None = None  # aware, UTC; None: in force
    session_id: str = ""  # of the page it was made for, and with which it ends; empty: it stands by itself


class AccountStore(Protocol):
    """Keeps accounts. Every method raises AccountsUnavailable."""

    async def add(self, account: Account) -> None:
        """Keep a new account, durably. Raises ValueError when its name is taken."""
        ...

    async def revoke(self, account: str, at: datetime) -> Account | None:
        """Mark an account as revoked and return it as it is now; None if there is no such account.

        An account that is revoked already keeps its time.
        """
        ...

    async def in_force(self) -> Sequence[Account]:
        """Return the accounts that are not revoked, oldest first."""
        ...

    async def all(self) -> Sequence[Account]:
        """Return every account there ever was but revoked ones of sessions, oldest first."""
        ...


def is_account(name: str) -> bool:
    """Whether a SIP user name has the form of an account."""
    return _ACCOUNT.fullmatch(name) is not None


def secret_digest(account: str, secret: str) -> str:
    """Return what Asterisk needs instead of the secret: 32 hex digits (HA1 of RFC 7616 section 3.4.2)."""
    # MD5 is what SIP's digest is made of, and what every phone and browser speaks.
    return hashlib.md5(f"{account}:{REALM}:{secret}".encode(), usedforsecurity=False).hexdigest()
