"""Requests to be offline (Izin Tidak Online) as the API takes and gives them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from web.appeal_models import ChoiceView, StepView
from web.days import Day, DayOrNothing
from web.schedule_models import CLOCK_OR_NOTHING, CODE


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OfflineBody(_Body):
    """What an agent asks for. Times are WIB, of each day; a reason of a whole day needs none."""

    day: Day
    last: DayOrNothing = Field(None, description="The last of several days, decided together")
    reason: str = Field(pattern=CODE)
    begins: str = Field("", pattern=CLOCK_OR_NOTHING)
    ends: str = Field("", pattern=CLOCK_OR_NOTHING)
    note: str = Field("", max_length=2000)


class OfflineStepBody(_Body):
    """What a supervisor decides."""

    version: int = Field(ge=1)
    event: Literal["approve", "refuse", "revoke"]
    note: str = Field("", max_length=2000)


class OfflineWithdrawBody(_Body):
    """What an agent takes back."""

    version: int = Field(ge=1)
    note: str = Field("", max_length=2000)


class OfflineRow(BaseModel):
    """A request in a list."""

    request_id: str
    agent: str  # the on-air name
    team: str
    day: date
    last_day: date  # the same, but for several days in a row
    begins: datetime
    ends: datetime
    whole_day: bool
    reason: str
    state: str
    words: str
    filed_at: datetime
    mine: bool  # the reader's own
    news: bool  # the reader's own, decided and not opened since


class OfflineTime(BaseModel):
    """A time that a request is about. Aware; a whole day's are midnights."""

    begins: datetime
    ends: datetime


class OfflineShift(BaseModel):
    """What was scheduled on a day of a request."""

    day: date
    words: str


class OfflineWaiting(BaseModel):
    """What waits for the visitor."""

    to_decide: int  # others' requests; 0 for who does not decide
    news: int  # own requests that were decided and not opened since
    newest: str  # the request of the only news; empty: none, or several


class OfflineView(OfflineRow):
    """A request with its trail."""

    version: int
    due_on: date
    rule: str
    times: list[OfflineTime]  # by the shift
    scheduled: list[OfflineShift]  # the shifts of these days in words; a day without one is not there
    trail: list[StepView]
    may_decide: bool
    may_revoke: bool
    may_withdraw: bool


class OfflineList(BaseModel):
    """Requests: waiting ones first."""

    requests: list[OfflineRow]
    reasons: list[ChoiceView]  # what an agent may ask for
    days: int  # within which to ask, working days
    span_days: int  # that one request may be about
