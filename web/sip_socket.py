"""The softphone's SIP: a WebSocket on this service's own origin, passed to Asterisk on loopback.

A session may speak for its own account only. Sound does not come this way, so a socket that breaks
interrupts no talk: the page connects again.
"""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from fastapi import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from domain.accounts import is_account
from web.guard import Guard, visitor_of
from web.permissions import Permission
from web.sip_messages import LONGEST, unfit

log = logging.getLogger(__name__)

PATH = "/sip"
SUBPROTOCOL = "sip"
CONNECT_WITHIN = 5.0  # seconds
SEND_WITHIN = 10.0  # seconds until a browser that does not read is let go
QUEUE = 16  # messages of Asterisk that wait for a slow browser; further ones wait in Asterisk
BURST, A_SECOND = 100, 20  # messages of a browser: so many at once, and then so many a second
PING, PONG = "\r\n\r\n", "\r\n"  # of a browser that looks whether this service is there (RFC 5626 3.5.1)
USE_EVERY = 60.0  # seconds between two uses of the session


class Close(IntEnum):
    """Why the service closes the socket (codes of RFC 6455 and our own)."""

    AWAY = 1001  # Asterisk closed it: connect again
    POLICY = 1008  # too many messages
    LATER = 1013  # Asterisk cannot be reached, or accounts are not known yet: connect again
    SAME_AGAIN = 4000  # the same page connected once more
    TAKEN_OVER = 4001  # another page is the phone now
    SESSION_OVER = 4003  # signed out
    NO_ACCOUNT = 4004  # the account is revoked: ask for another


class Phones(Protocol):
    """Knows the accounts of sessions."""

    @property
    def known(self) -> bool:
        """Whether accounts are known at all yet."""
        ...

    def account_of(self, session_id: str) -> str | None:
        """Return the account in force of a session."""
        ...


class SocketObserver(Protocol):
    """Counts."""

    def closed(self, why: Close) -> None:
        """The service closed a socket."""
        ...

    def dropped(self, why: str) -> None:
        """A message of a browser was not passed."""
        ...


@dataclass(eq=False, slots=True)
class _Socket:
    """One open socket."""

    account: str
    browser: WebSocket
    asterisk: ClientConnection
    allowance: float = BURST
    filled_at: float = 0.0

    def may_send(self, now: float) -> bool:
        """Whether one more message is within the rate; `now` on the monotonic clock."""
        self.allowance = min(BURST, self.allowance + (now - self.filled_at) * A_SECOND)
        self.filled_at = now
        self.allowance -= 1
        return self.allowance >= 0


