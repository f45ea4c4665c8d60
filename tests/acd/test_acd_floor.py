"""Stories of the floor: callers, agents, offers, talks, wrap-up, sign-out."""

import pytest

from acd.happenings import CallGone, CallHandedOver, LegUp, OwnCall, OwnCallOver, PhoneSeen, RoomShut
from acd.requests import EndCall, EndWrapUp, ExtendWrapUp, Pause, Ready, Refused, Role, SignIn, SignOut
from domain.floor_log import AgentRow, LegRow, OfferRow, Phase, SupervisionRow
from tests.acd import acd_team
from tests.acd.acd_lines import Channel
from tests.acd.acd_team import ANI, BUDI, CITRA, RULES, at_work, in_talk
from tests.acd.acd_world import World


@pytest.fixture
def world() -> World:
    return acd_team.world()


def test_a_call_reaches_the_agent_who_is_free(world: World) -> None:
    at_work(world, ANI)
    world.now += 10
    world.call("c1", "efin")
    channel = world.leg_of(ANI)
    assert channel and channel.args == ("agent", f"a{ANI}", "c1", "1")
    assert world.view(ANI) == ("ready", "offered")
    world.now += 4
    world.answer(ANI)
    world.settle()
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.view(ANI) == ("ready", "talking")
    assert world.callers["c1"].told == ["answered"]
    assert world.outcomes("c1") == ["answered"]
    offers = [row for row in world.rows if isinstance(row, OfferRow)]
    assert [(row.number, row.outcome) for row in offers] == [(1, ""), (1, "accepted")]
    assert world.phases(ANI) == [("ring", "answered"), ("join", "joined")]


def test_phases_of_a_call_have_their_length(world: World) -> None:
    in_talk(world)
    world.now += 120
    world.hang_up(ANI)
    world.settle()
    assert world.view(ANI) == ("ready", "wrap_up")
    assert world.callers["c1"].told == ["answered", "ended"]
    world.wait(61)
    assert world.view(ANI) == ("ready", "idle")
    rows = [row for row in world.rows if isinstance(row, LegRow)]
    assert [row.seq for row in rows] == list(range(1, 9))
    ended = {row.phase: row.seconds for row in rows if row.seconds is not None}
    assert ended[Phase.TALK] == 120
    assert ended[Phase.WRAP_UP] == 60
    assert not world.bridges


def test_a_phone_that_rings_in_vain_hands_the_call_on(world: World) -> None:
    at_work(world, ANI, BUDI)
    world.call("c1", "efin")
    assert world.leg_of(ANI)
    world.wait(RULES.ring_seconds + 0.1)
    assert world.view(ANI) == ("paused", "idle")
    assert (ANI, "missed_ring") in world.told
    assert world.leg_of(BUDI)
    assert world.floor.place("c1", world.now) is not None
    assert world.phases(ANI) == [("ring", "ring_time_out")]
    world.wait(5 * 60 + 1)
    assert (ANI, "pause_over_limit") in world.told
    alarms = [row for row in world.rows if isinstance(row, SupervisionRow)]
    assert [(row.by, row.act, row.agent, row.detail) for row in alarms] == [
        ("system", "alarm", ANI, "pause_over_limit missed_ring")
    ]
    world.wait(5 * 60 + 1)
    assert world.told.count((ANI, "pause_over_limit")) == 1, "once a pause"
    assert next(view for view in world.floor.agents(world.now) if view.agent == ANI).over_limit


def test_a_phone_that_rejects_hands_the_call_on(world: World) -> None:
    at_work(world, ANI, BUDI)
    world.call("c1", "efin")
    world.hang_up(ANI, cause=21)
    world.settle()
    assert world.view(ANI) == ("paused", "idle")
    world.answer(BUDI)
    world.settle()
    assert world.heard_together("c1") == {BUDI, "caller"}


def test_an_agent_who_hangs_up_ended_the_talk(world: World) -> None:
    in_talk(world)
    world.hang_up(ANI, cause=16)
    world.settle()
    assert world.callers["c1"].told == ["answered", "ended"]
    assert world.phases(ANI)[-1] == ("talk", "agent_hung_up")


def test_a_line_that_dies_brings_the_caller_back_to_the_front(world: World) -> None:
    in_talk(world)
    at_work(world, BUDI)
    world.call("c2", "efin")
    world.answer(BUDI)
    world.settle()
    world.call("c3", "efin")
    world.phone_dies(ANI)
    world.hang_up(ANI, cause=38)
    world.settle()
    assert world.view(ANI) == ("ready", "rejoining")
    world.wait(RULES.rejoin_seconds + 0.1)
    assert world.view(ANI) == ("ready", "phone_gone")
    assert world.callers["c1"].told == ["answered", "returned"]
    place = world.floor.place("c1", world.now)
    assert place and place.ahead == 0
    world.ask(EndCall(BUDI))
    world.settle()
    world.ask(EndWrapUp(BUDI))
    channel = world.leg_of(BUDI)
    assert channel and channel.args[2] == "c1", "the call that came back is older than c3"
    assert world.outcomes("c1") == ["answered"], "its second stay is still open"


