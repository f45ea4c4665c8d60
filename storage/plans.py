"""Plans of staffing on a database (`reporting.planning.ports.Plans`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reporting.planning.plans import KeptPlan, Plan, PlanRow, PlansUnavailable
from storage.database import Database, DatabaseProblem
from storage.plan_tables import plan_steps, plans

T = TypeVar("T")

_KEPT, _PUT_AWAY = "kept", "put_away"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Plan).decode
_p = plans.c
_AWAY = sa.exists().where(plan_steps.c.plan_id == _p.plan_id, plan_steps.c.what == _PUT_AWAY)


class DurablePlans:
    """A `reporting.planning.ports.Plans`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, plan_id: str, plan: Plan, by: str, now: datetime) -> None:
        """Put a new plan on record, as a draft. Raises PlansUnavailable."""
        values = {
            "plan_id": plan_id,
            "made_at": now,
            "made_by": by,
            "first_day": plan.asked.first,
            "last_day": plan.asked.last,
            "whole": not plan.asked.queues,
            "made": _encode(plan).decode(),
            "name": "",
            "kept_at": None,
            "kept_by": "",
        }
        await self._write(lambda connection: connection.execute(sa.insert(plans).values(values)))

    async def get(self, plan_id: str) -> KeptPlan:
        """Return one. Raises KeyError, PlansUnavailable."""
        return await self._read(lambda connection: _found(connection, plan_id))

    async def rows(self, by: str, most: int = 100) -> Sequence[PlanRow]:
        """Return what is kept and not put away, and the drafts of `by`, newest first."""
        seen = sa.or_(
            sa.and_(_p.kept_at.is_not(None), sa.not_(_AWAY)), sa.and_(_p.kept_at.is_(None), _p.made_by == by)
        )
        columns = (_p.plan_id, _p.name, _p.first_day, _p.last_day, _p.made_at, _p.made_by, _p.kept_at)
        query = sa.select(*columns).where(seen).order_by(_p.made_at.desc(), _p.plan_id).limit(most)

        def read(connection: Connection) -> Sequence[PlanRow]:
            return [PlanRow(*row, put_away=False) for row in connection.execute(query)]

        return await self._read(read)

    async def keep(self, plan_id: str, name: str, by: str, now: datetime) -> KeptPlan:
        """Keep a draft under a name; again it changes nothing. Raises KeyError, PlansUnavailable."""

        def update(connection: Connection) -> KeptPlan:
            found = _found(connection, plan_id)
            if found.kept_at is not None:
                return found
            values = {"name": name, "kept_at": now, "kept_by": by}
            connection.execute(sa.update(plans).where(_p.plan_id == plan_id).values(values))
            _step(connection, plan_id, _KEPT, by, now)
            return _found(connection, plan_id)

        return await self._write(update)

    async def put_away(self, plan_id: str, by: str, now: datetime) -> None:
        """Take a kept plan out of the list; it stays on record. Raises KeyError, PlansUnavailable."""

        def insert(connection: Connection) -> None:
            found = _found(connection, plan_id)
            if found.kept_at is None:
                raise KeyError(plan_id)
            if not found.put_away:
                _step(connection, plan_id, _PUT_AWAY, by, now)

        await self._write(insert)

    async def forget_drafts(self, before: datetime) -> int:
        """Delete drafts made before a moment; return how many. Raises PlansUnavailable."""
        which = sa.delete(plans).where(_p.kept_at.is_(None), _p.made_at < before)
        return await self._write(lambda connection: connection.execute(which).rowcount)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except (DatabaseProblem, msgspec.DecodeError) as error:
            raise PlansUnavailable(str(error)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except (DatabaseProblem, msgspec.DecodeError) as error:
            raise PlansUnavailable(str(error)) from error


def _found(connection: Connection, plan_id: str) -> KeptPlan:
    row: Any = connection.execute(sa.select(plans, _AWAY.label("away")).where(_p.plan_id == plan_id)).first()
    if row is None:
        raise KeyError(plan_id)
    return KeptPlan(
        row.plan_id,
        row.made_at,
        row.made_by,
        _decode(row.made),
        row.name,
        row.kept_at,
        row.kept_by,
        bool(row.away),
    )


def _step(connection: Connection, plan_id: str, what: str, by: str, now: datetime) -> None:
    number = sa.select(sa.func.coalesce(sa.func.max(plan_steps.c.number), 0) + 1).where(
        plan_steps.c.plan_id == plan_id
    )
    values = {"plan_id": plan_id, "number": connection.scalar(number), "at": now, "who": by, "what": what}
    connection.execute(sa.insert(plan_steps).values(values))
