"""The floor's record as lines of Asterisk's `queue_log`, so that tools that read it go on working.

Source: Asterisk's documentation, "Queue Logs": EPOCH|CALL|QUEUE|AGENT|EVENT|DATA…, the events below with
their data. What is personal is left out: no caller's number, agents by staff number and never by name.
What our floor does not have in the shape of app_queue is told as the nearest event:

- Agents serve queues by skill: they are members of the queues that they can serve by the tables in force.
- A caller who leaves to be called back is EXITWITHKEY without a key, a closed line EXITEMPTY, a caller lost
  in a restart ABANDON.
- A transfer ends the queue's call; where it goes to is seen by the call's next ENTERQUEUE, if to a queue.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, Phase

NONE = "NONE"  # in place of a queue, call or agent, as Asterisk writes it
_TALKING = frozenset({Phase.TALK, Phase.HOLD, Phase.CONSULT, Phase.REJOIN})
_AWAY = frozenset({"paused", "leaving"})  # declared: signed in, takes no calls
_OUT = "signed_out"
_TRANSFERRED = "transferred"
_LEAVES: Mapping[
    str, tuple[str, bool]
] = {  # how an entry ends → event, whether a key comes first in its data
    "caller_hung_up": ("ABANDON", False),
    "lost": ("ABANDON", False),
    "limit": ("EXITWITHTIMEOUT", False),
    "callback": ("EXITWITHKEY", True),
    "closed": ("EXITEMPTY", False),
}

QueuesOf = Callable[[str], Collection[str]]
"""The queues that an agent can serve."""


@dataclass(frozen=True, slots=True)
class QueueEvent:
    """One line of a `queue_log`."""

    at: datetime
    call: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...] = ()

    def line(self) -> str:
        """Return the line, without its end."""
        values = (str(int(self.at.timestamp())), self.call, self.queue, self.agent, self.event, *self.data)
        return "|".join(_clean(value) for value in values)


@dataclass(slots=True)
class _Visit:
    """A call's way through a queue."""

    queue: str
    entered: datetime
    position: int = 0  # at the entry
    waiting: bool = True
    wait: int = 0  # seconds, once it is out of line


@dataclass(slots=True)
class _Talk:
    """A leg that was joined out of a queue."""

    visit: _Visit
    agent: str
    connected: datetime


