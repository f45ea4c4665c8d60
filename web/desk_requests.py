"""What an agent asks for on the page, as the floor's requests: always about themselves."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from acd.requests import Request
from web.floor_requests import NAME, read_request


class Asked(StrEnum):
    """The requests of `acd.requests` that agents make about themselves."""

    READY = "ready"
    PAUSE = "pause"
    SIGN_OUT = "sign_out"
    HOLD = "hold"
    UNHOLD = "unhold"
    TRANSFER = "transfer"
    CONSULT = "consult"
    COMPLETE_TRANSFER = "complete_transfer"
    CANCEL_CONSULT = "cancel_consult"
    CONFERENCE = "conference"
    END_CALL = "end_call"
    END_WRAP_UP = "end_wrap_up"
    EXTEND_WRAP_UP = "extend_wrap_up"


class DeskRequest(BaseModel):
    """One request, e.g. `{"request": "pause", "reason": "prayer"}`."""

    model_config = ConfigDict(extra="forbid")

    request: Asked
    reason: str | None = Field(None, pattern="^[a-z_]{1,40}$", description="of a pause: see GET /api/desk")
    target: str | None = Field(
        None,
        pattern="^(queue|skill|agent):[0-9A-Za-z_/]{1,60}$",
        description="of a transfer or consultation: see GET /api/desk/targets",
    )


class SignInChoice(BaseModel):
    """The phone to sign in with."""

    model_config = ConfigDict(extra="forbid")

    account: str = Field(
        "",
        pattern="^(a[0-9a-f]{15})?$",
        description="one of `phones` of GET /api/desk; empty: any that can be reached",
    )


class TabClaim(BaseModel):
    """A page that wants the agent's phone."""

    model_config = ConfigDict(extra="forbid")

    tab: str = Field(pattern="^[0-9a-f]{32}$", description="a random name that the page gave itself")
    take_over: bool = Field(False, description="take it from another open page")


class TabAnswer(BaseModel):
    """Whether the page has the phone now."""

    phone: str = Field(description="`here`, or `elsewhere`: another open page has it")


class Refusal(BaseModel):
    """A request was not granted."""

    refused: str = Field(description="a word of `acd.messages.REFUSED`")
    text: str = Field(description="the same for people, in the page's language")


def floor_request(asked: DeskRequest, agent: str) -> Request:
    """Return the request of the floor. Raises BadRequest (a field is missing or too many), Refused."""
    given = {"reason": asked.reason, "target": asked.target}
    body: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    return read_request({NAME: asked.request.value, "agent": agent, **body})
