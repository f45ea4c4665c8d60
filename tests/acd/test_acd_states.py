from dataclasses import replace
from pathlib import Path

import pytest

from acd.drawing import pages
from acd.machine import Impossible, Machine
from acd.states import CALL, DECLARED, MACHINES, OBSERVED, OFFER, can_be_offered
from acd.wrap_up import WrapUp


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_pair_moves_or_is_ignored_with_a_reason(machine: Machine) -> None:
    assert list(machine.faults()) == []
    assert all(reason for _, reason in machine.ignored.values())


def test_a_table_with_a_hole_a_stray_name_or_an_island_is_found() -> None:
    hole = replace(OFFER, moves={key: to for key, to in OFFER.moves.items() if key != ("ringing", "claim")})
    assert "ringing + claim: neither moves nor is ignored" in list(hole.faults())
    assert "claimed: cannot be reached from ringing" in list(hole.faults())
    stray = replace(OFFER, moves={**OFFER.moves, ("ringing", "claim"): "clamed"})
    assert "ringing + claim → clamed: a name that is not declared" in list(stray.faults())


def test_the_pages_are_fresh() -> None:
    folder = Path(__file__).parents[2] / "docs" / "acd"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert written == pages(), "write them anew: python -m acd.drawing docs/acd"


def walk(machine: Machine, *events: str) -> str:
    state = machine.start
    for event in events:
        state = machine.after(state, event)
    return state


def test_who_signs_out_during_a_call_keeps_it_and_is_out_afterwards() -> None:
    assert walk(DECLARED, "sign_in", "ready", "sign_out_later") == "leaving"
    assert walk(DECLARED, "sign_in", "ready", "sign_out_later", "missed_ring", "call_over") == "signed_out"


def test_an_agent_is_offered_calls_only_when_ready_and_idle() -> None:
    offered = {(d, o) for d in DECLARED.states for o in OBSERVED.states if can_be_offered(d, o)}
    assert offered == {("ready", "idle")}


def test_a_missed_ring_pauses_and_a_late_answer_changes_nothing() -> None:
    assert walk(DECLARED, "sign_in", "ready", "missed_ring") == "paused"
    assert walk(OBSERVED, "phone_seen", "offer", "offer_void", "answer") == "idle"


def test_a_caller_whose_agents_line_died_waits_again_and_ends_once() -> None:
    assert walk(CALL, "offer", "claim", "join", "agent_lost") == "waiting"
    assert walk(CALL, "leave", "leave", "offer") == "left"


def test_what_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(Impossible, match="`waiting` and event `explode`"):
        CALL.after("waiting", "explode")


def test_a_wrap_up_ends_early_or_by_itself_and_is_extended_once() -> None:
    begun = WrapUp.begin(100.0, 30.0)
    assert begun.at(129.9).state == "running"
    assert begun.at(130.0).state == "over"
    assert begun.ended(110.0).seconds == 10.0
    longer = begun.extended(120.0, 60.0)
    assert (longer.state, longer.ends) == ("extended", 190.0)
    assert longer.extended(150.0, 60.0) == longer
    assert begun.extended(131.0, 60.0).seconds == 30.0
    with pytest.raises(ValueError, match="-1 s"):
        WrapUp.begin(0.0, -1.0)
