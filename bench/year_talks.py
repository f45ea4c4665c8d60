"""What happens on a drawn day: callers wait, agents talk, people are dialled."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.year_rows import CLOSES, OPENS, DayRows

_BRANCH_OF = {
    "efin": "efin_token", "token": "efin_token", "data_change": "taxpayer_data", "kup_information": "kup",
    "kup_application": "kup", "pph_information": "pph", "ppn_information": "ppn", "complaints": "complaint",
}  # fmt: skip
# Shares of the calls of a day by the hour: mornings and the hour after lunch are busy.
_HOURS = (15, 18, 16, 11, 8, 13, 11, 8)
_IN_VAIN = ("no_answer", "no_answer", "no_answer", "busy", "not_in_service", "machine", "rejected")


@dataclass(frozen=True, slots=True)
class Crew:
    """Staff numbers."""

    inbound: Sequence[str]
    outbound: Sequence[str]


def arrivals(draw: random.Random, amount: int, until: int) -> list[int]:
    """Return times of the office's day, in order."""
    hours = draw.choices(range(len(_HOURS)), weights=_HOURS, k=amount)
    return sorted(min(OPENS + round((hour + draw.random()) * 3_600_000), until) for hour in hours)


class _Agents:
    """Who is free when: the calls of a day go to them in turn."""

    def __init__(self, rows: DayRows, draw: random.Random, numbers: Sequence[str]) -> None:
        self._rows, self._draw, self._numbers = rows, draw, numbers
        self._free: dict[str, int] = {}
        self._turn = 0
        for number in numbers:
            began = OPENS - draw.randrange(600_000)
            rows.state(number, began, "paused", "idle", "briefing")
            rows.state(number, OPENS + draw.randrange(60_000), "ready", "idle")

    def next(self) -> str:
        """Return who is next in turn."""
        self._turn += 1
        return self._numbers[self._turn % len(self._numbers)]

    def free_from(self, agent: str, at: int) -> int:
        """Return when an agent can be offered a call, from a time on."""
        return max(at, self._free.get(agent, OPENS + 60_000) + 1)

    def works(self, agent: str, began: int, phases: Sequence[tuple[str, int]]) -> int:
        """Let an agent's states go with the phases of a leg; return when they are free."""
        rows, at = self._rows, began
        for phase, ms in phases:
            rows.state(agent, at, "ready", _OBSERVED[phase])
            at += ms
        rows.state(agent, at, "ready", "idle")
        self._free[agent] = at
        return at


_OBSERVED = {"ring": "offered", "join": "joining", "talk": "talking", "hold": "holding", "wrap_up": "wrap_up"}


