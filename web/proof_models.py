"""The guided form of proof as JSON: what to ask next, what came of what was asked; no expected value."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from domain.answers import LONGEST_ANSWER
from web.card_models import RungName

ItemName = Literal[
    "name",
    "efin",
    "authorisation_code",
    "birth_date",
    "mother_name",
    "address",
    "email",
    "phone",
    "representative",
    "registered_on",
]
RelationName = Literal["self", "representative", "family", "employee", "proxy", "other"]
OutcomeName = Literal["matched", "not_matched", "not_held", "noted"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_ANSWER)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ValidationBody(_Body):
    """NPWP and name as they were said; without `npwp` the number that was keyed."""

    npwp: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    name: Text
    whose: Literal["caller", "other"] = "caller"


class ItemBody(_Body):
    """An answer to be compared; it is not kept."""

    item: ItemName
    answer: Text


class ReceiverBody(_Body):
    """Who is on the line, as they say."""

    relation: RelationName


class ServiceBody(_Body):
    """For which service items are asked."""

    service: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]


class ClosingBody(_Body):
    """Why the proof ends."""

    why: Literal["refused", "cannot"]


class Done(BaseModel):
    """Who did something, and when."""

    who: str  # on-air name or name; empty if it is not known
    you: bool
    at: datetime


class ItemView(BaseModel):
    """One item of the service."""

    item: ItemName
    required: bool  # False: one of several
    state: Literal["to_ask", "matched", "not_matched", "not_held"]
    tries_left: int
    can_ask: bool  # now
    done: Done | None  # the last try


class AnswerView(BaseModel):
    """What came of the act just done."""

    kind: Literal["validation", "item", "receiver", "service", "closed"]
    detail: str
    outcome: OutcomeName


class Sentence(BaseModel):
    """What to say to the caller."""

    id: str
    en: str


class NextView(BaseModel):
    """What to do next."""

    step: Literal["npwp", "receiver", "item", "complete", "nothing"]
    item: ItemName | None = None
    kind: str = ""  # how the answer is written: name, digits, code, date, address, email, phone
    say: Sentence | None = None


class ProofView(BaseModel):
    """The proof of a call."""

    call_id: str
    direction: Literal["inbound", "outbound"]
    language: str
    may_climb: bool
    rung: RungName
    keyed: str  # masked; empty: none that could be used
    validations: int = Field(description="NPWP validations per call")
    validations_left: int
    wrong_left: int
    confirmed: Done | None
    receiver: RelationName | None
    entitled: bool  # False: who is on the line may not be told anything
    service: str
    services: list[str]
    proved: list[str] = Field(description="services for which every item is proved")
    count: int = Field(description="how many of the items that are not required must match")
    items: list[ItemView]
    next: NextView
    closed: Literal["refused", "cannot"] | None
    answer: AnswerView | None = None
