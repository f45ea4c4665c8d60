"""The floor's changes as they happen, for everybody who listens (server-sent events).

Listeners share one look at the floor: after a change it is looked at once, `COALESCE` later, and what
differs from the look before is sent to all. It runs on the event loop that controls the calls, so a look
compares views and writes only those that changed. Agents go by a key that means nothing outside this
process: a feed carries no staff number; `GET /api/floor/agents` says whose key it is.
"""

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

import msgspec

from acd.floor_views import AgentView, QueueView
from acd.messages import TOLD, staff_messages
from web.floor_port import FloorPort

COALESCE = 0.05  # seconds between a change and the look at it: many changes come together
AGAIN = 1.0  # seconds between two looks while nothing changes: expected waits move by themselves
MOST_WAITING = 64  # messages; a listener that is further behind gets everything anew
QUIET = 10.0  # seconds after which a comment keeps the connection alive
EXPECTED_STEP = 5.0  # seconds by which an expected wait must move to be told again

Row = dict[str, Any]
View = AgentView | QueueView
PERSONAL = ("agent", "on_air_name", "team", "account", "phones")

# What does not move by itself. Durations grow as time passes: one that shrank has begun anew.
_OF_AGENT = attrgetter("declared", "observed", "reason", "call_id", "queue", "over_limit", "lent")
_OF_QUEUE = attrgetter("waiting", "offered", "free", "serving", "talking")


class _Listener:
    """One open connection."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self.behind = True  # it needs everything, not what changed
        self.over = False


class FloorFeed:
    """Tells listeners what changes on the floor."""

    def __init__(self, floor: FloorPort) -> None:
        self._floor = floor
        self._secret = secrets.token_bytes(16)
        self._keys: dict[str, str] = {}  # by staff number
        self._listeners: set[_Listener] = set()
        self._known: dict[str, View] = {}  # as of the last look
        self._expected: dict[str, float | None] = {}  # as last told, by queue
        self._end_watch: Callable[[], None] | None = None
        self._look_at: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None
        floor.on_tell(self._told)

    def key(self, agent: str) -> str:
        """Return the key under which the feed speaks of an agent."""
        found = self._keys.get(agent)
        if found is None:
            found = self._keys[agent] = hmac.new(self._secret, agent.encode(), "sha256").hexdigest()[:12]
        return found

    async def listen(self) -> AsyncIterator[bytes]:
        """Yield messages as they go over the line, everything first, until either side ends it."""
        listener = _Listener()
        self._listeners.add(listener)
        self._begin()
        try:
            yield self._everything(listener)
            while not listener.over:
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

    def close(self) -> None:
        """End all connections: the service stops."""
        for listener in self._listeners:
            listener.over = True
            if not listener.messages.full():
                listener.messages.put_nowait(b": over\n\n")

    def __len__(self) -> int:
        """Return how many listen."""
        return len(self._listeners)

    def _begin(self) -> None:
        if self._end_watch is None:
            self._known = self._views()
            self._expected = {}
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
        before, self._known = self._known, self._views()
        changed = [key for key, view in self._known.items() if not self._is_same(key, before.get(key), view)]
        gone = sorted(before.keys() - self._known.keys())
        if changed or gone:
            rows = {key: _row(self._known[key]) for key in changed}
            self._send(_message("changes", {"rows": rows, "gone": gone}))

    def _is_same(self, key: str, one: View | None, other: View) -> bool:
        """Whether a view tells listeners nothing new."""
        if isinstance(other, AgentView):
            return isinstance(one, AgentView) and _same_agent(one, other)
        told = self._expected.setdefault(key, other.expected)
        same = isinstance(one, QueueView) and _same_queue(one, other) and _near(told, other.expected)
        if not same:
            self._expected[key] = other.expected
        return same

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
        return _message("everything", {"rows": {key: _row(view) for key, view in self._known.items()}})

    def _views(self) -> dict[str, View]:
        """Return the floor by key: `agent KEY`, `queue NAME LANGUAGE`."""
        found: dict[str, View] = {f"agent {self.key(view.agent)}": view for view in self._floor.agents()}
        found.update({f"queue {view.queue} {view.language}": view for view in self._floor.queues()})
        return found


def built(views: Iterable[object]) -> list[Row]:
    """Return views (dataclasses) as objects for JSON."""
    return [msgspec.to_builtins(view) for view in views]


def _same_agent(one: AgentView, other: AgentView) -> bool:
    return (
        _OF_AGENT(one) == _OF_AGENT(other)
        and other.seconds >= one.seconds
        and (other.wrap_up_left or 0.0) <= (one.wrap_up_left or 0.0)
    )


def _same_queue(one: QueueView, other: QueueView) -> bool:
    return bool(_OF_QUEUE(one) == _OF_QUEUE(other)) and other.longest >= one.longest


def _near(told: float | None, now: float | None) -> bool:
    if told is None or now is None:
        return told is now
    return abs(told - now) < EXPECTED_STEP


def _row(view: View) -> Row:
    row: Row = msgspec.to_builtins(view)
    return {name: value for name, value in row.items() if name not in PERSONAL}


def _message(kind: str, content: Mapping[str, object]) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + msgspec.json.encode(content) + b"\n\n"
