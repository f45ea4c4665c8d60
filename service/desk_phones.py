"""The phones of agents' pages: a SIP account per session, which ends with it; or a phone on the desk.

One account in force per session and page: who asks again, from this page or from another one of the same
session, gets a new account, and the one before is revoked. The account is bound to the session in the
database, so a page goes on with it after a restart of the service.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import ari
from asterisk_conf.settings import ECHO
from domain.accounts import Account, AccountKind, AccountsUnavailable
from domain.clock import Clock
from domain.staff import StaffUnavailable
from service.accounts import LANE, Accounts, UnknownAccount
from web.desk_phone_api import ChoiceView, DeskPhoneState, IceServer, NoDeskPhone, PhoneLogin
from web.sip_socket import PATH, Close
from web.visitor import Visitor

log = logging.getLogger(__name__)

# Q.850 cause 41, temporary failure: to the floor a line that died, so the caller keeps the agent.
LINE_DIED = 41


class PhoneChoices(Protocol):
    """Keeps who works with which phone (`storage.phone_choices`)."""

    async def choice(self, staff_id: str) -> AccountKind:
        """Return what somebody chose. Raises AccountsUnavailable."""
        ...

    async def choose(self, staff_id: str, choice: AccountKind, at: datetime) -> None:
        """Keep a choice. Raises AccountsUnavailable."""
        ...


class EndedSessions(Protocol):
    """Knows which sessions are over (`domain.staff_sessions.SessionStore`)."""

    async def ended(self, session_ids: Sequence[str]) -> Sequence[str]:
        """Return which of these are over. Raises domain.staff.StaffUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """What every page's phone is told."""

    codecs: tuple[str, ...] = ("PCMA", "opus")  # the trunk speaks A-law, which then goes through as it is
    ice_servers: tuple[Mapping[str, str], ...] = ()  # RTCIceServer: urls, username, credential


@dataclass(frozen=True, slots=True)
class PhoneParts:
    """What the phones of pages stand on."""

    accounts: Accounts
    choices: PhoneChoices
    sessions: EndedSessions
    clock: Clock
    knows: Callable[[str], bool]  # whether the floor's tables have a staff number
    hang_up: Callable[[str], Awaitable[None]]  # the legs of an account (`hang_up_legs`)


