"""The record of attempts on SQLite or PostgreSQL (`dialer.attempts.AttemptStore`)."""

import asyncio
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.attempts import Attempt, AttemptLimits, AttemptsUnavailable, DialOutcome, NotAllowed
from dialer.outcomes import Outcomes
from dialer.reasons import WhyNot
from domain.call_log import CallLogUnavailable
from storage.attempt_changes import Change, Intent
from storage.attempt_rows import attempt_of
from storage.attempt_tables import attempts, dialer_roles
from storage.attempt_writers import (
    AttemptWriter,
    Ledger,
    PostgresAttemptWriter,
    Result,
    SqliteAttemptWriter,
    code_key,
)
from storage.batches import Batches, Item, WriteLimits
from storage.database import Database, DatabaseProblem, problem
from storage.sessions import RowConflict, WriteFailed
from storage.vault import Vault, VaultProblem

T = TypeVar("T")

# A dial that waits longer for its record is not worth making: the engine stands still within a second.
LIMITS = WriteLimits(queued_rows=5_000, batch_rows=200, between_commits=0.008, give_up_after=0.4)
_CODE_TRIES = 4


class _Item(Item):
    """One intent or change on its way to the writer's thread."""

    __slots__ = ("result", "what")

    def __init__(self, done: "asyncio.Future[None]", what: Intent | Change) -> None:
        super().__init__(done, 1)
        self.what = what
        self.result: Result = False


