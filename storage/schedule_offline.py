"""Requests to be offline on a database. Notes are sealed, for they may tell of an illness."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

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
    Waiting,
    overlaps,
)
from reporting.schedule_book import AlreadyTakenBack
from storage.database import Database
from storage.kept import Kept
from storage.schedule_tables import offline_requests, offline_steps, schedule_exceptions
from storage.schedules import end_exempt, keep_exempt
from storage.vault import Vault, VaultProblem

_COLUMNS = tuple(column.name for column in offline_requests.c)


class DurableOffline(Kept):
    """A `reporting.offline.OfflineBook` on a database."""

    unavailable = OfflineUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def file(self, moved: Moved) -> None:
        """Keep a new request. Raises OfflineRefused("there_is_one")."""
        request, rows = moved.request, offline_requests.c

        def insert(connection: Connection) -> None:
            if connection.dialect.name == "postgresql":
                # Two at once would not see each other's row.
                lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"offline/{request.agent}"))
                connection.execute(sa.select(lock))
            near = sa.select(offline_requests).where(
                rows.agent == request.agent,
                rows.state.in_(STANDS),
                rows.begins < request.ends,
                rows.ends > request.begins,
            )
            if overlaps(request, [_request(row) for row in connection.execute(near)]):
                raise OfflineRefused("there_is_one")
            connection.execute(sa.insert(offline_requests).values(_values(request)))
            connection.execute(sa.insert(offline_steps).values(self._step_values(moved.step)))

        await self._write(insert)

    async def change(self, moved: Moved) -> Request:
        """Keep a step; an approval keeps its exceptions, `revoke` takes them back. Raises OfflineChanged."""
        request, rows = moved.request, offline_requests.c

        def update(connection: Connection) -> None:
            changing = sa.update(offline_requests).where(
                rows.request_id == request.request_id, rows.version == request.version - 1
            )
            if connection.execute(changing.values(_values(request))).rowcount != 1:
                raise OfflineChanged
            connection.execute(sa.insert(offline_steps).values(self._step_values(moved.step)))
            for exempt in moved.exempt:
                keep_exempt(connection, exempt)
            if moved.step.what == "revoke":
                _take_back(connection, moved)

        await self._write(update)
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

    async def saw(self, request: Request) -> None:
        """Note that the agent has seen a request as it stands."""
        rows = offline_requests.c
        which = sa.update(offline_requests).where(
            rows.request_id == request.request_id, rows.seen < request.version
        )
        update = which.values(seen=request.version)
        await self._write(lambda connection: connection.execute(update))

    async def waiting(self, decides: bool, agent: str) -> Waiting:
        """Return what waits: if somebody `decides`, others' requests; and news of an agent's own."""
        rows = offline_requests.c
        others = sa.select(sa.func.count()).where(rows.state == "filed", rows.agent != agent)
        mine = sa.select(rows.request_id).where(rows.agent == agent, rows.version > rows.seen)

        def read(connection: Connection) -> Waiting:
            count = connection.scalar(others) if decides else 0
            news = connection.execute(mine.order_by(rows.closed_at)).scalars().all() if agent else []
            return Waiting(count or 0, news)

        return await self._read(read)

    async def _all(self, query: sa.Select[Any]) -> Sequence[Any]:
        return await self._read(lambda connection: connection.execute(query).all())

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
    rows = schedule_exceptions.c
    mine = sa.select(rows.exception_id).where(rows.request_id == moved.request.request_id)
    # An approval after a revocation does not exist: those in force are this approval's.
    found = connection.execute(mine.where(rows.ended_at.is_(None))).scalars().all()
    if len(found) != len(moved.request.times):
        raise OfflineChanged
    try:
        for exception_id in found:
            end_exempt(connection, rows.exception_id == exception_id, moved.step.who, moved.step.at)
    except AlreadyTakenBack as error:
        raise OfflineChanged from error


def _values(request: Request) -> dict[str, Any]:
    parts = [[at.isoformat() for at in one] for one in request.parts]
    return {name: getattr(request, name) for name in _COLUMNS} | {"parts": json.dumps(parts)}


def _request(row: Any) -> Request:
    parts = tuple(
        (datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        for begins, ends in json.loads(row.parts)
    )
    return Request(**({name: getattr(row, name) for name in _COLUMNS} | {"parts": parts}))


def _context(request_id: str, number: int) -> bytes:
    return f"offline_steps/{request_id}/{number}".encode()
