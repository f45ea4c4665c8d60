"""The floor's changes as they happen, for everybody who listens (server-sent events).

Listeners share one look at the floor: after a change it is looked at once, `COALESCE` later, and what
differs from the look before is sent to all. Agents go by a key that means nothing outside this process:
a feed carries no staff number; `GET /api/floor/agents` says whose key it is.
"""

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

import msgspec

from acd.messages import TOLD, staff_messages
from web.floor_port import FloorPort

COALESCE = 0.04  # seconds between a change and the look at it: many changes come together
AGAIN = 1.0  # seconds between two looks while nothing changes: expected waits move by themselves
MOST_WAITING = 64  # messages; a listener that is further behind gets everything anew
QUIET = 10.0  # seconds after which a comment keeps the connection alive

Row = dict[str, Any]
PERSONAL = ("agent", "on_air_name", "team", "account", "phones")
# Seconds by which a moment or wait must move to be told again.
_STEPS = {"seconds": 0.5, "longest": 0.5, "wrap_up_left": 0.5, "expected": 5.0}


class _Listener:
    """One open connection."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self.behind = True  # it needs everything, not what changed


class FloorFeed:
    """Tells listeners what changes on the floor."""

    def __init__(self, floor: FloorPort) -> None:
        self._floor = floor
        self._secret = secrets.token_bytes(16)
        self._listeners: set[_Listener] = set()
        self._known: dict[str, Row] = {}
        self._compared: dict[str, Row] = {}
        self._end_watch: Callable[[], None] | None = None
        self._look_at: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None
        floor.on_tell(self._told)

    def key(self, agent: str) -> str:
        """Return the key under which the feed speaks of an agent."""
        return hmac.new(self._secret, agent.encode(), "sha256").hexdigest()[:12]

    async def listen(self) -> AsyncIterator[bytes]:
        """Yield messages as they go over the line, everything first, until the caller stops asking."""
        listener = _Listener()
        self._listeners.add(listener)
        self._begin()
        try:
            yield self._everything(listener)
            while True:
                try:
                    async with asyncio.timeout(QUIET):
                        message = await listener.messages.get()
                except TimeoutError:
                    message = b": quiet\n\n"
                yield self._everything(listener) if listener.behind else message
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                self._end()

    def __len__(self) -> int:
        """Return how many listen."""
        return len(self._listeners)

    def _begin(self) -> None:
        if self._end_watch is None:
            self._known = self._rows()
            self._compared = self._comparable()
            self._end_watch = self._floor.watch(self._changed)
            self._again = asyncio.get_running_loop().call_later(AGAIN, self._time_passed)

    def _end(self) -> None:
        if self._end_watch is not None:
            self._end_watch()
            self._end_watch = None
        for timer in (self._look_at, self._again):
            if timer is not None:
                timer.cancel()
        self._look_at = self._again = None

    def _changed(self) -> None:
        if self._look_at is None:
            self._look_at = asyncio.get_running_loop().call_later(COALESCE, self._look)

    def _time_passed(self) -> None:
        self._again = asyncio.get_running_loop().call_later(AGAIN, self._time_passed)
        self._changed()

    def _look(self) -> None:
        self._look_at = None
        before, self._known = self._compared, self._rows()
        self._compared = self._comparable()
        changed = {
            key: self._known[key] for key, row in self._compared.items() if not _same(before.get(key), row)
        }
        gone = sorted(before.keys() - self._known.keys())
        self._compared.update(
            (key, row) for key, row in before.items() if key in self._known and key not in changed
        )
        if not changed and not gone:
            return
        self._send(_message("changes", {"rows": changed, "gone": gone}))

    def _told(self, agent: str, word: str) -> None:
        texts = staff_messages().both(TOLD, word)
        self._send(_message("told", {"agent": self.key(agent), "word": word, "text": texts}))

    def _send(self, message: bytes) -> None:
        for listener in self._listeners:
            if listener.behind:
                continue
            try:
                listener.messages.put_nowait(message)
            except asyncio.QueueFull:
                listener.behind = True

    def _everything(self, listener: _Listener) -> bytes:
        while not listener.messages.empty():
            listener.messages.get_nowait()
        listener.behind = False
        return _message("everything", {"rows": self._known})

    def _rows(self) -> dict[str, Row]:
        """Return the floor by key: `agent KEY`, `queue NAME LANGUAGE`."""
        agents = {f"agent {self.key(row['agent'])}": _bare(row) for row in built(self._floor.agents())}
        queues = {f"queue {row['queue']} {row['language']}": row for row in built(self._floor.queues())}
        return {**agents, **queues}

    def _comparable(self) -> dict[str, Row]:
        now = asyncio.get_running_loop().time()
        return {key: _moments(row, now) for key, row in self._known.items()}


def built(views: Iterable[object]) -> list[Row]:
    """Return views (dataclasses) as objects for JSON."""
    return [msgspec.to_builtins(view) for view in views]


def _bare(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in PERSONAL}


def _moments(row: Row, now: float) -> Row:
    """Return a row whose durations became moments, which stand still while nothing happens."""
    moved = {name: now - row[name] for name in ("seconds", "longest") if row.get(name)}
    if row.get("wrap_up_left") is not None:
        moved["wrap_up_left"] = now + row["wrap_up_left"]
    return {**row, **moved}


def _same(one: Row | None, other: Row) -> bool:
    """Whether two rows (of `_moments`) tell a listener the same."""
    if one is None or one.keys() != other.keys():
        return False
    return all(_close(name, one[name], value) for name, value in other.items())


def _close(name: str, one: object, other: object) -> bool:
    least = _STEPS.get(name)
    if least is None or not isinstance(one, float) or not isinstance(other, float):
        return one == other
    return abs(one - other) < least


def _message(kind: str, content: Mapping[str, object]) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + msgspec.json.encode(content) + b"\n\n"
