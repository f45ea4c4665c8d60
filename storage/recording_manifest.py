"""The manifest in the database, and its heads anchored outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from domain.clock import Clock
from recording.anchors import Anchored, AnchorPlaces
from recording.manifest import EMPTY, Act, ChainKeys, Entry, Finding, Head, Report, Row, Wrong, sign
from recording.manifest_check import check
from recording.ports import RecordingsUnavailable
from storage.database import Database, DatabaseProblem
from storage.recording_tables import recording_manifest
from storage.tables import utc_text

T = TypeVar("T")
log = structlog.get_logger("kring.recordings")

_M = recording_manifest.c
_APPENDING = 1_500_212  # a PostgreSQL advisory lock: who appends waits for who did not commit yet
_AT_ONCE = 5000  # rows
_LOOKS = 3
_NO_TIME = datetime.min.replace(tzinfo=UTC)
# A row is anchored in the second of its commit, and every minute if that failed.
_SETTLED = timedelta(minutes=10)


def append_in(connection: Connection, entry: Entry, keys: ChainKeys) -> Row:
    """Append to the manifest within the caller's transaction, which has to be one that writes.

    Numbers have no gaps: whoever appends waits for the commit of who appended before, and what is rolled
    back gives its number back. Anchor the head after the commit (`DurableManifest.anchor`).
    Raises KeyError: the key file lacks the current key; ValueError: a time without zone.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_APPENDING)))
    row = sign(keys, head_in(connection), entry)
    connection.execute(
        sa.insert(recording_manifest).values(
            number=row.number,
            at=row.at,
            recording_id=row.recording_id,
            act=row.act,
            digest=row.digest,
            detail=row.detail,
            key_version=row.key_version,
            mac=row.mac,
        )
    )
    return row


def head_in(connection: Connection) -> Head:
    """Return the newest row's number and link."""
    query = sa.select(_M.number, _M.mac).order_by(_M.number.desc()).limit(1)
    row = connection.execute(query).first()
    return EMPTY if row is None else Head(row.number, _bytes(row.mac)[32:])


def rows_in(connection: Connection) -> Iterator[Row]:
    """Yield all rows by number. What was changed to something that is no value of its kind is still a row."""
    after = -(2**62)
    while True:
        columns = (_M.number, _at(connection), _M.recording_id, _M.act, _M.digest, _M.detail)
        query = sa.select(*columns, _M.key_version, _M.mac).where(_M.number > after)
        some = connection.execute(query.order_by(_M.number).limit(_AT_ONCE)).all()
        yield from map(_row, some)
        if len(some) < _AT_ONCE:
            return
        after = some[-1].number


