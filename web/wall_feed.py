"""Tells wallboards what changes, within a second (server-sent events).

All boards share one look. After a change on the floor it is looked at once, `COALESCE` later, and at least
every second; what differs from the look before is sent to all. Events:

- `everything`: `rows` by key, `course` (the last hour), `at`;
- `changes`: `rows` that differ, `gone` keys, `sample` if a new one was taken, `at`;
- `session`: nobody is signed in any more.

Agents go by keys that mean nothing outside this process. What a reader may not see is not sent.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from reporting.wall_rows import Row, is_news
from web.floor_port import FloorPort
from web.wall_port import Sample, WallSource

log = logging.getLogger(__name__)

COALESCE = 0.5  # seconds between a change and the look at it: a busy floor changes many times a second
AGAIN = 1.0  # seconds between two looks while nothing changes
MOST_WAITING = 16  # messages; a reader that is further behind gets everything anew
QUIET = 10.0  # seconds after which a comment keeps the connection alive, and the session is asked for

Sees = Callable[[str], bool]
"""Whether a reader may see the row with a key."""


class _Reader:
    """One open board."""

    def __init__(self, group: str) -> None:
        self.group = group  # readers of one group see the same
        self.messages: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self.behind = True  # it needs everything, not what changed
        self.over = False


class WallFeed:
    """Feeds the open boards. One for the application."""

    def __init__(self, source: WallSource, floor: FloorPort, now: Callable[[], datetime]) -> None:
        self._source, self._floor, self._now = source, floor, now
        self._readers: set[_Reader] = set()
        self._sees: dict[str, Sees] = {}  # by group
        self._told: dict[str, tuple[Row, float]] = {}  # as last told, and when
        self._last: Sample | None = None
        self._end_watch: Callable[[], None] | None = None
        self._soon: asyncio.TimerHandle | None = None
        self._ticking: asyncio.Task[None] | None = None

    async def listen(
        self, group: str, sees: Sees, still_signed_in: Callable[[], Awaitable[bool]] | None = None
    ) -> AsyncIterator[bytes]:
        """Yield messages as they go over the line, everything first, until either side ends it."""
        reader = _Reader(group)
        self._sees.setdefault(group, sees)
        self._readers.add(reader)
        try:
            if self._end_watch is None:
                await self._begin()
            yield b"retry: 1000\n\n" + self._everything(reader)
            loop = asyncio.get_running_loop()
            asked = loop.time()
            while not reader.over:
                try:
                    async with asyncio.timeout(QUIET):
                        message = await reader.messages.get()
                except TimeoutError:
                    message = _message("ping", {})
                if loop.time() - asked >= QUIET and still_signed_in is not None:
                    asked = loop.time()
                    if not await still_signed_in():
                        yield _message("session", {"why": "ended"})
                        return
                yield self._everything(reader) if reader.behind else message
        finally:
            self._leave(reader)

    def look_soon(self) -> None:
        """Look again shortly: something changed."""
        if self._soon is None and self._end_watch is not None:
            self._soon = asyncio.get_running_loop().call_later(COALESCE, self.look)

    def close(self) -> None:
        """End all connections: the service stops."""
        for reader in self._readers:
            reader.over = True
            if not reader.messages.full():
                reader.messages.put_nowait(b": over\n\n")

    def __len__(self) -> int:
        """Return how many boards are open."""
        return len(self._readers)

    async def _begin(self) -> None:
        self._end_watch = self._floor.watch(self.look_soon)
        await self._source.refresh()
        self._ticking = asyncio.ensure_future(self._tick())

    def _leave(self, reader: _Reader) -> None:
        self._readers.discard(reader)
        if not any(one.group == reader.group for one in self._readers):
            self._sees.pop(reader.group, None)
        if self._readers or self._end_watch is None:
            return
        self._end_watch()
        self._end_watch = None
        for timer in (self._soon, self._ticking):
            if timer is not None:
                timer.cancel()
        self._soon = self._ticking = None

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(AGAIN)
            try:
                await self._source.refresh()
                if self._soon is None:
                    self.look()
            except Exception:  # the next look may work
                log.exception("the wallboard could not be looked at")

    def look(self) -> Mapping[str, Row]:
        """Look, tell everybody what is new, and return what there is."""
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        now, rows = asyncio.get_running_loop().time(), self._source.rows()
        changed = {key: row for key, row in rows.items() if self._is_news(key, row, now)}
        gone = sorted(self._told.keys() - rows.keys())
        sample = self._new_sample()
        for key in gone:
            del self._told[key]
        self._told.update({key: (row, now) for key, row in changed.items()})
        if changed or gone or sample:
            self._send(changed, gone, sample)
        return rows

    def _is_news(self, key: str, row: Row, now: float) -> bool:
        before = self._told.get(key)
        return before is None or is_news(before[0], row, now - before[1])

    def _new_sample(self) -> Sample | None:
        newest = next(iter(self._source.course()[-1:]), None)
        if newest is self._last:
            return None
        self._last = newest
        return newest

    def _send(self, changed: Mapping[str, Row], gone: Iterable[str], sample: Sample | None) -> None:
        made: dict[str, bytes] = {}
        for reader in self._readers:
            if reader.behind:
                continue
            if reader.group not in made:
                sees = self._sees[reader.group]
                content: dict[str, Any] = {
                    "at": self._now(),
                    "rows": {key: row for key, row in changed.items() if sees(key)},
                    "gone": [key for key in gone if sees(key)],
                }
                if sample is not None:
                    content["sample"] = sample
                made[reader.group] = _message("changes", content)
            try:
                reader.messages.put_nowait(made[reader.group])
            except asyncio.QueueFull:
                reader.behind = True

    def _everything(self, reader: _Reader) -> bytes:
        """Return the whole board; the others are told what is new, so that what follows fits for all."""
        rows, sees = self.look(), self._sees[reader.group]
        while not reader.messages.empty():
            reader.messages.get_nowait()
        reader.behind = False
        content = {
            "at": self._now(),
            "rows": {key: row for key, row in rows.items() if sees(key)},
            "course": self._source.course(),
        }
        return _message("everything", content)


def _message(kind: str, content: object) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + msgspec.json.encode(content) + b"\n\n"