class DurableAttempts:
    """`dialer.attempts.AttemptStore`: one thread writes, many changes to a commit (`storage.batches`).

    Intents are judged and written in one transaction, so that neither two tasks nor two processes can both
    find room for the last attempt that is allowed.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        outcomes: Outcomes,
        loop: asyncio.AbstractEventLoop,
        limits: WriteLimits = LIMITS,
    ) -> None:
        """Blocking; raises DatabaseProblem."""
        self._database = database
        self._vault = vault
        self._loop = loop
        self._limits = limits
        self._ledger = Ledger(vault, outcomes)
        self._writer: AttemptWriter = (
            SqliteAttemptWriter(database.raw, database.turn)
            if database.is_sqlite
            else PostgresAttemptWriter(database.raw)
        )
        self._batches = Batches[_Item]("attempts", loop, limits, self._write, self._writer.close)

    async def intend(self, attempt: Attempt, limits: AttemptLimits, day_began: datetime) -> Attempt:
        """Put an INTENT on record; return it with its verification code."""
        at = attempt.intended_at or datetime.now(UTC)
        result = await self._do(Intent(attempt, limits, day_began, at, self._codes()))
        if isinstance(result, Attempt):
            return result
        raise NotAllowed(str(result) if isinstance(result, WhyNot) else WhyNot.BEING_CALLED)

    async def sending(self, attempt_id: str, at: datetime, holder: str) -> bool:
        """INTENT → DIALING, if `holder` holds the role."""
        return await self._change("sending", at, at, attempt_id, holder)

    async def answered(self, attempt_id: str, at: datetime, amd: str = "") -> None:
        """The far end answered."""
        await self._change("answered", at, at, amd, attempt_id)

    async def joined(self, attempt_id: str, agent: str, at: datetime) -> None:
        """An agent was joined with it."""
        await self._change("joined", at, agent, at, attempt_id)

    async def doubted(self, attempt_id: str, at: datetime) -> None:
        """DIALING → UNKNOWN."""
        await self._change("doubted", at, attempt_id)

    async def found(self, attempt_id: str, at: datetime) -> None:
        """UNKNOWN → DIALING."""
        await self._change("found", at, attempt_id)

    async def ended(
        self, attempt_id: str, outcome: DialOutcome, at: datetime, *, sip_code: int = 0, cause: int = 0
    ) -> bool:
        """It is over; False: its end is on record already."""
        return await self._change("ended", at, outcome.value, sip_code, cause, at, attempt_id)

    async def not_sent(self, attempt_id: str, reason: str, at: datetime) -> bool:
        """Certainly never sent."""
        return await self._change("not_sent", at, reason, at, attempt_id)

    async def flagged(self, attempt_id: str, at: datetime) -> bool:
        """What became of it cannot be found out."""
        return await self._change("flagged", at, at, attempt_id)

    async def disposed(self, attempt_id: str, disposition: str, at: datetime) -> bool:
        """The agent says what came of it."""
        return await self._change("disposed", at, disposition, attempt_id, disposition)

    async def unfinished(
        self, engine: str | None = None, only: Collection[str] | None = None
    ) -> Sequence[Attempt]:
        """Return unfinished attempts, oldest first."""
        query = sa.select(attempts).where(attempts.c.ended_at.is_(None)).order_by(attempts.c.intended_at)
        if engine is not None:
            query = query.where(attempts.c.engine == engine)
        if only is not None:
            query = query.where(attempts.c.attempt_id.in_(list(only)))
        return await self._attempts(query)

    async def get(self, attempt_id: str) -> Attempt | None:
        """Return one."""
        found = await self._attempts(sa.select(attempts).where(attempts.c.attempt_id == attempt_id))
        return found[0] if found else None

    async def with_code(self, code: str, since: datetime, most: int = 5) -> Sequence[Attempt]:
        """Return sent attempts since a time in which this verification code was told, newest first."""
        return await self._newest(attempts.c.code_key == code_key(self._vault, code), since, most)

    async def to_number(self, number_key: bytes, since: datetime, most: int = 20) -> Sequence[Attempt]:
        """Return sent attempts to a number since a time, newest first."""
        return await self._newest(attempts.c.number_key == number_key, since, most)

    async def to_taxpayer(self, taxpayer_key: bytes, since: datetime, most: int = 50) -> Sequence[Attempt]:
        """Return sent attempts to a taxpayer since a time, newest first."""
        return await self._newest(attempts.c.taxpayer_key == taxpayer_key, since, most)

    async def close(self) -> None:
        """Write what is queued, then stop."""
        await self._batches.close()

    # ---- Roles of engines

    async def take(self, role: str, holder: str, seconds: float) -> bool:
        """Take the role or keep it for so long; False: another holds it."""
        return await self._written(lambda connection: _take(connection, role, holder, seconds))

    async def holder(self, role: str) -> str | None:
        """Return who took a role last; None: nobody. Raises AttemptsUnavailable."""
        query = sa.select(dialer_roles.c.holder).where(dialer_roles.c.role == role)
        try:
            return await self._database.read(lambda c: c.execute(query).scalar_one_or_none())
        except DatabaseProblem as error:
            raise AttemptsUnavailable(str(error)) from error

    async def give_up(self, role: str, holder: str) -> None:
        """Let another have it at once."""
        mine = sa.and_(dialer_roles.c.role == role, dialer_roles.c.holder == holder)
        await self._written(lambda c: c.execute(sa.delete(dialer_roles).where(mine)).rowcount)

    # ---- How

    def _codes(self) -> list[tuple[str, bytes]]:
        codes = [f"{secrets.randbelow(1_000_000):06d}" for _ in range(_CODE_TRIES)]
        return [(code, code_key(self._vault, code)) for code in codes]

    async def _change(self, name: str, at: datetime, *values: Any) -> bool:
        return await self._do(Change(name, (at, *values))) is True

    async def _do(self, what: Intent | Change) -> Result:
        refusal = self._batches.refusal(1)
        if refusal is not None:
            raise AttemptsUnavailable(str(refusal))
        item = _Item(self._loop.create_future(), what)
        self._batches.put(item, urgent=True)
        try:
            await item.done
        except CallLogUnavailable as error:
            raise AttemptsUnavailable(str(error)) from error
        return item.result

    async def _newest(self, which: "sa.ColumnElement[bool]", since: datetime, most: int) -> Sequence[Attempt]:
        sent = attempts.c.state.not_in(("intent", "not_sent"))
        query = sa.select(attempts).where(which, attempts.c.intended_at >= since, sent)
        return await self._attempts(query.order_by(attempts.c.intended_at.desc()).limit(most))

    async def _attempts(self, query: "sa.Select[Any]") -> Sequence[Attempt]:
        try:
            rows = await self._database.read(lambda connection: connection.execute(query).all())
            return [attempt_of(row, self._vault) for row in rows]
        except (DatabaseProblem, VaultProblem) as error:
            raise AttemptsUnavailable(str(error)) from error

    async def _written(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except DatabaseProblem as error:
            raise AttemptsUnavailable(str(error)) from error

    # From here on: the writer's thread.

    def _write(self, batch: list[_Item]) -> None:
        deadline, pause = time.monotonic() + self._limits.give_up_after, 0.02
        while True:
            try:
                return self._write_halves(batch)
            except WriteFailed as error:
                cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
                why = str(problem(cause, self._database.engine.url))
            if time.monotonic() + pause > deadline:
                for item in batch:
                    item.error = CallLogUnavailable(f"The record of attempts cannot be written. {why}")
                self._renew()
                return None
            time.sleep(pause)
            pause *= 2
            self._renew()

    def _write_halves(self, items: list[_Item]) -> None:
        """Write all, or find the one that is wrong in itself."""
        try:
            results = self._writer.transact(lambda sql: self._ledger.write(sql, [one.what for one in items]))
        except RowConflict as error:
            if len(items) == 1:
                items[0].error = CallLogUnavailable(
                    f"A change of an attempt cannot be stored. {problem_of(error, self._database)}"
                )
                return
            half = len(items) // 2
            self._write_halves(items[:half])
            self._write_halves(items[half:])
            return
        for item, result in zip(items, results, strict=True):
            item.result = result

    def _renew(self) -> None:
        try:
            self._writer.renew()
        except WriteFailed:
            return  # the next write fails as well, and is told there


def problem_of(error: Exception, database: Database) -> str:
    """Return what the driver said, without any stored value."""
    cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
    return str(problem(cause, database.engine.url))


def _take(connection: Connection, role: str, holder: str, seconds: float) -> bool:
    # PostgreSQL's own clock, for the engines may be on several machines; SQLite's are on one.
    if connection.dialect.name == "postgresql":
        now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    else:
        now = datetime.now(UTC)
    row = {"holder": holder, "expires_at": now + timedelta(seconds=seconds)}
    since = sa.case((dialer_roles.c.holder == holder, dialer_roles.c.taken_at), else_=now)
    mine = sa.and_(
        dialer_roles.c.role == role,
        sa.or_(dialer_roles.c.holder == holder, dialer_roles.c.expires_at <= now),
    )
    if connection.execute(sa.update(dialer_roles).where(mine).values(taken_at=since, **row)).rowcount == 1:
        return True
    known = sa.select(dialer_roles.c.role).where(dialer_roles.c.role == role)
    if connection.execute(known).first() is not None:
        return False
    insert = sa.insert(dialer_roles).values(role=role, taken_at=now, **row)
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ROLES_LOCK)))
        if connection.execute(known).first() is not None:
            return False
    connection.execute(insert)
    return True


_ROLES_LOCK = 1_500_211
