"""The reviewers' work list on a database: a row a task, moved as the table of states says, and its trail.

A task whose call is under restriction is in no list and nobody's to take; when that ends it is there again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.quality.sampling import Why
from recording.quality.sampling_tasks import (
    TASK,
    OwnWork,
    Task,
    TaskState,
    TaskTaken,
    WorkUnavailable,
)
from recording.quality.sampling_text import from_text
from recording.quality.scores import Kind
from recording.states import State
from storage.database import Database
from storage.kept import Kept
from storage.person_restricted import restricted_recordings
from storage.recording_tables import recordings
from storage.review_tables import review_plans, review_task_events, review_tasks
from storage.score_tables import scores

SYSTEM = "system"
_AT_ONCE = 200
_t = review_tasks.c
_UNDONE = _t.state.in_([TaskState.WAITING.value, TaskState.CLAIMED.value])
_REVIEWED = (scores.c.recording_id == _t.recording_id, scores.c.kind == Kind.REVIEW.value)
_SILENT = (
    recordings.c.recording_id == _t.recording_id,
    recordings.c.state.in_([State.DESTROYED.value, State.LOST.value]),
)
_OPEN = _t.recording_id.not_in(restricted_recordings())  # no restriction stands over its call
_FIRST = (_t.due_on, _t.made_at, _t.task_id)


class ReviewTasks(Kept):
    """A `recording.quality.sampling_tasks.WorkList`."""

    unavailable = WorkUnavailable

    def __init__(self, database: Database, claim: timedelta) -> None:
        """`claim`: how long a task is somebody's."""
        super().__init__(database)
        self._claim = claim

    async def mine(self, staff_id: str) -> Sequence[Task]:
        """Return what a reviewer has claimed, the one due first in front."""
        held = sa.and_(_t.reviewer == staff_id, _t.state == TaskState.CLAIMED.value, _OPEN)
        return await self._several(sa.select(review_tasks).where(held).order_by(*_FIRST))

    async def waiting(self, most: int = 100) -> Sequence[Task]:
        """Return what anybody may take, the one due first in front."""
        free = sa.select(review_tasks).where(_t.state == TaskState.WAITING.value, _OPEN)
        return await self._several(free.order_by(*_FIRST).limit(most))

    async def finished(self, staff_id: str, most: int = 25) -> Sequence[Task]:
        """Return what a reviewer did or skipped, newest first."""
        over = sa.and_(_t.reviewer == staff_id, ~_UNDONE, _OPEN)
        return await self._several(
            sa.select(review_tasks).where(over).order_by(_t.changed_at.desc(), _t.task_id).limit(most)
        )

    async def of_recording(self, recording_id: str) -> Task | None:
        """Return the task of a recording."""
        found = await self._several(sa.select(review_tasks).where(_t.recording_id == recording_id))
        return found[0] if found else None

    async def claim(self, task_id: str, staff_id: str, number: str, now: datetime) -> Task:
        """Take a task; taking one's own again lengthens the claim. Raises KeyError, TaskTaken, OwnWork."""

        def work(connection: Connection) -> Task:
            row = _row(connection, task_id, _OPEN)
            if row.agent == number and number:
                raise OwnWork
            if row.state == TaskState.CLAIMED and row.reviewer == staff_id:
                mine = sa.update(review_tasks).where(_t.task_id == task_id, _t.version == row.version)
                connection.execute(mine.values(until=now + self._claim))
            elif row.state == TaskState.CLAIMED and row.until is not None and row.until <= now:
                self._take(connection, _move(connection, row, "expire", SYSTEM, now), staff_id, now)
            else:
                self._take(connection, row, staff_id, now)
            return _task(_row(connection, task_id))

        return await self._write(work)

    async def claim_next(self, staff_id: str, number: str, now: datetime) -> Task | None:
        """Take the task that is due first; None: there is none that this reviewer may take."""

        def work(connection: Connection) -> Task | None:
            free = sa.select(review_tasks).where(_t.state == TaskState.WAITING.value, _OPEN)
            if number:
                free = free.where(_t.agent != number)
            # Where two ask at once, the second finds the row locked and takes the one after it.
            free = free.order_by(*_FIRST).limit(1).with_for_update(skip_locked=True)
            row = connection.execute(free).first()
            if row is None:
                return None
            self._take(connection, row, staff_id, now)
            return _task(_row(connection, row.task_id))

        return await self._write(work)

    async def give_back(self, task_id: str, staff_id: str, reason: str, now: datetime) -> None:
        """Let a task go. Raises KeyError, TaskTaken: it is not theirs."""
        await self._write(lambda connection: _let_go(connection, task_id, staff_id, "give_back", reason, now))

    async def skip(self, task_id: str, staff_id: str, reason: str, now: datetime) -> None:
        """Say that it cannot be scored. Raises KeyError, TaskTaken: it is not theirs."""
        await self._write(lambda connection: _let_go(connection, task_id, staff_id, "skip", reason, now))

    async def settle(self, now: datetime) -> tuple[int, int]:
        """End claims whose time is over, and those whose recording is scored or gone."""

        def work(connection: Connection) -> tuple[int, int]:
            done = _those(connection, _UNDONE, sa.exists().where(*_REVIEWED))
            for row in done:
                _move(connection, row, "finish", SYSTEM, now, reviewer=_scorer(connection, row))
            gone = _those(connection, _UNDONE, sa.exists().where(*_SILENT))
            for row in gone:
                _move(connection, row, "withdraw", SYSTEM, now, reason="gone")
            late = _those(connection, _t.state == TaskState.CLAIMED.value, _t.until <= now)
            for row in late:
                _move(connection, row, "expire", SYSTEM, now)
            return len(late), len(done) + len(gone)

        return await self._write(work)

    def _take(self, connection: Connection, row: Any, staff_id: str, now: datetime) -> None:
        if row.state != TaskState.WAITING:
            raise TaskTaken
        _move(connection, row, "claim", staff_id, now, reviewer=staff_id, until=now + self._claim)

    async def _several(self, query: sa.Select[Any]) -> Sequence[Task]:
        def work(connection: Connection) -> Sequence[Task]:
            rows = connection.execute(query).all()
            names = _plan_names(connection, {row.plan_id for row in rows})
            return [_task(row, names.get(row.plan_id, "")) for row in rows]

        return await self._read(work)


