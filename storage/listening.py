"""Playbacks of recordings, what was heard, and comments, on a database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from recording.listening import Audience, Comment, ListeningUnavailable, Playback, Use
from recording.listening_rules import Purpose
from storage.database import Database
from storage.kept import Kept
from storage.listening_tables import (
    recording_comment_ends,
    recording_comments,
    recording_given,
    recording_heard,
    recording_playbacks,
)
from storage.vault import Vault

_P, _C = recording_playbacks.c, recording_comments.c
_ENDED = sa.exists().where(recording_comment_ends.c.comment_id == _C.comment_id)


class _Kept(Kept):
    """A database and a vault whose troubles are ListeningUnavailable."""

    unavailable = ListeningUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault


class DurablePlaybacks(_Kept):
    """A `recording.listening.Playbacks` on a database."""

    async def issue(self, playback: Playback, link_hash: bytes) -> None:
        """Keep a link that is about to be given."""
        reason = playback.reason
        values = {
            "playback_id": playback.playback_id,
            "recording_id": playback.recording_id,
            "call_id": playback.call_id,
            "staff_id": playback.staff_id,
            "session_id": playback.session_id,
            "purpose": playback.purpose.value,
            "used_for": playback.use.value,
            "link_hash": link_hash,
            "sealed_reason": self._vault.seal(reason.encode(), _reason_at(playback.playback_id))
            if reason
            else b"",
            "issued_at": playback.issued_at,
        }
        await self._write(
            lambda connection: connection.execute(sa.insert(recording_playbacks).values(values))
        )

    async def by_link(self, link_hash: bytes) -> Playback | None:
        """Return the playback of a link."""
        return await self._one(_P.link_hash == link_hash)

    async def get(self, playback_id: str) -> Playback | None:
        """Return one."""
        return await self._one(_P.playback_id == playback_id)

    async def open(self, playback_id: str, at: datetime) -> bool:
        """Note that the first byte is about to be given; False: it was opened or closed before."""
        fresh = sa.and_(_P.playback_id == playback_id, _P.opened_at.is_(None), _P.closed_at.is_(None))
        change = sa.update(recording_playbacks).where(fresh).values(opened_at=at, last_at=at)
        return await self._write(lambda connection: connection.execute(change).rowcount == 1)

    async def give(self, playback_id: str, at: datetime, start: int, end: int) -> bool:
        """Put bytes on record before they are given; False: it was closed meanwhile."""
        still_open = sa.and_(_P.playback_id == playback_id, _P.opened_at.is_not(None), _P.closed_at.is_(None))

        def work(connection: Connection) -> bool:
            change = sa.update(recording_playbacks).where(still_open).values(last_at=at)
            # The row is locked by this until the end: the numbers of two answers cannot be the same.
            if connection.execute(change).rowcount != 1:
                return False
            self._append(connection, recording_given, playback_id, at, [(start, end)])
            return True

        return await self._write(work)

    async def heard(self, playback_id: str, at: datetime, parts: Sequence[tuple[int, int]]) -> None:
        """Note which parts were played, in milliseconds."""
        mine = _P.playback_id == playback_id

        def work(connection: Connection) -> None:
            connection.execute(sa.update(recording_playbacks).where(mine).values(last_at=at))
            self._append(connection, recording_heard, playback_id, at, parts)

        if parts:
            await self._write(work)

    async def close(self, playback_id: str, at: datetime) -> None:
        """End one. Idempotent."""
        still_open = sa.and_(_P.playback_id == playback_id, _P.closed_at.is_(None))
        change = sa.update(recording_playbacks).where(still_open).values(closed_at=at)
        await self._write(lambda connection: connection.execute(change))

    async def of_recording(self, recording_id: str) -> Sequence[Playback]:
        """Return who was given it, oldest first."""
        query = sa.select(recording_playbacks).where(_P.recording_id == recording_id)
        query = query.order_by(_P.issued_at, _P.playback_id)
        return await self._read(lambda connection: [self._playback(row) for row in connection.execute(query)])

    async def given(self, playback_id: str) -> Sequence[tuple[datetime, int, int]]:
        """Return the ranges of bytes that were given, in order."""
        g = recording_given.c
        query = sa.select(g.at, g.from_byte, g.until_byte).where(g.playback_id == playback_id)
        query = query.order_by(g.seq)
        return await self._read(
            lambda connection: [(row.at, row.from_byte, row.until_byte) for row in connection.execute(query)]
        )

    async def parts(self, playback_id: str) -> Sequence[tuple[int, int]]:
        """Return the parts that were played, in milliseconds, in the order they were told."""
        h = recording_heard.c
        query = sa.select(h.from_ms, h.until_ms).where(h.playback_id == playback_id).order_by(h.seq)
        return await self._read(
            lambda connection: [(row.from_ms, row.until_ms) for row in connection.execute(query)]
        )

    async def _one(self, which: "sa.ColumnElement[bool]") -> Playback | None:
        query = sa.select(recording_playbacks).where(which)

        def work(connection: Connection) -> Playback | None:
            row = connection.execute(query).first()
            return None if row is None else self._playback(row)

        return await self._read(work)

    def _playback(self, row: Any) -> Playback:
        reason = (
            self._vault.open(row.sealed_reason, _reason_at(row.playback_id)) if row.sealed_reason else b""
        )
        return Playback(
            row.playback_id,
            row.recording_id,
            row.call_id,
            row.staff_id,
            row.session_id,
            Purpose(row.purpose),
            Use(row.used_for),
            row.issued_at,
            row.opened_at,
            row.last_at,
            row.closed_at,
            reason.decode(),
        )

    @staticmethod
    def _append(
        connection: Connection,
        table: sa.Table,
        playback_id: str,
        at: datetime,
        parts: Sequence[tuple[int, int]],
    ) -> None:
        newest = sa.select(sa.func.max(table.c.seq)).where(table.c.playback_id == playback_id)
        first = (connection.execute(newest).scalar() or 0) + 1
        begin, end = (column.name for column in list(table.c)[-2:])
        rows = [
            {"playback_id": playback_id, "seq": seq, "at": at, begin: part[0], end: part[1]}
            for seq, part in enumerate(parts, first)
        ]
        connection.execute(sa.insert(table), rows)


class DurableComments(_Kept):
    """A `recording.listening.Comments` on a database."""

    async def add(self, comment: Comment) -> None:
        """Keep one. Idempotent by its id."""
        values = {
            "comment_id": comment.comment_id,
            "recording_id": comment.recording_id,
            "from_ms": comment.from_ms,
            "until_ms": comment.until_ms,
            "staff_id": comment.staff_id,
            "at": comment.at,
            "audience": comment.audience.value,
            "sealed_text": self._vault.seal(comment.text.encode(), _text_at(comment.comment_id)),
        }
        await self._write(lambda connection: _insert_once(connection, recording_comments, values))

    async def withdraw(self, comment_id: str, staff_id: str, at: datetime) -> bool:
        """Take one's own back. False: there is no such one."""
        mine = sa.select(_C.comment_id).where(_C.comment_id == comment_id, _C.staff_id == staff_id)
        values = {"comment_id": comment_id, "at": at, "staff_id": staff_id}

        def work(connection: Connection) -> bool:
            if connection.execute(mine).first() is None:
                return False
            _insert_once(connection, recording_comment_ends, values)
            return True

        return await self._write(work)

    async def of(self, recording_id: str) -> Sequence[Comment]:
        """Return those of a recording that were not taken back, by place and time."""
        query = sa.select(recording_comments).where(_C.recording_id == recording_id, ~_ENDED)
        query = query.order_by(_C.from_ms, _C.at, _C.comment_id)
        return await self._read(lambda connection: [self._comment(row) for row in connection.execute(query)])

    def _comment(self, row: Any) -> Comment:
        return Comment(
            row.comment_id,
            row.recording_id,
            row.from_ms,
            row.until_ms,
            row.staff_id,
            row.at,
            Audience(row.audience),
            self._vault.open(row.sealed_text, _text_at(row.comment_id)).decode(),
        )


def _insert_once(connection: Connection, table: sa.Table, values: dict[str, Any]) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(table).values(values).on_conflict_do_nothing())


def _reason_at(playback_id: str) -> bytes:
    return f"recording_playbacks.reason:{playback_id}".encode()


def _text_at(comment_id: str) -> bytes:
    return f"recording_comments.text:{comment_id}".encode()
