"""Between the matcher and the phones: offers are rung, taken back, and agents told to it as free or away."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from acd.actions import EndTalk, LetGo
from acd.commands import CancelOffer, Command, Offer, PauseAgent, Why
from acd.floor_state import SYSTEM, FloorState
from acd.idle import IdleShares
from acd.lines import UnknownQueue
from acd.outbound import is_outbound, talents
from acd.people import Person
from acd.pools import Stand
from acd.states import CALL, OBSERVED, can_be_offered
from acd.talk import AGENT, CONSULT, Consult, Leg, Visit
from domain.waiting_room import TalkEnd

PURGE_SECONDS = 60.0  # for how long a call whose end was told is remembered
MISSED_RING = "missed_ring"  # the pause reason


class Offers:
    """Performs what the matcher wants, and tells it who is free."""

    def __init__(self, state: FloorState) -> None:
        self.state = state
        self.shares = IdleShares()

    # -- the matcher's commands -----------------------------------------------------------------

    def obey(self, commands: Sequence[Command]) -> None:
        """Perform the matcher's commands."""
        for command in commands:
            if isinstance(command, Offer):
                self._offer(command)
            elif isinstance(command, CancelOffer):
                self._cancel(command)
            else:
                self._missed(command)

    def _offer(self, offer: Offer) -> None:
        state = self.state
        standing = state.matcher.offers.get(offer.number)
        if standing is None or standing.call_id != offer.call:
            return  # taken back by what was performed before it
        person = state.people[offer.agent]
        consult, visit = state.consults.get(offer.call), state.visits.get(offer.call)
        call_id = consult.call_id if consult else offer.call
        detail = "0" if consult else str(offer.number)
        leg = state.new_leg(CONSULT if consult else AGENT, person, call_id, detail)
        leg.number, leg.ring = offer.number, offer.ring
        leg.waited = max(0.0, state.now - standing.since)
        leg.quick = standing.quick
        person.offer, person.offer_leg = offer.number, leg.leg
        if consult:
            consult.leg = leg.leg
        elif visit:
            visit.state, visit.ringing = CALL.after(visit.state, "offer"), leg.leg
        state.observe(person, "offer")
        state.offer_row(leg)
        state.ring(leg, offer.lease_seconds)

    def _cancel(self, cancel: CancelOffer) -> None:
        state = self.state
        person = state.people[cancel.agent]
        state.dirty[person.number] = None
        if person.offer != cancel.number:
            return  # never performed
        leg = state.legs[person.offer_leg]
        person.offer, person.offer_leg = 0, ""
        state.offer_row(leg, cancel.why)
        state.phase(leg, None, cancel.why)
        state.observe(person, "offer_void")
        state.hang_up(leg)
        if cancel.why is Why.CALLER_LEFT and leg.up:
            state.tell(person.number, "caller_gone")
        visit, consult = state.visits.get(cancel.call), state.consults.get(cancel.call)
        if consult:
            consult.leg = ""
        elif visit:
            self._void(visit, cancel.why)

    def withdraw(self) -> None:
        """Withdraw every offer that rings: a matcher with other tables makes them anew."""
        for person in self.state.people.values():
            if person.offer:
                call = self.state.matcher.offers[person.offer].call_id
                self._cancel(CancelOffer(person.offer, call, person.number, Why.AGENT_AWAY))

    def _void(self, visit: Visit, why: Why) -> None:
        """An offer of a call came to nothing."""
        claimed = visit.state == "claimed"
        visit.state = CALL.after(visit.state, "offer_failed")
        visit.ringing = visit.talk_leg = ""
        if claimed and not visit.own and why is not Why.CALLER_LEFT:
            # Its flow has let go of it, so it comes back by the flow; nobody may take it until then.
            self.leave_line(visit)
            self.give_back(visit, TalkEnd.RETURNED)
        elif visit.own and visit.handed:
            self.state.music_on(visit)

    def _missed(self, pause: PauseAgent) -> None:
        person = self.state.people[pause.agent]
        if pause.reason is Why.NOT_CONNECTED:  # no fault of theirs
            self.state.tell(person.number, "not_connected")
            self.state.dirty[person.number] = None
        else:
            self.missed(person)

    def missed(self, person: Person) -> None:
        """Pause a person whose phone rang in vain."""
        self.state.declare(person, "missed_ring", SYSTEM, MISSED_RING)
        self.state.tell(person.number, MISSED_RING)

    # -- calls in line --------------------------------------------------------------------------

    def enter(self, visit: Visit) -> None:
        """Let a call wait in its place."""
        state = self.state
        state.entry_row(visit)
        try:
            if visit.only in state.book.agents:
                self._ask_for(state.person(visit.only))
            rings_us = not visit.quick and is_outbound(state.book, visit.queue)
            commands = state.matcher.enter(
                visit.call_id, visit.queue, visit.language, visit.since, state.now,
                visit.priority, visit.only, visit.quick, rings_us,
            )  # fmt: skip
        except UnknownQueue:
            self.let_go(visit, "closed")
            return
        self.obey(commands)

    def look_for_third(self, visit: Visit, consult: Consult) -> None:
        """Let a consultation wait for whoever a queue gives, in the place of its caller."""
        state = self.state
        consult.queued, state.consults[consult.name] = True, consult
        if consult.until == math.inf:
            self.look_until(consult, state.now + state.rules.consult_wait_seconds)
        # Who was called by us goes before inbound calls with our own agents only.
        priority = visit.priority if is_outbound(state.book, consult.queue) else 0
        self.obey(
            state.matcher.enter(consult.name, consult.queue, visit.language, visit.since, state.now, priority)
        )

    def look_until(self, consult: Consult, when: float) -> None:
        """Let a consultation look for somebody until a moment."""
        consult.until = when
        self.state.wake(when, "consult", consult.name)

    def leave_line(self, visit: Visit) -> None:
        """Take a call out of line, and its offer back."""
        self.obey(self.state.matcher.leave(visit.call_id, self.state.now))

    def let_go(self, visit: Visit, how: str) -> None:
        """Tell the flow that nobody will take the call."""
        state = self.state
        state.entry_row(visit, how)
        state.want(LetGo(visit.call_id, how))
        self.finish(visit)

    def give_back(self, visit: Visit, how: TalkEnd, queue: str = "") -> None:
        """Tell the flow that the call is its own again; it may come back with the old place."""
        state = self.state
        state.entry_row(visit, how)
        # The flow knows its own queue only, not the one that an agent chose since.
        state.want(EndTalk(visit.call_id, how, queue or (visit.queue if how is TalkEnd.RETURNED else "")))
        self.finish(visit)

    def finish(self, visit: Visit) -> None:
        """The floor is done with a call; what its flow has yet to say is no surprise for a while."""
        state = self.state
        visit.state, visit.over = "left", True
        visit.talk_leg = visit.ringing = ""
        if visit.own and visit.leg in state.legs:
            state.music_off(visit)
            state.hang_up(state.legs[visit.leg])
        state.wake(state.now + PURGE_SECONDS, "purge", visit.call_id)
        self.release(visit.call_id)

    # -- agents ---------------------------------------------------------------------------------

    def define_agents(self) -> None:
        """Tell the matcher what every agent can be chosen for today."""
        state = self.state
        for number in state.book.agents:
            person = state.person(number)
            person.talents = talents(state.book, number, state.at)
            self.define(person)

    def define(self, person: Person) -> None:
        """Tell the matcher what an agent can be chosen for now; one the tables lack is left alone."""
        if person.number not in self.state.book.agents:
            return
        lent, kept, asked_for = bool(person.lent), bool(person.kept), person.asked_for
        ability = person.talents.ability(lent=lent, kept=kept, asked_for=asked_for)
        self.obey(self.state.matcher.define_agent(person.number, ability, self.state.now))

    def _ask_for(self, person: Person) -> None:
        """Let an agent be chosen for calls that only they may take."""
        if not person.asked_for:
            person.asked_for = True
            self.define(person)

    def release(self, call_id: str) -> None:
        """Keep nobody for a call any longer."""
        for person in self.state.people.values():
            if person.kept == call_id:
                person.kept = ""
                self.define(person)
                return

    def settle(self) -> None:
        """Put changed states on record and tell the matcher of them, until nothing changes any more."""
        state = self.state
        while state.dirty:
            person = state.people[next(iter(state.dirty))]
            del state.dirty[person.number]
            if person.declared == "leaving" and person.observed in ("idle", "phone_gone"):
                state.declare(person, "call_over", person.by)
                del state.dirty[person.number]
            if person.declared == "signed_out":
                person.account = ""
                if person.lent:
                    person.lent = ""
                    self.define(person)
            self._look_at_phone(person)
            state.show(person)
            self._tell_matcher(person)

    def _look_at_phone(self, person: Person) -> None:
        """Idle means: with a phone that can be reached, and nothing on it."""
        if person.observed == "idle" and person.own:
            person.observed = OBSERVED.after(person.observed, "own_call")
        if person.observed == "idle" and not person.phone():
            person.observed = OBSERVED.after(person.observed, "phone_lost")
        elif person.observed == "phone_gone" and person.phone() and not person.legs:
            person.observed = OBSERVED.after(person.observed, "phone_seen")

    def _tell_matcher(self, person: Person) -> None:
        state, matcher = self.state, self.state.matcher
        desk = matcher.desks.get(person.number)
        if desk is None:
            return
        offered = person.observed == "offered" and person.declared == "ready"
        free = self.can_be_offered(person)
        order = self._turn(person, free)
        if free:
            self.obey(matcher.free(person.number, state.now, order))
        elif (person.offer and (offered or person.observed == "joining")) and state.control:
            return
        elif desk.stand is not Stand.AWAY:
            self.obey(matcher.away(person.number, state.now))

    def _turn(self, person: Person, free: bool) -> float:
        """Count idle time while an agent wants calls; return what orders them among the free."""
        shares, number, now = self.shares, person.number, self.state.now
        if person.declared != "ready":
            shares.off_duty(number, now)
            return now
        shares.on_duty(number, now)
        if free:
            return shares.free(number, now)
        shares.taken(number, now)
        return now

    def can_be_offered(self, person: Person) -> bool:
        """Return whether an agent is free: declared ready, observed idle, on a reachable phone."""
        return (
            self.state.control
            and can_be_offered(person.declared, person.observed)
            and not any(self.state.legs[leg].up and not self.state.legs[leg].ending for leg in person.legs)
        )

    # -- rung without the matcher ---------------------------------------------------------------

    def ring_directly(self, person: Person, purpose: str, visit: Visit) -> Leg:
        """Ring an agent's phone for a call that was sent to them by name."""
        state = self.state
        state.observe(person, "offer")
        if (desk := state.matcher.desks.get(person.number)) and desk.stand is not Stand.AWAY:
            self.obey(state.matcher.away(person.number, state.now))
        leg = state.new_leg(purpose, person, visit.call_id)
        state.ring(leg, state.rules.consult_ring_seconds)
        return leg

    def again(self, visit: Visit, queue: str) -> None:
        """Let a call whose leg is the floor's own wait anew, in music, in its old place."""
        state = self.state
        fresh = replace(
            visit, queue=queue or visit.queue, state=CALL.start, ringing="", talk_leg="", open=False,
            inside=set(), consult=None,
        )  # fmt: skip
        state.visits[visit.call_id] = fresh
        self.enter(fresh)
