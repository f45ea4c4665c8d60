"""People outside, at the far end of the outbound trunk: a SIP telephone that takes calls to any number."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from service.phone.calls import PhoneCall
from service.phone.handset import Handset
from service.phone.sounds import SoundLibrary

RINGS, ANSWERS, BUSY = 180, 200, 486


class People:
    """Use as `async with People({"62811…": BUSY}, library) as people`; the trunk is `people.address`.

    At most 4 calls at once (`service.phone.protocol.LINES`). Whoever is not named is a failure of the test.
    """

    def __init__(self, does: Mapping[str, int], library: SoundLibrary | None = None) -> None:
        self.does = does  # number → SIP status that is answered with; 180: it rings in vain
        self.calls: list[PhoneCall] = []  # every INVITE, in order; `number` is whom it was for
        self.callers: list[str] = []  # what each of them was shown as our number
        self._library = library
        self._handset: Handset | None = None
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._handset = await Handset.start(None, None, self._told)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._phone.stop()

    @property
    def address(self) -> str:
        """Return host:port of the far end."""
        return self._phone.address

    @property
    def _phone(self) -> Handset:
        assert self._handset is not None, "enter it first"
        return self._handset

    async def called(self, number: str, within: float) -> PhoneCall:
        """Wait until somebody is called, and return the call."""
        async with asyncio.timeout(within):
            while True:
                for call in self.calls:
                    if call.number == number:
                        return call
                self._changed.clear()
                await self._changed.wait()

    def _told(self, event: dict[str, Any]) -> None:
        number, key = _user(event["called"]), int(event["call"])
        call = PhoneCall(number, self._phone.sender(key), self._library)
        self._phone.take(key, call)
        self.calls.append(call)
        self.callers.append(_user(event["caller"]))
        does = self.does[number]
        if does == ANSWERS:
            call.answer(RINGS)
        call.answer(does)
        self._changed.set()


def _user(address: str) -> str:
    found = re.search(r"sip:([^@>]+)@", address)
    return found[1] if found else ""
