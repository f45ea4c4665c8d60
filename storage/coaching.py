"""Coaching tasks. What changed, and why one was dropped, is sealed; the trail only grows."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from recording.quality.coaching import (
    CoachingChanged,
    CoachingUnavailable,
    Link,
    Task,
    TaskMoved,
    TaskStep,
)
from storage.appeal_tables import coaching_links, coaching_steps, coaching_tasks
from storage.database import Database, DatabaseProblem
from storage.vault import Vault, VaultProblem

T = TypeVar("T")

_json = msgspec.json.Encoder(order="deterministic")
_steps = msgspec.json.Decoder(list[str])
_done = msgspec.json.Decoder(dict[str, datetime])
_places = msgspec.json.Decoder(list[int])
_NOT_PLAIN = frozenset({"share", "steps", "done"})
_PLAIN = tuple(column.name for column in coaching_tasks.c if column.name not in _NOT_PLAIN)


class DurableTasks:
    """A `recording.quality.coaching.Tasks` on a database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def open(self, moved: TaskMoved) -> bool:
        """Keep a new task; False: the agent has an open one for this criterion."""
        task = moved.task

        def insert(connection: Connection) -> bool:
            same = sa.select(coaching_tasks.c.task_id).where(
                coaching_tasks.c.agent == task.agent,
                coaching_tasks.c.criterion == task.criterion,
                coaching_tasks.c.closed_at.is_(None),
            )
            if connection.execute(same).first() is not None:
                return False
            connection.execute(sa.insert(coaching_tasks).values(_values(task)))
            if task.links:
                connection.execute(sa.insert(coaching_links), _link_values(task))
            connection.execute(sa.insert(coaching_steps).values(self._step_values(moved.step)))
            return True

        return await self._run(self._database.write, insert)

    async def change(self, moved: TaskMoved) -> Task:
        """Keep a step. Raises CoachingChanged."""
        task = moved.task
        which = sa.and_(
            coaching_tasks.c.task_id == task.task_id, coaching_tasks.c.version == task.version - 1
        )

        def update(connection: Connection) -> None:
            changing = sa.update(coaching_tasks).where(which).values(_values(task))
            if connection.execute(changing).rowcount != 1:
                raise CoachingChanged
            connection.execute(sa.insert(coaching_steps).values(self._step_values(moved.step)))

        await self._run(self._database.write, update)
        return task

    async def get(self, task_id: str) -> Task:
        """Return one. Raises KeyError."""
        found = await self._tasks(sa.select(coaching_tasks).where(coaching_tasks.c.task_id == task_id))
        if not found:
            raise KeyError(task_id)
        return found[0]

    async def trail(self, task_id: str) -> Sequence[TaskStep]:
        """Return every step, first to last."""
        query = (
            sa.select(coaching_steps)
            .where(coaching_steps.c.task_id == task_id)
            .order_by(coaching_steps.c.number)
        )
        return [self._step(row) for row in await self._all(query)]

    async def find(
        self, agents: Sequence[str] = (), team: str = "", *, closed: bool = False, most: int = 200
    ) -> Sequence[Task]:
        """Return tasks, those due first in front; closed ones newest first."""
        query = sa.select(coaching_tasks)
        if agents:
            query = query.where(coaching_tasks.c.agent.in_(agents))
        if team:
            query = query.where(coaching_tasks.c.team == team)
        if closed:
            query = query.where(coaching_tasks.c.closed_at.is_not(None))
            query = query.order_by(coaching_tasks.c.closed_at.desc(), coaching_tasks.c.task_id)
        else:
            query = query.where(coaching_tasks.c.closed_at.is_(None))
            query = query.order_by(coaching_tasks.c.due_on, coaching_tasks.c.task_id)
        return await self._tasks(query.limit(most))

    async def used(self, score_ids: Collection[str], criterion: str) -> bool:
        """Whether one of these scores led to a task for this criterion already."""
        query = (
            sa.select(coaching_links.c.task_id)
            .join(coaching_tasks, coaching_tasks.c.task_id == coaching_links.c.task_id)
            .where(coaching_links.c.score_id.in_(score_ids), coaching_tasks.c.criterion == criterion)
            .limit(1)
        )
        return bool(await self._all(query))

    async def _tasks(self, query: "sa.Select[Any]") -> Sequence[Task]:
        rows = await self._all(query)
        ids = [row.task_id for row in rows]
        of_them = sa.select(coaching_links).where(coaching_links.c.task_id.in_(ids))
        links = await self._all(of_them.order_by(coaching_links.c.seq)) if ids else ()
        return [_task(row, [one for one in links if one.task_id == row.task_id]) for row in rows]

    async def _all(self, query: "sa.Select[Any]") -> Sequence[Any]:
        return await self._run(self._database.read, lambda connection: connection.execute(query).all())

    async def _run(self, run: Callable[..., Any], work: Callable[[Connection], T]) -> T:
        try:
            found: T = await run(work)
        except DatabaseProblem as error:
            # Two at once: the index lets one of them through.
            if isinstance(error.__cause__, IntegrityError):
                raise CoachingChanged from error
            raise CoachingUnavailable(str(error)) from error
        return found

    def _step_values(self, step: TaskStep) -> dict[str, Any]:
        columns = ("task_id", "number", "at", "who", "what", "state", "step")
        sealed = self._vault.seal(step.note.encode(), _context(step.task_id, step.number))
        return {
            **{name: getattr(step, name) for name in columns},
            "sealed_note": sealed if step.note else None,
        }

    def _step(self, row: Any) -> TaskStep:
        note = ""
        if row.sealed_note is not None:
            try:
                context = _context(row.task_id, row.number)
                note = self._vault.open(bytes(row.sealed_note), context).decode()
            except VaultProblem as error:
                raise CoachingUnavailable(str(error)) from error
        return TaskStep(row.task_id, row.number, row.at, row.who, row.what, row.state, row.step, note)


def _values(task: Task) -> dict[str, Any]:
    return {
        **{name: getattr(task, name) for name in _PLAIN},
        "share": None if task.share is None else int(task.share * 100),
        "steps": _json.encode(list(task.steps)).decode(),
        "done": _json.encode(dict(task.done)).decode(),
    }


def _link_values(task: Task) -> list[dict[str, Any]]:
    return [
        {
            "task_id": task.task_id,
            "score_id": link.score_id,
            "seq": seq,
            "recording_id": link.recording_id,
            "places": _json.encode(list(link.places)).decode(),
        }
        for seq, link in enumerate(task.links, 1)
    ]


def _task(row: Any, links: Sequence[Any]) -> Task:
    return Task(
        **{name: getattr(row, name) for name in _PLAIN},
        share=None if row.share is None else Decimal(row.share).scaleb(-2),
        steps=tuple(_steps.decode(row.steps)),
        done=_done.decode(row.done),
        links=tuple(Link(one.score_id, one.recording_id, tuple(_places.decode(one.places))) for one in links),
    )


def _context(task_id: str, number: int) -> bytes:
    return f"coaching_steps/{task_id}/{number}".encode()
