"""How the thread of the record of attempts writes: one transaction per batch.

Intents are judged inside it: on SQLite it is the only writer, on PostgreSQL a lock makes intents of all
processes follow one another, so that what is counted still holds when the row is there.
"""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import psycopg

from dialer.attempt_rules import Past, why_not
from dialer.attempts import Attempt, AttemptState
from dialer.outcomes import Outcomes
from dialer.reasons import WhyNot
from storage.attempt_changes import INSERT, STATEMENTS, Change, Intent
from storage.sessions import PostgresSession, RowConflict, SqliteSession, WriteFailed
from storage.tables import utc_text
from storage.vault import Vault

T = TypeVar("T")

CODE_LIVES = timedelta(days=7)  # a verification code is not given again for so long
_INTENTS_LOCK = 1_500_210  # a PostgreSQL advisory lock: intents of all processes, one after the other
_PAST = "attempt_id, {key}, campaign_id, intended_at, ended_at, outcome"
_OF_TAXPAYERS = f"SELECT {_PAST.format(key='taxpayer_key')} FROM attempts WHERE taxpayer_key "  # noqa: S608
_OF_NUMBERS = f"SELECT {_PAST.format(key='number_key')} FROM attempts WHERE number_key "  # noqa: S608
_CODES = "SELECT DISTINCT code_key FROM attempts WHERE code_key "

Verdict = WhyNot | Attempt
Result = Verdict | bool


class Sql(Protocol):
    """A transaction on either database."""

    def select(self, text: str, keys: Collection[bytes], after: str = "", *values: Any) -> list[Any]:
        """Return rows of `text` whose key is among these and who fit `after`."""
        ...

    def run(self, changes: Sequence[tuple[str, tuple[Any, ...]]]) -> list[int]:
        """Run statements in order; return how many rows each changed."""
        ...

    def lock(self) -> None:
        """Wait until no other process judges intents."""
        ...


