"""Plays a day of outbound work on a virtual clock, under any way of pacing."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from time import thread_time
from typing import Protocol

from bench.pacing_days import RING_LIMIT, Day, stream, uniform
from dialer.pacing.view import Pacer, PacingView

PATIENCE = 2.0  # seconds: an answered call without agent after these is abandoned, for everyone alike
TICK = 2.0
PLENTY = 1_000_000  # leads
ANSWER, FAIL, PATIENCE_OVER, TALK_OVER, WRAP_UP_OVER, AWAY, BACK, LEADS, TICKED = range(9)


@dataclass(slots=True)
class Tally:
    """What came of one day, or of several."""

    dials: int = 0
    cancelled: int = 0
    answered: int = 0
    abandoned: int = 0
    busy_seconds: float = 0.0  # of agents in talk and wrap-up
    agent_seconds: float = 0.0  # of agents who were there
    decisions: int = 0
    decision_seconds: float = 0.0  # of this computer, within the pacer
    worst_hour: float = 0.0  # greatest share of abandoned in a clock hour

    @property
    def occupancy(self) -> float:
        """Return the share of agents' time in talk and wrap-up, in per cent."""
        return 100.0 * self.busy_seconds / self.agent_seconds if self.agent_seconds else 0.0

    @property
    def abandonment(self) -> float:
        """Return abandoned ÷ answered, in per cent."""
        return 100.0 * self.abandoned / self.answered if self.answered else 0.0

    def add(self, other: "Tally") -> None:
        """Add another day."""
        for name in ("dials", "cancelled", "answered", "abandoned", "busy_seconds", "agent_seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.decisions += other.decisions
        self.decision_seconds += other.decision_seconds
        self.worst_hour = max(self.worst_hour, other.worst_hour)


class Way(Protocol):
    """A way of pacing, as the floor asks it."""

    def decide(self, floor: "Floor") -> int:
        """Return new dials; negative: so many ringing ones are cancelled."""
        ...


class ByPacer:
    """The product's pacers, told only what the product tells them."""

    def __init__(self, pacer: Pacer) -> None:
        self.pacer = pacer

    def decide(self, floor: "Floor") -> int:
        """Ask the pacer."""
        view = PacingView(
            floor.now,
            len(floor.idle),
            tuple(floor.talking.values()),
            tuple(floor.wrapping.values()),
            tuple(floor.ringing.values()),
            tuple(floor.waiting.values()),
            floor.leads,
        )
        began = thread_time()
        answer = self.pacer.dials(view)
        floor.tally.decision_seconds += thread_time() - began
        return answer


class Floor:
    """One day's agents and lines."""

    def __init__(self, day: Day, way: Way, began: float = 0.0) -> None:
        self.day = day
        self.way = way
        self.pacer = way.pacer if isinstance(way, ByPacer) else None
        self.began = began  # of the day on the pacer's clock
        self.now = began
        self.idle: list[int] = list(range(day.agents))
        self.talking: dict[int, float] = {}  # agent → since
        self.wrapping: dict[int, float] = {}
        self.ringing: dict[int, float] = {}  # dial → since
        self.waiting: dict[int, float] = {}
        self.leads = PLENTY
        self.tally = Tally()
        self._away: dict[int, int] = {}  # agent → absences that hold now
        self._heap: list[tuple[float, int, int, int]] = []
        self._order = count()
        self._dial_ids = count()
        self._present = day.agents
        self._marked = began
        self._hour = [0, 0]  # answered, abandoned of this clock hour
        self._hour_ends = began + 3600.0
        seed = day.seed
        self._luck = stream(uniform(0.0, 1.0), seed, 1)
        self._rings = stream(day.ring, seed, 2)
        self._talks = stream(day.talk, seed, 3)
        self._wraps = stream(day.wrap_up, seed, 4)
        self._failures = stream(uniform(0.0, 1.0), seed, 5)

    def play(self) -> Tally:
        """Play the day to its end."""
        for absence in self.day.absences:
            self._at(self.began + absence.begins, AWAY, absence.agent)
            self._at(self.began + absence.ends, BACK, absence.agent)
        for begins, ends in self.day.no_leads:
            self._at(self.began + begins, LEADS, 0)
            self._at(self.began + ends, LEADS, PLENTY)
        ends = self.began + self.day.seconds
        heap, steps = self._heap, self._steps()
        self._decide()
        while True:
            tick = self.now + TICK
            if heap and heap[0][0] <= tick:
                at, _, kind, who = heappop(heap)
            else:
                at, kind, who = tick, TICKED, 0
            if at >= ends:
                break
            self.now = at
            if steps[kind](who):
                self._decide()
        self.now = ends
        self._close()
        return self.tally

    def _steps(self) -> tuple[Callable[[int], bool], ...]:
        return (
            self._answer, self._fail, self._patience_over, self._talk_over, self._wrap_up_over,
            self._leave, self._return, self._reload, self._ticked,
        )  # fmt: skip

    def _at(self, when: float, kind: int, who: int) -> None:
        heappush(self._heap, (when, next(self._order), kind, who))

    def _decide(self) -> None:
        answer = self.way.decide(self)
        self.tally.decisions += 1
        if answer > 0:
            for _ in range(min(answer, self.leads)):
                self._dial()
        elif answer < 0:
            for dial in list(self.ringing)[:-answer]:
                self._cancel(dial)

    def _dial(self) -> None:
        dial, now = next(self._dial_ids), self.now
        self.tally.dials += 1
        self.ringing[dial] = now
        ring, luck, failure = next(self._rings), next(self._luck), next(self._failures)
        if luck < self.day.rate(now - self.began) and ring < RING_LIMIT:
            self._at(now + ring, ANSWER, dial)
        elif failure < self.day.fails_early:
            self._at(now + 2.0 + 5.0 * failure / self.day.fails_early, FAIL, dial)
        else:
            self._at(now + RING_LIMIT, FAIL, dial)
        if self.pacer is not None:
            self.pacer.dialled(now)

    def _cancel(self, dial: int) -> None:
        since = self.ringing.pop(dial)
        self.tally.cancelled += 1
        if self.pacer is not None:
            self.pacer.dial_ended(self.now, self.now - since, live=False, cancelled=True)

    def _answer(self, dial: int) -> bool:
        since = self.ringing.pop(dial, None)
        if since is None:
            return False
        self.tally.answered += 1
        self._in_hour(0)
        if self.pacer is not None:
            self.pacer.dial_ended(self.now, self.now - since, live=True)
        if self.idle:
            self._join(self.idle.pop())
        else:
            self.waiting[dial] = self.now
            self._at(self.now + PATIENCE, PATIENCE_OVER, dial)
        return True

    def _fail(self, dial: int) -> bool:
        since = self.ringing.pop(dial, None)
        if since is None:
            return False
        if self.pacer is not None:
            self.pacer.dial_ended(self.now, self.now - since, live=False)
        return True

    def _patience_over(self, dial: int) -> bool:
        if self.waiting.pop(dial, None) is None:
            return False
        self.tally.abandoned += 1
        self._in_hour(1)
        if self.pacer is not None:
            self.pacer.abandoned(self.now)
        return True

    def _join(self, agent: int) -> None:
        self.talking[agent] = self.now
        self._at(self.now + next(self._talks), TALK_OVER, agent)

    def _talk_over(self, agent: int) -> bool:
        since = self.talking.pop(agent)
        self.tally.busy_seconds += self.now - since
        self.wrapping[agent] = self.now
        self._at(self.now + next(self._wraps), WRAP_UP_OVER, agent)
        if self.pacer is not None:
            self.pacer.talk_ended(self.now, self.now - since)
        return True

    def _wrap_up_over(self, agent: int) -> bool:
        since = self.wrapping.pop(agent)
        self.tally.busy_seconds += self.now - since
        if self.pacer is not None:
            self.pacer.wrap_up_ended(self.now, self.now - since)
        if self._away.get(agent):
            self._count_present(-1)
        else:
            self._free(agent)
        return True

    def _free(self, agent: int) -> None:
        if self.waiting:
            del self.waiting[next(iter(self.waiting))]
            self._join(agent)
        else:
            self.idle.append(agent)

    def _leave(self, agent: int) -> bool:
        self._away[agent] = self._away.get(agent, 0) + 1
        if agent in self.idle:
            self.idle.remove(agent)
            self._count_present(-1)
        return True

    def _return(self, agent: int) -> bool:
        self._away[agent] -= 1
        if not self._away[agent] and agent not in self.talking and agent not in self.wrapping:
            self._count_present(1)
            self._free(agent)
        return True

    def _reload(self, leads: int) -> bool:
        self.leads = leads
        return True

    def _ticked(self, _: int) -> bool:
        return True

    def _count_present(self, change: int) -> None:
        self.tally.agent_seconds += self._present * (self.now - self._marked)
        self._marked = self.now
        self._present += change

    def _in_hour(self, which: int) -> None:
        if self.now >= self._hour_ends:
            self._close_hour()
            while self.now >= self._hour_ends:
                self._hour_ends += 3600.0
        self._hour[which] += 1

    def _close_hour(self) -> None:
        answered, abandoned = self._hour
        if answered >= 50:
            self.tally.worst_hour = max(self.tally.worst_hour, 100.0 * abandoned / answered)
        self._hour = [0, 0]

    def _close(self) -> None:
        self._count_present(0)
        self._close_hour()
        for since in (*self.talking.values(), *self.wrapping.values()):
            self.tally.busy_seconds += self.now - since
