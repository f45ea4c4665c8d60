"""Random histories of a floor: anybody may do anything at any moment, and things get lost."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from acd.blending import BlendingRules
from acd.checking import checked
from acd.happenings import CallHandedOver, LegGone, LegJoined, LegUp, OwnCall, OwnCallOver, RoomShut
from acd.requests import (
    Barge,
    CancelConsult,
    CompleteTransfer,
    Conference,
    Consult,
    EndCall,
    EndWrapUp,
    ExtendWrapUp,
    Force,
    Hold,
    Listen,
    Pause,
    Ready,
    Refused,
    Request,
    Role,
    SignIn,
    SignOut,
    StopListening,
    Target,
    Transfer,
    Unhold,
)
from acd.skills import Tier
from tests.acd import acd_team
from tests.acd.acd_lines import subject
from tests.acd.acd_team import ANI, BUDI, CITRA, RULES, SITI
from tests.acd.acd_world import World

AGENTS = (ANI, BUDI, CITRA)
agents = st.sampled_from(AGENTS)
targets = st.sampled_from(
    [Target(queue="hard"), Target(skill="efin", tier=Tier.B)] + [Target(agent=agent) for agent in AGENTS]
)
WITH_A_CALL = (Hold, Unhold, EndCall, CompleteTransfer, CancelConsult, Conference)
AT_THE_DESK = (SignIn, Ready, Ready, Ready, SignOut, EndWrapUp, ExtendWrapUp)
requests: st.SearchStrategy[Request] = st.one_of(
    st.builds(lambda kind, agent: kind(agent), st.sampled_from(AT_THE_DESK), agents),
    st.builds(lambda kind, agent: kind(agent), st.sampled_from(WITH_A_CALL), agents),
    st.builds(lambda kind, agent, to: kind(agent, to), st.sampled_from((Transfer, Consult)), agents, targets),
    st.builds(Pause, agents, st.just("prayer")),
    st.builds(Listen, agents, st.sampled_from([SITI, BUDI]), st.booleans()),
    st.builds(Barge, agents, st.sampled_from([SITI, CITRA]), st.booleans()),
    st.builds(StopListening, agents, st.just(SITI)),
    st.builds(Force, agents, st.sampled_from(["ready", "paused", "signed_out"]), st.just("prayer")),
)
OF_SUPERVISORS = (Listen, Barge, StopListening, Force)


class Happenings(RuleBasedStateMachine):
    """A floor with three agents and a supervisor, and everything that can happen to it."""

    book = staticmethod(acd_team.book)
    lending: BlendingRules | None = None

    @initialize()
    def begin(self) -> None:
        self.world = World(self.book(), RULES, self.lending)
        self.world.gain_control()
        self.calls = self.kills = 0
        self.own: dict[str, str] = {}
        for agent in (*AGENTS, SITI):
            self.world.phone(agent)
        for agent in AGENTS:
            self.world.ask(SignIn(agent))
            self.world.ask(Ready(agent))

    @rule(queue=st.sampled_from(["efin", "efin", "hard"]), waited=st.sampled_from([0.0, 0.0, 45.0, 500.0]))
    def a_call_comes(self, queue: str, waited: float) -> None:
        self.calls += 1
        self.world.call(f"c{self.calls}", queue, waited=waited)

    @rule(skip=st.integers(0, 3))
    def something_is_told(self, skip: int) -> None:
        self.world.deliver(skip)

    @rule()
    def everything_is_told(self) -> None:
        self.world.settle()

    @rule(index=st.integers(0, 3))
    def a_caller_hangs_up(self, index: int) -> None:
        there = [caller.call_id for caller in self.world.callers.values() if caller.state != "gone"]
        if there:
            self.world.hang_up_caller(there[index % len(there)])

    @rule(agent=st.sampled_from([ANI, BUDI, CITRA, SITI, "", "", ""]))
    def a_phone_answers(self, agent: str) -> None:
        for person in (agent,) if agent else (*AGENTS, SITI):
            channel = self.world.leg_of(person)
            if channel and not channel.up:
                self.world.answer(person)

    @rule(agent=st.sampled_from([*AGENTS, SITI]), cause=st.sampled_from([16, 21, 38]))
    def a_phone_hangs_up(self, agent: str, cause: int) -> None:
        if self.world.leg_of(agent):
            self.world.hang_up(agent, cause)

    @rule(agent=st.sampled_from([*AGENTS, SITI]))
    def a_phone_goes(self, agent: str) -> None:
        self.world.phone_dies(agent)
        if self.world.leg_of(agent):
            self.world.hang_up(agent, 38)

    @rule(agent=st.sampled_from([*AGENTS, SITI]))
    def a_phone_comes(self, agent: str) -> None:
        self.world.phone(agent)

    @rule(agent=agents, comes=st.booleans())
    def a_second_phone_comes_or_goes(self, agent: str, comes: bool) -> None:
        other = f"b{agent}"
        if comes:
            self.world.phone(agent, other)
            return
        self.world.phone_dies(agent, other)
        leg = self.world.leg_of(agent)
        if leg and leg.account == other:
            self.world.hang_up(agent, 38)

    @rule(agent=agents)
    def a_line_dies_in_a_talk(self, agent: str) -> None:
        """The phone is there again at once, as a page that was reloaded is."""
        leg = self.world.leg_of(agent)
        if leg and leg.up:
            self.world.hang_up(agent, 44)
            self.world.settle()

    @rule(agent=agents)
    def an_agent_dials_or_hangs_up_their_own_call(self, agent: str) -> None:
        if leg := self.own.pop(agent, ""):
            self.world.tell(OwnCallOver(agent, leg))
        else:
            self.own[agent] = f"own-{agent}"
            self.world.tell(OwnCall(agent, self.own[agent]))

    @rule(request=requests)
    def somebody_asks(self, request: Request) -> None:
        who, role = (SITI, Role.SUPERVISOR) if isinstance(request, OF_SUPERVISORS) else ("", Role.AGENT)
        try:
            self.world.ask(request, who, role)
        except Refused as refused:
            assert refused.word

    @rule(index=st.integers(0, 3))
    def a_caller_wants_to_be_called_back(self, index: int) -> None:
        waiting = [
            caller.call_id
            for caller in self.world.callers.values()
            if caller.state == "waiting"
            and not any(subject(told) == caller.call_id for told in self.world.pending)
            and self.world.floor.place(caller.call_id, self.world.now)
        ]
        if waiting:
            self.world.book_callback(waiting[index % len(waiting)])

    @rule(up=st.sampled_from([True, True, False]))
    def a_person_called_back_answers_or_not(self, up: bool) -> None:
        for channel in list(self.world.channels.values()):
            if channel.args[:1] == ("callback",):
                if up and not channel.up:
                    channel.up = True
                    self.world.happens(LegUp(channel.name))
                elif not up:
                    self.world.end_leg(channel.name, 16)

    @rule(agent=agents, index=st.integers(0, 1))
    def a_talk_begins(self, agent: str, index: int) -> None:
        """An agent with a phone that works takes a call, if there is one."""
        world = self.world
        self.a_phone_comes(agent)
        world.settle()
        for request in (SignIn(agent), Ready(agent)):
            self.somebody_asks(request)
        if world.leg_of(agent) is None and index:
            self.a_call_comes("hard" if agent == CITRA else "efin", 0.0)
        self.a_phone_answers(agent)
        world.settle()

    @rule(kind=st.sampled_from((*WITH_A_CALL, Transfer, Consult, Consult, Listen, Barge)), to=targets,
          deep=st.booleans(), flag=st.booleans())  # fmt: skip
    def who_talks_asks(self, kind: type, to: Target, deep: bool, flag: bool) -> None:
        """An agent with a call does something with it; `deep`: whose phone rings for it answers."""
        for view in self.world.floor.talks(self.world.now):
            if kind in (Transfer, Consult):
                self.somebody_asks(kind(view.agent, to))
            elif kind in (Listen, Barge):
                self.somebody_asks(kind(view.agent, SITI, flag))
            else:
                self.somebody_asks(kind(view.agent))
            if deep:
                self.a_phone_answers("")
                self.world.settle()
            return

    @rule(seconds=st.sampled_from([0.5, 0.5, 4.0, 4.0, 16.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.wait(seconds)

    @rule()
    def an_event_is_lost(self) -> None:
        """Of a leg that is rung, ends or is about to be joined: their leases must do."""
        pending = self.world.pending
        for happening in list(pending):
            if isinstance(happening, LegGone):
                leg = self.world.floor._state.legs.get(happening.leg)
                if leg is None or (leg.up and not leg.ending):
                    continue
            if isinstance(happening, LegUp | LegGone | LegJoined):
                pending.remove(happening)
                return

    @rule()
    def the_line_is_shut(self) -> None:
        self.world.tell(RoomShut())

    @precondition(lambda self: self.world.control)
    @rule(request=requests, gone=st.sampled_from(["", *AGENTS]))
    def control_is_lost_for_a_while(self, request: Request, gone: str) -> None:
        self.world.lose_control()
        if gone and self.world.leg_of(gone):
            self.world.hang_up(gone)
        self.somebody_asks(request)
        self.world.now += 3
        self.world.gain_control()

    @precondition(lambda self: self.world.control)
    @rule(unsure=st.booleans(), gone=st.sampled_from(["", *AGENTS]))
    def the_service_is_killed(self, unsure: bool, gone: str) -> None:
        for happening in self.world.pending:
            if unsure and isinstance(happening, CallHandedOver):  # what the flow had not made durable
                self.world.callers[happening.call_id].state = "waiting"
        self.kills += 1
        self.own.clear()
        self.world.restart()
        if gone and self.world.leg_of(gone):
            self.world.hang_up(gone)
        self.world.now += 2
        self.world.come_back()

    @rule()
    def tables_change(self) -> None:
        tables = self.book().tables
        self.world.book = checked(replace(tables))
        self.world.perform(self.world.floor.adopt(self.world.book, self.world.now, self.world.at))
