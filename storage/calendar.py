"""Days that differ from the national calendar, as an administrator entered them."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ivr.hours import DayKind, DayOverride
from storage.database import Database
from storage.tables import calendar_overrides

_HOUR = 60


class CalendarOverrides:
    """Keeps `ivr.hours.DayOverride` rows. Every method raises `storage.database.DatabaseProblem`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[DayOverride]:
        """Return every override, in order of days."""
        query = sa.select(calendar_overrides).order_by(calendar_overrides.c.day)
        rows: Sequence[Any] = await self._database.read(lambda connection: connection.execute(query).all())
        return [_override(row) for row in rows]

    async def put(self, override: DayOverride) -> None:
        """Keep an override, in place of an earlier one for the same day."""

        def replace(connection: Connection) -> None:
            connection.execute(sa.delete(calendar_overrides).where(calendar_overrides.c.day == override.day))
            connection.execute(sa.insert(calendar_overrides).values(_values(override)))

        await self._database.write(replace)

    async def replace(self, overrides: Sequence[DayOverride]) -> None:
        """Keep these, one a day at most, and no other: all of them or none."""

        def work(connection: Connection) -> None:
            connection.execute(sa.delete(calendar_overrides))
            for override in overrides:
                connection.execute(sa.insert(calendar_overrides).values(_values(override)))

        await self._database.write(work)

    async def remove(self, day: date) -> bool:
        """Forget the override of a day; return whether there was one."""
        query = sa.delete(calendar_overrides).where(calendar_overrides.c.day == day)
        return bool(await self._database.write(lambda connection: connection.execute(query).rowcount))


def _values(override: DayOverride) -> dict[str, object]:
    opens, closes = override.hours or (None, None)
    return {
        "day": override.day,
        "kind": override.kind.value,
        "opens_minute": _minute(opens),
        "closes_minute": _minute(closes),
        "about": override.about,
        "assumed": override.assumed,
    }


def _override(row: Any) -> DayOverride:
    hours = None if row.opens_minute is None else (_clock(row.opens_minute), _clock(row.closes_minute))
    return DayOverride(row.day, DayKind(row.kind), row.about, hours, row.assumed)


def _minute(clock: time | None) -> int | None:
    return None if clock is None else clock.hour * _HOUR + clock.minute


def _clock(minute: int) -> time:
    return time(*divmod(minute, _HOUR))
