from acd.commands import CancelOffer, Offer, PauseAgent, Why
from acd.matcher import Matcher, MatcherRules
from acd.skills import Ability, Gate, Tier
from acd.tables_csv import load
from tests.acd.acd_tables import tables

KUP_B = Ability(frozenset({Gate("kup", Tier.B, 2, "id")}))
KUP_C = Ability(frozenset({Gate("kup", Tier.C, 2, "id")}))
KUP_C_PPH_B = Ability(frozenset({*KUP_C.gates, Gate("pph", Tier.B, 2, "id")}))


def matcher(**agents: Ability) -> Matcher:
    made = Matcher(load(tables()), MatcherRules(ring_seconds=15.0, connect_seconds=5.0))
    for agent, ability in agents.items():
        made.define_agent(agent, ability, 0.0)
        made.free(agent, 0.0)
    return made


def test_a_reserve_that_can_lend_again_lends_whoever_is_qualified() -> None:
    room = matcher(x=KUP_C_PPH_B)
    assert room.enter("c1", "pph_application", "id", 1.0, 1.0) == []
    room.define_agent("y", KUP_C, 2.0)
    assert room.free("y", 2.0) == [Offer("c1", "x", 1, 15.0, 0)]


def test_the_last_agent_pauses_mid_offer_and_the_caller_keeps_the_place() -> None:
    room = matcher(x=KUP_B)
    room.enter("c1", "kup_application", "id", 1.0, 1.0)
    room.enter("c2", "kup_application", "id", 2.0, 2.0)
    assert room.away("x", 3.0) == [CancelOffer(1, "c1", "x", Why.AGENT_AWAY)]
    assert room.free("x", 4.0) == [Offer("c1", "x", 2, 15.0, 0)]


def test_a_missed_ring_pauses_the_agent_and_the_next_one_is_rung() -> None:
    room = matcher(x=KUP_B, y=KUP_B)
    assert room.enter("c1", "kup_application", "id", 1.0, 1.0) == [Offer("c1", "x", 1, 15.0, 0)]
    assert room.wake_at == 16.0
    assert room.tick(16.0) == [
        CancelOffer(1, "c1", "x", Why.RING_TIME_OUT),
        PauseAgent("x", Why.MISSED_RING),
        Offer("c1", "y", 2, 15.0, 0),
    ]


def test_an_offer_is_claimed_once_and_in_time() -> None:
    room = matcher(x=KUP_B)
    room.enter("c1", "kup_application", "id", 1.0, 1.0)
    assert room.claim(1, 2.0) == (True, ())
    assert room.claim(1, 2.0) == (False, ())
    assert room.tick(7.0) == [CancelOffer(1, "c1", "x", Why.LEASE_ENDED), PauseAgent("x", Why.NOT_CONNECTED)]
    assert room.connected(1, 7.0) == (False, ())
    assert room.calls["c1"].since == 1.0


def test_a_caller_who_hangs_up_as_the_agent_answers_frees_nobody_twice() -> None:
    room = matcher(x=KUP_B)
    room.enter("c1", "kup_application", "id", 1.0, 1.0)
    room.enter("c2", "kup_application", "id", 1.5, 1.5)
    room.claim(1, 2.0)
    assert room.leave("c1", 2.0) == [CancelOffer(1, "c1", "x", Why.CALLER_LEFT)]
    assert room.connected(1, 2.0) == (False, ())
    assert room.free("x", 3.0) == [Offer("c2", "x", 2, 15.0, 0)]
