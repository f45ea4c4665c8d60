"""Agents' SIP accounts over HTTP: made, revoked, listed. A secret is in one answer, once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from fastapi import HTTPException
from pydantic import BaseModel, Field

from domain.accounts import Account, AccountKind, AccountsUnavailable
from web.parts import Shared
from web.permissions import Permission


class AccountPort(Protocol):
    """The accounts of the running service. Every method raises domain.accounts.AccountsUnavailable."""

    async def create(self, agent: str, kind: AccountKind) -> tuple[Account, str]:
        """Make an account; return it and its secret. Raises LookupError: no such agent."""
        ...

    async def revoke(self, account: str) -> Account:
        """Revoke an account. Raises LookupError: there is none of this name."""
        ...

    async def all(self) -> Sequence[Account]:
        """Return every account there ever was, oldest first."""
        ...

    def is_reachable(self, account: str) -> bool:
        """Whether the account's phone is registered and answers."""
        ...


class NewAccountBody(BaseModel):
    """Whose account is made, and for what."""

    agent: str = Field(pattern="^[0-9A-Za-z]{1,20}$", description="Staff number")
    kind: AccountKind


class AccountBody(BaseModel):
    """Which account is meant."""

    account: str = Field(pattern="^a[0-9a-f]{15}$", description="`a` and 15 hex digits")


class AccountView(BaseModel):
    """A SIP account."""

    account: str
    agent: str
    kind: AccountKind
    created_at: datetime
    revoked_at: datetime | None
    reachable: bool = Field(description="its phone is registered and answers")


class AccountRows(BaseModel):
    """Every account there ever was, oldest first."""

    accounts: list[AccountView]


class NewAccount(AccountView):
    """An account just made."""

    secret: str = Field(description="in this answer only")


def add_account_routes(shared: Shared, accounts: AccountPort) -> None:
    """Add the routes below `/api/floor/accounts`."""
    guard = shared.guard

    @guard.get("/api/floor/accounts", Permission.PHONES_MANAGE, tags=["phones"])
    async def list_phone_accounts() -> AccountRows:
        """List every account there ever was, oldest first."""
        try:
            rows = [_row(account, accounts) for account in await accounts.all()]
        except AccountsUnavailable as error:
            raise HTTPException(503, str(error)) from error
        return AccountRows(accounts=rows)

    @guard.post("/api/floor/accounts", Permission.PHONES_MANAGE, tags=["phones"])
    async def make_phone_account(body: NewAccountBody) -> NewAccount:
        """Make an account; its secret is in this answer only."""
        try:
            account, secret = await accounts.create(body.agent, body.kind)
        except LookupError as error:
            raise HTTPException(404, str(error.args[0])) from None
        except AccountsUnavailable as error:
            raise HTTPException(503, str(error)) from error
        return NewAccount(**dict(_row(account, accounts)), secret=secret)

    @guard.post("/api/floor/accounts/revoke", Permission.PHONES_MANAGE, tags=["phones"])
    async def revoke_phone_account(body: AccountBody) -> AccountView:
        """Revoke an account at once; a talk on it goes on until its end."""
        try:
            return _row(await accounts.revoke(body.account), accounts)
        except LookupError as error:
            raise HTTPException(404, str(error.args[0])) from None
        except AccountsUnavailable as error:
            raise HTTPException(503, str(error)) from error


def _row(account: Account, accounts: AccountPort) -> AccountView:
    return AccountView(
        account=account.account,
        agent=account.agent,
        kind=account.kind,
        created_at=account.created_at,
        revoked_at=account.revoked_at,
        reachable=accounts.is_reachable(account.account),
    )
