"""Which phone a member of staff works with: the one in the page, or one on the desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.accounts import AccountKind, AccountsUnavailable
from storage.kept import Kept
from storage.tables import phone_choices


class DurablePhoneChoices(Kept):
    """Keeps choices. Every method raises domain.accounts.AccountsUnavailable."""

    unavailable = AccountsUnavailable

    async def choice(self, staff_id: str) -> AccountKind:
        """Return what somebody chose; who never did works with the page."""
        query = sa.select(phone_choices.c.choice).where(phone_choices.c.staff_id == staff_id)
        rows: Sequence[Any] = await self._read(lambda c: c.execute(query).all())
        return AccountKind(rows[0].choice) if rows else AccountKind.BROWSER

    async def choose(self, staff_id: str, choice: AccountKind, at: datetime) -> None:
        """Keep a choice. `at` is aware."""
        mine = phone_choices.c.staff_id == staff_id
        row = {"choice": choice.value, "changed_at": at}

        def keep(connection: Connection) -> None:
            if connection.execute(sa.update(phone_choices).where(mine).values(row)).rowcount == 0:
                connection.execute(sa.insert(phone_choices).values(row | {"staff_id": staff_id}))

        await self._write(keep)
