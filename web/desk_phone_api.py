"""The phone of an agent's page: its account, and the choice between the page and a phone on the desk."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Protocol

from fastapi import HTTPException, Request
from pydantic import BaseModel, Field

from domain.accounts import AccountKind, AccountsUnavailable
from web.guard import Guard, visitor_of
from web.permissions import Permission
from web.visitor import Visitor


class NoDeskPhone(Exception):
    """Whoever asks cannot have this phone. The message says why, and the remedy."""


class DeskPhoneState(StrEnum):
    """How a phone on the desk stands."""

    NONE = "none"  # no account for one
    AWAY = "away"  # it is not registered
    REACHABLE = "reachable"


class IceServer(BaseModel):
    """A server that helps sound through firewalls (RTCIceServer)."""

    urls: str
    username: str | None = None
    credential: str | None = None


class PhoneLogin(BaseModel):
    """What the page's phone registers with. The secret is in this answer and nowhere else."""

    account: str = Field(description="SIP user name; it belongs to this session and ends with it")
    secret: str
    socket: str = Field(description="path of SIP over WebSockets on this origin, subprotocol `sip`")
    test_number: str = Field(description="who calls it hears themselves")
    codecs: Sequence[str] = Field(description="to be spoken, in this order")
    ice_servers: Sequence[IceServer]


class ChoiceView(BaseModel):
    """Which phone rings."""

    choice: AccountKind
    desk_phone: DeskPhoneState


class Choice(BaseModel):
    """Which phone is to ring."""

    choice: Annotated[AccountKind, Field(description="`browser`: the page; `desk`: a phone on the desk")]


class DeskPhonePort(Protocol):
    """The phones of pages. Every method raises domain.accounts.AccountsUnavailable."""

    async def make(self, visitor: Visitor) -> PhoneLogin:
        """Make the account of a session's page; one that it had is revoked. Raises NoDeskPhone."""
        ...

    async def choice(self, visitor: Visitor) -> ChoiceView:
        """Return which phone rings."""
        ...

    async def choose(self, visitor: Visitor, choice: AccountKind) -> ChoiceView:
        """Choose the phone that rings. Raises NoDeskPhone."""
        ...


_REFUSED = {409: {"description": "There is no such phone for whoever asks"}}
_AWAY = {503: {"description": "Accounts cannot be read or changed at the moment"}}


def add_desk_phone_routes(guard: Guard, phones: DeskPhonePort) -> None:
    """Add the routes below `/api/desk/phone`."""

    @guard.post(
        "/api/desk/phone",
        Permission.DESK_USE,
        response_model=PhoneLogin,
        response_model_exclude_none=True,
        responses={**_REFUSED, **_AWAY},
        tags=["desk"],
    )
    async def desk_phone(request: Request) -> PhoneLogin:
        """Become the page with the phone: an account for this session, in force until it ends.

        Any other page of the same agent loses its phone (close code 4001 of its socket); a talk on that
        page is rung on this one.
        """
        try:
            return await phones.make(visitor_of(request))
        except (NoDeskPhone, AccountsUnavailable) as error:
            raise _refusal(error) from error

    @guard.get(
        "/api/desk/phone/choice",
        Permission.DESK_USE,
        response_model=ChoiceView,
        responses=_AWAY,
        tags=["desk"],
    )
    async def desk_phone_choice(request: Request) -> ChoiceView:
        """Return which phone rings, the page's or one on the desk."""
        try:
            return await phones.choice(visitor_of(request))
        except AccountsUnavailable as error:
            raise _refusal(error) from error

    @guard.route(
        "PUT",
        "/api/desk/phone/choice",
        Permission.DESK_USE,
        response_model=ChoiceView,
        responses={**_REFUSED, **_AWAY},
        tags=["desk"],
    )
    async def choose_desk_phone(request: Request, wish: Choice) -> ChoiceView:
        """Choose the phone that rings. With `desk` the page's account is revoked."""
        try:
            return await phones.choose(visitor_of(request), wish.choice)
        except (NoDeskPhone, AccountsUnavailable) as error:
            raise _refusal(error) from error


def _refusal(error: Exception) -> HTTPException:
    if isinstance(error, NoDeskPhone):
        return HTTPException(409, str(error))
    return HTTPException(503, "error.phone_accounts")