class SipSockets:
    """The open sockets, at most one for an account."""

    def __init__(self, guard: Guard, phones: Phones, asterisk: str, observer: SocketObserver) -> None:
        """`asterisk`: the address of its WebSocket, e.g. `ws://127.0.0.1:8088/ws`."""
        self._guard = guard
        self._phones = phones
        self._asterisk = asterisk
        self._observer = observer
        self._open: dict[str, asyncio.Future[Close]] = {}  # account → set to close it

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def close_one(self, account: str, why: Close) -> None:
        """Close the socket of an account, if it has one."""
        ending = self._open.get(account)
        if ending is not None and not ending.done():
            ending.set_result(why)

    def close(self) -> None:
        """Close every socket: the service ends, and the pages are to connect to the next."""
        for account in list(self._open):
            self.close_one(account, Close.AWAY)

    async def serve(self, browser: WebSocket) -> None:
        """Serve one socket, whose visitor may have one, from its handshake to its end."""
        account = browser.query_params.get("account", "")
        if SUBPROTOCOL not in browser.scope["subprotocols"] or not is_account(account):
            await browser.close()  # before it is accepted: answered with 403
            return
        await browser.accept(subprotocol=SUBPROTOCOL)
        why = self._refusal(visitor_of(browser).session_id, account)
        if why is None:
            why = await self._join(browser, account)
        if why is not None:
            self._observer.closed(why)
            with suppress(RuntimeError, WebSocketDisconnect, OSError):
                async with asyncio.timeout(SEND_WITHIN):
                    await browser.close(why)

    def _refusal(self, session_id: str, account: str) -> Close | None:
        if not self._phones.known:
            return Close.LATER
        mine = self._phones.account_of(session_id)
        if mine is None:
            return Close.NO_ACCOUNT
        return None if mine == account else Close.TAKEN_OVER

    async def _join(self, browser: WebSocket, account: str) -> Close | None:
        """Connect with Asterisk and pass messages; return why it is over, None if the browser left."""
        try:
            asterisk = await connect(
                self._asterisk,
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]  # a NewType of str
                compression=None,
                proxy=None,
                open_timeout=CONNECT_WITHIN,
                ping_interval=None,  # on loopback a connection does not fall silent
                close_timeout=1,
                max_size=LONGEST,
                max_queue=QUEUE,
            )
        except (OSError, TimeoutError, WebSocketException) as error:
            log.warning("softphone: Asterisk cannot be reached: %s", type(error).__name__)
            return Close.LATER
        self.close_one(account, Close.SAME_AGAIN)
        ending: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        self._open[account] = ending
        log.info("softphone connected", extra={"account": account})
        try:
            async with asterisk:
                why = self._refusal(visitor_of(browser).session_id, account)
                if why is not None:  # it was revoked while Asterisk was being connected
                    return why
                return await self._until_over(_Socket(account, browser, asterisk), ending)
        finally:
            if self._open.get(account) is ending:
                del self._open[account]

    async def _until_over(self, socket: _Socket, ending: asyncio.Future[Close]) -> Close | None:
        tasks: list[asyncio.Future[Close | None]] = [
            asyncio.create_task(self._from_browser(socket)),
            asyncio.create_task(self._to_browser(socket)),
            asyncio.create_task(self._while_signed_in(socket)),
            asyncio.ensure_future(_said(ending)),
        ]
        done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return min((task.result() for task in done), key=lambda why: why is not None)

    async def _from_browser(self, socket: _Socket) -> Close | None:
        clock = asyncio.get_running_loop().time
        socket.filled_at = clock()
        while True:
            told = await socket.browser.receive()
            if told["type"] == "websocket.disconnect":
                return None
            message = _bytes(told.get("text"), told.get("bytes"))
            if not socket.may_send(clock()):
                log.warning("softphone: too many messages", extra={"account": socket.account})
                return Close.POLICY
            if not message.strip():
                await self._answer(socket.browser, message)
                continue
            why = unfit(message, socket.account)
            if why is not None:
                self._observer.dropped(why)
                log.warning("softphone: message dropped: %s", why, extra={"account": socket.account})
                continue
            try:
                async with asyncio.timeout(SEND_WITHIN):
                    await socket.asterisk.send(message.decode("utf-8"))
            except (WebSocketException, OSError, TimeoutError):
                return Close.AWAY

    async def _answer(self, browser: WebSocket, message: bytes) -> None:
        if message == PING.encode():
            with suppress(WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
                async with asyncio.timeout(SEND_WITHIN):
                    await browser.send_text(PONG)

    async def _while_signed_in(self, socket: _Socket) -> Close | None:
        """Use the session while the phone is on: who waits for calls is at work. Return when it is over."""
        while True:
            await asyncio.sleep(USE_EVERY)
            if not await self._guard.still_admits(socket.browser, Permission.DESK_USE):
                return Close.SESSION_OVER

    async def _to_browser(self, socket: _Socket) -> Close | None:
        while True:
            try:
                message = await socket.asterisk.recv()
            except (WebSocketException, OSError):
                return Close.AWAY
            try:
                async with asyncio.timeout(SEND_WITHIN):
                    await _send(socket.browser, message)
            except (WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
                return None


def add_sip_socket(guard: Guard, sockets: SipSockets) -> None:
    """Add the route."""
    guard.socket(PATH, Permission.DESK_USE)(sockets.serve)


async def _said(ending: Awaitable[Close]) -> Close | None:
    return await ending


def _bytes(text: str | None, data: bytes | None) -> bytes:
    return data or b"" if text is None else text.encode("utf-8", "replace")


async def _send(browser: WebSocket, message: str | bytes) -> None:
    if isinstance(message, str):
        await browser.send_text(message)
    else:
        await browser.send_bytes(message)
