"""Rounds of calibration as the API takes and gives them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from web.appeal_models import ChoiceView
from web.days import Day

_ID = r"[0-9a-f]{32}"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RoundBody(_Body):
    """A new round. The page's form sends the recordings as text, an id or address of a page a line."""

    title: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
    form: str = Field(pattern=r"^[a-z]{1,16}$")
    due_on: Day
    recordings: list[str] = Field(max_length=50)
    reviewers: list[str] = Field(max_length=50)

    @model_validator(mode="before")
    @classmethod
    def folded(cls, data: Any) -> Any:
        """Return what the page's form sent as the API has it."""
        if not isinstance(data, dict):
            return data
        made = dict(data)
        if isinstance(made.get("recordings"), str):
            lines = made["recordings"].replace(",", "\n").split()
            made["recordings"] = [line.partition("?")[0].rstrip("/").rpartition("/")[2] for line in lines]
        if isinstance(made.get("reviewers"), str):
            made["reviewers"] = [made["reviewers"]]
        return made


class RemarkBody(_Body):
    """A note of the discussion."""

    text: str = Field(min_length=1, max_length=2000)
    recording_id: str = Field("", pattern=rf"^({_ID})?$")
    item: str = Field("", max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")


class AgreementView(BaseModel):
    """How far reviewers agree on a criterion or item; `warning` in words, empty: none."""

    criterion: str
    item: str
    subjects: int
    left_out: int
    percent: float | None
    kappa: float | None
    warning: str


class CellView(BaseModel):
    """What a reviewer gave a recording: the total, or nothing yet."""

    reviewer: str
    given: bool
    total: Decimal | None  # None: not given, or not to be seen yet


class RecordingView(BaseModel):
    """A recording of a round."""

    recording_id: str
    number: int
    cells: list[CellView]
    mine: bool  # the reader is still to score it
    spread: Decimal | None  # greatest total minus smallest


class DifferenceView(BaseModel):
    """An item that reviewers answered differently in one recording."""

    number: int  # of the recording
    criterion: str
    item: str
    answers: list[ChoiceView]  # reviewer → answer


class RemarkView(BaseModel):
    """A note of the discussion."""

    at: datetime
    who: str
    text: str
    number: int | None  # of the recording
    item: str


class RoundRow(BaseModel):
    """A round in a list."""

    round_id: str
    title: str
    form: str
    opened_at: datetime
    due_on: date
    days_left: int | None
    closed_at: datetime | None
    recordings: int
    reviewers: int
    missing: int
    mine: int  # recordings that the reader is still to score


class RoundView(RoundRow):
    """A round with what the reader may see: scores and agreement only once it is closed."""

    names: list[str]  # of the reviewers
    table: list[RecordingView]
    method: str
    whole: AgreementView | None
    criteria: list[AgreementView]
    items: list[AgreementView]
    differences: list[DifferenceView]
    remarks: list[RemarkView]
    may_close: bool
    may_remark: bool


class RoundList(BaseModel):
    """Rounds, open ones in front; with what a new one can be made of, for who may open it."""

    rounds: list[RoundRow]
    forms: list[ChoiceView]
    reviewers: list[ChoiceView]
