"""What agents do with a call they have: hold, transfer, consult, conference, end."""

from __future__ import annotations

from acd.floor_offers import Offers
from acd.floor_state import FloorState
from acd.floor_talks import Talks, consult_bridge
from acd.people import Person
from acd.requests import Refused, Target
from acd.states import CALL, can_be_offered
from acd.talk import AGENT, CONSULT, Consult, Leg, Visit
from domain.floor_log import Phase
from domain.waiting_room import TalkEnd


class Moves:
    """Grants what an agent asks for about their call. Every method raises Refused."""

    def __init__(self, state: FloorState, offers: Offers, talks: Talks) -> None:
        self.state, self.offers, self.talks = state, offers, talks

    def hold(self, agent: str) -> None:
        """Let the caller hear music."""
        visit, leg, person = self._talk(agent, "talking")
        if visit.consult:
            raise Refused("in_conference", "Three are talking; nobody can be put on hold.")
        self.state.music_on(visit)
        self.state.phase(leg, Phase.HOLD, "hold")
        self.state.observe(person, "hold")

    def unhold(self, agent: str) -> None:
        """Take the caller back."""
        visit, leg, person = self._talk(agent, "holding")
        self.state.bring_back(visit)
        self.state.phase(leg, Phase.TALK, "unhold")
        self.state.observe(person, "unhold")

    def end(self, agent: str) -> None:
        """End the talk; the third party of a conference or consultation only leaves it."""
        if third := self._as_third(agent):
            visit, leg = third
            self.state.hang_up(leg)
            self.talks.third_gone(visit, leg, False)
            return
        visit, _, _ = self._talk(agent, "talking", "holding", "consulting")
        self.talks.end(visit, "ended")

    def transfer(self, agent: str, target: Target) -> None:
        """Give the call away at once."""
        visit, _, _ = self._talk(agent, "talking", "holding")
        if visit.consult:
            raise Refused("in_conference", "Let the third party go first.")
        if target.agent:
            colleague = self._free(target.agent, agent)
            self.state.music_on(visit)
            visit.state = CALL.after(CALL.after(visit.state, "transfer"), "offer")
            self.talks.part_agent(visit, "transferred")
            visit.ringing = self.offers.ring_directly(colleague, AGENT, visit).leg
            return
        queue = self._queue(target)
        self.talks.give_back(visit, TalkEnd.TRANSFERRED, "transferred", queue)

    def consult(self, agent: str, target: Target) -> None:
        """Ring a third party while the caller hears music."""
        state = self.state
        visit, leg, person = self._talk(agent, "talking", "holding")
        if visit.consult:
            raise Refused("in_conference", "Let the third party go first.")
        consult = Consult(f"consult-{state.new_id()}", visit.call_id)
        colleague = self._free(target.agent, agent) if target.agent else None
        queue = "" if colleague else self._queue(target)
        visit.consult = consult
        state.music_on(visit)
        state.phase(leg, Phase.CONSULT, "consult")
        state.observe(person, "consult")
        if colleague:
            consult.leg = self.offers.ring_directly(colleague, CONSULT, visit).leg
            return
        consult.queue = queue
        self.offers.look_for_third(visit, consult)

    def complete(self, agent: str) -> None:
        """Leave the caller with the third party."""
        visit, _ = self._with_third(agent)
        self.talks.complete(visit, "transferred")

    def cancel(self, agent: str) -> None:
        """Let the third party go and take the caller back."""
        visit, _, _ = self._talk(agent, "talking", "consulting")
        if visit.consult is None:
            raise Refused("no_third", "There is no third party.")
        conference = visit.consult.conference
        self.talks.drop_third(visit)
        if not conference:
            self.talks.take_back(visit)

    def conference(self, agent: str) -> None:
        """Take the third party into the talk with the caller."""
        state = self.state
        visit, consult = self._with_third(agent)
        if consult.conference:
            raise Refused("in_conference", "The three are talking already.")
        consult.conference = True
        third = state.legs[consult.leg]
        state.join(visit.bridge, third.leg)
        self.talks.take_back(visit)
        state.phase(third, Phase.TALK, "conference")
        state.observe(state.people[third.agent], "consult_over")
        state.close_bridge(consult_bridge(consult))

    # -- who and where --------------------------------------------------------------------------

    def _talk(self, agent: str, *observed: str) -> tuple[Visit, Leg, Person]:
        """Return the call an agent has, in one of these states."""
        person = self.state.people.get(agent)
        for visit in self.state.visits.values():
            leg = self.state.legs.get(visit.talk_leg)
            if leg and person and leg.agent == agent and person.observed in observed and not visit.over:
                return visit, leg, person
        raise Refused("not_now", f"Only while {' or '.join(observed)} with a call.")

    def _as_third(self, agent: str) -> tuple[Visit, Leg] | None:
        """Return the talk in which an agent is the third party."""
        for visit in self.state.visits.values():
            leg = self.state.legs.get(visit.consult.leg) if visit.consult and visit.consult.up else None
            if leg and leg.agent == agent and not leg.ending:
                return visit, leg
        return None

    def _with_third(self, agent: str) -> tuple[Visit, Consult]:
        visit, _, _ = self._talk(agent, "talking", "consulting")
        if visit.consult is None or not visit.consult.up:
            raise Refused("no_third", "No third party is on the line yet.")
        return visit, visit.consult

    def _free(self, agent: str, asking: str) -> Person:
        """Return a colleague whose phone may be rung now."""
        person = self.state.people.get(agent)
        if agent not in self.state.book.agents or person is None:
            raise Refused("unknown_agent", "There is no such agent.")
        if agent == asking:
            raise Refused("own_number", "That is the agent who has the call.")
        if person.kept or not can_be_offered(person.declared, person.observed):
            raise Refused("agent_not_free", "The agent is not free.")
        return person

    def _queue(self, target: Target) -> str:
        """Return the queue a target means."""
        queue = target.queue or f"{target.skill}/{target.tier}"
        if self.state.book.requirement(queue) is None:
            raise Refused("unknown_queue", f"There is no queue `{queue}`.")
        return queue
