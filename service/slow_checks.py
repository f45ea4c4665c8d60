"""Checks of the running service that take longer than a look: asked now and then, never on a call's way."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from prompts.library import Library
from storage.database import Database, DatabaseProblem
from storage.tables import flow_versions


async def database(records: Database) -> str | None:
    """Return why the database cannot be written, or None."""
    try:
        await records.write(_touch)
    except DatabaseProblem as problem:
        return f"database: {problem}"
    return None


def _touch(connection: Connection) -> None:
    """Take the write lock and let it go: it fails on a full disk, lost rights or a lost server."""
    connection.execute(sa.update(flow_versions).where(sa.false()).values(version=flow_versions.c.version))


async def prompts(library: Library) -> str | None:
    """Return which sounds Asterisk lacks, or None."""
    missing = library.missing()
    return f"{len(missing)} sounds have no audio, first {missing[0]}" if missing else None