class DurableManifest:
    """The one manifest of an installation, for every process on its database."""

    def __init__(self, database: Database, keys: ChainKeys, anchors: AnchorPlaces, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._anchors = anchors
        self._clock = clock

    def append(self, connection: Connection, entry: Entry) -> Row:
        """Append within the transaction of `write` (or of another that calls `anchor` afterwards)."""
        return append_in(connection, entry, self._keys)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction, then anchor the head. Raises RecordingsUnavailable.

        What could not be anchored is on record all the same; it is logged, and tried again every minute.
        """
        try:
            done = await self._database.write(work)
        except (DatabaseProblem, OSError) as error:  # an OSError is the key file's
            raise RecordingsUnavailable(str(error)) from error
        with contextlib.suppress(RecordingsUnavailable):  # it is committed, whatever becomes of its anchor
            came, head = await self.anchor()
            if came not in (Anchored.WRITTEN, Anchored.THERE):
                log.error("the manifest's head could not be anchored", came=came.value, number=head.number)
        return done

    async def anchor(self) -> tuple[Anchored, Head]:
        """Anchor the newest row, unless it is. Raises RecordingsUnavailable."""
        try:
            for _ in range(_LOOKS):
                came, head = await self._database.read(self._anchor)
                # Another process may have appended and anchored since the table was read.
                if came is not Anchored.AHEAD:
                    break
        except (DatabaseProblem, OSError) as error:
            raise RecordingsUnavailable(str(error)) from error
        return came, head

    async def accept(self, reason: str, by: str) -> Head:
        """Take the table as it is, after a restore: a signed row says why, and anchors begin anew.

        What was anchored before is put aside, never removed. Raises RecordingsUnavailable.
        """

        def work(connection: Connection) -> Head:
            detail = f"{by} {reason}"[:120]
            row = self.append(connection, Entry("", Act.RESTORED, self._clock.now(), detail=detail))
            return Head(row.number, row.link)

        try:
            head = await self._database.write(work)
            await asyncio.to_thread(self._anchors.begin_anew, head, self._clock.now())
        except (DatabaseProblem, OSError) as error:
            raise RecordingsUnavailable(str(error)) from error
        return head

    async def of(self, recording_id: str) -> Sequence[Row]:
        """Return a recording's rows by number, unchecked. Raises RecordingsUnavailable."""
        query = sa.select(recording_manifest).where(_M.recording_id == recording_id).order_by(_M.number)
        try:
            rows = await self._database.read(lambda connection: connection.execute(query).all())
        except DatabaseProblem as error:
            raise RecordingsUnavailable(str(error)) from error
        return [_row(row) for row in rows]

    async def check(self) -> Report:
        """Check every row against its MAC and its anchor. Raises RecordingsUnavailable."""
        try:
            return await self._database.read(self._check)
        except (DatabaseProblem, OSError) as error:  # the key file, or a place of anchors
            raise RecordingsUnavailable(str(error)) from error

    def _anchor(self, connection: Connection) -> tuple[Anchored, Head]:
        head = head_in(connection)
        if self._database.is_sqlite:
            self._settle(str(self._database.engine.url.database))
        return self._anchors.append(head, self._clock.now()), head

    def _check(self, connection: Connection) -> Report:
        anchors = self._anchors.read()
        report = check(lambda: rows_in(connection), self._keys, anchors.links, anchors.spoilt)
        bare = (
            sa.select(_M.number, _at(connection))
            .where(_M.number > anchors.newest)
            .order_by(_M.number)
            .limit(1)
        )
        first = connection.execute(bare).first() if report.head.number > anchors.newest else None
        if first is None or _time(first.at) > self._clock.now() - _SETTLED:
            return report
        # Nothing but a cut of the anchors leaves rows without one for so long.
        cut = Finding(first.number, Wrong.ANCHOR, report.head.number)
        return replace(report, findings=(*report.findings, cut))

    @staticmethod
    def _settle(path: str) -> None:
        """Have the disk hold what is committed: no anchor may outlive a power cut that its row does not.

        Only the log: what left it for the file itself was synced then. And the file must not be opened here:
        closing it would drop every lock that SQLite holds on it in this process (POSIX), and the next program
        to close the database would take away the log that is still being written.
        """
        try:
            descriptor = os.open(f"{path}-wal", os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _at(connection: Connection) -> sa.Label[Any]:
    """Return the column of times as it stands: on SQLite an edited one may be any text."""
    raw = sa.type_coerce(_M.at, sa.String()) if connection.dialect.name == "sqlite" else _M.at
    return raw.label("at")


def _row(row: Any) -> Row:
    return Row(
        int(row.number),
        _time(row.at),
        str(row.recording_id),
        str(row.act),
        str(row.digest),
        str(row.detail),
        _whole(row.key_version),
        _bytes(row.mac),
    )


def _time(value: object) -> datetime:
    """Return a stored time; one that is none, or is not written as ours are, as the earliest of all."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    try:
        at = datetime.fromisoformat(str(value))
        return at if at.tzinfo is not None and utc_text(at) == value else _NO_TIME
    except ValueError:
        return _NO_TIME


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else b""
