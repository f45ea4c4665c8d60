"""After a restart or a lost connection: Asterisk's list of legs says who talks with whom.

The record says what was declared and which phase of a leg was cut. New tables are adopted here too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from acd.actions import CloseBridge, HangUpLeg, Joined, StartMusic
from acd.floor_calls import Calls
from acd.floor_offers import Offers
from acd.floor_rules import FloorRules
from acd.floor_state import SYSTEM, FloorState
from acd.floor_talks import Talks, consult_bridge
from acd.floor_watch import Watching
from acd.people import Person
from acd.pools import Stand
from acd.requests import Refused
from acd.skills import Skillbook
from acd.talk import AGENT, CALLBACK, CONSULT, REJOIN, WATCH, Consult, Leg, Visit
from acd.wrap_up import WrapUp
from domain.floor_log import AgentRow, EntryRow, LegRow, Phase
from domain.legs import LiveLeg
from domain.waiting_room import TalkEnd

NOBODY_SAID = 0  # the cause of an end that was not told
# Callers who were called back first, then who talks, then who was asked, then who listens.
ORDER = {CALLBACK: 0, AGENT: 1, REJOIN: 1, CONSULT: 2, WATCH: 3}


class Recovery:
    """Takes everything up again."""

    def __init__(
        self, state: FloorState, offers: Offers, talks: Talks, calls: Calls, watching: Watching
    ) -> None:
        self.state, self.offers, self.talks, self.calls = state, offers, talks, calls
        self.watching, self.rejoins = watching, calls.rejoins
        self._cut: dict[str, LegRow] = {}  # phases that a restart cut, by leg

    # -- from the record ------------------------------------------------------------------------

    def restore(
        self, agents: Sequence[AgentRow], legs: Sequence[LegRow], entries: Sequence[EntryRow]
    ) -> None:
        """Take up what was declared, the wrap-ups that run, and which calls were in line."""
        self.state.recorded = {row.call_id: row for row in entries}
        for row in agents:
            self._restore_agent(row)
        for cut in legs:
            if cut.phase is Phase.WRAP_UP:
                self._restore_wrap_up(cut)
            else:
                self._cut[cut.leg] = cut

    def _restore_agent(self, row: AgentRow) -> None:
        state, person = self.state, self.state.person(row.agent)
        person.declared, person.reason, person.account = row.declared, row.reason, row.account
        person.by = row.by or SYSTEM
        person.shown = (row.declared, row.observed, row.reason, row.account)
        person.since = person.paused_at = state.now - max(0.0, (state.at - row.at).total_seconds())
        if row.account:
            state.accounts[row.account] = row.agent
        limit = state.limit_of(person)
        if limit is not None:
            state.wake(person.paused_at + limit, "pause", person.number)

    def _restore_wrap_up(self, row: LegRow) -> None:
        state, person = self.state, self.state.person(row.agent)
        leg = Leg(row.leg, AGENT, row.agent, person.account, row.call_id, gone=True)
        self._continue(leg, row)
        ends = leg.began + state.rules.wrap_up_seconds
        if ends <= state.now:
            state.phase(leg, None, "time_up")
            return
        state.observe(person, "take_call", "call_ended")
        person.note, person.wrap_up = leg, WrapUp(leg.began, ends)
        state.wake(ends, "wrap_up", person.number)

    def _continue(self, leg: Leg, row: LegRow) -> None:
        """Go on with the phase of a leg where the record ends."""
        leg.seq, leg.phase, leg.estimated = row.seq, row.phase, True
        leg.began = self.state.now - max(0.0, (self.state.at - row.at).total_seconds())

    # -- the connection -------------------------------------------------------------------------

    def control_lost(self) -> None:
        """Make no offers; what rings is withdrawn, who has answered is looked for when control is back."""
        state = self.state
        for visit in state.visits.values():
            leg = state.legs.get(visit.talk_leg)
            if visit.state == "claimed" and leg and state.people[leg.agent].offer:
                self.talks.accepted(leg)
            visit.connect_by = math.inf
        state.control = False
        for desk in state.matcher.desks.values():
            if desk.stand is Stand.FREE:  # before what rings is given back, or it would be theirs
                self.offers.obey(state.matcher.away(desk.agent, state.now))
        state.dirty |= dict.fromkeys(state.people)

    def control_back(self, legs: Sequence[LiveLeg], bridges: Sequence[str]) -> None:
        """Compare with what lives, mend both sides, and begin to match."""
        state = self.state
        state.bridges = dict.fromkeys(bridges)
        live = {leg.leg: leg for leg in legs}
        for visit in state.visits.values():
            visit.inside = {leg.leg for leg in legs if leg.bridge == visit.bridge}
            visit.placed = visit.leg in visit.inside
        self._bury(live)
        for leg in sorted(legs, key=lambda leg: ORDER.get(leg.args[0] if leg.args else "", 4)):
            known = state.legs.get(leg.leg)
            if known:
                self._known(known, leg)
            else:
                self._found(leg)
        for visit in list(state.visits.values()):
            if not visit.over:
                self._mend(visit)
        self._tidy()
        state.control = True
        for visit in state.visits.values():
            self.rejoins.wait(visit)
        state.dirty |= dict.fromkeys(state.people)

    def _bury(self, live: dict[str, LiveLeg]) -> None:
        """Let the legs go that no longer live."""
        state = self.state
        dead = [leg for leg in state.legs.values() if leg.leg not in live and leg.rung]
        for leg in dead:
            leg.gone = True
        for leg in sorted(dead, key=lambda leg: -ORDER.get(leg.purpose, 4)):
            self.calls.leg_gone(leg.leg, NOBODY_SAID)

    def _known(self, leg: Leg, live: LiveLeg) -> None:
        """A leg that was known before lives on."""
        state = self.state
        if leg.ending:
            state.want(HangUpLeg(leg.leg))
            state.lease(leg, state.rules.lease_seconds)
        elif live.up and not leg.up:
            self.calls.up(leg.leg)
        elif not leg.up:
            state.lease(leg, leg.seconds + state.rules.lease_seconds)

    # -- legs found -----------------------------------------------------------------------------

    def _found(self, live: LiveLeg) -> None:
        """A leg that was not known lives: give it its place, or hang it up."""
        state = self.state
        purpose, account, call_id, detail = (*live.args, "", "", "", "")[:4]
        if purpose not in ORDER:
            if live.leg.startswith("leg-"):  # a snoop; a caller's leg is its flow's
                state.want(HangUpLeg(live.leg))
            return
        agent, visit = state.accounts.get(account, ""), state.visits.get(call_id)
        leg = Leg(live.leg, purpose, agent, account, call_id, detail, rung=True, up=live.up)
        if purpose == REJOIN:
            leg.rejoins = int(live.args[4])
        state.legs[leg.leg] = leg
        if agent:
            state.person(agent).legs[leg.leg] = None
        answered = live.up or purpose != REJOIN  # else the talk is not this leg's, but is waited for
        if answered and (row := self._cut.pop(leg.record, None)):
            self._continue(leg, row)
        seated = bool(visit) and live.up and visit is not None and not visit.over
        if not (seated and visit and self._seat(leg, live, visit)):
            if leg.phase:
                state.phase(leg, None, "cut")
            state.hang_up(leg)

    def _seat(self, leg: Leg, live: LiveLeg, visit: Visit) -> bool:
        """Give a leg that is up its place in a call. False: it has none."""
        if leg.purpose == CALLBACK:
            return self._seat_callback(leg, visit)
        if not leg.agent:
            return False
        if leg.purpose in (AGENT, REJOIN) or (not visit.talk_leg and live.bridge == visit.bridge):
            return not visit.talk_leg and self._seat_agent(leg, visit)
        if leg.purpose == CONSULT:
            return self._seat_third(leg, live, visit)
        if visit.talk_leg and visit.state == "joined":
            self.watching.found(leg, leg.detail, visit)
            return True
        return False

    def _seat_callback(self, leg: Leg, visit: Visit) -> bool:
        if not visit.own or visit.handed:
            return False
        visit.leg, visit.handed, visit.unsure = leg.leg, True, True
        visit.placed = leg.leg in visit.inside
        return True

    def _seat_agent(self, leg: Leg, visit: Visit) -> bool:
        """Give a call back to the agent whose leg is there for it."""
        state, person = self.state, self.state.person(leg.agent)
        self._stop_writing(person)
        if visit.state in ("waiting", "offered"):  # the flow does not know yet that an agent answered
            self.offers.leave_line(visit)
            if leg.phase is not Phase.JOIN:
                state.phase(leg, Phase.JOIN, "cut")
            state.observe(person, "phone_seen", "offer", "answer")
            visit.state = "offered"
            self.calls.take(visit, leg)
            return True
        visit.state, visit.talk_leg = "joined", leg.leg
        state.entry_row(visit, "answered")
        leg.queue, leg.joined_at = visit.queue, leg.began if leg.phase else state.now
        visit.talking_since = leg.joined_at
        state.observe(person, "take_call")
        state.want(Joined(visit.call_id, person.number))
        if leg.phase is Phase.HOLD and visit.leg not in visit.inside:
            visit.music = True
            state.want(StartMusic(visit.leg))
            state.observe(person, "hold")
        elif leg.phase is Phase.CONSULT:
            state.observe(person, "consult")
        elif leg.phase is not Phase.TALK:
            state.phase(leg, Phase.TALK, "cut")
        return True

    def _seat_third(self, leg: Leg, live: LiveLeg, visit: Visit) -> bool:
        """Give a third party back to the consultation or conference."""
        state = self.state
        asking = state.legs.get(visit.talk_leg)
        consult = Consult(f"consult-{leg.leg}", visit.call_id, leg=leg.leg, up=True)
        if asking is None:
            return visit.state == "joined" and self._seat_agent(leg, visit)
        if visit.consult or live.bridge not in (visit.bridge, consult_bridge(consult)):
            return False
        visit.consult, person = consult, state.person(leg.agent)
        consult.conference = live.bridge == visit.bridge
        self._stop_writing(person)
        state.observe(person, "take_call")
        following = Phase.TALK if consult.conference else Phase.CONSULT
        if leg.phase is not following:
            state.phase(leg, following, "cut")
        if consult.conference:
            return True
        state.observe(person, "consult")
        if asking.phase is not Phase.CONSULT:
            state.phase(asking, Phase.CONSULT, "cut")
        state.observe(state.person(asking.agent), "consult")
        state.music_on(visit)
        self.calls.meet(visit, consult)
        return True

    def _stop_writing(self, person: Person) -> None:
        """A note is over when its agent is found with another call."""
        if person.wrap_up:
            self.talks.end_wrap_up(person, "end")

    # -- afterwards -----------------------------------------------------------------------------

    def _mend(self, visit: Visit) -> None:
        """Put into the bridge who belongs there; give a call back that has lost its agent."""
        state, talk_leg = self.state, self.state.legs.get(visit.talk_leg)
        if visit.state == "claimed" and talk_leg:
            self.calls.connect_within(visit, state.rules.connect_seconds)
            if visit.handed and {talk_leg.leg, visit.leg} <= visit.inside:
                self.talks.connected(visit)
                return
            state.join(visit.bridge, talk_leg.leg)
            if visit.handed:
                state.bring_back(visit)
            elif visit.own and visit.leg in state.legs:
                self.calls.connect_within(visit, state.rules.callback_ring_seconds)
        elif visit.state == "joined" and talk_leg:
            self._mend_talk(visit, talk_leg)
        elif visit.state == "joined" and not visit.ringing and not self._resume(visit):
            self.talks.give_back(visit, TalkEnd.RETURNED, "line_died")
        elif visit.own and visit.handed and not visit.music:
            state.music_on(visit)

    def _resume(self, visit: Visit) -> bool:
        """Wait on for an agent whose line had died in the talk when the restart came."""
        cut = (row for row in self._cut.values() if row.phase is Phase.REJOIN)
        row = next((row for row in cut if row.call_id == visit.call_id), None)
        if row is None:
            return False
        lost = Leg(row.leg, AGENT, row.agent, "", row.call_id, gone=True, queue=visit.queue)
        self._continue(lost, row)
        lost.joined_at = lost.began
        if not self.rejoins.resume(visit, lost):
            return False
        del self._cut[row.leg]
        return True

    def _mend_talk(self, visit: Visit, talk_leg: Leg) -> None:
        state = self.state
        person = state.people[talk_leg.agent]
        if person.observed == "consulting" and visit.consult is None:
            visit.music = True
            self.talks.take_back(visit)
            return
        consulting = visit.consult is not None and visit.consult.up and not visit.consult.conference
        if not consulting and talk_leg.leg not in visit.inside:
            state.join(visit.bridge, talk_leg.leg)
        if not visit.music and visit.leg not in visit.inside:
            state.bring_back(visit)

    def _tidy(self) -> None:
        """Close the bridges nobody needs, and end the phases of legs that are gone."""
        state = self.state
        needed = {visit.bridge for visit in state.visits.values() if not visit.over}
        needed |= {consult_bridge(visit.consult) for visit in state.visits.values() if visit.consult}
        needed |= {watch.bridge for watch in state.watches.values()}
        for bridge in [name for name in state.bridges if name not in needed]:
            del state.bridges[bridge]
            state.want(CloseBridge(bridge))
        for row in self._cut.values():
            leg = Leg(row.leg, AGENT, row.agent, "", row.call_id, gone=True)
            self._continue(leg, row)
            if not self._is_to_be_noted(row):
                state.phase(leg, None, "cut")
                continue
            person = state.people[row.agent]
            state.phase(leg, Phase.WRAP_UP, "cut")
            state.observe(person, "take_call", "call_ended")
            person.note = leg
            self.talks.wrap_up_for(person, state.rules.wrap_up_seconds)
        self._cut.clear()
        for entry in (state.recorded or {}).values():
            if not entry.outcome and entry.call_id not in state.visits:
                state.write(replace(entry, at=state.at, outcome="lost"))
        state.recorded = None

    def _is_to_be_noted(self, row: LegRow) -> bool:
        """Whether a talk ended while nobody watched, and its agent is there to write the note."""
        person, visit = self.state.people.get(row.agent), self.state.visits.get(row.call_id)
        return (
            row.phase in (Phase.TALK, Phase.HOLD)
            and (visit is None or visit.over)
            and person is not None
            and person.observed == "idle"
            and person.declared != "signed_out"
        )

    # -- new tables -----------------------------------------------------------------------------

    def adopt(self, book: Skillbook) -> None:
        """Change the tables under a running floor. Raises Refused, and then nothing has changed."""
        state = self.state
        calls = [state.visits[name] for name in state.matcher.calls if name in state.visits]
        wanted = {visit.queue for visit in calls} | {consult.queue for consult in state.consults.values()}
        if lacking := sorted(queue for queue in wanted if book.requirement(queue) is None):
            raise Refused("queue_in_use", f"Somebody waits in {', '.join(lacking)}; the tables lack it.")
        for visit in calls:
            leg = state.legs.get(visit.talk_leg)
            if visit.state == "claimed" and leg:
                self.talks.accepted(leg)
        self.offers.withdraw()
        state.book, state.rules = book, FloorRules.of(book.tables.rules)
        state.matcher = state.matcher_of(book, state.matcher.next_number)
        self.offers.define_agents()
        for visit in calls:
            if visit.state == "waiting":
                self.offers.enter(visit)
        for consult in state.consults.values():
            self.offers.look_for_third(state.visits[consult.call_id], consult)
        self._sign_out_the_unknown()

    def _sign_out_the_unknown(self) -> None:
        state = self.state
        state.dirty |= dict.fromkeys(state.people)
        for person in state.people.values():
            if person.number not in state.book.agents and person.declared != "signed_out":
                later = person.observed not in ("idle", "offered", "phone_gone")
                state.declare(person, "sign_out_later" if later else "sign_out", SYSTEM)
