"""The floor as people see it. Nothing here changes anything."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from acd.explain import Explanation, explain
from acd.floor_state import FloorState
from acd.floor_views import AgentView, CallerView, QueueView, TalkView
from acd.lines import Call, Line
from acd.outbound import is_outbound
from acd.people import Person
from acd.pools import Stand
from acd.skills import Language
from acd.talk import Visit
from domain.waiting_room import Place


class Look:
    """Views of the floor."""

    def __init__(self, state: FloorState) -> None:
        self._state = state

    def agents(self, now: float) -> list[AgentView]:
        """Return every agent."""
        calls: dict[str, Visit] = {}
        for visit in self._state.visits.values():
            consult = visit.consult.leg if visit.consult else ""
            if visit.rejoin:
                calls[visit.rejoin.lost.agent] = visit
            for name in (visit.talk_leg, visit.ringing, consult):
                if leg := self._state.legs.get(name):
                    calls[leg.agent] = visit
        return [self._agent(number, calls.get(number), now) for number in sorted(self._state.book.agents)]

    def _agent(self, number: str, visit: Visit | None, now: float) -> AgentView:
        state, agent = self._state, self._state.book.agents[number]
        person = state.people.get(number) or Person(number)
        limit = state.limit_of(person)
        note, rejoin = person.note, visit.rejoin if visit and person.observed == "rejoining" else None
        return AgentView(
            agent=number,
            on_air_name=agent.on_air_name,
            team=agent.team,
            declared=person.declared,
            observed=person.observed,
            reason=person.reason,
            seconds=max(0.0, now - person.since) if person.since > -math.inf else 0.0,
            account=person.account,
            phones=tuple(person.phones),
            call_id=visit.call_id if visit else note.call_id if note else "",
            queue=visit.queue if visit else note.queue if note else "",
            limit_seconds=limit,
            over_limit=limit is not None and now - person.paused_at > limit,
            wrap_up_left=max(0.0, person.wrap_up.ends - now) if person.wrap_up else None,
            rejoin_left=max(0.0, rejoin.ends - now) if rejoin else None,
            lent=person.lent,
        )

    def queues(self, now: float) -> list[QueueView]:
        """Return every queue that can be chosen by a flow, and every other in which somebody is."""
        state = self._state
        kinds = {(row.queue, Language.INDONESIAN.value): None for row in state.book.tables.requirements}
        inside: dict[tuple[str, str], list[Visit]] = {}
        for visit in state.visits.values():
            if not visit.over and visit.queue:
                inside.setdefault((visit.queue, visit.language), []).append(visit)
        kinds |= dict.fromkeys(inside)
        return [self._queue(*kind, inside.get(kind, ()), now) for kind in kinds]

    def _queue(self, queue: str, language: str, inside: Sequence[Visit], now: float) -> QueueView:
        waiting = [visit for visit in inside if visit.state in ("waiting", "offered", "claimed")]
        free = serving = 0
        expected = None
        if line := self._line(queue, language):
            free, serving = self._agents_for(line, len(line.plan))
            expected = None if free else self._state.estimator.expected(queue, len(waiting), serving)
        return QueueView(
            queue=queue,
            language=language,
            waiting=len(waiting),
            offered=sum(visit.state != "waiting" for visit in waiting),
            longest=max((now - visit.since for visit in waiting), default=0.0),
            expected=expected,
            free=free,
            serving=serving,
            talking=sum(visit.state in ("joined", "rejoining") for visit in inside),
        )

    def longest_expected(self) -> float | None:
        """Return the longest wait of an inbound call that would enter now; None: it cannot be told."""
        state, inside = self._state, Counter[tuple[str, str]]()
        for visit in state.visits.values():
            if not visit.over and visit.state == "waiting" and not is_outbound(state.book, visit.queue):
                inside[visit.queue, visit.language] += 1
        found = []
        for (queue, language), waiting in inside.items():
            if line := self._line(queue, language):
                _, serving = self._agents_for(line, len(line.plan))
                found.append(state.estimator.expected(queue, waiting, serving))
        return max((seconds for seconds in found if seconds is not None), default=None)

    def _line(self, queue: str, language: str) -> Line | None:
        lines = self._state.matcher.index.lines.values()
        fitting = (line for line in lines if line.key[:2] == (queue, language))
        return max(fitting, key=lambda line: len(line.calls) - line.dead, default=None)

    def _agents_for(self, line: Line, rings: int) -> tuple[int, int]:
        """Return how many agents a line's first rings admit: free, and at work on it in any state."""
        free = serving = 0
        admits: dict[int, bool] = {}  # by profile, which many agents have in common
        for desk in self._state.matcher.desks.values():
            profile = desk.profile
            admitted = admits.get(id(profile))
            if admitted is None:
                admitted = any(cell.rings.get(line, rings) < rings for cell in profile.cells)
                admits[id(profile)] = admitted
            if admitted:
                person = self._state.people[desk.agent]
                free += desk.stand is Stand.FREE
                serving += person.declared == "ready" and person.observed != "phone_gone"
        return free, serving

    def talks(self, now: float) -> list[TalkView]:
        """Return the talks, those first that have lasted longest."""
        state = self._state
        found = []
        for visit in state.visits.values():
            leg = state.legs.get(visit.talk_leg)
            if visit.rejoin:
                leg = visit.rejoin.lost
            if visit.over or (leg is None and not (visit.ringing and visit.handed)):
                continue
            third = state.legs.get(visit.consult.leg) if visit.consult else None
            began = visit.talking_since
            found.append(
                TalkView(
                    call_id=visit.call_id,
                    queue=visit.queue,
                    language=visit.language,
                    agent=leg.agent if leg else "",
                    phase=self._phase(visit),
                    seconds=0.0 if math.isnan(began) else max(0.0, now - began),
                    third=third.agent if third else "",
                    supervisors=tuple(
                        watch.supervisor for watch in state.watches.values() if watch.call_id == visit.call_id
                    ),
                )
            )
        return sorted(found, key=lambda view: -view.seconds)

    def caller(self, call_id: str) -> CallerView | None:
        """Return a call as its caller has it; None: it is not in the room."""
        visit = self._state.visits.get(call_id)
        if visit is None or visit.over:
            return None
        leg, phase = self._state.legs.get(visit.talk_leg), self._phase(visit)
        third = self._state.legs.get(visit.consult.leg) if visit.consult and visit.consult.up else None
        if leg is None or phase in ("offered", "joining", "rejoining"):
            return CallerView(call_id, visit.leg, visit.queue, visit.language, "", "waiting")
        return CallerView(
            call_id, visit.leg, visit.queue, visit.language, leg.agent, phase, third.agent if third else ""
        )

    def _phase(self, visit: Visit) -> str:
        if visit.rejoin:
            return "rejoining"
        if visit.state != "joined":
            return "joining" if visit.talk_leg else "offered"
        if visit.consult:
            return "conference" if visit.consult.conference else "consulting"
        return "holding" if visit.held else "talking"

    def place(self, call_id: str, now: float) -> Place | None:
        """Return how many calls for the same skill are served before a waiting one, and the wait."""
        matcher = self._state.matcher
        call = matcher.calls.get(call_id)
        if call is None or (call.number > 0 and call.claimed):
            return None
        ahead = sum(self._ahead(line, call) for line in matcher.index.lines.values())
        opened = sum(call.since + ring.after_s <= now for ring in call.line.plan)
        _, serving = self._agents_for(call.line, max(1, opened))
        return Place(ahead, self._state.estimator.expected(call.line.key[0], ahead, serving))

    @staticmethod
    def _ahead(line: Line, call: Call) -> int:
        """Return how many calls of a line come before a call that wants the same agents."""
        same = (line.requirement.skill, line.key[1]) == (call.line.requirement.skill, call.line.key[1])
        if not same or call.line.only or (call.number > 0):
            return 0
        mine = (call.since - call.line.boost, call.call_id)
        return sum(
            (other.since - line.boost, other.call_id) < mine for other in line.calls if not other.number
        )

    def explain(self, call_id: str, now: float, at: datetime) -> Explanation:
        """Explain a call in line, or one that an offer brought to its agent. Raises KeyError."""
        state, visit = self._state, self._state.visits.get(call_id)
        leg = state.legs.get(visit.talk_leg) if visit else None
        if call_id in state.matcher.calls or visit is None or leg is None or not leg.number:
            return explain(state.matcher, call_id, now, at)
        requirement = state.book.requirement(visit.queue)
        return Explanation(
            call=call_id,
            queue=visit.queue,
            language=visit.language,
            skill=requirement.skill if requirement else "",
            state=visit.state,
            waited=leg.waited,
            priority=visit.priority + (requirement.priority if requirement else 0),
            ahead=0,
            ring=leg.ring,
            agent=leg.agent,
            rings=(),
            not_taken=(),
        )
