"""What legs and callers do: a phone answers, a leg is gone, a caller enters, leaves, is handed over."""

from __future__ import annotations

from acd.actions import CallOut, HangUpLeg, LetGo
from acd.floor_offers import Offers
from acd.floor_rejoin import Rejoins
from acd.floor_state import FloorState
from acd.floor_talks import Talks, consult_bridge
from acd.floor_watch import Watching
from acd.happenings import CallEntered
from acd.states import CALL
from acd.talk import AGENT, CALLBACK, CONSULT, REJOIN, SNOOP, Consult, Leg, Visit
from domain.floor_log import Phase
from domain.telephony import NORMAL_CLEARING
from domain.waiting_room import TalkEnd

BY_ITS_USER = (NORMAL_CLEARING, 31)  # Q.850: normal clearing; normal, unspecified
RANG_IN_VAIN = 19  # Q.850: no answer


class Calls:
    """Follows legs and callers."""

    def __init__(
        self, state: FloorState, offers: Offers, talks: Talks, rejoins: Rejoins, watching: Watching
    ) -> None:
        self.state, self.offers, self.talks = state, offers, talks
        self.rejoins, self.watching = rejoins, watching

    # -- callers --------------------------------------------------------------------------------

    def entered(self, call: CallEntered) -> None:
        """A call waits; one that waits or talks already stays as it is."""
        known = self.state.visits.get(call.call_id)
        if known and not known.over:
            return
        visit = self.state.visits[call.call_id] = Visit(
            call.call_id, call.leg, call.queue, call.language, call.since,
            call.priority, call.only, call.quick, own=not call.leg,
        )  # fmt: skip
        if known:
            visit.talking_since = known.talking_since
        self.offers.enter(visit)

    def gone(self, call_id: str, why: str) -> None:
        """A caller is out of it."""
        state, visit = self.state, self.state.visits.get(call_id)
        if visit and not visit.over:
            outcome = why or "caller_hung_up"
            if visit.state in ("waiting", "offered", "claimed"):
                self.offers.leave_line(visit)
                self._stop_ringing(visit, outcome)
            self.talks.drop_third(visit)
            self.talks.part_agent(visit, outcome)
            state.entry_row(visit, outcome)
            if outcome in ("caller_hung_up", "limit") and not visit.handed:
                state.waited(visit, answered=False, gave_up=outcome == "caller_hung_up")
            self.offers.finish(visit)
        state.visits.pop(call_id, None)
        state.close_bridge(f"talk-{call_id}")

    def _stop_ringing(self, visit: Visit, outcome: str) -> None:
        """Stop the phone that rings for a call sent to an agent by name."""
        if leg := self.state.legs.get(visit.ringing):
            self.state.phase(leg, None, outcome)
            self.state.hang_up(leg)
            self.talks.freed(self.state.people[leg.agent], "offer_void")

    def handed_over(self, call_id: str, leg: str) -> None:
        """The flow let go of a call's leg."""
        state, visit = self.state, self.state.visits.get(call_id)
        if visit is None:
            visit = state.visits[call_id] = self._handed_over_before(call_id, leg)
        if visit.over:
            return
        visit.leg, visit.handed = leg, True
        if visit.state == "claimed" and visit.talk_leg:
            state.bring_back(visit)
        elif visit.state in ("waiting", "offered"):
            # Only after a restart: its flow knows that an agent answered, the list of legs will say who.
            self.offers.leave_line(visit)
            visit.state = "joined"
        if state.control and visit.state == "joined" and not visit.talk_leg:
            self.talks.give_back(visit, TalkEnd.RETURNED, "line_died")

    def _handed_over_before(self, call_id: str, leg: str) -> Visit:
        """Return a call whose flow let go of it before a restart, as far as the record knows it."""
        state = self.state
        row = (state.recorded or {}).get(call_id)
        if row is None:
            return Visit(call_id, leg, "", "id", state.now, state="joined", unsure=True)
        since = state.now - max(0.0, (state.at - row.since).total_seconds())
        return Visit(
            call_id, leg, row.queue, row.language, since, state="joined", open=not row.outcome, unsure=True
        )

    def shut(self) -> None:
        """Let everybody go who waits; who has been answered is served."""
        for visit in list(self.state.visits.values()):
            if visit.over or visit.state not in ("waiting", "offered"):
                continue
            self.offers.leave_line(visit)
            self._stop_ringing(visit, "closed")
            if visit.handed and not visit.own:
                self.talks.give_back(visit, TalkEnd.LOST, "closed")
            else:
                self.offers.let_go(visit, "closed")

    # -- phones answer --------------------------------------------------------------------------

    def up(self, name: str) -> None:
        """A leg is up and under control."""
        state, leg = self.state, self.state.legs.get(name)
        if leg is None or leg.ending:
            if state.control:
                state.want(HangUpLeg(name))
            return
        if leg.up:
            return
        leg.up, leg.lease = True, float("inf")
        if leg.number and not self._claimed(leg):
            state.hang_up(leg)
        elif leg.purpose == AGENT:
            self._answered(leg)
        elif leg.purpose == CONSULT:
            self._third_answered(leg)
        elif leg.purpose == CALLBACK:
            self._callback_answered(leg)
        elif leg.purpose == REJOIN:
            self.rejoins.answered(leg)
        else:
            self.watching.up(leg)

    def _claimed(self, leg: Leg) -> bool:
        """Claim an offer, once and in time."""
        won, commands = self.state.matcher.claim(leg.number, self.state.now)
        self.offers.obey(commands)
        return won

    def _answered(self, leg: Leg) -> None:
        """An agent answered for a call."""
        state, visit = self.state, self.state.visits.get(leg.call_id)
        if visit is None or visit.ringing != leg.leg:
            state.hang_up(leg)
            return
        state.phase(leg, Phase.JOIN, "answered")
        state.observe(state.people[leg.agent], "answer")
        self.take(visit, leg)

    def take(self, visit: Visit, leg: Leg) -> None:
        """Give a call to an agent's leg that is up."""
        state = self.state
        visit.state = CALL.after(visit.state, "claim")
        visit.ringing, visit.talk_leg = "", leg.leg
        state.open_bridge(visit.bridge)
        state.join(visit.bridge, leg.leg)
        self.connect_within(visit, state.rules.connect_seconds)
        if visit.handed:
            state.bring_back(visit)
        elif visit.own:
            self._call_out(visit, leg)
        else:
            state.want(LetGo(visit.call_id, "answered"))

    def connect_within(self, visit: Visit, seconds: float) -> None:
        """Give caller and agent so long to be joined."""
        visit.connect_by = self.state.now + seconds
        self.state.wake(visit.connect_by, "connect", visit.call_id)

    def _call_out(self, visit: Visit, leg: Leg) -> None:
        """Call the person back whom an agent is there for now."""
        state, seconds = self.state, self.state.rules.callback_ring_seconds
        if leg.number and not self.talks.accepted(leg):
            return
        theirs = Leg(f"leg-{state.new_id()}", CALLBACK, "", "", visit.call_id, rung=True)
        state.legs[theirs.leg] = theirs
        visit.leg = theirs.leg
        state.want(CallOut(visit.call_id, theirs.leg, theirs.args, seconds))
        state.lease(theirs, seconds + state.rules.lease_seconds)
        self.connect_within(visit, seconds + state.rules.lease_seconds + state.rules.connect_seconds)

    def _callback_answered(self, leg: Leg) -> None:
        visit = self.state.visits.get(leg.call_id)
        if visit is None or visit.leg != leg.leg or visit.over:
            self.state.hang_up(leg)
            return
        visit.handed = True
        if visit.talk_leg:
            self.connect_within(visit, self.state.rules.connect_seconds)
            self.state.bring_back(visit)

    def _third_answered(self, leg: Leg) -> None:
        """A colleague answered a consultation."""
        state, visit = self.state, self.state.visits.get(leg.call_id)
        consult = visit.consult if visit else None
        if visit is None or consult is None or consult.leg != leg.leg or not visit.talk_leg:
            state.hang_up(leg)
            return
        if leg.number:
            self.talks.accepted(leg)
            consult.queued = False
            state.consults.pop(consult.name, None)
        state.phase(leg, Phase.CONSULT, "answered")
        state.observe(state.people[leg.agent], "answer", "consulted")
        self.meet(visit, consult)

    def meet(self, visit: Visit, consult: Consult) -> None:
        """Put agent and third party into a bridge of their own."""
        bridge = consult_bridge(consult)
        consult.up = True
        self.state.open_bridge(bridge)
        self.state.join(bridge, consult.leg)
        self.state.join(bridge, visit.talk_leg)

    def joined(self, bridge: str, leg: str) -> None:
        """A leg is in a bridge."""
        visit = self.state.visits.get(bridge.removeprefix("talk-")) if bridge.startswith("talk-") else None
        if visit is None or visit.over:
            return
        visit.inside.add(leg)
        if visit.state == "claimed" and visit.talk_leg in visit.inside and visit.leg in visit.inside:
            self.talks.connected(visit)

    # -- legs are gone --------------------------------------------------------------------------

    def leg_gone(self, name: str, cause: int) -> None:
        """A leg of ours is gone."""
        leg = self.state.legs.get(name)
        if leg is None:
            return
        leg.gone = True
        if leg.ending:
            pass
        elif leg.purpose == CALLBACK:
            self._callback_gone(leg)
        elif leg.purpose == SNOOP or name in self.state.watches:
            self.watching.gone(leg)
        elif not leg.up and leg.purpose == REJOIN:
            self.rejoins.rang_in_vain(leg, cause)
        elif not leg.up:
            self._rang_in_vain(leg)
        else:
            self._agent_gone(leg, cause not in BY_ITS_USER)
        self.state.forget(leg)

    def _rang_in_vain(self, leg: Leg) -> None:
        state = self.state
        person, visit = state.people[leg.agent], state.visits.get(leg.call_id)
        if leg.number:
            self.offers.obey(state.matcher.fail(leg.number, state.now))
            return
        state.phase(leg, None, "missed")
        state.observe(person, "offer_void")
        self.offers.missed(person)
        if visit and visit.ringing == leg.leg:
            self.talks.give_back(visit, TalkEnd.RETURNED, "missed")
        elif visit and visit.consult and visit.consult.leg == leg.leg:
            self.talks.drop_third(visit)
            self.talks.take_back(visit)
            state.tell(state.legs[visit.talk_leg].agent, "third_gone")

    def _agent_gone(self, leg: Leg, died: bool) -> None:
        """A leg that was up is gone, by its user or with its line."""
        visit = self.state.visits.get(leg.call_id)
        if visit and visit.talk_leg == leg.leg:
            if visit.state == "claimed":
                self._gone_before_joined(visit, leg, died)
            else:
                self._gone_from_talk(visit, leg, died)
        elif visit and visit.consult and visit.consult.leg == leg.leg:
            self.talks.third_gone(visit, leg, died)

    def _gone_before_joined(self, visit: Visit, leg: Leg, died: bool) -> None:
        person = self.state.people[leg.agent]
        if person.offer and person.offer == leg.number:
            self.offers.obey(self.state.matcher.fail(leg.number, self.state.now))
        else:
            self.give_up_calling_out(visit)
            self.talks.give_back(visit, TalkEnd.RETURNED, "agent_hung_up")
        if died:
            self.talks.line_died(leg)

    def give_up_calling_out(self, visit: Visit) -> None:
        """Stop ringing the person of a callback."""
        if visit.own and (theirs := self.state.legs.get(visit.leg)) and not theirs.up:
            self.state.hang_up(theirs)
            visit.leg = ""

    def _gone_from_talk(self, visit: Visit, leg: Leg, died: bool) -> None:
        """Who hung up decides; a caller in music who has a third party there is left with them."""
        if died and self.rejoins.begin(visit, leg):
            return
        outcome = "line_died" if died else "agent_hung_up"
        if died:
            visit.talk_leg = ""
            self.talks.line_died(leg)
        if visit.consult and visit.consult.up:
            self.talks.complete(visit, outcome)
        elif died or visit.consult:
            self.talks.give_back(visit, TalkEnd.RETURNED, outcome)
        else:
            self.talks.end(visit, outcome)

    def _callback_gone(self, leg: Leg) -> None:
        """The person who was called back is gone, or could not be reached."""
        visit = self.state.visits.get(leg.call_id)
        if visit is None or visit.leg != leg.leg or visit.over:
            return
        if not leg.up:
            self._not_reached(visit)
        else:
            self._end_own(visit)

    def _not_reached(self, visit: Visit) -> None:
        state = self.state
        if visit.talk_leg:  # the agent's work with it needs a note, as after a talk
            talk_leg = state.legs[visit.talk_leg]
            state.observe(state.people[talk_leg.agent], "joined")
        state.entry_row(visit, "not_reached")
        self.talks.end(visit, "not_reached", TalkEnd.LOST)

    def _end_own(self, visit: Visit) -> None:
        if visit.state in ("waiting", "offered", "claimed"):
            self.offers.leave_line(visit)
            self._stop_ringing(visit, "caller_hung_up")
        state = self.state
        state.entry_row(visit, "caller_hung_up")
        self.talks.end(visit, "caller_hung_up")
