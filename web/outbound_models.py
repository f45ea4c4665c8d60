"""What the pages send and get about an agent's outbound work. No number is ever whole in it."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from dialer.campaigns import Pacing
from web.outbound_port import DialStep

WORD = r"^[a-z][a-z0-9_]{0,39}$"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class LeadBody(_Body):
    """The contact that is meant."""

    lead_id: int = Field(ge=1, le=2**62)


class SkipBody(LeadBody):
    """Why it is not dialled."""

    reason: str = Field(pattern=WORD, description="one of `skips` of GET /api/outbound")


class DispositionBody(_Body):
    """What came of a call."""

    code: str = Field(pattern=WORD, description="one of `offered` of GET /api/calls/{call_id}/disposition")
    day: date | None = Field(None, description="of a callback, on the callee's calendar")
    clock: str | None = Field(
        None, pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="of a callback, on the callee's clock"
    )
    owner: Literal["mine", "anyone"] = "mine"
    promised_on: date | None = Field(None, description="by when the taxpayer files or pays")
    confirmed: bool = Field(False, description="nobody is to call again, by any campaign")

    @field_validator("day", "clock", "promised_on", mode="before")
    @classmethod
    def _nothing(cls, value: object) -> object:
        return None if value == "" else value  # a form sends what was left empty


class FieldView(BaseModel):
    """A field of the contact that the campaign shows."""

    name: str
    label: str
    value: str


class PastView(BaseModel):
    """An earlier attempt of the same lead."""

    at: datetime
    outcome: str
    disposition: str


class CampaignView(BaseModel):
    """A campaign that the agent works for now."""

    title: str
    kind: str
    pacing: Pacing


class PreviewView(BaseModel):
    """The next contact. Name and fields only once the agent asked to see them."""

    lead_id: int
    title: str
    kind: str
    name: str
    group: str
    zone: str
    local_time: str
    revealed: bool
    fields: list[FieldView]
    promised_at: datetime | None
    attempts: int
    past: list[PastView]
    until: datetime


class CallbackView(BaseModel):
    """A callback that the agent promised."""

    lead_id: int
    title: str
    name: str  # masked
    at: str  # on the callee's clock
    late: bool


class DialView(BaseModel):
    """A dial that the agent asked for."""

    step: DialStep
    words: str
    seconds: int


class MissingView(BaseModel):
    """A call whose agent gave no disposition."""

    call_id: str
    at: datetime
    campaign: str
    who: str  # on-air name


class SkipView(BaseModel):
    """A reason to skip a contact."""

    reason: str
    words: str
    digit: int


class WorkView(BaseModel):
    """An agent's outbound work now."""

    campaigns: list[CampaignView]
    free: bool  # ready, and nothing on the phone
    previews: bool  # contacts are shown before they are dialled
    waiting: bool  # calls come by themselves
    preview: PreviewView | None
    dial: DialView | None
    callbacks: list[CallbackView]
    missing: list[MissingView]
    skips: list[SkipView]


class NumberView(BaseModel):
    """One of the contact's numbers."""

    masked: str
    dialled: bool


class ContactView(BaseModel):
    """Whom an outbound call is with, for who talks with them."""

    call_id: str
    placed: bool  # False: they rang back and were recognised
    language: Literal["id", "en"]
    title: str
    kind: str
    name: str
    npwp: str  # masked
    group: str
    zone: str
    local_time: str
    numbers: list[NumberView]
    fields: list[FieldView]
    open: bool  # what the campaign is about may be told
    code: str  # as it is said: 123 456
    say: dict[str, str]  # the sentence with it, by language
    attempts: int
    past: list[PastView]


class OfferedView(BaseModel):
    """A disposition to choose."""

    code: str
    words: str
    digit: int | None
    flags: list[str]


class GivenView(BaseModel):
    """The disposition that counts now, and what follows."""

    code: str
    words: str
    at: datetime
    follows: list[str]


class DispositionView(BaseModel):
    """The disposition of a call."""

    call_id: str
    placed: bool
    needed: bool  # the note's time cannot be ended without one
    may_change: bool
    given: GivenView | None
    offered: list[OfferedView]
    zone: str
    window: str
    day: date  # suggested for a callback, on the callee's clock
    clock: str
    promised_on: date  # suggested
    latest_promise: date


class MissingList(BaseModel):
    """Calls without a disposition, newest first."""

    calls: list[MissingView]
