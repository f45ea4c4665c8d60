"""Tells the live pages of campaigns what goes on, every second (server-sent events).

A campaign is looked at once for all its open pages together. Events: `look`, a
`web.campaign_models.LookView`; `away`: it cannot be looked at now; `session`: nobody is signed in any more.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from dialer.campaigns import CampaignsUnavailable
from web.campaign_port import LiveCampaigns, LiveLook, LiveUnavailable

EVERY = 1.0  # seconds between two looks
_LATE = 10.0  # seconds after which a look that does not come is given up
_SESSION_EVERY = 10.0  # seconds between two questions whether somebody is still signed in

Told = Callable[[LiveLook], Awaitable[bytes]]  # a look as JSON


@dataclass(eq=False, slots=True)
class _Watch:
    """One campaign that is watched."""

    pages: int = 0
    turn: asyncio.Event = field(default_factory=asyncio.Event)  # set, and replaced, after each look
    look: LiveLook | None = None  # None: it could not be looked at
    task: "asyncio.Task[None] | None" = None


class CampaignFeed:
    """Feeds the open pages. One for the application."""

    def __init__(self, live: LiveCampaigns, every: float = EVERY) -> None:
        self._live = live
        self._every = every
        self._watched: dict[str, _Watch] = {}
        self._over = False

    async def listen(
        self, campaign_id: str, tell: Told, still_signed_in: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[bytes]:
        """Yield messages as they go over the line, until either side ends it. Raises KeyError."""
        yield b"retry: 1000\n\n"
        watch = self._join(campaign_id)
        loop = asyncio.get_running_loop()
        asked = loop.time()
        try:
            while not self._over:
                await self._turn(campaign_id, watch)
                if loop.time() - asked >= _SESSION_EVERY:
                    asked = loop.time()
                    if not await still_signed_in():
                        yield _message("session", b'{"why":"ended"}')
                        return
                yield await self._told(watch.look, tell)
        finally:
            self._leave(campaign_id, watch)

    async def _told(self, look: LiveLook | None, tell: Told) -> bytes:
        try:
            return _message("away", b"{}") if look is None else _message("look", await tell(look))
        except (CampaignsUnavailable, KeyError):
            return _message("away", b"{}")

    def close(self) -> None:
        """End all connections: the service stops."""
        self._over = True
        for watch in self._watched.values():
            watch.turn.set()
            if watch.task is not None:
                watch.task.cancel()

    def __len__(self) -> int:
        """Return how many campaigns are watched."""
        return len(self._watched)

    def _join(self, campaign_id: str) -> _Watch:
        watch = self._watched.setdefault(campaign_id, _Watch())
        watch.pages += 1
        self._keep_looking(campaign_id, watch)
        return watch

    def _keep_looking(self, campaign_id: str, watch: _Watch) -> None:
        if watch.task is None or watch.task.done():
            watch.task = asyncio.ensure_future(self._look(campaign_id, watch))

    async def _turn(self, campaign_id: str, watch: _Watch) -> None:
        """Wait for the next look. One that does not come, or failed as nobody foresaw, is no look."""
        try:
            async with asyncio.timeout(_LATE):
                await watch.turn.wait()
        except TimeoutError:
            watch.look = None
            self._keep_looking(campaign_id, watch)

    def _leave(self, campaign_id: str, watch: _Watch) -> None:
        watch.pages -= 1
        if watch.pages or self._watched.get(campaign_id) is not watch:
            return
        del self._watched[campaign_id]
        if watch.task is not None:
            watch.task.cancel()

    async def _look(self, campaign_id: str, watch: _Watch) -> None:
        while True:
            try:
                watch.look = await self._live.look(campaign_id)
            except (LiveUnavailable, KeyError):
                watch.look = None
            turn, watch.turn = watch.turn, asyncio.Event()
            turn.set()
            await asyncio.sleep(self._every)


def _message(kind: str, content: bytes) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + content + b"\n\n"
