"""Talks: agent and caller joined, the third party of a consultation, the ends of it all, wrap-up."""

from __future__ import annotations

import math

from acd.actions import EndTalk, Joined
from acd.floor_offers import Offers
from acd.floor_state import FloorState
from acd.outbound import is_outbound
from acd.people import Person
from acd.states import CALL
from acd.talk import Consult, Leg, Visit
from acd.wrap_up import WrapUp
from domain.floor_log import Phase
from domain.waiting_room import TalkEnd


class Talks:
    """What happens to a call between being joined with an agent and the end of that."""

    def __init__(self, state: FloorState, offers: Offers) -> None:
        self.state, self.offers = state, offers

    # -- being joined ---------------------------------------------------------------------------

    def connected(self, visit: Visit) -> None:
        """Agent and caller are both in the bridge."""
        state, leg = self.state, self.state.legs[visit.talk_leg]
        person = state.people[leg.agent]
        if person.offer and person.offer == leg.number and not self.accepted(leg):
            return
        visit.state, visit.connect_by = CALL.after(visit.state, "join"), math.inf
        if math.isnan(visit.talking_since):
            visit.talking_since = state.now
            state.waited(visit, answered=True)
        leg.joined_at, leg.queue = state.now, visit.queue
        state.entry_row(visit, "answered")
        state.phase(leg, Phase.TALK, "joined")
        state.observe(person, "joined")
        state.want(Joined(visit.call_id, person.number))
        self.offers.release(visit.call_id)

    def accepted(self, leg: Leg) -> bool:
        """Settle the matcher's offer: the call is out of line. False if it was void."""
        state = self.state
        joined, commands = state.matcher.connected(leg.number, state.now)
        if joined:
            person = state.people[leg.agent]
            person.offer, person.offer_leg = 0, ""
            state.offer_row(leg, "accepted")
        self.offers.obey(commands)
        return joined

    # -- ends -----------------------------------------------------------------------------------

    def end(self, visit: Visit, outcome: str, how: TalkEnd = TalkEnd.ENDED) -> None:
        """End a talk for everybody: the flow hangs the caller up."""
        state = self.state
        self.drop_third(visit)
        self.part_agent(visit, outcome)
        if not visit.over:
            state.entry_row(visit, "answered" if visit.state == "joined" else outcome)
            state.want(EndTalk(visit.call_id, how))
            self.offers.finish(visit)
        state.close_bridge(visit.bridge)

    def give_back(self, visit: Visit, how: TalkEnd, outcome: str, queue: str = "") -> None:
        """Let the caller wait again, in the old place."""
        state = self.state
        self.drop_third(visit)
        self.part_agent(visit, outcome)
        visit.talk_leg = visit.ringing = ""
        if visit.own:
            state.entry_row(visit, how)
            if visit.handed:
                state.music_on(visit)
            self.offers.again(visit, queue)
            return
        state.part(visit)
        state.music_off(visit)
        self.offers.give_back(visit, how, queue)

    def part_agent(self, visit: Visit, outcome: str) -> None:
        """Let the agent who has the call go on to the note; nothing happens where nobody has it."""
        if rejoin := visit.rejoin:
            self.wait_no_longer(visit)
            self.begin_wrap_up(self.state.people[rejoin.lost.agent], rejoin.lost, outcome)
            return
        leg = self.state.legs.get(visit.talk_leg)
        visit.talk_leg = ""
        if leg is None:
            return
        person = self.state.people[leg.agent]
        self.unwatch(person.number, visit.call_id)
        self.state.hang_up(leg)
        if person.observed == "joining":
            self.state.phase(leg, None, outcome)
            self.state.observe(person, "call_ended")
        else:
            self.begin_wrap_up(person, leg, outcome)

    def wait_no_longer(self, visit: Visit) -> None:
        """Wait no longer for an agent whose line died; their phone stops ringing for it."""
        rejoin, visit.rejoin = visit.rejoin, None
        if rejoin and (leg := self.state.legs.get(rejoin.leg)):
            self.state.hang_up(leg)

    def line_died(self, leg: Leg) -> None:
        """A leg of an agent died with its line: nobody pressed anything."""
        person = self.state.people[leg.agent]
        self.unwatch(person.number, leg.call_id)
        self.state.phase(leg, None, "line_died")
        self.state.observe(person, "phone_lost")
        if person.phone():
            self.state.observe(person, "phone_seen")

    def unwatch(self, agent: str, call_id: str) -> None:
        """Let the supervisors go who are on an agent's talk."""
        for watch in list(self.state.watches.values()):
            if (watch.agent, watch.call_id) == (agent, call_id):
                self.end_watch(watch.leg)

    def end_watch(self, supervisor_leg: str) -> None:
        """Let a supervisor go."""
        state = self.state
        watch = state.watches.pop(supervisor_leg, None)
        if watch is None:
            return
        for name in (watch.snoop, watch.leg):
            if leg := state.legs.get(name):
                state.hang_up(leg)
        state.close_bridge(watch.bridge)
        self.freed(state.people[watch.supervisor], "call_ended")

    def freed(self, person: Person, event: str) -> None:
        """A person's leg is over; whether their phone is still there is looked at too."""
        self.state.observe(person, event)
        if person.observed == "idle" and not person.phone():
            self.state.observe(person, "phone_lost")

    # -- the third party ------------------------------------------------------------------------

    def drop_third(self, visit: Visit) -> None:
        """Let the third party go, and no longer look for one."""
        state, consult = self.state, visit.consult
        if consult is None:
            return
        visit.consult = None
        if consult.queued:
            self.offers.obey(state.matcher.leave(consult.name, state.now))
            state.consults.pop(consult.name, None)
        leg = state.legs.get(consult.leg)
        if leg and not leg.ending:
            person = state.people[leg.agent]
            state.phase(leg, None, "released" if consult.up else "withdrawn")
            state.hang_up(leg)
            self.freed(person, "released" if consult.up else "offer_void")
        state.close_bridge(consult_bridge(consult))

    def take_back(self, visit: Visit) -> None:
        """Put the agent of a consultation that is over and the caller together again."""
        state, leg = self.state, self.state.legs[visit.talk_leg]
        state.join(visit.bridge, leg.leg)
        state.bring_back(visit)
        if leg.phase is not Phase.TALK:
            state.phase(leg, Phase.TALK, "consult_over")
        state.observe(state.people[leg.agent], "consult_over")

    def complete(self, visit: Visit, outcome: str) -> None:
        """Leave the caller with the third party; the agent goes on to the note, if still there."""
        state, consult = self.state, visit.consult
        if consult is None:
            return
        third = state.legs[consult.leg]
        self.part_agent(visit, outcome)
        visit.consult, visit.talk_leg = None, third.leg
        third.joined_at, third.queue = state.now, visit.queue
        state.want(Joined(visit.call_id, third.agent))
        if not consult.conference:
            state.join(visit.bridge, third.leg)
            state.bring_back(visit)
            state.phase(third, Phase.TALK, "transferred")
            state.observe(state.people[third.agent], "consult_over")
        state.close_bridge(consult_bridge(consult))

    def third_gone(self, visit: Visit, leg: Leg, died: bool) -> None:
        """The third party hung up, or their line died: agent and caller go on."""
        state, consult = self.state, visit.consult
        if consult is None:
            return
        visit.consult = None
        person = state.people[leg.agent]
        state.phase(leg, None, "line_died" if died else "agent_hung_up")
        self.freed(person, "released")
        state.close_bridge(consult_bridge(consult))
        if visit.rejoin:
            state.music_on(visit, announced=True)
            return
        if not consult.conference:
            self.take_back(visit)
        state.tell(state.legs[visit.talk_leg].agent, "third_gone")

    def found_nobody(self, name: str) -> None:
        """The time is over in which a consultation looks for somebody, unless a phone rings for it."""
        state, consult = self.state, self.state.consults.get(name)
        if consult is None or consult.until > state.now:
            return
        if consult.leg or not state.control:
            self.offers.look_until(consult, state.now + state.rules.ring_seconds)
            return
        visit = state.visits[consult.call_id]
        self.drop_third(visit)
        self.take_back(visit)
        state.tell(state.legs[visit.talk_leg].agent, "nobody_found")

    # -- wrap-up --------------------------------------------------------------------------------

    def begin_wrap_up(self, person: Person, leg: Leg, outcome: str) -> None:
        """Begin the time for the note; its row belongs to the leg of the talk."""
        state = self.state
        state.phase(leg, Phase.WRAP_UP, outcome)
        state.observe(person, "call_ended")
        person.note = leg
        self.wrap_up_for(person, state.rules.wrap_up_seconds)

    def wrap_up_for(self, person: Person, seconds: float) -> None:
        """Let a wrap-up run, if there is anybody to write and any time."""
        person.wrap_up = WrapUp.begin(self.state.now, seconds)
        if not person.phone():
            self.end_wrap_up(person, "phone_lost")
        elif seconds == 0:
            self.end_wrap_up(person, "time_up")
        else:
            self.state.wake(person.wrap_up.ends, "wrap_up", person.number)

    def end_wrap_up(self, person: Person, outcome: str) -> None:
        """End a wrap-up; idempotent."""
        leg, person.note, person.wrap_up = person.note, None, None
        if leg is None:
            return
        self.state.phase(leg, None, outcome)
        self.state.observe(person, "phone_lost" if outcome == "phone_lost" else "wrap_up_over")
        if leg.queue and not is_outbound(self.state.book, leg.queue):
            self.state.estimator.talked(leg.queue, self.state.now - leg.joined_at)


def consult_bridge(consult: Consult) -> str:
    """Return the name of the bridge in which agent and third party speak."""
    return f"consult-{consult.leg}"
