"""Dispositions are kept, followed even after a crash, and owed before a note's time can be ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from acd.requests import Actor, EndWrapUp, ExtendWrapUp, Force, Ready, Refused, Role
from dialer.attempts import AttemptState, DialOutcome
from dialer.disposed import NO_DISPOSITION, SYSTEM
from dialer.disposition_desk import Wish
from dialer.leads import LeadState
from tests.unit.outbound_stage import Stage
from tests.unit.outbound_world import FIRST_KEY, TAXPAYER_KEY
from tests.unit.test_outbound_desk import until
from tests.web.page_parts import COLLEAGUE, OWN
from web.outbound_port import Called

STAFF = "s" * 32
CALL = f"{1:032x}"


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def called(stage: Stage, call_id: str = CALL) -> Called:
    found = await stage.calls.called(call_id)
    assert found is not None
    return found


def talks(stage: Stage) -> None:
    """Let a call of ours be with the agent."""
    stage.attempt(state=AttemptState.ANSWERED, joined=OWN)
    stage.has(CALL, "talking")


async def test_a_disposition_is_kept_then_followed(stage: Stage) -> None:
    talks(stage)
    found = await stage.work.dispose(await called(stage), OWN, STAFF, Wish("do_not_call", confirmed=True))
    assert [(row.code, row.applied_at is not None) for row in stage.record.rows] == [("do_not_call", True)]
    assert stage.suppressions.keys == {TAXPAYER_KEY: "do_not_call", FIRST_KEY: "do_not_call"}
    assert stage.leads.settled == [(7, found.after, False)]
    assert stage.attempts.told == [(CALL, "do_not_call")]


async def test_the_attempt_that_is_on_counts_towards_the_limits(stage: Stage) -> None:
    lead = replace(stage.leads.rows[7], attempts=5)  # of 6 for life
    stage.leads.rows[7] = lead
    talks(stage)
    found = await stage.work.dispose(await called(stage), OWN, STAFF, Wish("no_proof"))
    assert (found.after.state, found.after.reason) == (LeadState.DONE, "cap_life")


async def test_a_correction_lifts_a_suppression(stage: Stage) -> None:
    talks(stage)
    await stage.work.dispose(await called(stage), OWN, STAFF, Wish("wrong_number"))
    assert stage.suppressions.keys == {FIRST_KEY: "wrong_number"}
    await stage.work.dispose(await called(stage), OWN, STAFF, Wish("refused"))
    assert stage.suppressions.keys == {}
    assert [row.number for row in stage.record.rows] == [1, 2]
    assert stage.leads.rows[7].dead_numbers == frozenset()


async def test_of_two_at_once_the_second_corrects_the_first(stage: Stage) -> None:
    talks(stage)
    first = (await stage.work.dispose(await called(stage), OWN, STAFF, Wish("wrong_number"))).row
    stage.record.rows.clear()
    stage.record.meanwhile = first
    await stage.work.dispose(await called(stage), OWN, STAFF, Wish("refused"))
    assert [(row.number, row.code) for row in stage.record.rows] == [(1, "wrong_number"), (2, "refused")]
    assert stage.suppressions.keys == {}


async def test_what_was_kept_before_a_crash_is_followed_afterwards(stage: Stage) -> None:
    talks(stage)
    stage.leads.down = True
    await stage.calls.attempt(CALL)
    stage.leads.down = False
    found = await called(stage)
    stage.leads.down = True
    await stage.work.dispose(found, OWN, STAFF, Wish("do_not_call", confirmed=True))
    assert stage.record.rows[0].applied_at is None
    assert stage.leads.settled == []
    stage.leads.down = False
    await stage.owed.sweep()
    assert stage.leads.settled == []  # whoever keeps it may still be at it
    stage.clock.passed = timedelta(seconds=30)
    await stage.owed.sweep()
    assert [after.reason for _, after, _ in stage.leads.settled] == ["do_not_call"]
    assert stage.record.rows[0].applied_at is not None
    await stage.owed.sweep()
    assert len(stage.leads.settled) == 1


async def test_a_notes_time_is_not_ended_by_its_agent_without_a_disposition(stage: Stage) -> None:
    talks(stage)
    stage.ends(CALL, DialOutcome.TALKED)
    stage.has(CALL, "wrap_up")
    await until(lambda: stage.owed.owes(OWN))
    for request in (EndWrapUp(OWN), Ready(OWN)):
        with pytest.raises(Refused) as refused:
            stage.owed.check_request(Actor(OWN, Role.AGENT), request)
        assert refused.value.word == "disposition_first"
    stage.owed.check_request(Actor(OWN, Role.AGENT), ExtendWrapUp(OWN))
    stage.owed.check_request(Actor("leader", Role.SUPERVISOR), Force(OWN, "ready"))
    stage.owed.check_request(Actor(COLLEAGUE, Role.AGENT), Ready(COLLEAGUE))
    await stage.work.dispose(await called(stage), OWN, STAFF, Wish("refused"))
    stage.owed.check_request(Actor(OWN, Role.AGENT), EndWrapUp(OWN))


async def test_when_the_time_is_over_there_is_none_and_it_is_on_record(stage: Stage) -> None:
    talks(stage)
    stage.ends(CALL, DialOutcome.TALKED)
    stage.has(CALL, "wrap_up")
    stage.has("", "idle")
    await until(lambda: stage.leads.settled)
    row = stage.record.rows[0]
    assert (row.code, row.by, row.agent) == (NO_DISPOSITION, SYSTEM, OWN)
    assert [one.call_id for one in await stage.work.undisposed(None, stage.clock.now())] == [CALL]
    assert stage.leads.settled[0][1].state is LeadState.DONE
    await until(lambda: OWN in stage.told)


async def test_a_disposition_in_the_talk_is_enough(stage: Stage) -> None:
    talks(stage)
    await stage.work.dispose(await called(stage), OWN, STAFF, Wish("refused"))
    stage.has(CALL, "wrap_up")
    assert not stage.owed.owes(OWN)
    stage.has("", "idle")
    await stage.work.stop()
    assert [row.code for row in stage.record.rows] == ["refused"]


async def test_an_inbound_call_owes_nothing(stage: Stage) -> None:
    stage.has("i" * 32, "talking")
    stage.has("i" * 32, "wrap_up")
    await until(lambda: stage.owed._ours.get("i" * 32) is False)
    assert not stage.owed.owes(OWN)
    stage.has("", "idle")
    await stage.work.stop()
    assert stage.record.rows == []


async def test_whoever_gave_the_call_to_a_colleague_owes_nothing(stage: Stage) -> None:
    talks(stage)
    stage.has(CALL, "talking", COLLEAGUE)
    stage.has(CALL, "wrap_up")
    await until(lambda: stage.owed._ours.get(CALL))
    assert not stage.owed.owes(OWN)
    stage.has("", "idle")
    stage.has(CALL, "wrap_up", COLLEAGUE)
    assert stage.owed.owes(COLLEAGUE)
    stage.has("", "idle", COLLEAGUE)
    await until(lambda: stage.record.rows)
    assert stage.record.rows[0].agent == COLLEAGUE


async def test_calls_nobody_spoke_of_before_a_restart_are_noted(stage: Stage) -> None:
    stage.attempt(joined=OWN)
    stage.ends(CALL, DialOutcome.TALKED)
    stage.clock.passed = timedelta(minutes=29)
    await stage.owed.sweep()
    assert stage.record.rows == []  # the note may still be written
    stage.clock.passed = timedelta(minutes=31)
    stage.has(CALL, "wrap_up")
    await stage.owed.sweep()
    assert stage.record.rows == []
    stage.floor.callbacks.clear()
    stage.owed._on.clear()
    await stage.owed.sweep()
    assert [(row.code, row.agent) for row in stage.record.rows] == [(NO_DISPOSITION, OWN)]


async def test_after_a_restart_a_given_disposition_is_not_asked_for_again(stage: Stage) -> None:
    stage.attempt(state=AttemptState.ANSWERED, joined=OWN)
    await stage.work.dispose(await called(stage), OWN, STAFF, Wish("refused"))
    stage.has(CALL, "wrap_up")
    await until(lambda: CALL in stage.owed._said)
    assert not stage.owed.owes(OWN)
