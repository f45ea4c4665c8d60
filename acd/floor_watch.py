"""Supervisors on a talk: listen, whisper, barge, take over."""

from __future__ import annotations

from acd.actions import Joined, Snoop
from acd.floor_state import FloorState
from acd.floor_talks import Talks
from acd.people import Person
from acd.requests import Refused
from acd.talk import SNOOP, WATCH, Leg, Visit, Watch
from domain.floor_log import Phase, SupervisionRow

LISTEN, WHISPER, BARGE, TAKE_OVER = "listen", "whisper", "barge", "take_over"


class Watching:
    """Brings supervisors to talks. Each act is put on record."""

    def __init__(self, state: FloorState, talks: Talks) -> None:
        self.state, self.talks = state, talks

    def begin(self, by: str, agent: str, supervisor: str, act: str) -> None:
        """Ring a supervisor's phone, or change what one does who is there. Raises Refused."""
        state, visit = self.state, self._talk_of(agent)
        if supervisor == agent:
            raise Refused("own_talk", "Nobody supervises their own talk.")
        known = next((watch for watch in state.watches.values() if watch.supervisor == supervisor), None)
        if known:
            if (known.agent, known.call_id) != (agent, visit.call_id):
                raise Refused("busy", "The supervisor is on another talk.")
            self._record(by, act, agent, visit.call_id)
            known.act = act
            if state.legs[known.leg].up:
                self._apply(known)
            return
        person = self._reachable(supervisor)
        self._record(by, act, agent, visit.call_id)
        state.observe(person, "own_call")
        leg = state.new_leg(WATCH, person, visit.call_id, act)
        state.watches[leg.leg] = Watch(leg.leg, supervisor, agent, visit.call_id, act)
        state.ring(leg, state.rules.watch_ring_seconds, None)

    def stop(self, by: str, agent: str, supervisor: str) -> None:
        """Let a supervisor leave. Raises Refused."""
        for watch in list(self.state.watches.values()):
            if (watch.agent, watch.supervisor) == (agent, supervisor):
                self._record(by, "stop", agent, watch.call_id)
                self.talks.end_watch(watch.leg)
                return
        raise Refused("not_listening", "The supervisor is not on a talk of this agent.")

    def up(self, leg: Leg) -> None:
        """A supervisor answered, or a snoop is ready."""
        if leg.purpose == SNOOP:
            watch = next((watch for watch in self.state.watches.values() if watch.snoop == leg.leg), None)
            if watch is None:
                self.state.hang_up(leg)
            else:
                self.state.join(watch.bridge, leg.leg)
        elif leg.leg in self.state.watches:
            self._apply(self.state.watches[leg.leg])
        else:
            self.state.hang_up(leg)

    def gone(self, leg: Leg) -> None:
        """A supervisor hung up or was not reached, or a snoop ended with the agent's leg."""
        if leg.leg in self.state.watches:
            self.talks.end_watch(leg.leg)
            return
        for watch in self.state.watches.values():
            if watch.snoop == leg.leg:
                watch.snoop = ""

    def found(self, leg: Leg, act: str, visit: Visit) -> None:
        """Take a supervisor up again whose leg was found after a restart."""
        target = self.state.legs[visit.talk_leg].agent
        watch = self.state.watches[leg.leg] = Watch(leg.leg, leg.agent, target, visit.call_id, act)
        self.state.observe(self.state.people[leg.agent], "own_call")
        self._apply(watch)

    def _apply(self, watch: Watch) -> None:
        """Put a supervisor where the act wants them."""
        state, visit = self.state, self.state.visits[watch.call_id]
        if snoop := state.legs.get(watch.snoop):
            state.hang_up(snoop)
        watch.snoop = ""
        if watch.act == BARGE:
            state.join(visit.bridge, watch.leg)
        elif watch.act == TAKE_OVER:
            self._take_over(watch, visit)
        else:
            state.open_bridge(watch.bridge)
            state.join(watch.bridge, watch.leg)
            ear = Leg(f"leg-{state.new_id()}", SNOOP, "", "", watch.call_id, rung=True)
            state.legs[ear.leg], watch.snoop = ear, ear.leg
            state.want(Snoop(ear.leg, visit.talk_leg, watch.act == WHISPER))
            state.lease(ear, state.rules.connect_seconds + state.rules.lease_seconds)

    def _take_over(self, watch: Watch, visit: Visit) -> None:
        """Give the talk to the supervisor; the agent goes on to the note."""
        state = self.state
        del state.watches[watch.leg]
        self.talks.drop_third(visit)
        self.talks.part_agent(visit, "taken_over")
        visit.talk_leg, leg = watch.leg, state.legs[watch.leg]
        leg.joined_at, leg.queue = state.now, visit.queue
        state.want(Joined(visit.call_id, watch.supervisor))
        state.join(visit.bridge, watch.leg)
        if visit.music:
            state.bring_back(visit)
        state.close_bridge(watch.bridge)
        state.phase(leg, Phase.TALK, "")
        state.observe(state.people[watch.supervisor], "take_call")

    def _talk_of(self, agent: str) -> Visit:
        for visit in self.state.visits.values():
            leg = self.state.legs.get(visit.talk_leg)
            if leg and leg.agent == agent and visit.state == "joined":
                return visit
        raise Refused("no_talk", "The agent has no talk.")

    def _reachable(self, supervisor: str) -> Person:
        person = self.state.people.get(supervisor)
        if person is None or not person.phone():
            raise Refused("no_phone", "No phone of the supervisor can be reached.")
        if person.observed != "idle":
            raise Refused("busy", "The supervisor's phone is in use.")
        return person

    def _record(self, by: str, act: str, agent: str, call_id: str) -> None:
        self.state.write(SupervisionRow(self.state.at, by, act, agent, call_id))
