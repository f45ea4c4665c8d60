"""Appeals and compiled lists as the API takes and gives them."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from web.days import Day

FORM = "form"  # a hidden input: the page's form sends its fields flat, `ITEM.FIELD`
HEX = "^[0-9a-f]{32}$"
HexId = Annotated[str, Path(pattern=HEX)]
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)")
_LONGEST = 4 * 3600 * 1000  # milliseconds of a recording


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlaceBody(_Body):
    """A part of the recording, or a moment of it."""

    from_ms: int = Field(ge=0, le=_LONGEST)
    until_ms: int | None = Field(None, ge=0, le=_LONGEST)


class ContestedBody(_Body):
    """An item (a question of the form, or `fact:NAME`) that the agent says is wrong."""

    item: str = Field(pattern=r"^(fact:)?[a-z][a-z0-9_]{0,39}$")
    reason: str = Field("", max_length=2000)
    places: list[PlaceBody] = Field(default_factory=list, max_length=20)
    evidence: str = Field("", pattern=r"^[a-z_]{0,32}$")


class _Contests(_Body):
    contested: list[ContestedBody] = Field(max_length=100)

    @model_validator(mode="before")
    @classmethod
    def folded(cls, data: Any) -> Any:
        """Return what the page's form sent as the API has it."""
        return _folded(data) if isinstance(data, dict) and FORM in data else data


class FileBody(_Contests):
    """A new appeal. `appeal_id` is chosen by who sends it, so that sending twice files once."""

    appeal_id: str = Field(pattern=HEX)
    score_id: str = Field(pattern=HEX)


class CompleteBody(_Contests):
    """An appeal made clearer."""

    version: int = Field(ge=1)


class WithdrawBody(_Body):
    """An appeal taken back."""

    version: int = Field(ge=1)
    note: str = Field("", max_length=2000)


class ReviewBody(_Body):
    """The team leader's step."""

    version: int = Field(ge=1)
    event: Literal["endorse", "send_back", "reject"]
    note: str = Field("", max_length=2000)


class DecideBody(_Body):
    """The step of SPV PKL. `rescorer`: a staff id; empty: who has least to do."""

    version: int = Field(ge=1)
    event: Literal["approve", "reject"]
    note: str = Field("", max_length=2000)
    verified: list[str] = Field(default_factory=list, max_length=100)
    rescorer: str = Field("", max_length=64)

    @model_validator(mode="before")
    @classmethod
    def one_is_a_list(cls, data: Any) -> Any:
        """Return a single chosen item as a list of one, as forms send it."""
        if isinstance(data, dict) and isinstance(data.get("verified"), str):
            return {**data, "verified": [data["verified"]]}
        return data


class AssignBody(_Body):
    """Another re-scorer, or the arbiter."""

    version: int = Field(ge=1)
    to: str = Field(max_length=64)


class CompileBody(_Body):
    """A compiled list of the scores that became final on these days (WIB)."""

    why: str = Field(min_length=3, max_length=200)
    down_from: Day
    down_until: Day


class ReceiptBody(_Body):
    """A receipt that SPV PKL notes. `agent`: whose, a staff id."""

    agent: str = Field(pattern=HEX)


class PlaceView(BaseModel):
    """A part of the recording, with how it is said."""

    from_ms: int
    until_ms: int | None
    words: str


class ContestedView(BaseModel):
    """A contested item with all that became of it."""

    item: str
    criterion: str
    words: str
    first: str  # what the first reviewer said
    reason: str
    places: list[PlaceView]
    evidence: str  # the code
    evidence_words: str
    decides: bool  # once verified it decides this item by rule
    verified: bool
    final: str = ""  # what was decided; empty: nothing yet
    overturned: bool = False
    how: str = ""


class StepView(BaseModel):
    """One row of the trail."""

    at: datetime
    who: str
    words: str
    note: str


class ChoiceView(BaseModel):
    """Somebody or something that can be chosen."""

    value: str
    words: str


class AppealRow(BaseModel):
    """An appeal in a list."""

    appeal_id: str
    agent: str
    form: str
    filed_at: datetime
    state: str
    words: str
    due_on: date | None
    days_left: int | None
    mine: bool  # it is the reader's turn
    items: int
    outcome: str


