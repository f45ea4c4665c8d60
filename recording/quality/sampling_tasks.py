"""The work list of reviewers: recordings to be scored, claimed for a while, done when scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from acd.machine import table
from recording.quality.sampling import Period, Plan, Why


class TaskState(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    SKIPPED = "skipped"


TASK = table(
    "review task",
    "One recording that is to be scored, from the draw to the score.",
    {
        "waiting": "anybody who reviews may take it",
        "claimed": "a reviewer has it, for a limited time",
        "done": "there is a final score",
        "skipped": "it is not to be scored, for a reason that is on record",
    },
    {
        "claim": "a reviewer takes it",
        "expire": "the time of the claim is over",
        "give_back": "the reviewer lets it go, with a reason",
        "skip": "the reviewer says that it cannot be scored, with a reason",
        "withdraw": "there is nothing to listen to any more",
        "finish": "a score of the recording became final",
    },
    """
    waiting + claim -> claimed
    claimed + expire -> waiting
    claimed + give_back -> waiting
    claimed + skip -> skipped
    waiting, claimed + withdraw -> skipped
    waiting, claimed, skipped + finish -> done
    """,
    """
    claim: * = somebody has it, or it is over
    expire: * = nobody has it
    give_back: * = nobody has it
    skip: * = it is skipped by who has it
    withdraw: * = it is over
    finish: * = it is done
    """,
)


@dataclass(frozen=True, slots=True)
class Task:
    """A recording on the work list."""

    task_id: str  # 32 hex digits
    recording_id: str
    plan: str  # the plan's name; empty: it is gone
    why: Why
    agent: str  # staff number of who is reviewed
    state: TaskState
    reviewer: str  # staff_id; empty: nobody has it
    until: datetime | None  # when the claim runs out
    due_on: date
    made_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan as it is in force."""

    plan_id: str  # 32 hex digits
    version: int
    active: bool
    plan: Plan
    changed_by: str  # staff_id
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Draw:
    """What a plan drew for a period, once."""

    draw_id: str
    plan_id: str
    period: str
    at: datetime
    done_by: str  # staff_id, or "system"
    seed: str
    found: int  # recordings among which was chosen
    taken: int
    done: int = 0  # of those, how many are done or skipped


class WorkUnavailable(Exception):
    """The work list cannot be read or written at the moment; nothing was changed."""


class TaskTaken(Exception):
    """Somebody else has this task, or it is over."""


class OwnWork(Exception):
    """Nobody reviews their own calls."""


class PlanChanged(Exception):
    """Somebody else changed the plan meanwhile; nothing was changed."""


class WorkList(Protocol):
    """Keeps tasks. Every method raises WorkUnavailable."""

    async def mine(self, staff_id: str) -> Sequence[Task]:
        """Return what a reviewer has claimed, the one due first in front."""
        ...

    async def waiting(self, most: int = 100) -> Sequence[Task]:
        """Return what anybody may take, the one due first in front."""
        ...

    async def finished(self, staff_id: str, most: int = 25) -> Sequence[Task]:
        """Return what a reviewer did or skipped, newest first."""
        ...

    async def claim(self, task_id: str, staff_id: str, number: str, now: datetime) -> Task:
        """Take a task; taking one's own again lengthens the claim. `number`: the reviewer's staff number.

        Raises KeyError, TaskTaken, OwnWork.
        """
        ...

    async def claim_next(self, staff_id: str, number: str, now: datetime) -> Task | None:
        """Take the task that is due first; None: there is none that this reviewer may take."""
        ...

    async def give_back(self, task_id: str, staff_id: str, reason: str, now: datetime) -> None:
        """Let a task go. Raises KeyError, TaskTaken: it is not theirs."""
        ...

    async def skip(self, task_id: str, staff_id: str, reason: str, now: datetime) -> None:
        """Say that it cannot be scored. Raises KeyError, TaskTaken: it is not theirs."""
        ...

    async def of_recording(self, recording_id: str) -> Task | None:
        """Return the task of a recording."""
        ...

    async def settle(self, now: datetime) -> tuple[int, int]:
        """End claims whose time is over, and tasks whose recording is scored or gone.

        Return how many of each.
        """
        ...


class Plans(Protocol):
    """Keeps sampling plans and draws. Every method raises WorkUnavailable."""

    async def all(self) -> Sequence[KeptPlan]:
        """Return every plan, active ones first."""
        ...

    async def keep(
        self, plan_id: str, plan: Plan, *, active: bool, expected: int, by: str, now: datetime
    ) -> KeptPlan:
        """Keep a new plan (`expected` 0) or a change of that version. Raises PlanChanged, PlanRefused."""
        ...

    async def draws(self, plan_id: str, most: int = 20) -> Sequence[Draw]:
        """Return a plan's draws, newest first."""
        ...

    async def draw(
        self, plan_id: str, period: Period, due_on: date, by: str, now: datetime, seed: str = ""
    ) -> tuple[Draw, bool]:
        """Draw for a period, and put what was drawn on the work list. (draw, whether it is new).

        A period is drawn once: again returns the draw that was made. Raises KeyError: no such plan.
        """
        ...
