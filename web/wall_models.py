"""What the wallboard's API answers and takes."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from reporting.wall_messages import LONGEST_TEXT, Audience
from reporting.wall_thresholds import Measure
from web.rendering import WIB

ID = "^[0-9a-f]{32}$"
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


def _moment(given: object) -> object:
    """Return a time as it is written; one without zone, as forms send it, is the office's (WIB)."""
    if not isinstance(given, str):
        raise PydanticCustomError("time_parsing", "write a time as YYYY-MM-DDTHH:MM")
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise PydanticCustomError("time_parsing", "write a time as YYYY-MM-DDTHH:MM") from None
    return at.replace(tzinfo=WIB) if at.tzinfo is None else at


def _nothing(given: object) -> object:
    """Return None for an empty field of a form."""
    return None if given == "" else given


_AT = Annotated[
    AwareDatetime,
    Field(ge=_FIRST, le=_LAST),  # what every database and every zone can count
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
_Value = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
NO_CONTROL = r"^[^\x00-\x09\x0b-\x1f\x7f]*$"  # a line break is no harm


class BoardView(BaseModel):
    """The wallboard at one moment; times in seconds, shares from 0 to 1."""

    at: datetime
    rows: dict[str, dict[str, Any]] = Field(
        description="By key: `agent KEY`, `queue NAME`, `tier A`, `total`, `campaign ID`, `trunk in`, "
        "`trunk out`, `recordings`, `line`, `announcement ID`, `message ID`; see reporting.wall_rows"
    )
    course: list[dict[str, Any]] = Field(description="The last hour: at, waiting, free, talking")


class RosterRow(BaseModel):
    """An agent of the own reach."""

    key: str = Field(description="By which the board speaks of them")
    agent: str = Field(description="Staff number")
    on_air_name: str
    team: str


class Roster(BaseModel):
    """Whose the keys of the board are."""

    agents: list[RosterRow]


class ThresholdView(BaseModel):
    """A threshold in force."""

    measure: Measure
    queue: str = Field(description="Empty: of all queues, or of none")
    warn: float
    alarm: float
    above: bool = Field(description="It is worse above the value; otherwise below it")
    unit: str = Field(description="calls, s, share, agents, alarms")
    assumed: bool = Field(description="As shipped: nobody has published or set it")
    name: str
    queue_name: str


class ThresholdList(BaseModel):
    """All thresholds in force."""

    thresholds: list[ThresholdView]


class ThresholdBody(BaseModel):
    """A threshold to be set. Neither `warn` nor `alarm`: as shipped again, or as for all queues."""

    model_config = ConfigDict(extra="forbid")

    measure: Measure
    queue: str = Field("", pattern="^[a-z_]{0,40}(/[ABC])?$")
    warn: Annotated[_Value | None, BeforeValidator(_nothing)] = None
    alarm: Annotated[_Value | None, BeforeValidator(_nothing)] = None


class MessageBody(BaseModel):
    """A message to agents."""

    model_config = ConfigDict(extra="forbid")

    audience: Audience
    agent: str = Field("", pattern="^[0-9A-Za-z]{0,20}$", description="Staff number, of a message to one")
    team: str = Field("", max_length=64, pattern=NO_CONTROL, description="Of a message to a team")
    text: str = Field(min_length=1, max_length=LONGEST_TEXT, pattern=NO_CONTROL)


class ReceiptView(BaseModel):
    """How far a message got with one agent."""

    on_air_name: str
    told_at: datetime
    shown_at: datetime | None
    acknowledged_at: datetime | None


class SentView(BaseModel):
    """A message that was sent."""

    message_id: str
    at: datetime
    sender: str
    audience: Audience
    whom: str = Field(description="On-air name or team; empty: everybody")
    text: str
    until: datetime
    told: int = Field(description="Agents at work then, and those who came later and saw it")
    shown: int
    acknowledged: int
    receipts: list[ReceiptView]


class SentList(BaseModel):
    """Messages of today, newest first."""

    messages: list[SentView]


class OwnMessage(BaseModel):
    """A message to an agent, as the agent sees it."""

    message_id: str
    at: datetime
    sender: str
    text: str


class OwnMessages(BaseModel):
    """What the agent has yet to acknowledge, oldest first."""

    messages: list[OwnMessage]


class AnnouncementView(BaseModel):
    """An announcement."""

    announcement_id: str
    prompt: str
    text: str = Field(description="What callers hear, in the reader's language")
    begins: datetime
    ends: datetime
    on: bool
    over: bool
    by: str
    ended_by: str


class PromptView(BaseModel):
    """A prompt that may be announced."""

    prompt: str
    text: str


class AnnouncementList(BaseModel):
    """Announcements, newest first, and what may be announced."""

    announcements: list[AnnouncementView]
    prompts: list[PromptView]


class AnnouncementBody(BaseModel):
    """An announcement to be switched on."""

    model_config = ConfigDict(extra="forbid")

    prompt: str = Field(pattern="^[a-z][a-z0-9_]{0,63}$")
    begins: Annotated[_AT | None, BeforeValidator(_nothing)] = Field(None, description="Nothing: now")
    ends: _AT
