"""Requests to be offline (Izin Tidak Online) as the API takes and gives them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from web.appeal_models import ChoiceView, StepView
from web.days import Day
from web.schedule_models import CODE


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OfflineBody(_Body):
    """What an agent asks for. Times are WIB; a reason of a whole day needs none."""

    day: Day
    reason: str = Field(pattern=CODE)
    begins: time | None = None
    ends: time | None = None
    note: str = Field("", max_length=2000)

    @field_validator("begins", "ends", mode="before")
    @classmethod
    def nothing(cls, value: Any) -> Any:
        """Return None for an empty field of a form."""
        return None if value == "" else value


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
