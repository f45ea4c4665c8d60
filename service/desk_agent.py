"""A synthetic agent with a real SIP phone: makes an account, registers, works, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from acd.requests import EndWrapUp, Ready, Request, SignIn, SignOut
from service.floor_client import FloorClient, FloorUnreachable, NotGranted, Row
from service.phone.calls import PhoneCall
from service.phone.handset import Login
from service.phone.station import AgentPhone, NotRung

Say = Callable[[str], None]

LOOK = 0.5  # seconds between two looks at whether work is over
REACHABLE_WITHIN = 5.0  # seconds from the registration until the floor has heard of the phone
LONGEST_TALK = 3600.0  # seconds
_LOST = "the phone is registered no longer: is the service running?"


@dataclass(frozen=True, slots=True)
class Habits:
    """How the agent works; times in seconds."""

    answers_after: float = 1.0
    talks: float = 0.0  # then hangs up; 0: until the caller does
    writes: float = 3.0  # the note after a talk, then ready again
    tone: float = 0.0  # Hz that the agent "speaks"; 0: says nothing


class DeskAgent:
    """One agent at a desk."""

    def __init__(self, client: FloorClient, registrar: str, agent: str, habits: Habits, say: Say) -> None:
        """`agent` is a staff number of the administrator's table; `say` gets a line per event."""
        self._client = client
        self._registrar = registrar
        self._agent = agent
        self._habits = habits
        self._say = say
        self.talks = 0

    async def work(self, seconds: float) -> None:
        """Work for so long, or until cancelled; then sign out and revoke the account that was made.

        Raises NotGranted, FloorUnreachable, PhoneUnusable, NotRegistered.
        """
        body = {"agent": self._agent, "kind": "desk"}
        # Whoever is stopped just now must still hear of the account, or it would be left behind.
        making = asyncio.create_task(asyncio.to_thread(self._client.post, "accounts", body))
        try:
            made = await asyncio.shield(making)
            login = Login(self._registrar, str(made["account"]), str(made["secret"]))
            async with AgentPhone(login) as phone:
                try:
                    await self._begin(login.user)
                    await self._take_calls(phone, time.monotonic() + seconds)
                finally:
                    with suppress(NotGranted, FloorUnreachable):
                        await self._ask(SignOut(self._agent))
        finally:
            await self._leave(making)

    async def _leave(self, making: asyncio.Task[Row]) -> None:
        """Revoke the account, if one was made."""
        try:
            account = str((await making)["account"])
        except (NotGranted, FloorUnreachable):
            return  # none was made, and `work` raises why
        try:
            await asyncio.to_thread(self._client.post, "accounts/revoke", {"account": account})
            self._say("signed out; the account is revoked")
        except (NotGranted, FloorUnreachable) as error:
            self._say(f"the account {account} is left: {error}")
            self._say(f"remedy, once the service runs: kring agent account revoke {account}")

    async def _begin(self, account: str) -> None:
        deadline = time.monotonic() + REACHABLE_WITHIN
        while True:
            try:
                await self._ask(SignIn(self._agent, account))
                break
            except NotGranted:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(LOOK)
        await self._ask(Ready(self._agent))
        self._say("signed in and ready")

    async def _take_calls(self, phone: AgentPhone, deadline: float) -> None:
        registered = True
        while time.monotonic() < deadline:
            if phone.is_registered != registered:
                registered = phone.is_registered
                self._say("the phone is registered again" if registered else _LOST)
            try:
                call = await phone.rings(LOOK)
            except NotRung:
                continue
            await self._take(call, deadline)

    async def _take(self, call: PhoneCall, deadline: float) -> None:
        self._say("rings")
        if not call.quick:
            await asyncio.sleep(self._habits.answers_after)
        if call.ended is None:
            if not call.quick:
                call.answer()
            if self._habits.tone:
                call.speaks(self._habits.tone)
            await self._talk(call, deadline)
        else:
            self._say("the ringing stopped")
        await asyncio.sleep(self._habits.writes)
        with suppress(NotGranted):
            await self._ask(EndWrapUp(self._agent))
        await self._ask(Ready(self._agent))
        self._say("ready")

    async def _talk(self, call: PhoneCall, deadline: float) -> None:
        began = time.monotonic()
        longest = min(self._habits.talks or LONGEST_TALK, max(0.0, deadline - began))
        self._say("answered")
        with suppress(TimeoutError, AssertionError):
            await call.until_ended(longest)
        if call.ended is None:
            await call.hang_up()
        self.talks += 1
        self._say(f"the talk is over after {time.monotonic() - began:.0f} s")

    async def _ask(self, request: Request) -> Row | None:
        return await asyncio.to_thread(self._client.request, request)
