"""Agents' SIP accounts over HTTP: made, revoked, listed. A secret is in one answer, once."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from fastapi import FastAPI, Request, Response

from domain.accounts import Account, AccountKind, AccountsUnavailable, is_account
from web.answers import answer_json
from web.floor_requests import BadRequest, decode_object

_AGENT = re.compile(r"[0-9A-Za-z]{1,20}")


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


def add_account_routes(
    app: FastAPI, accounts: AccountPort, may: Callable[[Request], Response | None]
) -> None:
    """Add the routes below `/api/floor/accounts`. `may` returns what refuses a request, or None."""

    async def every(_: Request) -> object:
        return {"accounts": [_row(account, accounts) for account in await accounts.all()]}

    async def create(request: Request) -> object:
        account, secret = await accounts.create(*_wanted(decode_object(await request.body())))
        return {**_row(account, accounts), "secret": secret}

    async def revoke(request: Request) -> object:
        return _row(await accounts.revoke(_named(decode_object(await request.body()))), accounts)

    def route(work: Callable[[Request], Awaitable[object]]) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            try:
                return may(request) or answer_json(await work(request))
            except BadRequest as error:
                return answer_json({"error": str(error)}, 400)
            except LookupError as error:
                return answer_json({"error": str(error.args[0])}, 404)
            except AccountsUnavailable as error:
                return answer_json({"error": str(error)}, 503)

        return answered

    app.get("/api/floor/accounts")(route(every))
    app.post("/api/floor/accounts")(route(create))
    app.post("/api/floor/accounts/revoke")(route(revoke))


def _named(body: dict[str, object]) -> str:
    account = body.get("account")
    if not isinstance(account, str) or not is_account(account):
        raise BadRequest("account: `a` and 15 hex digits; see: kring agent account list")
    return account


def _wanted(body: dict[str, object]) -> tuple[str, AccountKind]:
    agent, kind = body.get("agent"), body.get("kind")
    if not isinstance(agent, str) or _AGENT.fullmatch(agent) is None:
        raise BadRequest("agent: write a staff number, up to 20 letters and digits")
    if kind not in tuple(AccountKind):
        raise BadRequest(f"kind: one of {', '.join(AccountKind)}")
    return agent, AccountKind(str(kind))


def _row(account: Account, accounts: AccountPort) -> dict[str, object]:
    return {
        "account": account.account,
        "agent": account.agent,
        "kind": account.kind.value,
        "created_at": account.created_at.isoformat(),
        "revoked_at": None if account.revoked_at is None else account.revoked_at.isoformat(),
        "reachable": accounts.is_reachable(account.account),
    }
