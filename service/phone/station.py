"""An agent's phone: registers with an account, rings, answers, dials codes, and can die."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from service.phone.calls import PhoneCall
from service.phone.ear import SoundLibrary
from service.phone.handset import Handset, Login, PhoneUnusable

BUSY = 486
DECLINED = 603


class NotRung(AssertionError):
    """The phone did not ring in time."""


class NotRegistered(AssertionError):
    """The registrar did not take the phone, or did not answer."""


class AgentPhone:
    """A SIP phone of an agent, in a process of its own. Use as `async with AgentPhone(login) as phone`.

    Entering starts it and returns when the registrar has answered, well or ill: see `status`. It
    carries 4 calls (as `service.phone.protocol.LINES`). `keep_audio` keeps what its calls hear. With
    `answers_itself` it answers a call at once whose caller asks for that (`PhoneCall.quick`).
    """

    def __init__(
        self,
        login: Login,
        library: SoundLibrary | None = None,
        keep_audio: bool = False,
        log: Path | None = None,
        answers_itself: bool = True,
    ) -> None:
        self.login = login
        self.answers_itself = answers_itself
        self.status = 0  # SIP status of the last answer to REGISTER; 0: none came
        self.calls: list[PhoneCall] = []  # every call that rang here or was dialled, in order
        self._library = library
        self._keep_audio = keep_audio
        self._log = log
        self._handset: Handset | None = None
        self._rung: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self._answers = 0  # of the registrar
        self._changed = asyncio.Event()
        self._next = 1

    async def __aenter__(self) -> Self:
        """Start and register. Raises PhoneUnusable, NotRegistered."""
        self._handset = await Handset.start(self._log, self.login, self._told)
        try:
            await self.until_answered_by_registrar(0)
        except BaseException:
            await self._handset.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up and end the process; a phone that died is only collected."""
        handset = self.handset
        handset.signal(signal.SIGCONT)
        await handset.stop()

    @property
    def handset(self) -> Handset:
        """The running process. Raises PhoneUnusable before it was started."""
        if self._handset is None:
            raise PhoneUnusable("the agent's phone was not started; enter it first")
        return self._handset

    @property
    def is_registered(self) -> bool:
        """Whether the registrar took it."""
        return self.status == 200

    async def until_answered_by_registrar(self, before: int, within: float = 10.0) -> int:
        """Wait for more than `before` answers to REGISTER; return the status. Raises NotRegistered."""
        await self._until(lambda: self._answers > before, within, NotRegistered("no answer to REGISTER"))
        return self.status

    async def signs_off(self) -> None:
        """Take the registration back."""
        before = self._answers
        self.handset.sign_off()
        await self.until_answered_by_registrar(before)

    async def rings(self, within: float = 10.0) -> PhoneCall:
        """Wait for the next call and return it, ringing. Raises NotRung."""
        try:
            async with asyncio.timeout(within):
                return await self._rung.get()
        except TimeoutError:
            raise NotRung(f"no call within {within:g} s; {self._rung.qsize()} wait") from None

    async def dials(self, code: str, within: float = 10.0, hertz: float = 0) -> PhoneCall:
        """Dial and return when it is answered or over (see `ended`)."""
        key, self._next = self._next, self._next + 1
        call = PhoneCall(code, self.handset.sender(key), self._library, self._keep_audio)
        self.calls.append(call)
        uri = f"sip:{code.replace('#', '%23')}@{self.login.registrar}"
        self.handset.place(key, call, uri, "", True)
        if hertz:
            call.speaks(hertz)
        await call.until_answered(within)
        return call

    def dies(self) -> None:
        """Lose power: nothing is told to anybody."""
        self.handset.signal(signal.SIGKILL)

    def loses_network(self) -> None:
        """Send and answer nothing any more, until `finds_network`."""
        self.handset.signal(signal.SIGSTOP)

    def finds_network(self) -> None:
        """Go on as if nothing had happened."""
        self.handset.signal(signal.SIGCONT)

    def _told(self, event: dict[str, Any]) -> None:
        if event["event"] == "registered":
            self.status = int(event["status"])
            self._answers += 1
            self._changed.set()
            return
        key = int(event["call"])
        call = PhoneCall(event["caller"], self.handset.sender(key), self._library, self._keep_audio)
        call.quick = bool(event["quick"])
        self.handset.take(key, call)
        self.calls.append(call)
        call.answer(200 if call.quick and self.answers_itself else 180)
        self._rung.put_nowait(call)

    async def _until(self, condition: Callable[[], bool], within: float, failure: Exception) -> None:
        deadline = time.monotonic() + within
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                raise failure
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                continue
