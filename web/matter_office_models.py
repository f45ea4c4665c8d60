"""What the pages and programs send and get about the office's work on matters."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from web.matter_models import MatterView

_ID = "^[0-9a-f]{32}$"


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _words(given: object) -> object:
    return given.split() if isinstance(given, str) else given


class ReferBody(_Sent):
    """A disposition to a unit."""

    version: int = Field(ge=1, le=1_000_000)
    to_unit: str = Field(pattern="^[a-z0-9_]{1,40}$", description="a unit of `units`")
    unit_name: str = Field("", max_length=120, description="which of many, e.g. the name of a tax office")
    days: Annotated[int, Field(ge=0, le=60, description="working days; 0: as the table says")] = 0
    note: str = Field(max_length=4000, description="what is asked")


class AnswerBody(_Sent):
    """What a unit answered, or why it is not asked any more."""

    version: int = Field(ge=1, le=1_000_000)
    note: str = Field(max_length=4000)


class SeenBody(_Sent):
    """Signals that were seen."""

    signals: Annotated[
        list[Annotated[str, Field(pattern=_ID)]],
        BeforeValidator(_words),
        Field(max_length=200, description="ids; a form sends them in one text, with spaces between"),
    ]


class SpreadBody(_Sent):
    """What is given out."""

    kind: Literal["case", "request", "complaint"] | None = None


class SwitchBody(_Sent):
    """On or off."""

    on: bool


class AskProofBody(_Sent):
    """A proof that another system gives."""

    means: Literal["otp", "token"]


class CheckProofBody(_Sent):
    """The code that the caller tells."""

    answer: str = Field(min_length=1, max_length=40)


class SignalView(BaseModel):
    """That a matter's clock is nearly over, or over."""

    signal_id: str
    kind: Literal["reminder", "overdue", "escalated"]
    words: str
    raised_at: datetime
    matter: MatterView
    unit: str = Field(description="whose answer is waited for; empty: it is the clock of the matter's step")
    step: str = Field(description="of which step or disposition, in words")
    due_on: date
    days_left: int = Field(description="working days; negative: late")
    late: bool


class SignalList(BaseModel):
    """What clocks tell, due first."""

    signals: list[SignalView]
    overdue: int = Field(description="of them, those past their due day")


class Bell(BaseModel):
    """How many signals the visitor has not seen."""

    unseen: int
    overdue: int


class WorkerLoad(BaseModel):
    """Somebody who works on matters."""

    staff_id: str
    name: str
    team: str
    clusters: list[str]
    open: int
    late: int
    load: int = Field(description="late ones weigh more")
    full: bool
    last_given_at: datetime | None


class StepCount(BaseModel):
    """How many matters are at a step."""

    kind: Literal["case", "complaint", "promise", "request"]
    state: str
    words: str
    executor: str
    open: int
    late: int


class Workload(BaseModel):
    """Who has how much, and what nobody has."""

    workers: list[WorkerLoad]
    steps: list[StepCount]
    unassigned: list[MatterView]


class GivenView(BaseModel):
    """A matter that was given out, or could not be."""

    code: str
    title: str
    to: str = Field(description="a name; empty: nobody could be given it")
    why: str


class Spread(BaseModel):
    """What was given out."""

    given: list[GivenView]


class LineView(BaseModel):
    """Passages of one step, unit or type."""

    name: str
    words: str
    done: int
    on_time: int
    late: int
    mean_days: float | None
    longest: int
    open: int
    open_late: int
    share: float | None = Field(description="on time, of those that ended: 0 to 1")


class CountView(BaseModel):
    """How many of something."""

    name: str
    words: str
    count: int


class Statistics(BaseModel):
    """The complaints of a span, and cases by type."""

    first: date
    last: date
    received: int
    closed: int = Field(description="how often one came to its end, also if it was reopened since")
    reopened: int
    open: int
    open_late: int
    kinds: list[CountView]
    results: list[CountView]
    confirmations: list[CountView]
    steps: list[LineView]
    units: list[LineView]
    asked: list[LineView]
    cases: list[LineView]


class CallbackView(BaseModel):
    """The callbacks of one purpose."""

    purpose: str
    words: str
    campaign_id: str
    state: str
    state_words: str
    expires_on: date | None
    running: int


class Callbacks(BaseModel):
    """Callbacks of matters through the dialer."""

    available: bool = Field(description="there is a dialer")
    may_switch: bool
    purposes: list[CallbackView]


class CodeProofView(BaseModel):
    """A proof that was asked for."""

    proof_id: str
    means: str
    words: str
    asked_at: datetime
    expires_at: datetime
    outcome: str
    outcome_words: str
    open: bool
    tries_left: int
    simulated: bool
    shown: str = Field(description="the code, of a simulated system alone")


class CodeProofs(BaseModel):
    """The proofs of a call by codes of other systems."""

    call_id: str
    proofs: list[CodeProofView]
    may_ask: bool
    simulated: bool