@dataclass(slots=True)
class QueueLog:
    """Turns rows of the floor, in the order of writing, into events of a `queue_log`."""

    queues_of: QueuesOf
    declared: dict[str, str] = field(default_factory=dict)  # agent → what was declared before the first row
    _reasons: dict[str, str] = field(default_factory=dict)
    _visits: dict[str, _Visit] = field(default_factory=dict)
    _rings: dict[str, float] = field(default_factory=dict)  # leg → seconds it rang
    _talks: dict[str, _Talk] = field(default_factory=dict)
    _ended: LegRow | None = None  # a phase that ended; whether the talk goes on is told by the next row

    def events(self, rows: Iterable[FloorRow]) -> Iterator[QueueEvent]:
        """Yield the events of rows, oldest first."""
        for row in rows:
            yield from self._settle(row)
            match row:
                case EntryRow():
                    yield from self._entry(row)
                case LegRow():
                    yield from self._leg(row)
                case AgentRow():
                    yield from self._agent(row)
                case _:
                    continue
        yield from self._settle(None)

    # -- callers --------------------------------------------------------------------------------

    def _entry(self, row: EntryRow) -> Iterator[QueueEvent]:
        visit = self._visits.get(row.call_id)
        waiting = visit is not None and visit.waiting
        if not row.outcome:
            if not waiting:
                yield self._enter(row)
            return
        if visit is None or not waiting:
            return
        place = self._place(visit)
        visit.waiting, visit.wait = False, _seconds(visit.entered, row.at)
        known = _LEAVES.get(row.outcome)
        if known is not None:
            event, with_key = known
            data = (*(("",) if with_key else ()), str(place), str(visit.position), str(visit.wait))
            yield QueueEvent(row.at, row.call_id, visit.queue, NONE, event, data)
        if row.outcome != "answered":
            del self._visits[row.call_id]

    def _enter(self, row: EntryRow) -> QueueEvent:
        visit = _Visit(row.queue, row.at)
        self._visits[row.call_id] = visit
        visit.position = self._place(visit)
        return QueueEvent(row.at, row.call_id, row.queue, NONE, "ENTERQUEUE", ("", "", str(visit.position)))

    def _place(self, visit: _Visit) -> int:
        """Return the place in line of a waiting call, from 1."""
        others = (one for one in self._visits.values() if one.waiting and one.queue == visit.queue)
        return sum(one is visit or one.entered <= visit.entered for one in others)

    # -- legs -----------------------------------------------------------------------------------

    def _leg(self, row: LegRow) -> Iterator[QueueEvent]:
        if row.seconds is None:
            if row.phase is Phase.TALK and row.leg not in self._talks:
                yield from self._connect(row)
            return
        if row.phase is Phase.RING:
            yield from self._rang(row, row.seconds)
        elif row.phase in _TALKING and row.leg in self._talks:
            self._ended = row

    def _connect(self, row: LegRow) -> Iterator[QueueEvent]:
        visit = self._visits.get(row.call_id)
        rang = self._rings.pop(row.leg, 0.0)
        if visit is None or visit.waiting or any(one.visit is visit for one in self._talks.values()):
            return  # a colleague taken into a talk, or given it: no call of a queue
        self._talks[row.leg] = _Talk(visit, row.agent, row.at)
        data = (str(visit.wait), row.leg, str(round(rang)))
        yield QueueEvent(row.at, row.call_id, visit.queue, _name(row.agent), "CONNECT", data)

    def _rang(self, row: LegRow, seconds: float) -> Iterator[QueueEvent]:
        if row.outcome == "answered":
            self._rings[row.leg] = seconds
            return
        visit = self._visits.get(row.call_id)
        if visit is not None:
            event = "RINGNOANSWER" if row.outcome == "missed" else "RINGCANCELED"
            milliseconds = (str(round(seconds * 1000)),)
            yield QueueEvent(row.at, row.call_id, visit.queue, _name(row.agent), event, milliseconds)

    def _settle(self, following: FloorRow | None) -> Iterator[QueueEvent]:
        """End the talk whose phase has ended, unless its leg goes on with the next row."""
        ended, self._ended = self._ended, None
        if ended is None:
            return
        if _goes_on(ended, following):
            return
        talk = self._talks.pop(ended.leg)
        visit = talk.visit
        times = (str(visit.wait), str(_seconds(talk.connected, ended.at)), str(visit.position))
        event = "COMPLETEAGENT"
        before: tuple[str, ...] = ()
        if ended.outcome == "caller_hung_up":
            event = "COMPLETECALLER"
        elif ended.outcome == _TRANSFERRED and ended.phase is Phase.CONSULT:
            event, before = "ATTENDEDTRANSFER", ("BRIDGE", "")
        elif ended.outcome == _TRANSFERRED:
            event, before = "BLINDTRANSFER", ("", "")  # extension and context
        yield QueueEvent(ended.at, ended.call_id, visit.queue, _name(talk.agent), event, (*before, *times))
        if self._visits.get(ended.call_id) is visit:
            del self._visits[ended.call_id]

    # -- agents ---------------------------------------------------------------------------------

    def _agent(self, row: AgentRow) -> Iterator[QueueEvent]:
        before, now = self.declared.get(row.agent, _OUT), row.declared
        reason_before = self._reasons.get(row.agent, "")
        self.declared[row.agent], self._reasons[row.agent] = now, row.reason
        if before == now and (now not in _AWAY or row.reason == reason_before):
            return  # only what is observed has changed
        if before == _OUT:
            yield from self._members(row, "ADDMEMBER")
        if now == _OUT:
            yield from self._members(row, "REMOVEMEMBER")
        elif now in _AWAY:
            yield QueueEvent(row.at, NONE, NONE, _name(row.agent), "PAUSEALL", (row.reason,))
            yield from self._members(row, "PAUSE", row.reason)
        elif before in _AWAY:
            yield QueueEvent(row.at, NONE, NONE, _name(row.agent), "UNPAUSEALL")
            yield from self._members(row, "UNPAUSE")

    def _members(self, row: AgentRow, event: str, *data: str) -> Iterator[QueueEvent]:
        for queue in sorted(self.queues_of(row.agent)):
            yield QueueEvent(row.at, NONE, queue, _name(row.agent), event, data)


def _goes_on(ended: LegRow, following: FloorRow | None) -> bool:
    """Whether a talk goes on in another phase: its row is written right behind."""
    if not isinstance(following, LegRow) or following.leg != ended.leg:
        return False
    return following.seconds is None and following.phase in _TALKING


def _name(agent: str) -> str:
    return f"Agent/{agent}"


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))


def _clean(value: str) -> str:
    """Return a value that ends neither its field nor its line."""
    return "".join(" " if letter == "|" or not letter.isprintable() else letter for letter in value)
