"""People's requests as the API takes and gives them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from recording.persons import Kind

RequestId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IntakeBody(_Body):
    """A new request. `request_id` is chosen by who sends it, so that sending twice takes in once."""

    request_id: str = Field(pattern="^[0-9a-f]{32}$")
    kind: Kind
    npwp: str = Field(max_length=40, description="Whose data it is")
    name: str = Field(min_length=1, max_length=200, description="Of whoever asks")
    relation: str = Field(pattern="^[a-z_]{1,32}$")
    proven_by: str = Field(pattern="^[a-z_]{1,32}$")
    proof: str = Field(min_length=3, max_length=500, description="Which document, seen by whom")
    contact: str = Field("", max_length=300, description="Where the answer goes")
    wish: str = Field("", max_length=2000)


class StepBody(_Body):
    """A step of somebody; `version`: of the request as they saw it."""

    version: int = Field(ge=1)
    event: Literal["approve", "send_back", "refuse", "withdraw", "ask_lift", "lift", "keep"]
    reason: str = Field("", pattern="^[a-z_]{0,32}$", description="Of a refusal: a word of the table")
    note: str = Field("", max_length=2000)


class VersionBody(_Body):
    """Which version of the request was seen."""

    version: int = Field(ge=1)


class CarryOutBody(_Body):
    """How the request was answered: handed to whom, by which way, or what was done."""

    version: int = Field(ge=1)
    note: str = Field(min_length=3, max_length=2000)


class RequestRow(BaseModel):
    """A request in the list. Nothing personal."""

    request_id: str
    code: str
    kind: Kind
    kind_words: str
    state: str
    state_words: str
    received_at: datetime
    due_at: datetime
    closed_at: datetime | None
    urgency: str = Field(description="Empty, soon, urgent or late")
    hours_left: int | None = Field(description="Negative: hours late; none: it is answered")
    restricts: bool = Field(description="A restriction stands")


class RequestList(BaseModel):
    """All requests: those whose clock runs, due first in front; then the newest that are answered."""

    open: list[RequestRow]
    answered: list[RequestRow]


class StepView(BaseModel):
    """One step."""

    at: datetime
    who: str = Field(description="staff_id")
    mine: bool
    what: str
    what_words: str
    note: str


class DecisionView(BaseModel):
    """What a request comes to, or came to, for one recording or for what is held of one area."""

    about: str
    recording_id: str
    count: int
    fate: str
    fate_words: str
    why: str
    until: datetime | None


class BundleView(BaseModel):
    """A bundle that was made."""

    bundle_id: str
    made_at: datetime
    keep_until: datetime
    removed_at: datetime | None
    size: int
    digest: str = Field(description="SHA-256 of the file")
    counts: Mapping[str, int]


class RequestView(RequestRow):
    """A request with everything about it."""

    version: int
    npwp: str = Field(description="Masked")
    known: bool = Field(description="The register knows the taxpayer")
    name: str
    relation: str
    proven_by: str
    proof: str
    contact: str
    wish: str
    rule: str
    steps: list[StepView]
    decisions: list[DecisionView]
    bundles: list[BundleView]
    working: bool
    fault: str = Field(description="Why the newest work failed, in words; empty: it did not")
    may: list[str] = Field(description="Events the visitor can let happen now")
    handed: bool = Field(description="The bundle can be fetched")
    hears: bool = Field(description="Its recordings can be listened to: it is worked on, or a restriction")


class PreparedView(BaseModel):
    """What is being prepared. The password is told once and kept nowhere."""

    request: RequestView
    password: str = Field(description="Of a copy's bundle; empty for an erasure")