def note_event(
    connection: Connection,
    task_id: str,
    version: int,
    at: datetime,
    by: str,
    event: str,
    state: str,
    reason: str,
) -> None:
    """Add a row to a task's trail."""
    row = {
        "task_id": task_id, "version": version, "at": at, "done_by": by, "event": event, "state": state,
        "reason": reason,
    }  # fmt: skip
    connection.execute(sa.insert(review_task_events).values(row))


def _row(connection: Connection, task_id: str, *which: sa.ColumnElement[bool]) -> Any:
    row = connection.execute(sa.select(review_tasks).where(_t.task_id == task_id, *which)).first()
    if row is None:
        raise KeyError(task_id)
    return row


def _move(
    connection: Connection,
    row: Any,
    event: str,
    by: str,
    now: datetime,
    *,
    reason: str = "",
    reviewer: str | None = None,
    until: datetime | None = None,
) -> Any:
    """Let an event happen; return the row after it. Raises TaskTaken: somebody was faster."""
    state = TASK.after(row.state, event)
    if state == row.state:
        raise TaskTaken
    holder = "" if state == TaskState.WAITING else row.reviewer if reviewer is None else reviewer
    values = {
        "state": state, "reviewer": holder, "until": until, "changed_at": now, "version": row.version + 1,
    }  # fmt: skip
    change = sa.update(review_tasks).where(_t.task_id == row.task_id, _t.version == row.version)
    if connection.execute(change.values(values)).rowcount != 1:
        raise TaskTaken
    note_event(connection, row.task_id, row.version + 1, now, by, event, state, reason)
    return _row(connection, row.task_id)


def _let_go(
    connection: Connection, task_id: str, staff_id: str, event: str, reason: str, now: datetime
) -> None:
    row = _row(connection, task_id)
    if row.state != TaskState.CLAIMED or row.reviewer != staff_id:
        raise TaskTaken
    _move(connection, row, event, staff_id, now, reason=reason)


def _those(connection: Connection, *which: sa.ColumnElement[bool]) -> Sequence[Any]:
    return connection.execute(sa.select(review_tasks).where(*which).limit(_AT_ONCE)).all()


def _scorer(connection: Connection, row: Any) -> str:
    query = sa.select(scores.c.reviewer).where(
        scores.c.recording_id == row.recording_id, scores.c.kind == Kind.REVIEW.value
    )
    found: str = connection.scalar(query) or row.reviewer
    return found


def _plan_names(connection: Connection, ids: set[str]) -> dict[str, str]:
    query = sa.select(review_plans.c.plan_id, review_plans.c.definition)
    rows = connection.execute(query.where(review_plans.c.plan_id.in_(sorted(ids)))).all()
    found = {}
    for plan_id, definition in rows:
        try:
            found[plan_id] = from_text(definition).name
        except msgspec.MsgspecError:
            found[plan_id] = ""
    return found


def _task(row: Any, plan: str = "") -> Task:
    return Task(
        row.task_id,
        row.recording_id,
        plan,
        Why(row.why),
        row.agent,
        TaskState(row.state),
        row.reviewer,
        row.until,
        row.due_on,
        row.made_at,
        row.version,
    )
