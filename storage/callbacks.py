"""The book of callbacks on a database. Numbers are sealed; one open callback per number and queue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.callbacks import Callback, CallbackOutcome, CallbacksUnavailable
from storage.database import Database
from storage.kept import Kept
from storage.tables import callback_events, callbacks
from storage.vault import Vault, VaultProblem

_OPEN = callbacks.c.closed_at.is_(None)
_IDLE = sa.and_(_OPEN, callbacks.c.taken_at.is_(None))
_IN_TURN = (callbacks.c.since, callbacks.c.call_id)


class DurableCallbacks(Kept):
    """A `domain.callbacks.CallbackBook` on a database.

    Each change is one transaction with a row in `callback_events`, so that who was called when, and
    what came of it, can be told later.
    """

    unavailable = CallbacksUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def book(
        self,
        call_id: str,
        number: str,
        queue: str,
        language: str,
        since: datetime,
        expires_at: datetime,
        at: datetime,
    ) -> Callback:
        """Book a callback and return the one in force for this number and queue."""
        check_booking(number, since, expires_at, at)
        lookup = self._vault.lookup_key(number)
        values = {
            "call_id": call_id,
            "number_lookup": lookup,
            "sealed_number": self._vault.seal(number.encode(), _context(call_id)),
            "queue": queue,
            "language": language,
            "since": since,
            "booked_at": at,
            "expires_at": expires_at,
            "attempts": 0,
        }

        def insert(connection: Connection) -> Any:
            known = _one(connection, callbacks.c.call_id == call_id)
            if known is not None:
                return known
            same = sa.and_(_OPEN, callbacks.c.number_lookup == lookup, callbacks.c.queue == queue)
            known = _one(connection, same)
            if known is None:
                connection.execute(sa.insert(callbacks).values(values))
                _note(connection, call_id, at, "booked")
            elif since < known.since:
                connection.execute(sa.update(callbacks).where(same).values(since=since))
            return _one(connection, callbacks.c.call_id == (known.call_id if known else call_id))

        return self._callback(await self._write(insert))

    async def open(self) -> Sequence[Callback]:
        """Return the open callbacks, the longest waiting first; those being attempted too."""
        query = sa.select(callbacks).where(_OPEN).order_by(*_IN_TURN)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [self._callback(row) for row in rows]

    async def taken(self, call_id: str, at: datetime) -> Callback | None:
        """An attempt begins: return the callback to dial, or None if it must not be dialled."""
        due = sa.or_(callbacks.c.not_before.is_(None), callbacks.c.not_before <= at)
        which = sa.and_(callbacks.c.call_id == call_id, _IDLE, callbacks.c.expires_at > at, due)
        change = {"taken_at": at, "not_before": None, "attempts": callbacks.c.attempts + 1}
        return await self._change(which, call_id, change, at, "taken")

    async def attempted(
        self, call_id: str, outcome: CallbackOutcome, at: datetime, again_at: datetime | None = None
    ) -> Callback | None:
        """The running attempt ended. Without `again_at` the callback is closed; with it, open again then."""
        which = sa.and_(callbacks.c.call_id == call_id, _OPEN, callbacks.c.taken_at.is_not(None))
        change: dict[str, Any] = {"taken_at": None, "outcome": outcome.value, "not_before": again_at}
        if again_at is None:
            change["closed_at"] = at
        return await self._change(which, call_id, change, at, outcome)

    async def withdrawn(self, call_id: str, at: datetime) -> Callback | None:
        """Close a callback that is no longer wanted, unless it is being attempted."""
        which = sa.and_(callbacks.c.call_id == call_id, _IDLE)
        return await self._change(which, call_id, _closed(CallbackOutcome.WITHDRAWN, at), at, "withdrawn")

    async def expired(self, at: datetime) -> Sequence[Callback]:
        """Close every callback that has expired by `at` and is not being attempted; return them."""
        which = sa.and_(_IDLE, callbacks.c.expires_at <= at)
        any_over = sa.select(callbacks.c.call_id).where(which).limit(1)
        # Asked every second, and seldom with an answer: a reader does not hold up those who write.
        if await self._read(lambda connection: connection.execute(any_over).first()) is None:
            return []

        def close(connection: Connection) -> Sequence[Any]:
            over = connection.execute(sa.select(callbacks.c.call_id).where(which).order_by(*_IN_TURN)).all()
            found = []
            for (call_id,) in over:
                mine = callbacks.c.call_id == call_id
                closing = sa.update(callbacks).where(mine)
                connection.execute(closing.values(_closed(CallbackOutcome.EXPIRED, at)))
                _note(connection, call_id, at, "expired")
                found.append(_one(connection, mine))
            return found

        return [self._callback(row) for row in await self._write(close)]

    async def _change(
        self, which: "sa.ColumnElement[bool]", call_id: str, change: dict[str, Any], at: datetime, what: str
    ) -> Callback | None:
        """Change a callback if it is as `which` says, and note it; return what it is then."""

        def work(connection: Connection) -> Any:
            if connection.execute(sa.update(callbacks).where(which).values(change)).rowcount != 1:
                return None
            _note(connection, call_id, at, what)
            return _one(connection, callbacks.c.call_id == call_id)

        row = await self._write(work)
        return None if row is None else self._callback(row)

    def _callback(self, row: Any) -> Callback:
        try:
            number = self._vault.open(bytes(row.sealed_number), _context(row.call_id)).decode()
        except VaultProblem as error:
            raise CallbacksUnavailable(str(error)) from error
        return Callback(
            call_id=row.call_id,
            number=number,
            queue=row.queue,
            language=row.language,
            since=row.since,
            booked_at=row.booked_at,
            expires_at=row.expires_at,
            attempts=row.attempts,
            taken_at=row.taken_at,
            not_before=row.not_before,
            outcome=None if row.outcome is None else CallbackOutcome(row.outcome),
            closed_at=row.closed_at,
        )


def check_booking(number: str, since: datetime, expires_at: datetime, at: datetime) -> None:
    """Raise ValueError for what no book takes. The number is not told."""
    if not (number.isascii() and number.isdecimal()):
        raise ValueError("the number to call back is not digits alone")
    if any(moment.tzinfo is None for moment in (since, expires_at, at)):
        raise ValueError("a time without zone cannot be stored")
    if expires_at <= at:
        raise ValueError("the callback would expire before it was booked")


def _one(connection: Connection, which: "sa.ColumnElement[bool]") -> Any:
    return connection.execute(sa.select(callbacks).where(which)).first()


def _note(connection: Connection, call_id: str, at: datetime, what: str) -> None:
    connection.execute(sa.insert(callback_events).values(call_id=call_id, at=at, what=what))


def _closed(outcome: CallbackOutcome, at: datetime) -> dict[str, Any]:
    return {"outcome": outcome.value, "closed_at": at}


def _context(call_id: str) -> bytes:
    return f"callbacks/{call_id}/number".encode()