class AttemptWriter(Protocol):
    """Writes batches on a connection of its own, from one thread."""

    def transact(self, work: Callable[[Sql], T]) -> T:
        """Do all or nothing. Raises RowConflict or WriteFailed."""
        ...

    def renew(self) -> None:
        """Let the connection go and make another. Raises WriteFailed."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


class SqliteAttemptWriter(SqliteSession):
    """Writes attempts to SQLite."""

    def transact(self, work: Callable[[Sql], T]) -> T:
        """Do all or nothing."""
        found: list[T] = []
        self.transaction(lambda db: found.append(work(_SqliteSql(db))))
        return found[0]


class _SqliteSql:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def select(self, text: str, keys: Collection[bytes], after: str = "", *values: Any) -> list[Any]:
        among = f"{text}IN ({','.join('?' * len(keys))}) {after}"
        return self._db.execute(among, (*keys, *map(_for_sqlite, values))).fetchall()

    def run(self, changes: Sequence[tuple[str, tuple[Any, ...]]]) -> list[int]:
        return [self._db.execute(text, tuple(map(_for_sqlite, values))).rowcount for text, values in changes]

    def lock(self) -> None:
        """It is the only writer already."""


class PostgresAttemptWriter(PostgresSession):
    """Writes attempts to PostgreSQL."""

    _cursors: "list[psycopg.Cursor[Any]] | None" = None  # of this connection

    def transact(self, work: Callable[[Sql], T]) -> T:
        """Do all or nothing."""
        if self._cursors is None or self._cursors[0].connection is not self._db:
            self._cursors = [self._db.cursor()]
        try:
            with self._db.transaction():
                return work(_PostgresSql(self._db, self._cursors))
        except psycopg.Error as error:
            if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
                raise RowConflict from error
            raise WriteFailed from error


class _PostgresSql:
    def __init__(self, db: "psycopg.Connection[Any]", cursors: "list[psycopg.Cursor[Any]]") -> None:
        # Cursors are kept: making one costs more than the statement that it is made for.
        self._db, self._cursors = db, cursors

    def select(self, text: str, keys: Collection[bytes], after: str = "", *values: Any) -> list[Any]:
        among = f"{text}= ANY(?) {after}".replace("?", "%b")
        return self._cursors[0].execute(among.encode(), (list(keys), *values)).fetchall()

    def run(self, changes: Sequence[tuple[str, tuple[Any, ...]]]) -> list[int]:
        while len(self._cursors) < len(changes):
            self._cursors.append(self._db.cursor())
        used = self._cursors[: len(changes)]
        with self._db.pipeline():
            for cursor, (text, values) in zip(used, changes, strict=True):
                cursor.execute(text.replace("?", "%s").encode(), values)
        return [cursor.rowcount for cursor in used]

    def lock(self) -> None:
        self._cursors[0].execute(b"SELECT pg_advisory_xact_lock(%s)", (_INTENTS_LOCK,))


def _for_sqlite(value: Any) -> Any:
    return utc_text(value) if isinstance(value, datetime) else value


class Ledger:
    """Turns a batch of intents and changes into what the database is told. Belongs to the writer's thread."""

    def __init__(self, vault: Vault, outcomes: Outcomes) -> None:
        self._vault = vault
        self._outcomes = outcomes

    def write(self, sql: Sql, batch: Sequence[Intent | Change]) -> list[Result]:
        """Write a batch inside its transaction; return what became of each, in order."""
        intents = [one for one in batch if isinstance(one, Intent)]
        verdicts = iter(self._judge(sql, intents) if intents else [])
        results: list[Result] = [next(verdicts) if isinstance(one, Intent) else False for one in batch]
        changes = [(place, one) for place, one in enumerate(batch) if isinstance(one, Change)]
        counts = sql.run([(STATEMENTS[one.name], one.values) for _, one in changes])
        for (place, _), count in zip(changes, counts, strict=True):
            results[place] = count == 1
        return results

    def _judge(self, sql: Sql, intents: Sequence[Intent]) -> list[Verdict]:
        sql.lock()
        taxpayers = self._past(sql, _OF_TAXPAYERS, {one.attempt.taxpayer_key for one in intents})
        numbers = self._past(sql, _OF_NUMBERS, {one.attempt.number_key for one in intents})
        used = self._used_codes(sql, intents)
        verdicts = [self._verdict(intent, taxpayers, numbers, used) for intent in intents]
        fresh = [place for place, one in enumerate(verdicts) if isinstance(one, Attempt) and one.code]
        written = sql.run([(INSERT, self._row(verdicts[place])) for place in fresh])
        for place, count in zip(fresh, written, strict=True):
            if count != 1:
                verdicts[place] = WhyNot.BEING_CALLED
        return verdicts

    def _verdict(self, intent: Intent, taxpayers: "_Pasts", numbers: "_Pasts", used: set[bytes]) -> Verdict:
        """Judge one; an accepted one is part of the past of those behind it in the batch.

        One that is there already was written by a transaction whose answer was lost; it keeps its code.
        """
        attempt = intent.attempt
        if any(past.attempt_id == attempt.attempt_id for past in taxpayers.get(attempt.taxpayer_key, ())):
            return replace(attempt, code="", state=AttemptState.INTENT, intended_at=intent.at)
        of_taxpayer = taxpayers.setdefault(attempt.taxpayer_key, [])
        of_number = numbers.setdefault(attempt.number_key, [])
        why = why_not(of_taxpayer, of_number, attempt.campaign_id, intent.limits, intent.day_began, intent.at)
        if why is not None:
            return why
        free = next(((code, key) for code, key in intent.codes if key not in used), intent.codes[-1])
        used.add(free[1])
        past = Past(attempt.attempt_id, attempt.campaign_id, intent.at, None, counts=True, rests=False)
        of_taxpayer.append(past)
        of_number.append(past)
        return replace(attempt, code=free[0], state=AttemptState.INTENT, intended_at=intent.at)

    def _past(self, sql: Sql, text: str, keys: Collection[bytes]) -> "_Pasts":
        found: _Pasts = {}
        for row in sql.select(text, keys, "AND state <> 'not_sent'"):
            attempt_id, key, campaign_id, intended_at, ended_at, outcome = row
            past = Past(
                attempt_id,
                campaign_id,
                _time(intended_at),
                None if ended_at is None else _time(ended_at),
                counts=outcome not in self._outcomes.uncounted,
                rests=outcome in self._outcomes.resting,
            )
            found.setdefault(bytes(key), []).append(past)
        return found

    def _used_codes(self, sql: Sql, intents: Sequence[Intent]) -> set[bytes]:
        keys = {key for intent in intents for _, key in intent.codes}
        since = min(intent.at for intent in intents) - CODE_LIVES
        return {bytes(row[0]) for row in sql.select(_CODES, keys, "AND intended_at > ?", since)}

    def _row(self, one: Verdict) -> tuple[Any, ...]:
        assert isinstance(one, Attempt)  # noqa: S101 - only accepted ones have a row
        return (
            one.attempt_id,
            one.campaign_id,
            one.version,
            one.lead_id,
            one.ordinal,
            one.taxpayer_key,
            one.number_key,
            self._vault.seal(one.number.encode(), context(one.attempt_id, "number")),
            one.zone,
            one.mode,
            one.agent,
            one.engine,
            code_key(self._vault, one.code),
            self._vault.seal(one.code.encode(), context(one.attempt_id, "code")),
            one.intended_at,
            one.state.value,
            0,
            one.intended_at,
        )


_Pasts = dict[bytes, list[Past]]


def code_key(vault: Vault, code: str) -> bytes:
    """Return the keyed fingerprint by which a verification code is found."""
    return vault.lookup_key(f"code:{code}")[:16]


def context(attempt_id: str, column: str) -> bytes:
    """Return where a sealed value is stored, as the vault wants it."""
    return f"attempts/{attempt_id}/{column}".encode()


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
