"""Requests to be offline (Izin Tidak Online) as the API takes and gives them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from web.appeal_models import ChoiceView, StepView
from web.days import Day
from web.schedule_models import CLOCK_OR_NOTHING, CODE


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OfflineBody(_Body):
    """What an agent asks for. Times are WIB; a reason of a whole day needs none."""

    day: Day
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
    begins: datetime
    ends: datetime
    whole_day: bool
    reason: str
    state: str
    words: str
    filed_at: datetime
    mine: bool  # the reader's own


class OfflineView(OfflineRow):
    """A request with its trail."""

    version: int
    due_on: date
    rule: str
    scheduled: str  # the shift of that day in words; empty: it was taken away
    trail: list[StepView]
    may_decide: bool
    may_revoke: bool
    may_withdraw: bool


class OfflineList(BaseModel):
    """Requests: waiting ones first."""

    requests: list[OfflineRow]
    reasons: list[ChoiceView]  # what an agent may ask for
    days: int  # within which to ask, working days
