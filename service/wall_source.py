"""The wallboard in the running service: the floor, the record of today, campaigns, lines and alarms joined.

What is in memory is looked at whenever somebody asks; the rest at its own pace, only while somebody looks.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from acd.floor_views import AgentView, QueueView
from acd.skills import Skillbook, office_day
from domain.clock import Clock
from ivr.announcements import Announcing
from reporting.facts import ServiceLevels
from reporting.wall_board import WallBoard
from reporting.wall_counts import LiveDay
from reporting.wall_messages import MessageStore
from reporting.wall_rows import (
    AnnouncementRow,
    LackingRow,
    LineRow,
    MessageRow,
    RecordingsRow,
    Row,
    TrunkRow,
)
from reporting.wall_thresholds import Measure, Thresholds, ThresholdStore, WallUnavailable, shipped_thresholds
from storage.wall_day import EntriesOfDay
from web.operations import Line, Readiness
from web.wall_port import Sample

log = logging.getLogger(__name__)

SAMPLE_EVERY = 15.0  # seconds
_SAMPLES = 240  # an hour
_ENTRIES_EVERY, _SLOW_EVERY, _SETTINGS_EVERY = 0.5, 2.0, 5.0  # seconds
_MESSAGES_SHOWN = timedelta(minutes=30)  # after which an acknowledged or old message leaves the board
_MOST_MESSAGES = 8


@dataclass(frozen=True, slots=True)
class Alarms:
    """Alarms about recordings that are open."""

    kinds: Sequence[str]  # the most urgent first
    at_once: int


@dataclass(frozen=True, slots=True)
class WallGround:
    """What the board stands on."""

    agents: Callable[[], Sequence[AgentView]]
    queues: Callable[[], Sequence[QueueView]]
    book: Callable[[], Skillbook]
    entries: EntriesOfDay
    levels: ServiceLevels
    thresholds: ThresholdStore
    messages: MessageStore
    announcing: Announcing
    line: Callable[[], Awaitable[Line]]
    readiness: Callable[[], Awaitable[Readiness]]
    trunks: Callable[[], Mapping[str, tuple[int, int]]]  # name → lines used and there
    alarms: Callable[[], Awaitable[Alarms]]
    campaigns: Callable[[], Awaitable[Mapping[str, Row]]]  # those that run, by id
    look_at_announcements: Callable[[], Awaitable[None]]
    clock: Clock


class LiveWall:
    """A `web.wall_port.WallSource`."""

    def __init__(self, on: WallGround) -> None:
        self._on = on
        self._secret = secrets.token_bytes(16)
        self._keys: dict[str, str] = {}  # by staff number
        self._teams: dict[str, str] = {}  # by key
        self._thresholds = shipped_thresholds()
        self._board: WallBoard | None = None
        self._day: LiveDay | None = None
        self._entry = 0  # number of the last row that was counted
        self._line: dict[str, Row] = {}
        self._slow: dict[str, Row] = {}
        self._messages: dict[str, Row] = {}
        self._asked: dict[str, float] = {}  # what was asked last when (monotonic)
        self._lacking: set[str] = set()  # what could not be read when it was asked last
        self._busy = False
        self._course: deque[Sample] = deque(maxlen=_SAMPLES)

    # ---- What is asked for

    async def refresh(self) -> None:
        """Look at what is not in memory, each at its own pace. Raises nothing."""
        if self._busy:
            return
        self._busy = True
        try:
            await self._now_and_then("entries", _ENTRIES_EVERY, self._look_at_entries)
            await self._now_and_then("line", _ENTRIES_EVERY, self._look_at_line)
            await self._now_and_then("slow", _SLOW_EVERY, self._look_at_slow)
            await self._now_and_then("settings", _SETTINGS_EVERY, self._look_at_settings)
        finally:
            self._busy = False

    def rows(self) -> Mapping[str, Row]:
        """Return every row by its key."""
        on, now = self._on, self._on.clock.now()
        agents = on.agents()
        self._teams = {self.key(view.agent): view.team for view in agents}
        found = self._wall().rows(agents, on.queues(), self._today(now), now, self.key)
        for name, (used, most) in on.trunks().items():
            use = used / most if most else 0.0
            level = self._thresholds.level(Measure.TRUNK_USE, use)
            found[f"trunk {name}"] = TrunkRow(used, most, round(use, 3), level.value)
        for one in on.announcing.known:
            if not one.is_over(now):
                key = f"announcement {one.announcement_id}"
                found[key] = AnnouncementRow(one.prompt, one.begins, one.ends, one.is_on(now))
        if self._lacking:
            found["lacking"] = LackingRow(tuple(sorted(self._lacking)))
        return {**found, **self._line, **self._slow, **self._messages}

    def key(self, agent: str) -> str:
        """Return the key of an agent (staff number)."""
        found = self._keys.get(agent)
        if found is None:
            found = self._keys[agent] = hmac.new(self._secret, agent.encode(), "sha256").hexdigest()[:12]
        return found

    def team_of(self, key: str) -> str:
        """Return the team of the agent with a key; empty: nobody's."""
        return self._teams.get(key, "")

    def course(self) -> Sequence[Sample]:
        """Return the last hour, oldest first."""
        return list(self._course)

    def thresholds(self) -> Thresholds:
        """Return the thresholds in force."""
        return self._thresholds

    async def changed(self) -> None:
        """Take up at once what was set or switched. Raises nothing."""
        await self._trying("settings", self._look_at_settings)
        await self._trying("announcements", self._on.look_at_announcements)

    async def sample(self) -> None:
        """Add a point to the course of the last hour."""
        queues, agents = self._on.queues(), self._on.agents()
        free = sum(one.declared == "ready" and one.observed == "idle" for one in agents)
        waiting, talking = sum(one.waiting for one in queues), sum(one.talking for one in queues)
        self._course.append(Sample(self._on.clock.now(), waiting, free, talking))

    # ---- What is looked at

    def _wall(self) -> WallBoard:
        book = self._on.book()
        if self._board is None or self._board.book is not book:
            self._board = WallBoard(book, self._thresholds)
        return self._board

    def _today(self, now: datetime) -> LiveDay:
        day = office_day(now)
        if self._day is None or self._day.day != day:
            seconds = self._on.levels.on(day).seconds
            self._day = LiveDay(day, seconds)
            self._entry = -1
        return self._day

    async def _look_at_entries(self) -> None:
        day = self._today(self._on.clock.now())
        if self._entry < 0:
            number, rows = await self._on.entries.since(day.day)
        else:
            number, rows = await self._on.entries.after(self._entry)
        if day is self._day:
            self._entry = number
            for row in rows:
                day.take(row)

    async def _look_at_line(self) -> None:
        line, readiness = await self._on.line(), await self._on.readiness()
        self._line = {"line": LineRow(line.open, line.shut, line.until, readiness.ready)}

    async def _look_at_slow(self) -> None:
        on, found = self._on, dict[str, Row]()
        alarms = await on.alarms()
        level = self._thresholds.level(Measure.RECORDING_ALARMS, float(len(alarms.kinds)))
        found["recordings"] = RecordingsRow(
            len(alarms.kinds), alarms.at_once, tuple(dict.fromkeys(alarms.kinds)), level.value
        )
        found.update({f"campaign {name}": row for name, row in (await on.campaigns()).items()})
        self._slow = found

    async def _look_at_settings(self) -> None:
        on = self._on
        changes = await on.thresholds.newest()
        fresh = shipped_thresholds().with_changes(changes)
        if fresh != self._thresholds:
            self._thresholds, self._board = fresh, None
        now = on.clock.now()
        sent = await on.messages.recent(now - _MESSAGES_SHOWN, _MOST_MESSAGES)
        self._messages = {
            f"message {one.message.message_id}": MessageRow(
                one.message.at, one.message.audience.value, len(one.receipts), one.shown, one.acknowledged
            )
            for one in sent
        }

    async def _now_and_then(self, name: str, every: float, look: Callable[[], Awaitable[None]]) -> None:
        now = self._on.clock.monotonic()
        if now - self._asked.get(name, -every) >= every:
            self._asked[name] = now
            await self._trying(name, look)

    async def _trying(self, name: str, look: Callable[[], Awaitable[None]]) -> None:
        """Look; the board goes on with what it knew while something cannot be read."""
        try:
            await look()
        except WallUnavailable as error:
            self._lacking.add(name)
            log.warning("the wallboard lacks what cannot be read", extra={"part": name, "why": str(error)})
        except Exception:  # one part's fault must not stop the others
            self._lacking.add(name)
            log.exception("the wallboard lacks a part", extra={"part": name})
        else:
            self._lacking.discard(name)
