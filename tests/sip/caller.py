"""A caller as a script, on the real thing: pjsua2 dials, Asterisk answers, the ear recognises.

The vocabulary is that of tests/flows. A script is only written down by its verbs; awaiting it
performs it: `await caller.calls("1500200").hears("welcome_morning").presses("1")`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator
from datetime import datetime
from typing import Any

from domain.calls import EndReason
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from service.phone.ear import Heard
from storage.call_reader import RecordedCall, RecordedEvent
from tests.sip.installation import Installation, now

OVERTAKEN = 0.5  # seconds after a key in which what was playing may still begin to be heard
QUEUE_SECONDS = 20.0
GREETINGS = ("welcome_morning", "welcome_noon", "welcome_afternoon")


class Caller:
    """One call. Anything heard that the script does not expect fails it."""

    def __init__(self, phone: Telephone, installation: Installation, number: str = "02150001999") -> None:
        self.number = number
        self._phone = phone
        self._installation = installation
        self._deeds: list[Callable[[], Awaitable[None]]] = []
        self._call: PhoneCall | None = None
        self._next = 0  # of what was heard
        self.began: datetime = now()

    def __await__(self) -> Generator[Any, None, Caller]:
        return self._perform().__await__()

    async def _perform(self) -> Caller:
        deeds, self._deeds = self._deeds, []
        for deed in deeds:
            await deed()
        return self

    @property
    def call(self) -> PhoneCall:
        assert self._call is not None, "dial first"
        return self._call

    # ---- What the caller does

    def calls(self, dialled: str = "1500200") -> Caller:
        async def deed() -> None:
            self.began = now()
            self._call = await self._phone.call(dialled, caller=self.number)
            assert self.call.answered_at is not None, f"not answered: {self.call.ended}"

        return self._then(deed)

    def presses(self, keys: str) -> Caller:
        return self._then(lambda: self.call.press(keys.replace(" ", "")))

    def speaks(self, hertz: float) -> Caller:
        """Send a tone from now on."""

        async def deed() -> None:
            self.call.speaks(hertz)

        return self._then(deed)

    def waits(self, seconds: float) -> Caller:
        return self._then(lambda: asyncio.sleep(seconds))

    def hangs_up(self) -> Caller:
        async def deed() -> None:
            await self.call.hang_up()

        return self._then(deed)

    def does(self, deed: Callable[[], object]) -> Caller:
        """Let something happen to the installation, outside the event loop."""

        async def performed() -> None:
            await asyncio.to_thread(deed)

        return self._then(performed)

    # ---- What comes to the caller

    def hears(self, *prompts: str, language: str | None = None, within: float = 15.0) -> Caller:
        """Check that these prompts, one after the other, are what is heard next."""

        async def deed() -> None:
            for name in prompts:
                heard = await self._next_prompt(name, within)
                assert heard.name == name or name in heard.alternatives, self._complaint(name, heard)
                assert language in (None, heard.language), f"{name} in {heard.language}"

        return self._then(deed)

    def hears_tone(self, hertz: float, within: float = 20.0) -> Caller:
        """Wait until a tone, such as an agent's, is heard."""
        return self._then(lambda: self.call.hears_tone(hertz, within))

    def is_greeted(self, within: float = 20.0) -> Caller:
        """Check that a greeting comes, whichever fits the hour."""

        async def deed() -> None:
            heard = await self._next_prompt(GREETINGS[0], within)
            assert heard.name in GREETINGS, self._complaint("a greeting", heard)

        return self._then(deed)

    def hears_digits(self, digits: str) -> Caller:
        """Check that these words are spoken next."""

        async def deed() -> None:
            for digit in digits:
                heard = await self._next_heard(10.0)
                assert (heard.kind, heard.name) == ("word", f"d_{digit}"), self._complaint(digit, heard)

        return self._then(deed)

    def is_queued_in(self, queue: str) -> Caller:
        self.hears("connecting", "recording_notice", "place_first", "music")  # nobody else waits for the same

        async def deed() -> None:
            deadline = time.monotonic() + QUEUE_SECONDS
            while queue not in [call["queue"] for call in await self._installation.live_calls()]:
                assert time.monotonic() < deadline, await self._installation.live_calls()
                await asyncio.sleep(0.1)

        return self._then(deed)

    def is_hung_up(self, reason: EndReason, within: float = 60.0) -> Caller:
        """Wait until the service hangs up, whatever is still played, and check the reason on record."""

        async def deed() -> None:
            ended = await self.call.until_ended(within)
            assert (ended.status, ended.by) == (200, "far_end")
            call, _ = await self.record()
            assert call.end_reason is reason

        return self._then(deed)

    # ---- What the record got

    async def record(self) -> tuple[RecordedCall, list[RecordedEvent]]:
        """The call's header and events, once it has ended."""
        return await self._installation.record_of_ended(self.began, self.number)

    def _then(self, deed: Callable[[], Awaitable[None]]) -> Caller:
        self._deeds.append(deed)
        return self

    async def _next_prompt(self, wanted: str, within: float) -> Heard:
        """Return the next prompt that counts: no spoken value, not what a key has just cut short."""
        while True:
            heard = await self._next_heard(within)
            if heard.kind == "word" or "-" in heard.name:
                continue
            if heard.name != wanted and self._is_overtaken(heard):
                continue
            return heard

    def _is_overtaken(self, heard: Heard) -> bool:
        pressed = self.call.pressed
        return bool(pressed) and self.call.time_of(heard.began) < pressed[-1].up + OVERTAKEN

    async def _next_heard(self, within: float) -> Heard:
        call = self.call
        await call.until(lambda: len(call.heard) > self._next or call.ended is not None, within)
        assert len(call.heard) > self._next, f"the call ended: {call.ended}"
        self._next += 1
        return call.heard[self._next - 1]

    def _complaint(self, wanted: str, heard: Heard) -> str:
        so_far = ", ".join(one.name for one in self.call.heard)
        return f"expected {wanted}, heard {heard.name} ({heard.language}); so far: {so_far}"
