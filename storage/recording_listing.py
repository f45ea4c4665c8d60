"""Recordings for who looks after them: the newest ones, and one by the beginning of its id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from recording.ports import RecordingsUnavailable
from recording.recordings import Recording
from recording.states import State
from storage.database import Database, DatabaseProblem
from storage.recording_tables import recordings
from storage.recordings import recording_of

_R = recordings.c


async def newest(
    database: Database, since: datetime | None, state: State | None, most: int
) -> Sequence[Recording]:
    """Return the newest ones, newest first. Raises RecordingsUnavailable."""
    query = sa.select(recordings).order_by(_R.planned_at.desc(), _R.recording_id).limit(most)
    if since is not None:
        query = query.where(_R.planned_at >= since)
    if state is not None:
        query = query.where(_R.state == state.value)
    return await _some(database, query)


async def of_prefix(database: Database, prefix: str) -> Sequence[Recording]:
    """Return up to two whose ids begin so. Raises RecordingsUnavailable."""
    begins = _R.recording_id.startswith(prefix, autoescape=True)
    return await _some(database, sa.select(recordings).where(begins).limit(2))


async def _some(database: Database, query: Any) -> Sequence[Recording]:
    try:
        rows = await database.read(lambda connection: connection.execute(query).mappings().all())
    except DatabaseProblem as error:
        raise RecordingsUnavailable(str(error)) from error
    return [recording_of(row) for row in rows]
