"""The laws of the floor over random histories."""

from collections import Counter, defaultdict

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from acd.happenings import CallEntered, CallGone, CallHandedOver, OwnCallOver
from acd.pools import Stand
from domain.floor_log import EntryRow, LegRow, OfferRow
from tests.acd.acd_history import Happenings
from tests.acd.acd_team import RULES
from tests.acd.acd_world import World
from tests.laws import asks


class History(Happenings):
    """The laws that hold after each thing that happens."""

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
    max_examples=asks(120),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
