"""What the pages and programs send and get about cases, complaints, promises and requests."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Rungs = Literal["anonymous", "keyed", "confirmed", "full"]
Kinds = Literal["case", "complaint", "promise", "request"]
_ID = "^[0-9a-f]{32}$"
_WORD = "^[a-z_]{1,40}$"
_ACCEPT = "accept_"  # a field of a request that was taken over, ticked


class _Body(BaseModel):
    """A form sends its fields beside the rest and empty texts where nothing was filled in.

    Programs may do so too, or send `fields` and `accepted`.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _from_form(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        given = {name: value for name, value in data.items() if value != ""}
        beside = [name for name in given if name not in cls.model_fields]
        chosen = [name for name in beside if str(name).startswith(_ACCEPT)]
        if chosen and "accepted" in cls.model_fields and "accepted" not in given:
            ticked = {name: given.pop(name) for name in chosen}
            given["accepted"] = [
                name.removeprefix(_ACCEPT) for name, tick in ticked.items() if tick == "true"
            ]
        elif beside and "fields" in cls.model_fields and "fields" not in given:
            given["fields"] = {name: given.pop(name) for name in beside}
        return given


_Fields = Annotated[
    dict[Annotated[str, Field(pattern=_WORD)], Annotated[str, Field(max_length=4000)]],
    Field(max_length=40, description="by the names of GET …/matters/form"),
]
_DraftId = Annotated[
    str, Field(pattern=_ID, description="chosen by the sender: a matter sent twice is opened once")
]


class CaseBody(_Body):
    """A case for the back office."""

    type: str = Field(pattern=_WORD, description="data_change, non_effective, reactivation or other")
    proof: str = Field("poro", pattern=_WORD, description="by what the caller proved who they are")
    fields: _Fields = {}
    matter_id: _DraftId | None = None


class ComplaintBody(_Body):
    """A complaint by phone."""

    kind: str = Field(pattern=_WORD, description="service, conduct or tax_crime")
    fields: _Fields = {}
    matter_id: _DraftId | None = None


class PromiseBody(_Body):
    """A promise to call back, at a time of the callee's own clock."""

    number: str = Field(min_length=3, max_length=40)
    confirmed: bool = Field(False, description="the number was read back to the caller")
    name: str = Field(min_length=1, max_length=200)
    about: str = Field(min_length=1, max_length=2000)
    place: Literal["office", "personal"] = "personal"
    zone: Literal["wib", "wita", "wit", "unknown"] = Field(
        "unknown", description="unknown: the time is WIB, and has to suit all three"
    )
    day: date
    clock: str = Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")
    owner: Literal["mine", "anyone"] = "mine"
    matter_id: _DraftId | None = None


class RequestBody(_Body):
    """Data that the taxpayer asks to update."""

    fields: _Fields = {}
    matter_id: _DraftId | None = None


class StepBody(_Body):
    """A step forward, or the end."""

    version: int = Field(ge=1, le=1_000_000, description="of the matter as it was read")
    event: str = Field(pattern=_WORD, description="one of `events`")
    note: str = Field("", max_length=4000)
    disposition: str = Field("", pattern="^[a-z_]{0,40}$", description="how a complaint ends")
    accepted: list[Annotated[str, Field(pattern=_WORD)]] = Field([], max_length=40)
    tell: Literal["callback", "told"] | None = Field(
        None, description="how the caller hears of the result: by a callback, or they were told already"
    )
    day: date | None = None
    clock: str | None = Field(None, pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")
    to_unit: str = Field(
        "", pattern="^[a-z0-9_]{0,40}$", description="the reported unit, as it is sent there"
    )
    unit_name: str = Field("", max_length=120, description="which of many")


class AssignBody(_Body):
    """Who gets it."""

    version: int = Field(ge=1, le=1_000_000)
    to: str = Field("", pattern="^([0-9a-f]{32})?$", description="empty: who of its cluster has least to do")
    note: str = Field("", max_length=4000)


class CompleteBody(_Body):
    """More of what a complaint says."""

    version: int = Field(ge=1, le=1_000_000)
    fields: _Fields
    note: str = Field("", max_length=4000)


class VersionBody(_Body):
    """What is taken, as it was read."""

    version: int = Field(ge=1, le=1_000_000)


class FindBody(_Body):
    """The code that a caller tells."""

    code: str = Field(min_length=1, max_length=200, description="letters, or the words that spell them")


class MatterView(BaseModel):
    """A matter without what was said."""

    matter_id: str
    code: str = Field(description="as it is written: KRTM-WXPB")
    spelled: list[str] = Field(description="in the service's own alphabet, a group each")
    kind: Kinds
    topic: str
    title: str
    state: str
    step: str = Field(description="the state in words")
    opened_at: datetime
    due_on: date | None
    due_at: datetime | None
    due_there: str = Field(description="`due_at` on the callee's clock")
    days_left: int | None = Field(description="working days; negative: late")
    late: bool
    mine: bool
    assignee: str = Field(description="a name; empty: nobody")
    version: int
    result: str
    closed_at: datetime | None
    dialer: bool = Field(description="a promise that the dialer calls: nobody else does")


class OfferView(BaseModel):
    """Something that can be opened in the call."""

    kind: Kinds
    topic: str
    title: str
    needs: Rungs
    allowed: bool


class CallMatters(BaseModel):
    """What is open for the caller, and what can be opened."""

    call_id: str
    rung: Rungs
    matters: list[MatterView]
    offers: list[OfferView]


class OpenedMatter(BaseModel):
    """A matter that was opened, and what is open now."""

    matter: MatterView
    now: CallMatters


class FieldView(BaseModel):
    """A field of a form."""

    name: str
    label: str
    kind: Literal["text", "textarea", "date", "time", "tel", "select", "checkbox"]
    required: bool
    value: str = ""
    options: list[tuple[str, str]] = []
    item: bool = Field(default=False, description="a point of the completeness check")
    hint: str = ""


class KnownView(BaseModel):
    """Something that is known already."""

    name: str
    label: str
    value: str


class FormView(BaseModel):
    """A form, filled in as far as the proof allows."""

    call_id: str
    kind: Kinds
    topic: str
    title: str
    matter_id: str = Field(description="send it back: a matter sent twice is opened once")
    rule: str
    bases: list[str]
    address: str = Field(description="where it is posted")
    fields: list[FieldView]
    known: list[KnownView]
    codes: bool = Field(description="a code of another system may prove who is calling")


class TrailView(BaseModel):
    """A step of the trail."""

    number: int
    at: datetime
    who: str = Field(description="a name; empty: not known here")
    what: str
    words: str = Field(description="the step in words")
    step: str = Field(description="the state after it, in words")
    detail: str
    note: str


class PlanView(BaseModel):
    """A step of a complaint's way."""

    name: str
    words: str
    executor: str
    ours: bool = Field(description="KLIP's own; otherwise the visitor records what another unit did")
    days: int
    due: date | None
    status: Literal["done", "now", "ahead"]


class EventView(BaseModel):
    """Something that may be done now."""

    name: str
    words: str
    note: bool = Field(description="a note is needed")


class ReferralView(BaseModel):
    """A disposition to a unit, with its answer."""

    number: int
    at: datetime
    by: str = Field(description="a name; empty: not known here")
    step: str
    from_unit: str
    to_unit: str
    due_on: date
    question: str
    days_left: int | None = Field(description="working days until the answer; negative: late")
    ended_at: datetime | None
    ended_by: str = Field(description="who recorded the answer for the unit, or took it back; a name")
    recalled: bool
    itself: bool = Field(description="the unit's own people answered; otherwise KLIP recorded it for them")
    signs_in: bool = Field(description="people of the unit can sign in here")
    answer: str
    late: bool


class PromiseTrail(BaseModel):
    """What is to tell a matter's result, a promise to call or a written notice, and its trail."""

    matter: MatterView
    trail: list[TrailView]


class MatterDetail(BaseModel):
    """A matter with all that was said."""

    matter: MatterView
    said: list[KnownView]
    rule: str
    bases: list[str] = Field([], description="of a complaint: the legal bases of its kind, by its rule")
    assumed: bool = Field(
        False, description="what the rule says was not published: an administrator may change it"
    )
    rung: Rungs
    proof: str
    trail: list[TrailView]
    events: list[EventView]
    plan: list[PlanView]
    lacking: list[FieldView]
    dispositions: list[tuple[str, str]]
    workers: list[tuple[str, str]]
    may_assign: bool
    parent: str = Field("", description="of a promise or a written notice: whose result it tells")
    promises: list[PromiseTrail] = Field([], description="that tell the result, newest first")
    referrals: list[ReferralView] = Field([], description="dispositions to units, first to last")
    units: list[tuple[str, str]] = Field([], description="to which a complaint may be disposed")
    reported_unit: str = Field("", description="to which unit a complaint was sent, in words")
    unit_signs_in: bool = Field(False, description="people of the unit whose step it is can sign in here")
    referral_days: int = Field(0, description="working days that a unit has, where nothing else is said")


class WorkList(BaseModel):
    """A list of work."""

    matters: list[MatterView]
    more: bool
    kind: Kinds | None
    whose: str
    closed: bool


class PromiseList(BaseModel):
    """Promises to keep: due ones first."""

    due: list[MatterView]
    later: list[MatterView]
    at: datetime


class Reminders(BaseModel):
    """What waits for this agent."""

    due: int = Field(description="promises to call now")
    late: int = Field(description="of these, past their time: they are anyone's")
    next_at: datetime | None = Field(description="when the next one falls due")


class FoundMatter(BaseModel):
    """What a code leads to. Nothing that was said: whoever rings with a code is not proved by it."""

    matter: MatterView
    may_open: bool = Field(description="the details are open to this visitor")
