"""Everything between waiting callers and agents, as one pure rule: told what happens, it says what to do.

Many conditions hold together here and nowhere else: who waits, who is offered what, who talks, holds,
consults, listens, writes a note. Times are seconds on one monotonic axis; `at` is the same moment, aware.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from acd.actions import Action, HangUpLeg
from acd.blending import Blending, BlendingRules
from acd.explain import Explanation
from acd.floor_calls import RANG_IN_VAIN, Calls
from acd.floor_desk import Desks
from acd.floor_look import Look
from acd.floor_moves import Moves
from acd.floor_offers import Offers
from acd.floor_outbound import OutboundWork
from acd.floor_recovery import Recovery
from acd.floor_rejoin import Rejoins
from acd.floor_requests import Requests
from acd.floor_rules import FloorRules
from acd.floor_state import FloorState
from acd.floor_talks import Talks
from acd.floor_views import AgentView, CallerView, OutboundView, QueueView, TalkView
from acd.floor_watch import Watching
from acd.happenings import (
    AgentNotWanted,
    AgentsGivenBack,
    AgentsWanted,
    AgentWanted,
    CallEntered,
    CallGone,
    CallHandedOver,
    ControlBack,
    ControlLost,
    Happening,
    LegGone,
    LegJoined,
    LegUp,
    OwnCall,
    OwnCallOver,
    PhoneLost,
    PhoneSeen,
    RoomShut,
    TimePassed,
)
from acd.requests import Actor, Request
from acd.skills import OFFICE_ZONE, Skillbook
from acd.talk import Leg
from domain.floor_log import AgentRow, EntryRow, LegRow
from domain.waiting_room import Place, TalkEnd


class Floor:
    """Told `happenings` and `requests`, returns actions; as after `ControlLost` until `ControlBack`."""

    def __init__(
        self,
        book: Skillbook,
        rules: FloorRules,
        new_id: Callable[[], str],
        first_offer: int = 1,
        lending: BlendingRules | None = None,
    ) -> None:
        """`new_id` returns 32 hex digits, never the same twice; `first_offer`: no lower number was used.

        `lending`: when inbound lends agents to outbound work; None: never.
        """
        blending = Blending(lending) if lending else None
        self._state = state = FloorState(book, rules, new_id, first_offer, blending)
        self._offers = Offers(state)
        self._talks = Talks(state, self._offers)
        self._rejoins = Rejoins(state, self._offers, self._talks)
        self._watching = Watching(state, self._talks)
        self._calls = Calls(state, self._offers, self._talks, self._rejoins, self._watching)
        self._desks = Desks(state, self._talks)
        self._recovery = Recovery(state, self._offers, self._talks, self._calls, self._watching)
        self._requests = Requests(self._desks, Moves(state, self._offers, self._talks), self._watching)
        self._look = Look(state)
        self._outbound = OutboundWork(state, self._offers, blending, self._look.longest_expected)
        self._started = False

    # -- told -----------------------------------------------------------------------------------

    def restore(
        self,
        agents: Sequence[AgentRow],
        legs: Sequence[LegRow],
        now: float,
        at: datetime,
        entries: Sequence[EntryRow] = (),
    ) -> None:
        """Take up what is on record, before anything else is told.

        `agents`: the last row of each; `legs`: the last row of each leg in the middle of a phase;
        `entries`: the last row of each call that may still live.
        """
        self._state.begin(now, at)
        self._recovery.restore(agents, legs, entries)

    def handle(self, happening: Happening, now: float, at: datetime) -> list[Action]:
        """Return what is to be done because of something that happened."""
        self._begin(now, at)
        self._follow(happening)
        return self._end()

    def request(self, actor: Actor, request: Request, now: float, at: datetime) -> list[Action]:
        """Return what is to be done because somebody asked. Raises acd.requests.Refused.

        What was due at that moment anyway is not lost by a refusal: `wake_at` is then at once.
        """
        self._begin(now, at)
        try:
            self._requests.grant(actor, request)
        finally:
            self._offers.settle()
        return self._end()

    def adopt(self, book: Skillbook, now: float, at: datetime) -> list[Action]:
        """Take new tables; nobody loses a place or a talk, and offers that ring are made anew.

        Raises Refused (`queue_in_use`): somebody waits in a queue that the tables lack; nothing changed.
        """
        self._begin(now, at)
        self._recovery.adopt(book)
        self._define_agents()
        return self._end()

    @property
    def wake_at(self) -> float:
        """When `TimePassed` is to be told at the latest, on the axis of `now`; inf: nothing is due."""
        return self._state.wake_at

    # -- looked at ------------------------------------------------------------------------------

    def agents(self, now: float) -> list[AgentView]:
        """Return every agent, by staff number."""
        return self._look.agents(now)

    def queues(self, now: float) -> list[QueueView]:
        """Return every queue, in each language in which somebody waits or talks, at least in Indonesian."""
        return self._look.queues(now)

    def talks(self, now: float) -> list[TalkView]:
        """Return the talks that are on, oldest first."""
        return self._look.talks(now)

    def caller(self, call_id: str) -> CallerView | None:
        """Return a call as its caller has it; None: it is not in the room."""
        return self._look.caller(call_id)

    def place(self, call_id: str, now: float) -> Place | None:
        """Return where a call stands in line; None when it does not wait."""
        return self._look.place(call_id, now)

    def team(self, queue: str) -> list[OutboundView]:
        """Return who works for an outbound queue now, by staff number."""
        return self._outbound.team(queue)

    def borrowed(self, queue: str) -> int:
        """Return how many agents inbound lends to an outbound queue now."""
        return self._outbound.borrowed(queue)

    def kept_for(self, call_id: str) -> str:
        """Return the agent who is kept for a call; empty: nobody is."""
        people = self._state.people.values()
        return next((person.number for person in people if person.kept == call_id), "")

    def lending(self, now: float) -> str:
        """Return what inbound lends and why, for a person to read."""
        return self._outbound.explain(now)

    def explain(self, call_id: str, now: float, at: datetime) -> Explanation:
        """Explain why a call waits, or why its offer went to its agent. Raises KeyError: neither."""
        return self._look.explain(call_id, now, at)

    # -- inside ---------------------------------------------------------------------------------

    def _begin(self, now: float, at: datetime) -> None:
        state = self._state
        state.begin(now, at)
        if not self._started:
            self._started = True
            self._define_agents()
        self._offers.obey(state.matcher.tick(state.now))
        while due := state.due():
            self._time_for(*due)

    def _end(self) -> list[Action]:
        self._offers.settle()
        self._outbound.look()
        self._offers.settle()
        return self._state.take()

    def _follow(self, happening: Happening) -> None:
        match happening:
            case CallEntered():
                self._calls.entered(happening)
            case CallGone(call_id, why):
                self._calls.gone(call_id, why)
            case CallHandedOver(call_id, leg):
                self._calls.handed_over(call_id, leg)
            case LegUp(leg):
                self._calls.up(leg)
            case LegGone(leg, cause):
                self._calls.leg_gone(leg, cause)
            case LegJoined(bridge, leg):
                self._calls.joined(bridge, leg)
            case TimePassed():
                pass
            case _:
                self._follow_rest(happening)

    def _follow_rest(self, happening: Happening) -> None:
        match happening:
            case OwnCall(agent, leg):
                self._desks.own_call(agent, leg)
            case OwnCallOver(agent, leg):
                self._desks.own_call_over(agent, leg)
            case PhoneSeen(agent, account):
                self._desks.phone_seen(agent, account)
                self._rejoins.phone_seen(agent, account)
            case PhoneLost(agent, account):
                self._desks.phone_lost(agent, account)
                self._rejoins.phone_lost(agent, account)
            case RoomShut():
                self._calls.shut()
            case ControlLost():
                self._recovery.control_lost()
            case ControlBack(legs, bridges):
                self._recovery.control_back(legs, bridges)
            case _:
                self._follow_outbound(happening)

    def _follow_outbound(self, happening: Happening) -> None:
        match happening:
            case AgentsWanted(queue, count):
                self._outbound.borrow(queue, count)
            case AgentsGivenBack(queue):
                self._outbound.give_back(queue)
            case AgentWanted(agent, call_id, seconds):
                self._outbound.keep(agent, call_id, seconds)
            case AgentNotWanted(call_id):
                self._offers.release(call_id)

    # -- time -----------------------------------------------------------------------------------

    def _time_for(self, kind: str, key: str) -> None:
        state = self._state
        if kind in ("leg", "connect", "rejoin"):
            if state.control:  # else `ControlBack` will tell
                self._time_for_leg(kind, key)
        elif kind == "consult":
            self._talks.found_nobody(key)
        elif kind == "wrap_up":
            person = state.people[key]
            if person.wrap_up and person.wrap_up.ends <= state.now:
                self._talks.end_wrap_up(person, "time_up")
        elif kind == "pause":
            self._desks.pause_over_limit(state.people[key])
        elif kind == "kept":
            self._outbound.time_is_up(key)
        elif kind == "purge":
            self._purge(key)
        elif kind == "expiry":
            self._define_agents()

    def _time_for_leg(self, kind: str, key: str) -> None:
        leg = self._state.legs.get(key)
        if kind == "connect":
            self._not_connected(key)
        elif kind == "rejoin":
            self._rejoins.time_has_come(key)
        elif leg and leg.lease <= self._state.now:
            self._lease_ended(leg)

    def _lease_ended(self, leg: Leg) -> None:
        """Nothing was told of a leg in time: it counts as gone, and is hung up in case it is not."""
        self._state.want(HangUpLeg(leg.leg))
        if leg.ending:
            self._state.forget(leg)
        else:
            self._calls.leg_gone(leg.leg, RANG_IN_VAIN)

    def _not_connected(self, call_id: str) -> None:
        """Caller and agent were not joined in time."""
        state, visit = self._state, self._state.visits.get(call_id)
        if visit is None or visit.state != "claimed" or visit.connect_by > state.now:
            return
        if leg := state.legs.get(visit.talk_leg):
            state.tell(leg.agent, "not_connected")
        self._calls.give_up_calling_out(visit)
        self._talks.give_back(visit, TalkEnd.RETURNED, "not_connected")

    def _purge(self, call_id: str) -> None:
        visit = self._state.visits.get(call_id)
        if visit and visit.over:
            del self._state.visits[call_id]
            self._state.close_bridge(visit.bridge)

    def _define_agents(self) -> None:
        """Tell the matcher who can do what today, and look again when the next competence has expired."""
        state = self._state
        self._offers.define_agents()
        last_day = state.book.next_expiry(state.at)
        if last_day is not None:
            ends = datetime.combine(last_day + timedelta(days=1), time(), OFFICE_ZONE)
            state.wake(state.now + (ends - state.at).total_seconds() + 1.0, "expiry", "")
