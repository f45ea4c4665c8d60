"""The laws of the floor, with people we called, agents lent and given back, and agents kept for a call."""

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from acd.blending import Limits
from acd.happenings import AgentNotWanted, AgentsGivenBack, AgentsWanted, AgentWanted
from acd.outbound import is_outbound
from tests.acd import acd_outbound_team
from tests.acd.acd_outbound_team import LENDING, OUTBOUND
from tests.acd.acd_team import ANI, BUDI, CITRA
from tests.acd.test_acd_floor_laws import History
from tests.laws import asks

EAGER = replace(LENDING, settle=0, free_agents=Limits(0.5, 0), queue_length=Limits(1, 2))
agents = st.sampled_from([ANI, BUDI, CITRA])


class OutboundHistory(History):
    """The same floor, whose agents work for outbound too."""

    book = staticmethod(acd_outbound_team.book)
    lending = EAGER

    # -- what happens ---------------------------------------------------------------------------

    @rule(only=st.sampled_from(["", "", ANI, BUDI, CITRA]), quick=st.booleans())
    def somebody_we_called_answers(self, only: str, quick: bool) -> None:
        self.calls += 1
        self.world.call(f"c{self.calls}", OUTBOUND, outbound=(100, only, quick))

    @rule(count=st.integers(0, 3))
    def outbound_wants_agents(self, count: int) -> None:
        self.world.tell(AgentsWanted(OUTBOUND, count))

    @rule()
    def outbound_gives_agents_back(self) -> None:
        self.world.tell(AgentsGivenBack(OUTBOUND))

    @rule(agent=agents, comes=st.booleans())
    def a_call_is_placed_for_an_agent(self, agent: str, comes: bool) -> None:
        self.calls += 1
        call_id = f"c{self.calls}"
        self.world.tell(AgentWanted(agent, call_id, 30.0))
        if comes:
            self.world.call(call_id, OUTBOUND, outbound=(100, agent, True))

    @rule(back=st.integers(0, 3))
    def a_call_that_was_placed_will_not_come(self, back: int) -> None:
        self.world.tell(AgentNotWanted(f"c{self.calls - back}"))

    # -- laws -----------------------------------------------------------------------------------

    @invariant()
    def a_call_for_one_agent_is_given_to_nobody_else(self) -> None:
        state = self.world.floor._state
        for call in state.matcher.offers.values():
            assert call.line.only in ("", call.desk.agent)

    @invariant()
    def who_is_lent_is_offered_no_inbound_call(self) -> None:
        state = self.world.floor._state
        for person in state.people.values():
            call = state.matcher.offers.get(person.offer)
            if person.lent and call is not None:
                assert call.line.only or is_outbound(state.book, call.line.key[0])

    @invariant()
    def who_belongs_to_inbound_and_is_not_lent_is_offered_no_call_of_ours(self) -> None:
        state = self.world.floor._state
        for person in state.people.values():
            desk = state.matcher.desks[person.number]
            if person.talents.mixed and not person.lent and desk.call is None:
                skills = {cell.gate.skill for cell in desk.profile.cells}
                assert "outbound" not in skills

    @invariant()
    def who_is_kept_can_be_chosen_for_their_own_calls_only(self) -> None:
        state = self.world.floor._state
        for person in state.people.values():
            skills = {cell.gate.skill for cell in state.matcher.desks[person.number].profile.cells}
            assert not person.kept or skills == {f"@{person.number}"}
            assert not person.kept or person.kept_until <= self.world.now + 30.0

    @invariant()
    def the_team_is_who_is_ready_for_it(self) -> None:
        state = self.world.floor._state
        for view in self.world.floor.team(OUTBOUND):
            person = state.people[view.agent]
            assert person.declared == "ready"
            # Who also takes inbound calls belongs to it for the call that is placed for them.
            assert person.lent or person.kept or not person.talents.inbound
            assert view.since <= self.world.now

    def teardown(self) -> None:
        """After quiet time nobody is kept."""
        super().teardown()
        if hasattr(self, "world"):
            assert not [person for person in self.world.floor._state.people.values() if person.kept]


TestOutboundHistory = OutboundHistory.TestCase
TestOutboundHistory.settings = settings(
    max_examples=asks(120),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