class DeskPhones:
    """The phones of pages (`web.desk_phone_api.DeskPhonePort`, `web.sip_socket.Phones`).

    What belongs to whom is in the accounts themselves: nothing is kept here.
    """

    def __init__(self, parts: PhoneParts, settings: PhoneSettings) -> None:
        self._parts = parts
        self._settings = settings
        self._close: list[Callable[[str, Close], None]] = []
        self._one_at_a_time = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    def on_drop(self, close: Callable[[str, Close], None]) -> None:
        """Call `close(account, why)` when an account of a page is revoked (`SipSockets.close_one`)."""
        self._close.append(close)

    # ---- web.sip_socket.Phones

    @property
    def known(self) -> bool:
        """Whether accounts were read since the start."""
        return self._parts.accounts.known

    def account_of(self, session_id: str) -> str | None:
        """Return the account in force of a session; the newest, should a crash have left two."""
        mine = [one.account for one in self._parts.accounts.of_sessions() if one.session_id == session_id]
        return mine[-1] if mine else None

    # ---- web.desk_phone_api.DeskPhonePort

    async def make(self, visitor: Visitor) -> PhoneLogin:
        """Make the account of a session's page; whatever page was the agent's phone before is not any more.

        Raises NoDeskPhone, AccountsUnavailable.
        """
        parts, number = self._parts, visitor.staff.number
        if not number or not parts.knows(number):
            raise NoDeskPhone("you are not in the floor's tables; ask who administers them to add you")
        if await parts.choices.choice(visitor.staff.staff_id) is AccountKind.DESK:
            raise NoDeskPhone("you chose a phone on the desk; choose the page first")
        async with self._one_at_a_time:
            before = [one for one in parts.accounts.of_sessions() if one.agent == number]
            made, secret = await parts.accounts.create(number, AccountKind.BROWSER, visitor.session_id)
            for account in before:
                await self._drop(account, Close.TAKEN_OVER)
        return PhoneLogin(
            account=made.account,
            secret=secret,
            socket=f"{PATH}?account={made.account}",
            test_number=ECHO,
            codecs=self._settings.codecs,
            ice_servers=[IceServer(**server) for server in self._settings.ice_servers],
        )

    async def choice(self, visitor: Visitor) -> ChoiceView:
        """Return which phone rings. Raises AccountsUnavailable."""
        chosen = await self._parts.choices.choice(visitor.staff.staff_id)
        return ChoiceView(choice=chosen, desk_phone=self._desk_phone(visitor.staff.number))

    async def choose(self, visitor: Visitor, choice: AccountKind) -> ChoiceView:
        """Choose the phone that rings; with one on the desk the page's account is revoked.

        Raises NoDeskPhone, AccountsUnavailable.
        """
        number, parts = visitor.staff.number, self._parts
        if choice is AccountKind.DESK and self._desk_phone(number) is DeskPhoneState.NONE:
            raise NoDeskPhone("there is no account for a phone on your desk; ask an administrator for one")
        await parts.choices.choose(visitor.staff.staff_id, choice, parts.clock.now())
        if choice is AccountKind.DESK:
            async with self._one_at_a_time:
                for account in parts.accounts.of_sessions():
                    if account.agent == number:
                        await self._drop(account, Close.NO_ACCOUNT)
        return await self.choice(visitor)

    def _desk_phone(self, number: str) -> DeskPhoneState:
        accounts = self._parts.accounts
        mine = [one for one in accounts.accounts_of(number) if one.kind is AccountKind.DESK]
        if not mine:
            return DeskPhoneState.NONE
        reachable = any(accounts.is_reachable(one.account) for one in mine)
        return DeskPhoneState.REACHABLE if reachable else DeskPhoneState.AWAY

    # ---- Sessions end

    def session_ended(self, session_id: str, why: object = None) -> None:
        """A session is over: its phone ends at once. For `web.sign_in_sessions.StaffSessions.on_end`."""
        task = asyncio.create_task(self.forget_session(session_id), name="forget-session")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def forget_session(self, session_id: str) -> None:
        """Revoke the account of a session; what fails is tried again by `sweep`."""
        async with self._one_at_a_time:
            for account in self._parts.accounts.of_sessions():
                if account.session_id == session_id:
                    await self._drop_or_wait(account, Close.SESSION_OVER)

    async def sweep(self) -> None:
        """Revoke the accounts of sessions that ended unnoticed, and what a crash left behind. For a loop."""
        accounts = self._parts.accounts.of_sessions()
        try:
            over = set(await self._parts.sessions.ended([one.session_id for one in accounts]))
        except StaffUnavailable as error:
            log.warning("sessions cannot be read now: %s", error)
            return
        newest = {one.agent: one.account for one in accounts}
        async with self._one_at_a_time:
            for account in accounts:
                if account.session_id in over:
                    await self._drop_or_wait(account, Close.SESSION_OVER)
                elif newest[account.agent] != account.account:
                    await self._drop_or_wait(account, Close.TAKEN_OVER)

    async def _drop_or_wait(self, account: Account, why: Close) -> None:
        try:
            await self._drop(account, why)
        except AccountsUnavailable as error:
            log.warning("account %s stays in force for the moment: %s", account.account, error)

    async def _drop(self, account: Account, why: Close) -> None:
        """Revoke an account, tell its page why, and end its legs as lines that died.

        The page is gone or is not to talk any more; the caller is to be with somebody at once, not when
        the silence is noticed.
        """
        try:
            await self._parts.accounts.revoke(account.account)
        except UnknownAccount:
            return
        for close in self._close:
            close(account.account, why)
        await self._parts.hang_up(account.account)


def hang_up_legs(client: ari.Client) -> Callable[[str], Awaitable[None]]:
    """Return what hangs up every leg of an account's phone as a line that died (cause 41)."""

    async def hang_up(account: str) -> None:
        try:
            for channel in await client.channels.list(lane=LANE):
                if channel.name.startswith(f"PJSIP/{account}-"):
                    await client.channels.hangup(channel.id, reason_code=str(LINE_DIED), lane=LANE)
        except ari.AriError as error:
            log.warning("legs of account %s end by themselves: %s", account, error)

    return hang_up