def test_a_caller_who_hangs_up_while_the_phone_rings_frees_the_agent(world: World) -> None:
    at_work(world, ANI)
    world.call("c1", "efin")
    world.call("c2", "efin")
    world.hang_up_caller("c1")
    world.deliver()
    # The phone still ends its last call; the next one rings when that is over.
    assert world.leg_of(ANI) is None
    world.settle()
    channel = world.leg_of(ANI)
    assert channel and channel.args[2] == "c2"
    assert world.outcomes("c1") == ["caller_hung_up"]


@pytest.mark.parametrize("first", ["caller", "agent"])
def test_caller_hangs_up_in_the_moment_of_the_answer(world: World, first: str) -> None:
    at_work(world, ANI)
    world.call("c1", "efin")
    if first == "caller":
        world.hang_up_caller("c1")
        world.answer(ANI)
    else:
        world.answer(ANI)
        world.hang_up_caller("c1")
    world.settle()
    assert world.view(ANI) == ("ready", "idle")
    assert world.outcomes("c1") == ["caller_hung_up"]
    assert not world.channels
    assert not world.bridges


def test_a_caller_who_hangs_up_before_being_joined_leaves_no_note(world: World) -> None:
    at_work(world, ANI)
    world.call("c1", "efin")
    world.answer(ANI)
    world.deliver()
    world.hang_up_caller("c1")
    world.settle()
    assert world.view(ANI) == ("ready", "idle")
    assert (ANI, "caller_gone") in world.told


def test_a_caller_who_is_not_handed_over_in_time_comes_back(world: World) -> None:
    at_work(world, ANI)
    world.call("c1", "efin")
    world.answer(ANI)
    world.deliver()
    handed = world.pending.pop()
    assert isinstance(handed, CallHandedOver)
    world.wait(RULES.connect_seconds + 0.1)
    assert world.callers["c1"].told[:2] == ["answered", "returned"]
    assert (ANI, "not_connected") in world.told
    assert world.view(ANI)[0] == "ready", "it was no fault of the agent"
    assert world.outcomes("c1") == ["returned"]


def test_an_answer_nobody_waits_for_is_hung_up(world: World) -> None:
    world.ever.add("leg-x")
    world.channels["leg-x"] = Channel("leg-x", ("agent", "a1", "c9", "7"), up=True)
    world.tell(LegUp("leg-x"))
    assert "leg-x" not in world.channels


def test_wrap_up_is_extended_once_and_ended_early(world: World) -> None:
    in_talk(world)
    world.ask(EndCall(ANI))
    world.settle()
    world.wait(50)
    world.ask(ExtendWrapUp(ANI))
    with pytest.raises(Refused) as refused:
        world.ask(ExtendWrapUp(ANI))
    assert refused.value.word == "extended_before"
    world.wait(100)
    assert world.view(ANI) == ("ready", "wrap_up")
    world.ask(EndWrapUp(ANI))
    assert world.view(ANI) == ("ready", "idle")
    with pytest.raises(Refused):
        world.ask(EndWrapUp(ANI))


def test_ready_ends_a_wrap_up_and_the_next_call_comes(world: World) -> None:
    in_talk(world)
    world.call("c2", "efin")
    world.hang_up_caller("c1")
    world.settle()
    assert world.view(ANI) == ("ready", "wrap_up")
    assert world.phases(ANI)[-1] == ("talk", "caller_hung_up")
    world.ask(Ready(ANI))
    channel = world.leg_of(ANI)
    assert channel and channel.args[2] == "c2"


def test_signing_out_during_a_call_does_not_lose_it(world: World) -> None:
    in_talk(world)
    world.ask(SignOut(ANI))
    assert world.view(ANI) == ("leaving", "talking")
    assert world.heard_together("c1") == {ANI, "caller"}
    world.call("c2", "efin")
    world.hang_up(ANI)
    world.settle()
    assert world.view(ANI) == ("leaving", "wrap_up")
    world.wait(61)
    assert world.view(ANI) == ("signed_out", "idle")
    assert world.leg_of(ANI) is None


def test_pausing_while_the_phone_rings_gives_the_call_to_the_next(world: World) -> None:
    at_work(world, ANI, BUDI)
    world.call("c1", "efin")
    world.ask(Pause(ANI, "prayer"))
    world.settle()
    assert world.view(ANI) == ("paused", "idle")
    assert world.leg_of(ANI) is None
    assert world.leg_of(BUDI)


def test_every_agent_pauses_mid_offer_and_the_call_waits_in_its_place(world: World) -> None:
    at_work(world, ANI, BUDI)
    world.call("c1", "efin")
    world.ask(Pause(ANI, "prayer"))
    world.ask(Pause(BUDI, "prayer"))
    world.settle()
    place = world.floor.place("c1", world.now)
    assert place and place.ahead == 0
    world.ask(Ready(BUDI))
    world.answer(BUDI)
    world.settle()
    assert world.heard_together("c1") == {BUDI, "caller"}


def test_rings_widen_while_a_call_waits(world: World) -> None:
    at_work(world, CITRA)
    world.call("c1", "efin")
    assert world.leg_of(CITRA) is None
    world.wait(60)
    assert world.leg_of(CITRA)


