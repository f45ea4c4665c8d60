"""The telephone as the rest of the product sees it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from service.phone.calls import PhoneCall, Watch
from service.phone.ear import SoundLibrary
from service.phone.handset import Handset, PhoneUnusable
from service.phone.protocol import LINES

__all__ = ["PhoneUnusable", "Telephone"]

DEFAULT_CALLER = "02150000001"


class Telephone:
    """A SIP telephone with as many lines as are needed, in processes of its own.

    Use as `async with Telephone("127.0.0.1:5060", library) as phone`. `sip_target` is host:port of
    the trunk side of the installation; the telephone itself binds 127.0.0.1 on free ports and does
    not register. With a `library` each call has an ear that says which prompt is heard; without
    one the audio can only be saved. `log` receives pjsua2's own log, which contains the keys.
    Raises PhoneUnusable when entered without pjsua2.
    """

    def __init__(
        self, sip_target: str = "127.0.0.1:5060", library: SoundLibrary | None = None, log: Path | None = None
    ) -> None:
        self._target = sip_target
        self._library = library
        self._log = log
        self._handsets: list[Handset] = []
        self._starting = asyncio.Lock()
        self._next = 1

    async def __aenter__(self) -> Self:
        """Start the first process, which finds out whether there is a telephone at all."""
        self._handsets.append(await Handset.start(self._log))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up all calls and end the processes."""
        await asyncio.gather(*(handset.stop() for handset in self._handsets))
        self._handsets.clear()

    async def call(
        self,
        number: str,
        caller: str = DEFAULT_CALLER,
        within: float = 10.0,
        keep_audio: bool = False,
        listens: bool = True,
        watch: Watch | None = None,
    ) -> PhoneCall:
        """Dial; return once the call is answered or has ended (see its `ended`).

        `caller` is the number shown as ours. `keep_audio` keeps all received audio for `save`;
        `listens` False receives none at all, for many callers at once; `watch` is told what happens
        (see PhoneCall). Raises TimeoutError after
        `within` seconds of ringing, and PhoneUnusable.
        """
        library = self._library if listens else None
        host = self._target.rpartition(":")[0] or self._target
        async with self._starting:  # one at a time, so that two calls do not take one free line
            handset = await self._with_room()
            key = self._next
            self._next += 1
            call = PhoneCall(number, handset.sender(key), library, keep_audio, watch)
            handset.place(key, call, f"sip:{number}@{self._target}", f"sip:{caller}@{host}", listens)
        await call.until_answered(within)
        return call

    async def reserve(self, lines: int) -> None:
        """Start the processes for so many calls at once ahead of time (0.2 s for every 4)."""
        async with self._starting:
            while len(self._handsets) * LINES < lines:
                self._handsets.append(await Handset.start(self._log))

    async def _with_room(self) -> Handset:
        for handset in self._handsets:
            if handset.has_room():
                return handset
        self._handsets.append(await Handset.start(self._log))
        return self._handsets[-1]
