"""The kill switch of all outbound dialling: who threw it, when and why. Append-only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.campaigns import CampaignsUnavailable, SwitchChange
from storage.campaign_tables import kill_switch
from storage.kept import Kept

_K = kill_switch.c


class DurableKillSwitch(Kept):
    """A `dialer.campaigns.KillSwitch`, for every process on the same database."""

    unavailable = CampaignsUnavailable

    async def latest(self) -> SwitchChange | None:
        """Return the change in force; None: it was never touched."""
        changes = await self.history(1)
        return changes[0] if changes else None

    async def throw(self, who: str, reason: str, at: datetime) -> SwitchChange:
        """Stop everything. Raises ValueError without a name or a reason."""
        if not reason.strip():
            raise ValueError("the kill switch is thrown with a reason, for the record")
        return await self._change(SwitchChange(at, True, reason.strip(), who.strip()))

    async def lift(self, who: str, reason: str, at: datetime) -> SwitchChange:
        """Allow dialling again. Raises ValueError without a name."""
        return await self._change(SwitchChange(at, False, reason.strip(), who.strip()))

    async def history(self, most: int = 20) -> Sequence[SwitchChange]:
        """Return the newest changes, newest first."""
        query = sa.select(_K.at, _K.thrown, _K.reason, _K.who).order_by(_K.number.desc()).limit(most)
        rows: Sequence[Any] = await self._read(lambda connection: connection.execute(query).all())
        return [SwitchChange(row.at, bool(row.thrown), row.reason, row.who) for row in rows]

    async def _change(self, change: SwitchChange) -> SwitchChange:
        if not change.who:
            raise ValueError("the kill switch is thrown and lifted by somebody, for the record")
        values = {
            "at": change.at, "thrown": change.thrown, "reason": change.reason, "who": change.who
        }  # fmt: skip
        await self._write(lambda connection: connection.execute(sa.insert(kill_switch).values(values)))
        return change
