"""What the card of a call says, as JSON: only the fields that its rung allows."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

RungName = Literal["anonymous", "keyed", "confirmed", "full"]


class ChosenView(BaseModel):
    """A key taken in a menu, in words."""

    at: datetime
    key: str
    words: str


class KeyedView(BaseModel):
    """What the caller keyed: claimed, not verified."""

    masked: str
    answer: Literal["found", "not_found", "unavailable", "unasked"]


class WaitView(BaseModel):
    """A stay in line."""

    queue: str
    words: str
    began: datetime
    seconds: int  # so far
    over: bool
    outcome: str


class TalkView(BaseModel):
    """An agent's part in the call."""

    who: str  # on-air name; empty if it is not known
    you: bool
    began: datetime
    seconds: int
    over: bool
    outcome: str


class CallbackView(BaseModel):
    """The callback that the caller chose."""

    booked_at: datetime
    attempts: int
    outcome: str
    closed: bool


class TaxpayerView(BaseModel):
    """From CONFIRMED on."""

    name: str
    status: Literal["active", "non_effective"]
    kind: Literal["person", "company"]


class ProfileView(BaseModel):
    """At FULL. An empty text or null: the register does not hold it."""

    npwp: str
    address: str
    email: str
    phone: str
    office_code: str
    office_name: str
    registered_on: date | None
    born_on: date | None
    representative: str
    group: str  # in words


class NoteView(BaseModel):
    """An earlier note about the same taxpayer."""

    note_id: str
    at: datetime
    topic: str  # branch and category in words
    question: str


class MatterView(BaseModel):
    """What is still open for the same taxpayer."""

    matter_id: str
    kind: str
    title: str
    step: str
    opened_at: datetime
    due: date | datetime | None


class HistoryView(BaseModel):
    """From CONFIRMED on; null: it cannot be read at the moment."""

    notes: list[NoteView] | None
    matters: list[MatterView] | None


class CardView(BaseModel):
    """One call's card."""

    call_id: str
    direction: Literal["inbound", "outbound"]
    dialled: str
    language: str
    tree: Literal["with_npwp", "without_npwp", "none"]
    began: datetime
    path: list[ChosenView]
    keyed: KeyedView | None
    waits: list[WaitView]
    talks: list[TalkView]
    callback: CallbackView | None
    rung: RungName
    may_climb: bool
    taxpayer: TaxpayerView | None = None
    profile: ProfileView | None = None
    history: HistoryView | None = None
    trouble: Literal["directory_down", "not_in_register", "call_over"] | None = None
