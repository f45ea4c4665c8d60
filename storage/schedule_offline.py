"""Requests to be offline on a database. Notes are sealed, for they may tell of an illness."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reporting.offline import (
    STANDS,
    Moved,
    OfflineChanged,
    OfflineRefused,
    OfflineUnavailable,
    Request,
    Step,
)
from reporting.schedule_book import AlreadyTakenBack
from storage.database import Database, DatabaseProblem
from storage.schedule_tables import offline_requests, offline_steps, schedule_exceptions
from storage.schedules import end_exempt, keep_exempt
from storage.vault import Vault, VaultProblem

T = TypeVar("T")
_COLUMNS = tuple(column.name for column in offline_requests.c)


class DurableOffline:
    """A `reporting.offline.OfflineBook` on a database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def file(self, moved: Moved) -> None:
        """Keep a new request. Raises OfflineRefused("there_is_one")."""
        request, rows = moved.request, offline_requests.c

        def insert(connection: Connection) -> None:
            if connection.dialect.name == "postgresql":
                # Two at once would not see each other's row.
                lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"offline/{request.agent}"))
                connection.execute(sa.select(lock))
            other = sa.select(rows.request_id).where(
                rows.agent == request.agent,
                rows.state.in_(STANDS),
                rows.begins < request.ends,
                rows.ends > request.begins,
            )
            if connection.execute(other).first() is not None:
                raise OfflineRefused("there_is_one")
            connection.execute(sa.insert(offline_requests).values(_values(request)))
            connection.execute(sa.insert(offline_steps).values(self._step_values(moved.step)))

        await self._run(self._database.write, insert)

    async def change(self, moved: Moved) -> Request:
        """Keep a step; an approval keeps its exception, `revoke` takes it back. Raises OfflineChanged."""
        request, rows = moved.request, offline_requests.c

        def update(connection: Connection) -> None:
            changing = sa.update(offline_requests).where(
                rows.request_id == request.request_id, rows.version == request.version - 1
            )
            if connection.execute(changing.values(_values(request))).rowcount != 1:
                raise OfflineChanged
            connection.execute(sa.insert(offline_steps).values(self._step_values(moved.step)))
            if moved.exempt is not None:
                keep_exempt(connection, moved.exempt)
            if moved.step.what == "revoke":
                _take_back(connection, moved)

        await self._run(self._database.write, update)
        return request

    async def get(self, request_id: str) -> Request:
        """Return one. Raises KeyError."""
        query = sa.select(offline_requests).where(offline_requests.c.request_id == request_id)
        found = await self._all(query)
        if not found:
            raise KeyError(request_id)
        return _request(found[0])

    async def trail(self, request_id: str) -> Sequence[Step]:
        """Return every step, first to last."""
        rows = offline_steps.c
        query = sa.select(offline_steps).where(rows.request_id == request_id).order_by(rows.number)
        return [self._step(row) for row in await self._all(query)]

    async def find(
        self, agents: Sequence[str] = (), team: str = "", states: Sequence[str] = (), most: int = 200
    ) -> Sequence[Request]:
        """Return requests: waiting ones first, oldest in front; then the decided, newest in front."""
        rows = offline_requests.c
        query = sa.select(offline_requests)
        if agents:
            query = query.where(rows.agent.in_(agents))
        if team:
            query = query.where(rows.team == team)
        if states:
            query = query.where(rows.state.in_(states))
        waiting = query.where(rows.state == "filed").order_by(rows.filed_at, rows.request_id).limit(most)
        others = query.where(rows.state != "filed").order_by(rows.filed_at.desc(), rows.request_id)
        found = list(await self._all(waiting))
        if len(found) < most:
            found += await self._all(others.limit(most - len(found)))
        return [_request(row) for row in found]

    async def _all(self, query: sa.Select[Any]) -> Sequence[Any]:
        return await self._run(self._database.read, lambda connection: connection.execute(query).all())

    async def _run(self, run: Callable[..., Any], work: Callable[[Connection], T]) -> T:
        try:
            found: T = await run(work)
        except DatabaseProblem as error:
            raise OfflineUnavailable(str(error)) from error
        return found

    def _step_values(self, step: Step) -> dict[str, Any]:
        columns = ("request_id", "number", "at", "who", "what", "state")
        sealed = self._vault.seal(step.note.encode(), _context(step.request_id, step.number))
        values = {name: getattr(step, name) for name in columns}
        return {**values, "sealed_note": sealed if step.note else None}

    def _step(self, row: Any) -> Step:
        note = ""
        if row.sealed_note is not None:
            try:
                note = self._vault.open(bytes(row.sealed_note), _context(row.request_id, row.number)).decode()
            except VaultProblem as error:
                raise OfflineUnavailable(str(error)) from error
        return Step(row.request_id, row.number, row.at, row.who, row.what, row.state, note)


def _take_back(connection: Connection, moved: Moved) -> None:
    which = schedule_exceptions.c.request_id == moved.request.request_id
    try:
        end_exempt(connection, which, moved.step.who, moved.step.at)
    except (AlreadyTakenBack, KeyError) as error:
        raise OfflineChanged from error


def _values(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in _COLUMNS}


def _request(row: Any) -> Request:
    return Request(**{name: getattr(row, name) for name in _COLUMNS})


def _context(request_id: str, number: int) -> bytes:
    return f"offline_steps/{request_id}/{number}".encode()
