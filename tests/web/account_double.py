"""SIP accounts in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from domain.accounts import Account, AccountKind
from tests.web.floor_double import AGENT


class AccountsDouble:
    """A `web.accounts_api.AccountPort` in memory; knows one agent."""

    def __init__(self) -> None:
        self.kept: dict[str, Account] = {}

    async def create(self, agent: str, kind: AccountKind) -> tuple[Account, str]:
        if agent != AGENT:
            raise LookupError("no such agent")
        account = Account("a" + "1" * 15, agent, kind, "d" * 32, datetime(2026, 1, 5, 1, 30, tzinfo=UTC))
        self.kept[account.account] = account
        return account, "secret-shown-once"

    async def revoke(self, account: str) -> Account:
        if account not in self.kept:
            raise LookupError(f"account {account}: there is none")
        self.kept[account] = replace(self.kept[account], revoked_at=datetime(2026, 1, 6, tzinfo=UTC))
        return self.kept[account]

    async def all(self) -> Sequence[Account]:
        return list(self.kept.values())

    def is_reachable(self, account: str) -> bool:
        return True
