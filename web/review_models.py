"""Recordings found, sampling plans and the work list as the API takes and gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from recording.quality.finding_saved import LONGEST_NAME
from recording.quality.finding_text import FIELDS
from recording.quality.sampling import LONGEST_NAME as LONGEST_PLAN
from recording.quality.sampling import Every, Why
from web.days import DayOrNothing

HEX_ID = r"^[0-9a-f]{32}$"
RecordingId = Annotated[str, Path(pattern=HEX_ID)]
SearchId = Annotated[str, Path(pattern=HEX_ID)]
PlanId = Annotated[str, Path(pattern=HEX_ID)]
TaskId = Annotated[str, Path(pattern=HEX_ID)]
_Value = Annotated[str, Field(max_length=400)]
Values = _Value | list[_Value]


class SearchFields(BaseModel):
    """What a search is written with; what is empty does not narrow. Several values: a list, or commas."""

    model_config = ConfigDict(extra="forbid")

    since: str = Field("", description="Day in Western Indonesian Time, included")
    until: str = ""
    agents: Values = Field("", description="Staff numbers")
    teams: Values = ""
    queues: Values = ""
    branches: Values = ""
    categories: Values = ""
    results: Values = ""
    campaigns: Values = ""
    dispositions: Values = ""
    direction: str = Field("", description="in, out")
    seconds_least: str = Field("", description="Seconds, or m:ss")
    seconds_most: str = ""
    hold_least: str = ""
    hold_most: str = ""
    transfers_least: str = ""
    transfers_most: str = ""
    silence_least: str = Field("", description="Percent of the recording in which neither speaks")
    silence_most: str = ""
    overlap_least: str = Field("", description="Percent in which both speak")
    overlap_most: str = ""
    score_least: str = Field("", description="Points")
    score_most: str = ""
    scored: str = Field("", description="yes, no")
    complaint: str = ""
    new_agent: str = ""
    audible: str = Field("yes", description="yes, no, any")
    words: str = Field("", max_length=400, description="All of them must be in the note or the transcript")

    def written(self) -> Mapping[str, str]:
        """Return what is filled in."""
        given = {name: getattr(self, name) for name in FIELDS}
        texts = {name: value if isinstance(value, str) else ",".join(value) for name, value in given.items()}
        return {name: value.strip() for name, value in texts.items() if value.strip()}


class FindRecordings(SearchFields):
    """A search, and from where on."""

    before: str = Field("", pattern=r"^\d{0,18}$", description="`next` of the page before")


class SaveSearch(SearchFields):
    """A search to be kept under a name."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    shared: bool = Field(False, description="Others see it too")


class SavedView(BaseModel):
    """A saved search."""

    search_id: str
    name: str
    shared: bool
    mine: bool
    fields: Mapping[str, str]


class RecordingRow(BaseModel):
    """One recording among those found. Nothing of the caller is in it."""

    recording_id: str
    at: datetime
    agent: str  # on-air name, or the staff number masked
    team: str
    direction: Literal["in", "out"]
    queue: str  # in words, as everything below
    topic: str
    result: str
    campaign: str
    disposition: str
    seconds: int
    hold: int
    transfers: int
    silence: int | None  # percent
    overlap: int | None
    score: float | None  # points; None: none, or kept from who scores blind
    complaint: bool
    new_agent: bool
    sound: Literal["pending", "audible", "gone"]


class FoundRecordings(BaseModel):
    """A page of a search, newest first."""

    rows: list[RecordingRow]
    total: int  # from this page on; with `more` at least so many
    more: bool
    next: str  # for `before`; empty: there is no further page


class WritePlan(BaseModel):
    """A sampling plan as it is to be."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=LONGEST_PLAN)
    why: Why = Why.RANDOM
    every: Every = Every.WEEK
    each: int = Field(2, description="Of each agent; 0: as many as there are")
    most: int = Field(200, description="In all")
    due_days: int = Field(5, description="Working days until they are to be done")
    active: bool = False
    version: int = Field(0, ge=0, description="The one that was seen; 0: a new plan")
    teams: Values = ""
    queues: Values = ""
    branches: Values = ""
    direction: str = ""
    seconds_least: str = ""
    search: Mapping[str, str] = Field({}, description="Further fields of a search, without days")


class DrawView(BaseModel):
    """What was drawn for a period."""

    period: str
    at: datetime
    by: str  # a name; empty: by itself
    seed: str
    found: int
    taken: int
    done: int
    new: bool = False


class PlanView(BaseModel):
    """A sampling plan with its last draws."""

    plan_id: str
    version: int
    active: bool
    name: str
    why: Why
    every: Every
    each: int
    most: int
    due_days: int
    search: Mapping[str, str]
    changed_by: str
    changed_at: datetime
    draws: list[DrawView]


class DrawPlan(BaseModel):
    """For which period; without a day the last one that is over."""

    model_config = ConfigDict(extra="forbid")

    day: DayOrNothing = Field(None, description="The period in which this day is")


class LetGo(BaseModel):
    """Why a task is let go."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(pattern=r"^[a-z_]{1,40}$")


class TaskView(BaseModel):
    """A recording on the work list."""

    task_id: str
    recording_id: str
    plan: str
    why: Why
    agent: str
    at: datetime | None  # of the call; None: the index does not know it any more
    topic: str
    seconds: int
    state: Literal["waiting", "claimed", "done", "skipped"]
    due_on: date
    days_left: int  # working days; negative: late
    until: datetime | None  # when the claim runs out
    mine: bool
    own_call: bool  # who asks is the agent of it


class WorkView(BaseModel):
    """A reviewer's work list."""

    mine: list[TaskView]
    waiting: list[TaskView]
    finished: list[TaskView]


class ContextFigures(BaseModel):
    """Of one recording."""

    seconds: int
    hold: int
    transfers: int
    silence: int | None  # percent
    overlap: int | None
    longest_silence: float | None  # seconds
    caller_share: int | None  # percent of what is spoken
    interruptions: int | None
    agent_pace: float | None  # syllables a second, estimated
    silenced: int  # seconds


class ContextNote(BaseModel):
    """A note of the call."""

    at: datetime
    by: str
    topic: str
    result: str
    question: str
    answer: str
    version: int


_Place = Annotated[int | None, Field(description="Where in the recording (ms); none: not in it")]


class ContextTick(BaseModel):
    """A step of the script that was ticked, or taken back."""

    at: datetime | None
    at_ms: _Place = None
    words: str
    done: bool
    answer: str


class ContextStep(BaseModel):
    """A step of the proof: what was done, never what was answered."""

    at: datetime
    at_ms: _Place = None
    words: str
    outcome: str


class ContextView(BaseModel):
    """What stands beside a recording."""

    recording_id: str
    call_id: str
    direction: Literal["in", "out"]
    language: str
    queue: str
    path: list[str]
    keyed: str  # masked but for the last four digits; empty: nothing
    rung: Literal["anonymous", "keyed", "confirmed", "full"] | None  # None: it cannot be told
    steps: list[ContextStep]
    notes: list[ContextNote] | None  # None: they cannot be read at the moment
    ticks: list[ContextTick] | None
    script: str
    campaign: str
    disposition: str
    figures: ContextFigures
