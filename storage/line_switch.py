"""The administrator's switch: who closed or opened the line, when and why. Append-only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Database
from storage.tables import line_switch


@dataclass(frozen=True, slots=True)
class SwitchChange:
    """One change of the switch."""

    at: datetime  # aware, UTC
    shut: bool
    reason: str
    who: str


class LineSwitch:
    """Closes and opens the line, for every process on the same database.

    Every method raises `storage.database.DatabaseProblem`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def close(self, who: str, reason: str, at: datetime | None = None) -> SwitchChange:
        """Close the line, whatever the hour. Raises ValueError without a name or a reason."""
        if not reason.strip():
            raise ValueError("the line is closed with a reason, for the record")
        return await self._change(SwitchChange(at or datetime.now(UTC), True, reason.strip(), who.strip()))

    async def open(self, who: str, reason: str = "", at: datetime | None = None) -> SwitchChange:
        """Let the timetable decide again. Raises ValueError without a name."""
        return await self._change(SwitchChange(at or datetime.now(UTC), False, reason.strip(), who.strip()))

    async def latest(self) -> SwitchChange | None:
        """Return the change in force, or None if the switch was never touched."""
        changes = await self.history(1)
        return changes[0] if changes else None

    async def is_shut(self) -> bool:
        """Whether an administrator closed the line."""
        change = await self.latest()
        return change is not None and change.shut

    async def history(self, limit: int = 20) -> Sequence[SwitchChange]:
        """Return the newest changes, newest first."""
        columns = (line_switch.c.at, line_switch.c.shut, line_switch.c.reason, line_switch.c.who)
        query = sa.select(*columns).order_by(line_switch.c.number.desc()).limit(limit)
        rows: Sequence[Any] = await self._database.read(lambda connection: connection.execute(query).all())
        return [SwitchChange(*row) for row in rows]

    async def _change(self, change: SwitchChange) -> SwitchChange:
        if not change.who:
            raise ValueError("the line is switched by somebody, for the record")
        values = {"at": change.at, "shut": change.shut, "reason": change.reason, "who": change.who}
        await self._database.write(
            lambda connection: connection.execute(sa.insert(line_switch).values(values))
        )
        return change