class AppealView(AppealRow):
    """An appeal with all that the reader may see."""

    version: int
    recording_id: str
    score_id: str
    reviewer: str  # empty: not told to this reader
    total: Decimal | None
    counts_total: Decimal | None  # of the score that counts, once it is decided
    rescorer: str
    arbiter: str
    contested: list[ContestedView]
    trail: list[StepView]
    events: list[str]  # that the reader may do now
    able: list[ChoiceView]  # who can score it blind, for who decides
    offers: list["OfferView"]  # what can be contested, for the agent who completes it
    evidence: list[ChoiceView]  # the kinds of evidence, for the same


class OfferView(BaseModel):
    """Something that can be contested, as it is so far."""

    item: str
    criterion: str
    words: str
    first: str
    lost: Decimal | None
    given_note: str  # what the reviewer wrote to it
    taken: bool = False
    reason: str = ""
    start: str = ""  # m:ss
    end: str = ""
    evidence: str = ""


class FileView(BaseModel):
    """The form by which an appeal is filed."""

    appeal_id: str
    score_id: str
    recording_id: str
    form: str
    total: Decimal
    last_day: date | None
    offers: list[OfferView]
    evidence: list[ChoiceView]


class ScoreRow(BaseModel):
    """A score of the reader's that can be appealed against."""

    score_id: str
    recording_id: str
    form: str
    total: Decimal
    final_at: datetime
    last_day: date


class BlindRow(BaseModel):
    """A call that the reader is to score blind: neither whose, nor what of it is contested."""

    recording_id: str
    kind: str
    words: str
    due_on: date | None
    days_left: int | None


class ListView(BaseModel):
    """A compiled list. `receipts`: how many of its agents have received it."""

    list_id: str
    made_at: datetime
    why: str
    down_from: date
    down_until: date
    scores: int
    agents: int
    receipts: int
    waiting: list[ChoiceView]  # agents without a receipt; for who makes lists
    mine: bool  # the reader has not said yet that they received it
    received_at: datetime | None
    until: date | None  # the reader's last day for filing


class AppealList(BaseModel):
    """Everything that the reader has to do with appeals."""

    appeals: list[AppealRow]
    contestable: list[ScoreRow]
    blind: list[BlindRow]
    lists: list[ListView]
    more: bool


class RateRow(BaseModel):
    """How often contested items of a reviewer's scores were decided otherwise; 95 % interval (Wilson)."""

    reviewer: str
    criterion: str
    decided: int
    overturned: int
    share: float | None
    low: float | None
    high: float | None


class Rates(BaseModel):
    """Overturn rates: of all, by reviewer, by criterion, and of each reviewer by criterion."""

    since: date
    until: date
    whole: RateRow
    reviewers: list[RateRow]
    criteria: list[RateRow]
    both: list[RateRow]


def clock(milliseconds: int) -> str:
    """Return a place of a recording as people say it: 4:05, or 1:04:05."""
    seconds = milliseconds // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    rest = f"{seconds % 60:02d}"
    return f"{hours}:{minutes:02d}:{rest}" if hours else f"{minutes}:{rest}"


def read_clock(text: str) -> int:
    """Return the milliseconds of m:ss or h:mm:ss. Raises ValueError with the name of a text."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError("appeals.clock_shape")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (hours * 3600 + minutes * 60 + seconds) * 1000


def _folded(data: dict[str, Any]) -> dict[str, Any]:
    items: dict[str, dict[str, str]] = {}
    rest: dict[str, Any] = {}
    for name, value in data.items():
        item, dot, part = name.partition(".")
        if dot:
            items.setdefault(item, {})[part] = str(value)
        elif name != FORM:
            rest[name] = value
    chosen = [(item, given) for item, given in items.items() if given.get("take") == "true"]
    return {**rest, "contested": [_contested(item, given) for item, given in chosen]}


def _contested(item: str, given: dict[str, str]) -> dict[str, Any]:
    start, end = given.get("start", "").strip(), given.get("end", "").strip()
    place = {"from_ms": read_clock(start), "until_ms": read_clock(end) if end else None} if start else None
    return {
        "item": item,
        "reason": given.get("reason", ""),
        "evidence": given.get("evidence", ""),
        "places": [place] if place else [],
    }
