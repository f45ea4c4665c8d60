"""Every version of the table of what is recorded, on a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.policies import SHIPPED, PoliciesUnavailable, PolicyVersion
from storage.kept import Kept
from storage.recording_tables import recording_policies

_C = recording_policies.c
_NUMBERING = 1_500_220  # a PostgreSQL advisory lock


class DurablePolicies(Kept):
    """A `recording.policies.PolicyStore` on a database."""

    unavailable = PoliciesUnavailable

    async def newest(self) -> PolicyVersion:
        """Return the version in force. Raises PoliciesUnavailable."""
        return (await self.all())[0]

    async def all(self) -> Sequence[PolicyVersion]:
        """Return every version, the newest first; the shipped one last. Raises PoliciesUnavailable."""
        query = sa.select(recording_policies).order_by(_C.version.desc())
        rows = await self._read(lambda connection: connection.execute(query).all())
        shipped = PolicyVersion(0, None, "", "", SHIPPED.read_text(encoding="utf-8"))
        return [*map(_version, rows), shipped]

    async def add(self, text: str, by: str, why: str, at: datetime) -> PolicyVersion:
        """Keep a table that was checked; return it, in force from now on. Raises PoliciesUnavailable."""

        def work(connection: Connection) -> PolicyVersion:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBERING)))
            number = (connection.execute(sa.select(sa.func.max(_C.version))).scalar() or 0) + 1
            values = {"version": number, "at": at, "done_by": by, "why": why, "text": text.encode()}
            connection.execute(sa.insert(recording_policies).values(values))
            return PolicyVersion(number, at, by, why, text)

        return await self._write(work)


def _version(row: Any) -> PolicyVersion:
    return PolicyVersion(row.version, row.at, row.done_by, row.why, bytes(row.text).decode())
