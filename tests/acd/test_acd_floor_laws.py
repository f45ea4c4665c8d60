"""The laws of the floor over random histories: anybody may do anything at any moment, and things get lost."""

from collections import Counter, defaultdict
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acd.blending import BlendingRules
from acd.checking import checked
from acd.happenings import (
    CallEntered,
    CallGone,
    CallHandedOver,
    LegGone,
    LegJoined,
    LegUp,
    OwnCall,
    OwnCallOver,
    RoomShut,
)
from acd.pools import Stand
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
from domain.floor_log import EntryRow, LegRow, OfferRow
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


class History(RuleBasedStateMachine):
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

    # -- what happens ---------------------------------------------------------------------------

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

    # -- laws -----------------------------------------------------------------------------------

    @invariant()
    def one_call_an_agent_and_one_agent_a_call(self) -> None:
        state = self.world.floor._state
        roles: Counter[str] = Counter()
        for visit in state.visits.values():
            assert not (visit.talk_leg and visit.ringing)
            third = visit.consult.leg if visit.consult else ""
            for name in filter(None, (visit.talk_leg, visit.ringing, third)):
                roles[state.legs[name].agent] += 1
            if visit.rejoin:
                assert not visit.talk_leg and not visit.ringing
                roles[visit.rejoin.lost.agent] += 1
        roles.update(watch.supervisor for watch in state.watches.values())
        assert all(number == 1 for number in roles.values()), roles

    @invariant()
    def nobody_is_free_while_a_call_waits_that_they_may_take(self) -> None:
        world, state = self.world, self.world.floor._state
        if not world.control or world.floor.wake_at <= world.now:
            return
        for person in state.people.values():
            desk = state.matcher.desks[person.number]
            free = state.control and (person.declared, person.observed) == ("ready", "idle")
            assert free == (desk.stand is Stand.FREE) or any(state.legs[leg].up for leg in person.legs)
            if desk.stand is not Stand.FREE:
                continue
            for call in state.matcher.calls.values():
                rings = [call.line.ring_of(cell.gate) for cell in desk.profile.cells]
                admitted = [ring for ring in rings if ring is not None]
                if admitted and call.number == 0:
                    opens = call.since + call.line.plan[min(admitted)].after_s
                    assert opens > world.now, f"{call.call_id} waits and {person.number} is free"

    @invariant()
    def no_place_is_lost(self) -> None:
        world, state = self.world, self.world.floor._state
        on_the_way = {
            happening.call_id
            for happening in world.pending
            if isinstance(happening, CallEntered | CallGone | CallHandedOver)
        }
        for caller in world.callers.values():
            if caller.state == "waiting" and caller.call_id not in on_the_way:
                assert state.matcher.calls[caller.call_id].since == caller.since
            elif caller.state == "booked" and caller.call_id not in on_the_way:
                visit = state.visits[caller.call_id]
                with_somebody = visit.talk_leg or visit.ringing or visit.rejoin
                assert with_somebody or caller.call_id in state.matcher.calls
                assert visit.since == caller.since
            elif caller.state == "talking" and caller.call_id not in on_the_way:
                visit = state.visits[caller.call_id]
                assert visit.talk_leg or visit.ringing or visit.rejoin, "with an agent, or on the way to one"

    @invariant()
    def the_record_has_no_gaps(self) -> None:
        rows: dict[str, list[LegRow]] = defaultdict(list)
        for row in self.world.rows:
            if isinstance(row, LegRow):
                rows[row.leg].append(row)
        for of_leg in rows.values():
            assert [row.seq for row in of_leg] == list(range(1, len(of_leg) + 1))
            for begun, ended in zip(of_leg[::2], of_leg[1::2], strict=False):
                assert begun.seconds is None
                assert ended.seconds is not None
                assert begun.phase is ended.phase
        numbers = [row.number for row in self.world.rows if isinstance(row, OfferRow) and not row.outcome]
        assert len(numbers) == len(set(numbers))
        open_entries: Counter[str] = Counter()
        for row in self.world.rows:
            if isinstance(row, EntryRow):
                open_entries[row.call_id] += -1 if row.outcome else 1
        assert set(open_entries.values()) <= {0, 1}

    @invariant()
    def a_talk_is_kept_for_who_was_cut_off_but_not_for_long(self) -> None:
        world, state = self.world, self.world.floor._state
        kept = {visit.rejoin.lost.agent for visit in state.visits.values() if visit.rejoin}
        shown = {person.number for person in state.people.values() if person.observed == "rejoining"}
        assert kept == shown
        for visit in state.visits.values():
            if visit.rejoin is None or not world.control:
                continue
            assert visit.rejoin.ends <= world.now + RULES.rejoin_seconds
            assert visit.rejoin.ends > world.now or world.floor.wake_at <= world.now
            alone = visit.consult is None and not visit.over
            channel = world.channels.get(visit.leg)
            assert not alone or channel is None or channel.music, "the caller hears music"
        times = Counter(r.leg for r in world.rows if isinstance(r, LegRow) and r.outcome == "rejoined")
        assert max(times.values(), default=0) <= RULES.rejoin_times + self.kills

    def teardown(self) -> None:
        """After quiet time nobody is stuck, nothing is left over, every call has its reason."""
        if not hasattr(self, "world"):
            return
        world: World = self.world
        world.settle()
        for agent, leg in self.own.items():
            world.tell(OwnCallOver(agent, leg))
        for call_id in list(world.callers):
            world.hang_up_caller(call_id)
        world.wait(1000)
        state = world.floor._state
        assert not world.channels
        assert not world.bridges
        assert not state.legs
        assert not state.visits
        assert not state.matcher.calls
        assert not state.watches
        assert not state.consults
        for person in state.people.values():
            assert person.observed == ("idle" if person.phone() else "phone_gone")
            assert not person.legs
            assert not person.offer
        entered = Counter(r.call_id for r in world.rows if isinstance(r, EntryRow) and not r.outcome)
        left = Counter(r.call_id for r in world.rows if isinstance(r, EntryRow) and r.outcome)
        assert entered == left
        ended = Counter(
            (r.leg, r.phase) for r in world.rows if isinstance(r, LegRow) and r.seconds is not None
        )
        assert ended == Counter(
            (r.leg, r.phase) for r in world.rows if isinstance(r, LegRow) and r.seconds is None
        )


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=120,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
