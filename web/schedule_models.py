"""Schedules as the API takes and gives them. Times of a shift are words, HH.MM of the place of work."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from web.appeal_models import HEX, ChoiceView
from web.days import Day

CODE = r"^[a-z][a-z0-9_]{0,39}$"


CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
CLOCK_OR_NOTHING = r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$"
_Hex = Annotated[str, Field(pattern=HEX)]


def clock_of(text: str) -> time | None:
    """Return HH:MM as a time; None for a field that was left empty."""
    return time.fromisoformat(text) if text else None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScheduleMakeBody(_Body):
    """Shifts by a pattern, for the working days among some days; of a team, or of chosen agents."""

    team: str = Field("", max_length=64, description="empty: all")
    staff_ids: Annotated[list[_Hex], Field(max_length=1000)] | _Hex = Field(
        default_factory=list, description="one, or a list: of these alone, whatever the team"
    )
    first: Day
    last: Day
    pattern: str = Field(pattern=CODE)
    place: str = Field("jakarta", pattern=CODE)
    keep: bool = Field(False, description="False: only tell what it would do")


class SchedulePieceBody(_Body):
    """An activity laid over a shift, at times of the shift's place."""

    staff_id: str = Field(pattern=HEX)
    day: Day
    activity: str = Field(pattern=CODE)
    begins: str = Field(pattern=CLOCK)
    ends: str = Field(pattern=CLOCK)


class ScheduleRemoveBody(_Body):
    """A shift that is taken away."""

    staff_id: str = Field(pattern=HEX)
    day: Day


class ExemptBody(_Body):
    """Time out of a schedule, as HR has it: whole days, or a part of one (WIB)."""

    staff_id: str = Field(pattern=HEX)
    first: Day
    last: Day
    begins: str = Field("", pattern=CLOCK_OR_NOTHING)
    ends: str = Field("", pattern=CLOCK_OR_NOTHING)
    reason: str = Field(pattern=CODE)


class ShiftPieceView(BaseModel):
    """One activity of a shift."""

    activity: str
    words: str
    begins: str
    ends: str
    x: float  # of the drawing's width of 960, for the times it shows
    width: float


class ShiftOutView(BaseModel):
    """A part of the shift in which somebody did something else."""

    words: str  # what, from when until when
    x: float
    width: float
    excepted: bool


class ShareView(BaseModel):
    """A figure with what it was made of; milliseconds."""

    value: float | None  # 0 to 1
    numerator: int
    denominator: int


class ShiftNowView(BaseModel):
    """What somebody is to do now, and does."""

    planned: str
    doing: str
    adherent: bool
    excepted: bool
    seconds: int  # out of the schedule for so long; 0 while adherent


class ShiftView(BaseModel):
    """One agent's day."""

    day: date
    agent: str  # the on-air name
    staff_id: str  # for the agent's own page; empty: has no sign-in
    team: str
    hours: str  # empty: no shift
    place: str
    pattern: str
    pieces: list[ShiftPieceView]
    out: list[ShiftOutView]
    ats: ShareView
    conformance: ShareView
    excepted_ms: int
    excepted: list[str]  # the reasons in words
    now: ShiftNowView | None


class ScheduleDayView(BaseModel):
    """A day of the agents within reach."""

    day: date
    previous: date
    following: date
    working: bool
    in_ramadan: bool
    is_today: bool
    team: str
    teams: list[str]
    hours: list[ChoiceView]  # marks of the drawing: x and the hour
    shifts: list[ShiftView]
    without: list[str]  # names of agents who have no shift
    ats: ShareView
    conformance: ShareView
    out_now: int  # of those with a shift now: doing something else


class ScheduleSumRow(BaseModel):
    """Days added up: of one agent, or of one day."""

    key: str
    staff_id: str
    shifts: int
    ats: ShareView
    conformance: ShareView
    excepted_ms: int


class ExemptReasonRow(BaseModel):
    """Time taken out of schedules for one reason."""

    reason: str
    words: str
    ms: int


class ScheduleActivityRow(BaseModel):
    """An activity: how much was scheduled, and how much of it was done."""

    activity: str
    words: str
    ats: ShareView  # its denominator is the scheduled time


class ScheduleRangeView(BaseModel):
    """Some days of the agents within reach."""

    first: date
    last: date
    team: str
    teams: list[str]
    total: ScheduleSumRow
    by_day: list[ScheduleSumRow]
    by_agent: list[ScheduleSumRow]
    by_reason: list[ExemptReasonRow]
    by_activity: list[ScheduleActivityRow]


class ExemptView(BaseModel):
    """An exception."""

    exception_id: str
    reason: str
    begins: datetime
    ends: datetime
    whole_days: bool
    made_by: str
    made_at: datetime
    by_request: bool
    ended_at: datetime | None


class ScheduleChangeView(BaseModel):
    """Something that was done to a schedule."""

    at: datetime
    who: str
    what: str
    words: str
    day: date
    last_day: date
    before: str
    after: str


class ScheduleAgentView(BaseModel):
    """One agent's days, exceptions and what was done to them."""

    agent: str
    staff_id: str
    team: str
    first: date
    last: date
    hours: list[ChoiceView]  # marks of the drawing: x and the hour
    shifts: list[ShiftView]
    total: ScheduleSumRow
    exceptions: list[ExemptView]
    changes: list[ScheduleChangeView]


class ScheduleMistakeView(BaseModel):
    """What is wrong in a row of a file."""

    row: int
    field: str
    value: str  # masked
    remedy: str


class ScheduleRemarkView(BaseModel):
    """What a planner should know of some shifts."""

    word: str
    words: str
    count: int
    example: str  # a day and its shift


class SchedulePlanView(BaseModel):
    """What a file or a pattern makes of the book, or made."""

    state: Literal["wrong", "proposed", "kept"]
    shifts: int
    new: int
    changed: int
    same: int
    removed: int
    first: date | None
    last: date | None
    remarks: list[ScheduleRemarkView]
    mistakes: list[ScheduleMistakeView]