class Inbound:
    """A day's inbound calls."""

    def __init__(
        self, rows: DayRows, draw: random.Random, agents: Sequence[str], queues: Sequence[tuple[str, int]]
    ) -> None:
        self._rows, self._draw = rows, draw
        self._agents = _Agents(rows, draw, agents)
        self._queues, self._weights = zip(*queues, strict=True)

    def day(self, asking: int, answered: int, for_menus: int) -> None:
        """Let so many callers ask for an agent, so many of them be answered, others use the menus alone."""
        draw = self._draw
        lucky = set(draw.sample(range(asking), answered))
        for place, at in enumerate(arrivals(draw, asking, CLOSES - 1_800_000)):
            queue = draw.choices(self._queues, self._weights)[0]
            if place in lucky:
                self._served(at, queue)
            else:
                self._gives_up(at, queue)
        for at in arrivals(draw, for_menus, CLOSES - 1_800_000):
            self._rows.call(self._rows.new_id(), at, at + 45_000, "caller_hung_up")

    def _served(self, at: int, queue: str) -> None:
        draw, rows = self._draw, self._rows
        call_id = rows.new_id()
        wait = round(min(draw.expovariate(1 / 25_000), 600_000))
        ended = self._leg(call_id, queue, at, at + wait, at)
        if draw.random() < 0.04:  # given away to another queue, in the old place
            queue = draw.choices(self._queues, self._weights)[0]
            ended = self._leg(call_id, queue, ended, ended + 20_000, at)
        rows.call(call_id, at - 60_000, ended, "completed")

    def _leg(self, call_id: str, queue: str, entered: int, offered: int, since: int) -> int:
        """Let an agent take a call; return when the talk ended."""
        draw, rows = self._draw, self._rows
        agent = self._agents.next()
        rows.entry(call_id, entered, queue, since)
        if draw.random() < 0.03:
            self._missed(call_id, agent, offered)
            agent = self._agents.next()
            offered += 15_000
        offered = self._agents.free_from(agent, offered)
        ring, talk = draw.randrange(1_000, 7_000), round(draw.lognormvariate(5.3, 0.6) * 1000)
        phases = [("ring", ring), ("join", draw.randrange(200, 900)), ("talk", talk)]
        if draw.random() < 0.2:
            phases += [("hold", draw.randrange(10_000, 90_000)), ("talk", draw.randrange(20_000, 120_000))]
        talked = sum(ms for _, ms in phases)
        phases.append(("wrap_up", draw.randrange(5_000, 60_000)))
        joined = offered + ring + phases[1][1]
        rows.entry(call_id, joined, queue, since, "answered")
        leg = rows.offer(call_id, agent, offered, offered + ring, offered - since, "accepted")
        rows.phases(leg, call_id, agent, offered, *phases)
        self._agents.works(agent, offered, phases)
        if draw.random() < 0.92:
            branch = _BRANCH_OF.get(queue, "kup")
            rows.note(call_id, agent, offered + talked + 4_000, branch)
        return offered + talked

    def _missed(self, call_id: str, agent: str, at: int) -> None:
        at = self._agents.free_from(agent, at)
        leg = self._rows.offer(call_id, agent, at, at + 15_000, 0, "ring_time_out")
        self._rows.phases(leg, call_id, agent, at, ("ring", 15_000))
        self._agents.works(agent, at, [("ring", 15_000)])

    def _gives_up(self, at: int, queue: str) -> None:
        draw, rows = self._draw, self._rows
        call_id, wait = rows.new_id(), round(min(draw.expovariate(1 / 90_000), 900_000)) + 1_000
        how, reason = draw.choices(
            (("caller_hung_up", "caller_hung_up"), ("callback", "callback"), ("limit", "wait_expired")),
            (85, 10, 5),
        )[0]
        rows.entry(call_id, at, queue, at)
        rows.entry(call_id, at + wait, queue, at, how)
        rows.call(call_id, at - 60_000, at + wait, reason)


class Outbound:
    """A day's dials."""

    def __init__(
        self, rows: DayRows, draw: random.Random, agents: Sequence[str], campaigns: Sequence[str]
    ) -> None:
        self._rows, self._draw, self._campaigns = rows, draw, campaigns
        self._agents = _Agents(rows, draw, agents)

    def day(self, dials: int, reached: int) -> None:
        """Place so many dials of which so many persons are joined with an agent."""
        draw, rows = self._draw, self._rows
        talked = set(draw.sample(range(dials), reached))
        three = [draw.choice(self._campaigns) for _ in range(3)]
        for place, at in enumerate(arrivals(draw, dials, CLOSES - 1_800_000)):
            call_id, campaign = rows.new_id(), draw.choice(three)
            if place in talked:
                self._talk(call_id, campaign, at)
            else:
                outcome = "abandoned" if draw.random() < 0.001 else draw.choice(_IN_VAIN)
                ended = at + draw.randrange(5_000, 30_000)
                rows.attempt(call_id, campaign, at, ended, outcome, "")
                rows.call(call_id, at, ended, "completed")

    def _talk(self, call_id: str, campaign: str, at: int) -> None:
        draw, rows = self._draw, self._rows
        agent = self._agents.next()
        at = self._agents.free_from(agent, at)
        answered, ring = at + 9_000, draw.randrange(100, 900)
        phases = [("ring", ring), ("talk", round(draw.lognormvariate(4.5, 0.5) * 1000)), ("wrap_up", 15_000)]
        rows.entry(call_id, answered, "outbound/A", answered)
        rows.entry(call_id, answered + ring, "outbound/A", answered, "answered")
        leg = rows.offer(call_id, agent, answered, answered + ring, 0, "accepted")
        ended = rows.phases(leg, call_id, agent, answered, *phases)
        self._agents.works(agent, answered, phases)
        rows.attempt(call_id, campaign, at, ended - 15_000, "talked", agent)
        rows.call(call_id, at, ended - 15_000, "completed")
        if draw.random() < 0.95:
            rows.note(call_id, agent, ended - 10_000, "kup")
