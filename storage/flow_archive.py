"""Every version of the flow book that any call ever used."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.call_log import CallLogUnavailable
from storage.kept import Kept
from storage.tables import flow_versions


class DatabaseFlowArchive(Kept):
    """A `domain.call_log.FlowArchive` on a database. A kept version is never changed."""

    unavailable = CallLogUnavailable

    async def save(self, version: str, files: dict[str, str]) -> None:
        """Keep a version. Saving a known version again changes nothing.

        Raises CallLogUnavailable.
        """
        row = {"version": version, "saved_at": datetime.now(UTC), "files": json.dumps(files)}

        def keep(connection: Connection) -> None:
            known = sa.select(flow_versions.c.version).where(flow_versions.c.version == version)
            if connection.execute(known).first() is None:
                connection.execute(sa.insert(flow_versions).values(row))

        await self._write(keep)

    async def load(self, version: str) -> dict[str, str]:
        """Return a kept version's files: name → text.

        Raises KeyError if it was never kept, CallLogUnavailable.
        """
        query = sa.select(flow_versions.c.files).where(flow_versions.c.version == version)
        found = await self._read(lambda connection: connection.scalar(query))
        if found is None:
            raise KeyError(version)
        files: dict[str, str] = json.loads(found)
        return files
