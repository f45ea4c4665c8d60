"""An agent as a script, on the real thing: a phone that registers, rings, talks in tones, and may die.

A script is only written down by its verbs; awaiting it performs it:
`await agent.signs_in().goes_ready().is_offered_a_call().accepts().hears_tone(700).hangs_up()`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any

from prompts.texts import read_yaml
from service.dial_codes import FILE
from service.phone.calls import Ended, PhoneCall
from service.phone.station import BUSY, AgentPhone, NotRung

CODES = {name: code for code, name in read_yaml(FILE)["dialled"].items()}
KEYS = {name: code for code, name in read_yaml(FILE)["pressed"].items()}
CODE_SECONDS = 15.0  # until the service has hung up a call of a dialled code


class Agent:
    """One agent at one phone. Whatever the script does not expect in time fails it."""

    def __init__(self, phone: AgentPhone) -> None:
        self.phone = phone
        self._deeds: list[Callable[[], Awaitable[object]]] = []
        self._call: PhoneCall | None = None

    def __await__(self) -> Generator[Any, None, Agent]:
        return self._perform().__await__()

    async def _perform(self) -> Agent:
        deeds, self._deeds = self._deeds, []
        for deed in deeds:
            await deed()
        return self

    @property
    def call(self) -> PhoneCall:
        assert self._call is not None, "wait for an offer first"
        return self._call

    # ---- What the agent declares, by dial codes

    def signs_in(self) -> Agent:
        return self._dials(CODES["sign_in"])

    def goes_ready(self) -> Agent:
        return self._dials(CODES["ready"])

    def pauses(self, reason: str) -> Agent:
        """Pause; `reason` is its digit."""
        return self._dials(CODES["pause"].replace("R", reason))

    def ends_wrap_up(self) -> Agent:
        return self._dials(CODES["end_wrap_up"])

    def signs_out(self) -> Agent:
        return self._dials(CODES["sign_out"])

    # ---- What the agent does with a call

    def accepts(self, after: float = 0.0) -> Agent:
        async def deed() -> None:
            await asyncio.sleep(after)
            self.call.answer()
            await self.call.until_answered(5.0)
            assert self.call.ended is None, self.call.ended

        return self._then(deed)

    def rejects(self, status: int = BUSY) -> Agent:
        async def deed() -> Ended:
            self.call.answer(status)
            return await self.call.until_ended(5.0)

        return self._then(deed)

    def ignores(self, within: float = 60.0) -> Agent:
        """Let it ring until it stops."""

        async def deed() -> None:
            await self.call.until_ended(within)
            assert self.call.answered_at is None

        return self._then(deed)

    def speaks(self, hertz: float) -> Agent:
        """Send a tone from now on."""

        async def deed() -> None:
            self.call.speaks(hertz)

        return self._then(deed)

    def presses(self, keys: str) -> Agent:
        """Press keys during a talk, e.g. `KEYS["hold"]`."""
        return self._then(lambda: self.call.press(keys))

    def hangs_up(self) -> Agent:
        return self._then(lambda: self.call.hang_up())

    def waits(self, seconds: float) -> Agent:
        return self._then(lambda: asyncio.sleep(seconds))

    # ---- What happens to the phone

    def loses_power(self) -> Agent:
        return self._now(self.phone.dies)

    def loses_network(self) -> Agent:
        return self._now(self.phone.loses_network)

    def finds_network(self) -> Agent:
        return self._now(self.phone.finds_network)

    # ---- What comes to the agent

    def is_offered_a_call(self, within: float = 15.0) -> Agent:
        async def deed() -> None:
            self._call = await self.phone.rings(within)

        return self._then(deed)

    def is_offered_nothing(self, seconds: float) -> Agent:
        async def deed() -> None:
            try:
                call = await self.phone.rings(seconds)
            except NotRung:
                return
            raise AssertionError(f"rung by {call.number}")

        return self._then(deed)

    def hears_tone(self, hertz: float, within: float = 20.0) -> Agent:
        """Wait until a tone, such as the caller's, is heard."""
        return self._then(lambda: self.call.hears_tone(hertz, within))

    def is_hung_up(self, within: float = 15.0) -> Agent:
        async def deed() -> None:
            ended = await self.call.until_ended(within)
            assert ended.by == "far_end", ended

        return self._then(deed)

    def _dials(self, code: str) -> Agent:
        async def deed() -> None:
            call = await self.phone.dials(code)
            assert call.answered_at is not None, f"{code}: {call.ended}"
            await call.until_ended(CODE_SECONDS)

        return self._then(deed)

    def _now(self, deed: Callable[[], None]) -> Agent:
        async def performed() -> None:
            deed()

        return self._then(performed)

    def _then(self, deed: Callable[[], Awaitable[object]]) -> Agent:
        self._deeds.append(deed)
        return self
