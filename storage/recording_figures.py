"""How many recordings are in which state, how old the oldest are, what is due: for the page and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.ports import RecordingsUnavailable
from recording.states import State
from storage.database import Database, DatabaseProblem
from storage.recording_tables import recordings

_R = recordings.c


@dataclass(frozen=True, slots=True)
class StateFigure:
    """One state."""

    state: State
    count: int
    oldest: datetime | None  # when the oldest one of it was planned


@dataclass(frozen=True, slots=True)
class Figures:
    """All recordings at one moment."""

    at: datetime
    states: Sequence[StateFigure]  # every state, in the order of a recording's life
    due: int  # their time is over, and nothing was done yet
    unfinished: int  # destroyed, and bytes may still be in the store


async def count_recordings(database: Database, now: datetime) -> Figures:
    """Count them. Raises RecordingsUnavailable."""
    by_state = sa.select(_R.state, sa.func.count(), sa.func.min(_R.planned_at)).group_by(_R.state)
    over = sa.select(sa.func.count()).where(_R.state == State.SEALED.value, _R.keep_until <= now)
    left = sa.select(sa.func.count()).where(_R.state == State.DESTROYED.value, _R.object_key != "")

    def count(connection: Connection) -> Figures:
        found = {row[0]: (row[1], row[2]) for row in connection.execute(by_state)}
        states = [StateFigure(state, *found.get(state.value, (0, None))) for state in State]
        due, unfinished = connection.execute(over).scalar_one(), connection.execute(left).scalar_one()
        return Figures(now, states, due, unfinished)

    try:
        return await database.read(count)
    except DatabaseProblem as error:
        raise RecordingsUnavailable(str(error)) from error