def test_a_shut_line_lets_the_waiting_go_and_the_talking_talk(world: World) -> None:
    in_talk(world)
    world.call("c2", "efin")
    at_work(world, BUDI)
    world.call("c3", "efin")
    world.tell(RoomShut())
    world.settle()
    assert world.callers["c2"].told == ["closed"]
    assert world.callers["c3"].told == ["closed"]
    assert world.outcomes("c3") == ["closed"]
    assert world.heard_together("c1") == {ANI, "caller"}
    assert world.leg_of(BUDI) is None


def test_an_agent_asks_only_for_themselves(world: World) -> None:
    at_work(world, ANI)
    with pytest.raises(Refused) as refused:
        world.ask(Pause(ANI, "prayer"), who=BUDI)
    assert refused.value.word == "not_yours"
    world.ask(Pause(ANI, "prayer"), who="9001", role=Role.SUPERVISOR)
    assert world.view(ANI) == ("paused", "idle")
    last = [row for row in world.rows if isinstance(row, AgentRow)][-1]
    assert (last.by, last.reason) == ("9001", "prayer")


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (SignIn(ANI), "no_phone"),
        (SignIn("9999"), "unknown_agent"),
        (Ready(ANI), "not_signed_in"),
        (EndCall(ANI), "not_now"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_word(world: World, request_: SignIn, word: str) -> None:
    with pytest.raises(Refused) as refused:
        world.ask(request_)
    assert refused.value.word == word


def test_an_unknown_pause_reason_is_refused(world: World) -> None:
    at_work(world, ANI)
    with pytest.raises(Refused) as refused:
        world.ask(Pause(ANI, "siesta"))
    assert refused.value.word == "unknown_reason"


def test_the_phone_that_was_signed_in_with_is_rung(world: World) -> None:
    world.phone(ANI, "adesk")
    world.phone(ANI, "abrowser")
    world.ask(SignIn(ANI, "abrowser"))
    world.ask(Ready(ANI))
    world.call("c1", "efin")
    channel = world.leg_of(ANI)
    assert channel and channel.account == "abrowser"


def test_a_phone_lost_while_ringing_gives_the_call_back(world: World) -> None:
    at_work(world, ANI, BUDI)
    world.call("c1", "efin")
    world.phone_dies(ANI)
    world.settle()
    assert world.view(ANI) == ("ready", "phone_gone")
    assert world.leg_of(BUDI)
    world.tell(PhoneSeen(ANI, f"a{ANI}"))
    assert world.view(ANI) == ("ready", "idle")


def test_whose_phone_is_on_a_call_of_their_own_is_offered_nothing_meanwhile(world: World) -> None:
    at_work(world, ANI)
    world.tell(OwnCall(ANI, "own-1"))
    assert world.view(ANI) == ("ready", "busy_otherwise")
    world.call("c1", "efin")
    assert world.leg_of(ANI) is None
    world.tell(OwnCallOver(ANI, "own-1"))
    world.tell(OwnCallOver(ANI, "own-1"))
    assert world.view(ANI) == ("ready", "offered")


def test_a_call_of_their_own_takes_no_wrap_up_away(world: World) -> None:
    in_talk(world)
    world.ask(EndCall(ANI))
    world.settle()
    world.tell(OwnCall(ANI, "own-1"))
    assert world.view(ANI) == ("ready", "wrap_up")
    world.ask(EndWrapUp(ANI))
    assert world.view(ANI) == ("ready", "busy_otherwise")
    world.phone_dies(ANI)
    world.tell(OwnCallOver(ANI, "own-1"))
    assert world.view(ANI) == ("ready", "phone_gone")


def test_leaving_for_a_callback_is_its_own_outcome(world: World) -> None:
    world.call("c1", "efin")
    world.tell(CallGone("c1", "callback"))
    assert world.outcomes("c1") == ["callback"]


def test_why_a_call_waits_and_why_it_is_with_its_agent(world: World) -> None:
    at_work(world, CITRA)
    world.call("c1", "efin")
    waiting = world.floor.explain("c1", world.now, world.at)
    assert (waiting.state, waiting.agent) == ("waiting", None)
    assert [agent.agent for agent in waiting.not_taken] == [CITRA]
    world.wait(60)
    world.answer(CITRA)
    world.settle()
    talking = world.floor.explain("c1", world.now, world.at)
    assert (talking.state, talking.agent, talking.ring, talking.waited) == ("joined", CITRA, 1, 60.0)
    with pytest.raises(KeyError):
        world.floor.explain("c2", world.now, world.at)


def test_queues_show_who_waits_and_who_could_take_it(world: World) -> None:
    in_talk(world)
    world.call("c2", "efin")
    world.now += 30
    shown = {(view.queue, view.language): view for view in world.floor.queues(world.now)}
    efin = shown["efin", "id"]
    assert (efin.waiting, efin.talking, efin.longest, efin.free, efin.serving) == (1, 1, 30.0, 0, 1)
    assert efin.expected is None, "too little is known to tell honestly"
    assert shown["hard", "id"].waiting == 0
