"""Sessions of staff on a database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.staff import StaffUnavailable
from domain.staff_sessions import SessionEnd, SignedIn, StaffSession
from storage.database import Database
from storage.kept import Kept
from storage.staff import DurableStaff
from storage.staff_tables import staff, staff_credentials, staff_sessions

_S = staff_sessions.c
_SESSION = (
    _S.session_id, _S.staff_id, _S.browser, _S.fingerprint, _S.created_at, _S.seen_at, _S.ends_at,
    _S.ended_at, _S.end_reason,
)  # fmt: skip
_PERSON = (
    staff.c.sealed_user_name, staff.c.sealed_display_name, staff.c.roles, staff.c.number, staff.c.team,
    staff.c.language, staff.c.disabled,
)  # fmt: skip


class DurableSessions(Kept):
    """A `domain.staff_sessions.SessionStore` on a database."""

    unavailable = StaffUnavailable

    def __init__(self, database: Database, people: DurableStaff) -> None:
        super().__init__(database)
        self._people = people

    async def add(self, session: StaffSession, cookie_hash: bytes) -> None:
        """Keep a new session; of its cookie only a hash is known."""
        values = {
            "session_id": session.session_id,
            "cookie_hash": cookie_hash,
            "staff_id": session.staff_id,
            "browser": session.browser,
            "fingerprint": session.fingerprint,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "ends_at": session.ends_at,
        }
        await self._write(lambda connection: connection.execute(sa.insert(staff_sessions).values(values)))

    async def by_cookie(self, cookie_hash: bytes) -> SignedIn | None:
        """Return the session of a cookie, ended ones too."""
        found = await self._signed_in(_S.cookie_hash == cookie_hash)
        return found[0] if found else None

    async def by_id(self, session_id: str) -> StaffSession | None:
        """Return a session."""
        query = sa.select(*_SESSION).where(_S.session_id == session_id)
        row = await self._read(lambda connection: connection.execute(query).first())
        return None if row is None else _session(row)

    async def seen(self, session_id: str, at: datetime) -> None:
        """Move on when a session was last used."""
        mine = sa.and_(_S.session_id == session_id, _S.ended_at.is_(None), _S.seen_at < at)
        change = sa.update(staff_sessions).where(mine).values(seen_at=at)
        await self._write(lambda connection: connection.execute(change))

    async def end(self, session_ids: Sequence[str], at: datetime, why: SessionEnd) -> Sequence[str]:
        """End sessions; return those that were open until now."""
        if not session_ids:
            return ()
        still_open = sa.and_(_S.session_id.in_(session_ids), _S.ended_at.is_(None))

        def mark(connection: Connection) -> Sequence[str]:
            found = list(connection.execute(sa.select(_S.session_id).where(still_open)).scalars())
            change = sa.update(staff_sessions).where(still_open).values(ended_at=at, end_reason=why.value)
            connection.execute(change)
            return found

        return await self._write(mark)

    async def of(self, staff_id: str, since: datetime) -> Sequence[StaffSession]:
        """Return a person's open sessions and those that ended after `since`, newest first."""
        wanted = sa.and_(_S.staff_id == staff_id, sa.or_(_S.ended_at.is_(None), _S.ended_at > since))
        query = sa.select(*_SESSION).where(wanted).order_by(_S.created_at.desc())
        return await self._sessions(query)

    async def open_of(self, staff_id: str) -> Sequence[str]:
        """Return the ids of a person's open sessions."""
        still_open = sa.and_(_S.staff_id == staff_id, _S.ended_at.is_(None))
        query = sa.select(_S.session_id).where(still_open)
        return await self._read(lambda connection: list(connection.execute(query).scalars()))

    async def ended(self, session_ids: Sequence[str]) -> Sequence[str]:
        """Return which of these are over."""
        query = sa.select(_S.session_id).where(_S.session_id.in_(session_ids), _S.ended_at.is_not(None))
        return await self._read(lambda connection: list(connection.execute(query).scalars()))

    async def overdue(self, now: datetime, unseen_since: datetime) -> Sequence[SignedIn]:
        """Return open sessions past their end, or not seen since, with their owners."""
        late = sa.or_(_S.ends_at <= now, _S.seen_at <= unseen_since)
        return await self._signed_in(sa.and_(_S.ended_at.is_(None), late))

    async def remove_ended_before(self, at: datetime) -> int:
        """Remove sessions that ended before; return how many."""
        change = sa.delete(staff_sessions).where(_S.ended_at < at)
        return await self._write(lambda connection: int(connection.execute(change).rowcount))

    async def _signed_in(self, which: "sa.ColumnElement[bool]") -> Sequence[SignedIn]:
        query = (
            sa.select(*_SESSION, *_PERSON, staff_credentials.c.must_change)
            .join_from(staff_sessions, staff, _S.staff_id == staff.c.staff_id)
            .join(staff_credentials, staff_credentials.c.staff_id == staff.c.staff_id)
            .where(which)
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [SignedIn(_session(row), self._people.person(row), row.must_change) for row in rows]

    async def _sessions(self, query: "sa.Select[Any]") -> Sequence[StaffSession]:
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [_session(row) for row in rows]


def _session(row: Any) -> StaffSession:
    return StaffSession(
        row.session_id,
        row.staff_id,
        row.browser,
        bytes(row.fingerprint),
        row.created_at,
        row.seen_at,
        row.ends_at,
        row.ended_at,
        None if row.end_reason is None else SessionEnd(row.end_reason),
    )
