"""A talk whose agent's line died: kept a while, until the agent's phone has taken them back into it.

The caller hears a word and music meanwhile, or goes on with the third party of a conference. The third
party of a consultation stays too: it goes on when the agent is back, and has the caller if the agent is not.
A consultation that nobody has answered is withdrawn, supervisors are let go. Who is back has the caller at
once, on hold or not: whoever lost their line has lost sight of the call.
"""

from __future__ import annotations

from acd.floor_offers import Offers
from acd.floor_state import FloorState
from acd.floor_talks import Talks, consult_bridge
from acd.people import Person
from acd.states import CALL
from acd.talk import REJOIN, Leg, Rejoin, Visit
from domain.floor_log import Phase
from domain.waiting_room import TalkEnd

AGAIN = 1.0  # seconds after which a phone that could not be rung is looked at again
LEAST = 1.0  # seconds for which a phone is rung at least
# Q.850 causes of a ring that somebody ended, or let end: busy, no answer, rejected; normal clearing. After
# any other the phone may still be back: absent, out of order, its network gone, not placed, nobody said.
REFUSED = (16, 17, 19, 21, 31)


class Rejoins:
    """Waits for agents whose line died in a talk."""

    def __init__(self, state: FloorState, offers: Offers, talks: Talks) -> None:
        self.state, self.offers, self.talks = state, offers, talks

    # -- a line died ----------------------------------------------------------------------------

    def begin(self, visit: Visit, leg: Leg) -> bool:
        """Keep the talk of a leg that died with its line. False: there is no time for it (again)."""
        state, rules = self.state, self.state.rules
        if not rules.rejoin_seconds or leg.rejoins >= rules.rejoin_times:
            return False
        if visit.consult and not visit.consult.up:
            self.talks.drop_third(visit)
        self.talks.unwatch(leg.agent, visit.call_id)
        visit.state = CALL.after(visit.state, "line_cut")
        visit.talk_leg, visit.rejoin = "", Rejoin(leg)
        state.phase(leg, Phase.REJOIN, "line_died")
        state.observe(state.people[leg.agent], "line_cut")
        if visit.consult:
            state.tell(state.legs[visit.consult.leg].agent, "line_cut")
        else:
            state.music_on(visit, announced=True)
        self.wait(visit)
        return True

    def resume(self, visit: Visit, lost: Leg) -> bool:
        """Go on with a wait that a restart cut; how often there was one before is not on record."""
        state, person = self.state, self.state.person(lost.agent)
        if not state.rules.rejoin_seconds or person.observed not in ("idle", "phone_gone"):
            return False
        lost.rejoins = int(state.rules.rejoin_times) - 1
        visit.state = CALL.after(visit.state, "line_cut")
        visit.rejoin = Rejoin(lost)
        state.observe(person, "take_call", "line_cut")
        state.music_on(visit)
        return True

    def wait(self, visit: Visit) -> None:
        """Let the time run, from its beginning: without control no phone could be rung."""
        if rejoin := visit.rejoin:
            rejoin.ends = self.state.now + self.state.rules.rejoin_seconds
            self.state.wake(rejoin.ends, "rejoin", visit.call_id)
            self._ring(visit, rejoin)

    # -- phones ---------------------------------------------------------------------------------

    def phone_seen(self, agent: str, account: str) -> None:
        """A phone of an agent can be reached: rather ring this one than another that they left alone."""
        person = self.state.person(agent)
        for visit, rejoin in self._of(agent):
            leg = self.state.legs.get(rejoin.leg)
            if leg and not leg.up and leg.account not in (account, person.account):
                rejoin.leg = ""
                self.state.hang_up(leg)
            self._ring(visit, rejoin, account)

    def phone_lost(self, agent: str, account: str) -> None:
        """A phone of an agent can no longer be reached: if it rings, look for another."""
        for visit, rejoin in self._of(agent):
            leg = self.state.legs.get(rejoin.leg)
            if leg and leg.account == account and not leg.up:
                rejoin.leg = ""
                self.state.hang_up(leg)
                self._ring(visit, rejoin)

    def _of(self, agent: str) -> list[tuple[Visit, Rejoin]]:
        waiting = [(visit, visit.rejoin) for visit in self.state.visits.values() if visit.rejoin]
        return [(visit, rejoin) for visit, rejoin in waiting if rejoin.lost.agent == agent]

    def _ring(self, visit: Visit, rejoin: Rejoin, seen: str = "") -> None:
        """Ring the agent for the rest of the time, if a phone of theirs can be reached.

        A page may come back with another account: without the phone they work with, the one just seen.
        """
        state, person = self.state, self.state.people[rejoin.lost.agent]
        account = person.phone() or seen or next(iter(person.phones), "")
        if not state.control or rejoin.leg or not account:
            return
        leg = state.new_leg(REJOIN, person, visit.call_id, rejoin.lost.record)
        leg.account, leg.rejoins, rejoin.leg = account, rejoin.lost.rejoins + 1, leg.leg
        state.ring(leg, max(LEAST, rejoin.ends - state.now), None)

    # -- back -----------------------------------------------------------------------------------

    def answered(self, leg: Leg) -> None:
        """The agent is back: the talk goes on, under the leg's name that it began with on record."""
        state, visit = self.state, self.state.visits.get(leg.call_id)
        rejoin = visit.rejoin if visit else None
        if visit is None or rejoin is None or rejoin.leg != leg.leg:
            state.hang_up(leg)
            return
        person, consult = state.people[leg.agent], visit.consult
        leg.continues(rejoin.lost)
        visit.state = CALL.after(visit.state, "restored")
        visit.rejoin, visit.talk_leg = None, leg.leg
        self._take_phone(person, leg)
        state.observe(person, "joined")
        if consult and not consult.conference:
            state.phase(leg, Phase.CONSULT, "rejoined")
            state.observe(person, "consult")
            state.join(consult_bridge(consult), leg.leg)
            return
        state.phase(leg, Phase.TALK, "rejoined")
        state.join(visit.bridge, leg.leg)
        if consult is None:
            state.bring_back(visit)

    def _take_phone(self, person: Person, leg: Leg) -> None:
        """From now on they work with the phone that they came back with."""
        if person.declared != "signed_out":
            person.account = leg.account

    # -- not back -------------------------------------------------------------------------------

    def rang_in_vain(self, leg: Leg, cause: int) -> None:
        """A phone that was rung for this is done ringing."""
        state, visit = self.state, self.state.visits.get(leg.call_id)
        rejoin = visit.rejoin if visit else None
        if visit is None or rejoin is None or rejoin.leg != leg.leg:
            return
        rejoin.leg = ""
        if cause in REFUSED:
            self._give_up(visit, rejoin)
            self.offers.missed(state.people[leg.agent])
        else:
            state.wake(state.now + AGAIN, "rejoin", visit.call_id)

    def time_has_come(self, call_id: str) -> None:
        """The time is over, or a phone is to be looked at again."""
        visit = self.state.visits.get(call_id)
        if visit is None or visit.rejoin is None:
            return
        if visit.rejoin.ends <= self.state.now:
            self._give_up(visit, visit.rejoin)
        else:
            self._ring(visit, visit.rejoin)

    def _give_up(self, visit: Visit, rejoin: Rejoin) -> None:
        """Leave the caller with the third party, or let them wait in their place."""
        state, lost = self.state, rejoin.lost
        self.talks.wait_no_longer(visit)
        state.phase(lost, None, "not_rejoined")
        state.observe(state.people[lost.agent], "rejoin_over")
        state.tell(lost.agent, "not_rejoined")
        if visit.consult:
            visit.state = CALL.after(visit.state, "restored")
            self.talks.complete(visit, "line_died")
        else:
            self.talks.give_back(visit, TalkEnd.RETURNED, "line_died")
