"""Requests of people about their own data, bundles and restrictions, on a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dialer.contacts import NPWP_KEY
from dialer.rows_seen import KEY_BYTES
from recording.persons import Asker, Bundle, Kind, PersonChanged, PersonsUnavailable, Request, Step
from recording.recordings import Recording
from storage.database import Database, DatabaseProblem
from storage.person_cases import recordings_in_cases
from storage.person_restricted import STANDS, any_stands, call_is_restricted, restricted_recordings
from storage.person_tables import (
    person_bundles,
    person_requests,
    person_restricted_calls,
    person_restrictions,
    person_steps,
)
from storage.vault import Vault, VaultProblem

T = TypeVar("T")

_Q, _S, _B, _X = person_requests.c, person_steps.c, person_bundles.c, person_restrictions.c
_CHANGES = ("state", "prepared_by", "lift_asked_by", "closed_at", "version")
_PLAIN = tuple(
    column.name for column in _Q if column.name not in ("kind", "person_key", "sealed_asker")
)  # as they are in Request
_json = msgspec.json.Encoder(order="deterministic")
_asker = msgspec.json.Decoder(Asker)


def person_key(vault: Vault, npwp: str) -> bytes:
    """Return the key by which contacts and attempts of an NPWP (16 digits) are found."""
    return vault.lookup_key(NPWP_KEY + npwp)[:KEY_BYTES]


class DurablePersons:
    """A `recording.persons.PersonBook`, its `PersonCases` and `RestrictedRecordings`, on a database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def take_in(self, request: Request, step: Step) -> None:
        """Keep a new request. Idempotent by its id."""
        values = {name: getattr(request, name) for name in _PLAIN}
        values |= {
            "kind": request.kind.value,
            "person_key": person_key(self._vault, request.asker.npwp),
            "sealed_asker": self._vault.seal(_json.encode(asdict(request.asker)), _asker_at(request)),
        }

        def work(connection: Connection) -> None:
            known = sa.select(_Q.request_id).where(_Q.request_id == request.request_id)
            if connection.execute(known).first() is None:
                connection.execute(sa.insert(person_requests).values(values))
                connection.execute(sa.insert(person_steps).values(self._step_row(step)))

        await self._write(work)

    async def change(self, request: Request, step: Step) -> None:
        """Keep a step; the end of a restriction ends it in the same transaction. Raises PersonChanged."""
        before = sa.and_(_Q.request_id == request.request_id, _Q.version == request.version - 1)
        values = {name: getattr(request, name) for name in _CHANGES}

        def work(connection: Connection) -> None:
            if connection.execute(sa.update(person_requests).where(before).values(values)).rowcount != 1:
                raise PersonChanged
            connection.execute(sa.insert(person_steps).values(self._step_row(step)))
            if request.state == "lifted":
                mine = sa.and_(_X.request_id == request.request_id, STANDS)
                connection.execute(sa.update(person_restrictions).where(mine).values(lifted_at=step.at))

        await self._write(work)

    async def get(self, request_id: str) -> Request:
        """Return one. Raises KeyError."""
        found = await self._requests(sa.select(person_requests).where(_Q.request_id == request_id))
        if not found:
            raise KeyError(request_id)
        return found[0]

    async def by_code(self, code: str) -> Request:
        """Return the one with a code. Raises KeyError."""
        found = await self._requests(sa.select(person_requests).where(_Q.code == code.upper()))
        if not found:
            raise KeyError(code)
        return found[0]

    async def open(self) -> Sequence[Request]:
        """Return those whose clock runs, due first in front."""
        query = sa.select(person_requests).where(_Q.closed_at.is_(None))
        return await self._requests(query.order_by(_Q.due_at, _Q.request_id))

    async def newest(self, most: int = 100) -> Sequence[Request]:
        """Return those that are answered, newest first."""
        query = sa.select(person_requests).where(_Q.closed_at.is_not(None))
        return await self._requests(query.order_by(_Q.received_at.desc(), _Q.request_id).limit(most))

    async def trail(self, request_id: str) -> Sequence[Step]:
        """Return every step, first to last."""
        query = sa.select(person_steps).where(_S.request_id == request_id).order_by(_S.number)
        return await self._read(lambda connection: [self._step(row) for row in connection.execute(query)])

    async def restrict(self, request: Request, calls: Sequence[str], at: datetime) -> None:
        """Let a restriction stand over a person and the calls that are theirs. Idempotent."""
        known = request.taxpayer_id
        values = {
            "request_id": request.request_id,
            "taxpayer_lookup": self._vault.lookup_key(known) if known else b"",
            "person_key": person_key(self._vault, request.asker.npwp),
            "since": at,
        }
        rows = [{"call_id": call_id, "request_id": request.request_id} for call_id in calls]

        def work(connection: Connection) -> None:
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            connection.execute(insert(person_restrictions).values(values).on_conflict_do_nothing())
            if rows:
                connection.execute(insert(person_restricted_calls).on_conflict_do_nothing(), rows)

        await self._write(work)

    async def call(self, call_id: str) -> bool:
        """Whether a restriction stands over a call: found when it began, or proved or dialled since."""
        return await self._read(lambda connection: call_is_restricted(connection, call_id))

    async def recordings(self) -> frozenset[str]:
        """Return the recordings of calls over which a restriction stands; mostly none."""

        def work(connection: Connection) -> frozenset[str]:
            if not any_stands(connection):
                return frozenset()
            return frozenset(connection.scalars(restricted_recordings()))

        return await self._read(work)

    async def concerns(self, recording: Recording) -> bool:
        """Whether a request that is worked on, or a restriction that stands, is about a recording's call."""

        def work(connection: Connection) -> bool:
            found = recording.recording_id in recordings_in_cases(connection)
            return found or call_is_restricted(connection, recording.call_id)

        return await self._read(work)

    async def keep_bundle(self, bundle: Bundle) -> None:
        """Keep that a bundle was made."""
        values = {column.name: getattr(bundle, column.name) for column in _B}
        await self._write(lambda connection: connection.execute(sa.insert(person_bundles).values(values)))

    async def bundles(self, request_id: str) -> Sequence[Bundle]:
        """Return a request's bundles, newest first."""
        query = sa.select(person_bundles).where(_B.request_id == request_id)
        return await self._bundles(query.order_by(_B.made_at.desc(), _B.bundle_id))

    async def old_bundles(self, now: datetime) -> Sequence[Bundle]:
        """Return those whose time is over and whose file is not gone yet."""
        query = sa.select(person_bundles).where(_B.keep_until <= now, _B.removed_at.is_(None))
        return await self._bundles(query.order_by(_B.keep_until))

    async def removed(self, bundle_id: str, at: datetime) -> None:
        """Note that a bundle's file is gone. Idempotent."""
        mine = sa.and_(_B.bundle_id == bundle_id, _B.removed_at.is_(None))
        change = sa.update(person_bundles).where(mine).values(removed_at=at)
        await self._write(lambda connection: connection.execute(change))

    async def _requests(self, query: sa.Select[Any]) -> list[Request]:
        return await self._read(lambda connection: [self._request(row) for row in connection.execute(query)])

    async def _bundles(self, query: sa.Select[Any]) -> Sequence[Bundle]:
        rows = await self._read(lambda connection: connection.execute(query).mappings().all())
        return [Bundle(**row) for row in rows]

    def _request(self, row: Any) -> Request:
        found = {name: getattr(row, name) for name in _PLAIN}
        asker = _asker.decode(self._vault.open(bytes(row.sealed_asker), _asker_at(row)))
        return Request(**found, kind=Kind(row.kind), asker=asker)

    def _step_row(self, step: Step) -> dict[str, Any]:
        values = {column.name: getattr(step, column.name) for column in _S if column.name != "sealed_note"}
        note = self._vault.seal(step.note.encode(), _note_at(step)) if step.note else None
        return {**values, "sealed_note": note}

    def _step(self, row: Any) -> Step:
        note = self._vault.open(bytes(row.sealed_note), _note_at(row)).decode() if row.sealed_note else ""
        return Step(row.request_id, row.number, row.at, row.who, row.what, row.state, row.words, note)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except (DatabaseProblem, VaultProblem) as error:
            raise PersonsUnavailable(str(error)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except (DatabaseProblem, VaultProblem) as error:
            raise PersonsUnavailable(str(error)) from error


def _asker_at(request: Any) -> bytes:
    return f"person_requests/{request.request_id}/asker".encode()


def _note_at(step: Any) -> bytes:
    return f"person_steps/{step.request_id}/{step.number}".encode()
