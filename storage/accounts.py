"""SIP accounts of agents on a database. What enough is to register with is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.accounts import Account, AccountKind, AccountsUnavailable
from storage.database import Database
from storage.kept import Kept
from storage.tables import sip_accounts
from storage.vault import Vault, VaultProblem

_TO_SEE = sa.text("(session_id = '' OR revoked_at IS NULL)")  # as the index has it
_OLDEST_FIRST = (sip_accounts.c.created_at, sip_accounts.c.account)


class DurableAccounts(Kept):
    """A `domain.accounts.AccountStore` on a database; one transaction for each change."""

    unavailable = AccountsUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def add(self, account: Account) -> None:
        """Keep a new account. Raises ValueError when its name is taken or a time has no zone."""
        values = {
            "account": account.account,
            "agent": account.agent,
            "kind": account.kind.value,
            "sealed_digest": self._vault.seal(account.digest.encode(), _context(account.account)),
            "created_at": _aware(account.created_at),
            "revoked_at": None if account.revoked_at is None else _aware(account.revoked_at),
            "session_id": account.session_id,
        }

        def insert(connection: Connection) -> bool:
            taken = sa.select(sip_accounts.c.account).where(sip_accounts.c.account == account.account)
            if connection.execute(taken).first() is not None:
                return False
            connection.execute(sa.insert(sip_accounts).values(values))
            return True

        if not await self._write(insert):
            raise ValueError(f"the account {account.account} is there already")

    async def revoke(self, account: str, at: datetime) -> Account | None:
        """Mark an account as revoked; one that is revoked already keeps its time."""
        mine = sip_accounts.c.account == account
        still_in_force = sa.and_(mine, sip_accounts.c.revoked_at.is_(None))
        change = sa.update(sip_accounts).where(still_in_force).values(revoked_at=_aware(at))

        def mark(connection: Connection) -> Any:
            connection.execute(change)
            return connection.execute(sa.select(sip_accounts).where(mine)).first()

        row = await self._write(mark)
        return None if row is None else self._account(row)

    async def in_force(self) -> Sequence[Account]:
        """Return the accounts that are not revoked, oldest first."""
        in_force = sip_accounts.c.revoked_at.is_(None)
        return await self._oldest_first(sa.select(sip_accounts).where(_TO_SEE, in_force))

    async def all(self) -> Sequence[Account]:
        """Return every account there ever was but those of pages that are closed, oldest first."""
        return await self._oldest_first(sa.select(sip_accounts).where(_TO_SEE))

    async def _oldest_first(self, query: "sa.Select[Any]") -> Sequence[Account]:
        ordered = query.order_by(*_OLDEST_FIRST)
        rows = await self._read(lambda connection: connection.execute(ordered).all())
        return [self._account(row) for row in rows]

    def _account(self, row: Any) -> Account:
        try:
            digest = self._vault.open(bytes(row.sealed_digest), _context(row.account)).decode()
        except VaultProblem as error:
            raise AccountsUnavailable(str(error)) from error
        return Account(
            row.account,
            row.agent,
            AccountKind(row.kind),
            digest,
            row.created_at,
            row.revoked_at,
            row.session_id,
        )


def _context(account: str) -> bytes:
    return f"sip_accounts/{account}/digest".encode()


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without zone cannot be stored")
    return at
