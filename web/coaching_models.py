"""Coaching tasks as the API takes and gives them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from web.appeal_models import HEX, ChoiceView, PlaceView, StepView


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TaskBody(_Body):
    """A task made by hand, from a score. The page's form sends the address of the score's page."""

    score_id: str = Field(pattern=HEX)
    criterion: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    note: str = Field("", max_length=2000)

    @field_validator("score_id", mode="before")
    @classmethod
    def last_of_address(cls, value: Any) -> Any:
        """Return the id at the end of an address, or what was given."""
        return (
            value.strip().partition("?")[0].rstrip("/").rpartition("/")[2]
            if isinstance(value, str)
            else value
        )


class AgentStepBody(_Body):
    """What the agent did. `step` of event `step`: which one; `note` of `tell`: what changed."""

    version: int = Field(ge=1)
    event: Literal["step", "tell"]
    step: str = Field("", pattern=r"^[a-z_]{0,40}$")
    note: str = Field("", max_length=2000)


class LeaderStepBody(_Body):
    """What the team leader or SPV PKL finds."""

    version: int = Field(ge=1)
    event: Literal["again", "confirm", "drop"]
    note: str = Field("", max_length=2000)


class DoneView(BaseModel):
    """A step of a task, and when it was done."""

    name: str
    words: str
    done_at: datetime | None


class LinkView(BaseModel):
    """A score that a task comes from; while its recording is restricted, only that there is one."""

    available: bool  # False: a restriction stands over the recording
    score_id: str  # empty while it is restricted, as is the rest
    recording_id: str
    share: Decimal | None  # per cent of the criterion's points
    final_at: datetime | None
    places: list[PlaceView]


class TaskRow(BaseModel):
    """A task in a list."""

    task_id: str
    agent: str
    criterion: str
    why: str
    share: Decimal | None  # the mean that led to it; without the scores that are left out
    left_out: int  # scores of recordings under restriction, of those that led to it
    state: str
    words: str
    due_on: date
    days_left: int | None
    done: int
    steps: int


class TaskView(TaskRow):
    """A task with its steps, scores and trail."""

    version: int
    opened_at: datetime
    plan: list[DoneView]
    links: list[LinkView]
    since_share: Decimal | None  # mean per cent of the scores since it was opened
    since_scores: int
    since_left_out: int  # scores since then, of recordings under restriction
    trail: list[StepView]
    as_agent: bool  # the reader is the agent, and it is open
    as_leader: bool


class TaskList(BaseModel):
    """Tasks, those due first in front."""

    tasks: list[TaskRow]
    closed: bool
    wide: bool  # others' tasks may be among them
    criteria: list[ChoiceView]  # for who may make a task by hand
