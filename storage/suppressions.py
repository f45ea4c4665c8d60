"""Who must not be called, and the trail of who asked for it and who lifted it. Keys only, nobody's number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dialer.contacts import Key
from dialer.leads import LeadsUnavailable
from dialer.reasons import WhyNot
from storage.campaign_tables import suppression_events, suppressions
from storage.kept import Kept

_S, _E = suppressions.c, suppression_events.c
_AT_ONCE = 1000  # keys in one question
# What is asked for by a person is stronger than what was found out of a number.
_STRENGTH = {WhyNot.WRONG_NUMBER: 0, WhyNot.DO_NOT_CALL: 1}


@dataclass(frozen=True, slots=True)
class SuppressionEvent:
    """One step of the trail."""

    at: datetime
    act: str  # added, lifted
    why: str
    who: str  # staff_id
    call_id: str


class DurableSuppressions(Kept):
    """A `dialer.ports.Suppressions` on a database."""

    unavailable = LeadsUnavailable

    async def find(self, keys: Collection[Key]) -> Mapping[Key, str]:
        """Return a `WhyNot` for those of these taxpayer and number keys that must not be called."""
        asked = list(dict.fromkeys(keys))

        def find(connection: Connection) -> Mapping[Key, str]:
            found: dict[Key, str] = {}
            for start in range(0, len(asked), _AT_ONCE):
                some = _S.key.in_(asked[start : start + _AT_ONCE])
                for row in connection.execute(sa.select(_S.key, _S.why).where(some)):
                    found[bytes(row.key)] = row.why
            return found

        return await self._read(find) if asked else {}

    async def add(self, key: Key, why: str, by: str, at: datetime, call_id: str = "") -> None:
        """Suppress a taxpayer or a number from now on. Idempotent; the stronger reason stays.

        Raises ValueError: no such reason.
        """
        reason = WhyNot(why)
        if reason not in _STRENGTH:
            raise ValueError(f"{why}: nobody is suppressed for this; do_not_call or wrong_number")

        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert

        def add(connection: Connection) -> None:
            new = insert(suppressions).values(key=key, why=reason.value, at=at).on_conflict_do_nothing()
            if connection.execute(new.returning(_S.key)).first() is None:
                before = _why(connection, key)
                if before is not None and _STRENGTH[before] >= _STRENGTH[reason]:
                    return
                update = sa.update(suppressions).where(_S.key == key)
                connection.execute(update.values(why=reason.value, at=at))
            _record(connection, key, "added", reason.value, by, at, call_id)

        await self._write(add)

    async def remove(self, key: Key, by: str, at: datetime) -> None:
        """Lift a suppression; on record as well. Idempotent."""

        def remove(connection: Connection) -> None:
            before = _why(connection, key)
            if before is not None:
                connection.execute(sa.delete(suppressions).where(_S.key == key))
                _record(connection, key, "lifted", before.value, by, at, "")

        await self._write(remove)

    async def trail(self, key: Key) -> Sequence[SuppressionEvent]:
        """Return what was done about a key, oldest first."""
        query = sa.select(suppression_events).where(_E.key == key).order_by(_E.n)
        rows: Sequence[Any] = await self._read(lambda connection: connection.execute(query).all())
        return [SuppressionEvent(row.at, row.act, row.why, row.who, row.call_id) for row in rows]

    async def counts(self) -> Mapping[str, int]:
        """Return how many keys are suppressed, by reason."""
        query = sa.select(_S.why, sa.func.count()).group_by(_S.why)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return {row[0]: row[1] for row in rows}


def _why(connection: Connection, key: Key) -> WhyNot | None:
    # Locked on PostgreSQL, so that two processes do not both take the step from here.
    query = sa.select(_S.why).where(_S.key == key).with_for_update()
    found = connection.execute(query).scalar()
    return None if found is None else WhyNot(found)


def _record(
    connection: Connection, key: Key, act: str, why: str, by: str, at: datetime, call_id: str
) -> None:
    values = {"key": key, "act": act, "why": why, "who": by, "at": at, "call_id": call_id}
    connection.execute(sa.insert(suppression_events).values(values))
