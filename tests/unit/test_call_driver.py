"""The call driver on the shipped flows, with a pretended Asterisk and the call record in memory."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.call_log import CallLogUnavailable
from domain.calls import EndReason, EventKind
from ivr.switchboard import Leg
from storage.memory import MemoryCallLog, MemoryFlowArchive
from tests.unit.call_stage import LEG, NPWP, PretendedAsterisk, SlowLog, Stage, settled


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = await Stage(PretendedAsterisk(), MemoryCallLog(), MemoryFlowArchive()).opens()
    yield stage
    await stage.switchboard.stop()


async def test_a_call_is_answered_and_greeted(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    assert stage.asterisk.done[0] == ("answer", "chan-1")
    assert stage.heard() == {"kring/id/welcome_morning"}


async def test_a_key_is_on_record_before_it_is_heeded() -> None:
    log = SlowLog()
    log.durable.set()
    stage = await Stage(PretendedAsterisk(), log, MemoryFlowArchive()).opens()
    stage.switchboard.arrived(LEG)
    await settled()
    log.durable.clear()
    deeds = list(stage.asterisk.done)
    await stage.presses("1")
    assert stage.asterisk.done == deeds
    log.durable.set()
    await settled()
    assert len(stage.asterisk.done) > len(deeds)
    assert EventKind.KEY in await stage.kinds()
    await stage.switchboard.stop()


async def test_the_greeting_waits_for_nothing() -> None:
    stage = await Stage(PretendedAsterisk(), SlowLog(), MemoryFlowArchive()).opens()
    stage.switchboard.arrived(LEG)
    await settled()
    assert ("answer", "chan-1") in stage.asterisk.done
    await stage.switchboard.stop()


async def test_a_call_goes_on_without_its_record_and_the_rows_are_made_up_for(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    stage.log.broken = True
    await stage.finishes_playing()
    assert "kring/id/language_menu" in stage.heard()
    assert stage.counts.failed_rows == 1
    stage.log.broken = False
    await stage.presses("1")
    (call,) = await stage.log.unfinished()
    events = await stage.log.events(call.call_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert EventKind.PLAYBACK_ENDED in {event.kind for event in events}


async def test_the_whole_way_into_a_waiting_room(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("11" + NPWP + "#1")
    assert [driver.session.step for driver in stage.switchboard.inside()] == ["with_npwp.npwp_found"]
    await stage.presses("0")
    assert len(stage.room.waiting) == 1
    stage.switchboard.gone(LEG.channel, 16)
    await settled()
    assert stage.counts.ended == [EndReason.CALLER_HUNG_UP]
    assert stage.room.waiting == {}
    assert len(stage.switchboard) == 0


async def test_a_successor_goes_on_where_the_call_was(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("11" + NPWP[:7])
    before = stage.asterisk.done.copy()
    heard = stage.heard()
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    assert after.counts.regained == 1
    assert after.heard() == heard
    assert ("answer", "chan-1") not in after.asterisk.done[len(before) :]
    await after.presses(NPWP[7:] + "#")
    assert "kring/id/npwp_read_back" in " ".join(after.heard()), after.heard()
    assert EventKind.RECOVERED in await after.kinds()
    await after.switchboard.stop()


async def test_a_prompt_that_is_still_heard_is_not_started_again(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    plays = [deed for deed in stage.asterisk.done if deed[0] == "play"]
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    assert [deed for deed in after.asterisk.done if deed[0] == "play"] == plays
    await after.switchboard.stop()


async def test_a_prompt_that_broke_off_is_started_again(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    (playback,) = stage.asterisk.playing
    stage.asterisk.playing.clear()
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    assert set(stage.asterisk.playing) == {playback + ".1"}
    # The end of the first take is told only now: it must not be mistaken for the second one's.
    after.switchboard.playback_ended(playback, ok=True)
    await after.presses("1")
    assert ("stop", playback + ".1") in after.asterisk.done
    await after.switchboard.stop()


async def test_a_second_break_takes_up_what_the_first_left_playing(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    stage.asterisk.playing.clear()
    second = await stage.successor()
    await second.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    playing = dict(stage.asterisk.playing)
    third = await second.successor()
    await third.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    assert stage.asterisk.playing == playing
    await third.presses("1")
    assert not set(playing) & set(stage.asterisk.playing)
    await third.switchboard.stop()


async def test_a_place_in_line_is_kept(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("10")
    (entry,) = stage.room.waiting.values()
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    (again,) = after.room.waiting.values()
    assert (again.queue, again.since) == (entry.queue, entry.since)
    await after.switchboard.stop()


async def test_a_call_without_a_leg_is_closed_as_lost(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    (call,) = await stage.log.unfinished()
    after = await stage.successor()
    await after.switchboard.reconcile([], [])
    ended = await stage.log.on_channel("chan-1")
    assert ended is not None
    assert (ended.call_id, ended.end_reason) == (call.call_id, EndReason.LOST)


async def test_an_end_that_is_still_being_written_is_not_written_again() -> None:
    """Its driver has let go of the call, its last rows are on their way when the calls are compared."""
    log = SlowLog()
    log.durable.set()
    stage = await Stage(PretendedAsterisk(), log, MemoryFlowArchive()).opens()
    stage.switchboard.arrived(LEG)
    await settled()
    (call,) = await log.unfinished()
    log.durable.clear()
    stage.switchboard.gone("chan-1", 16)
    await settled()
    assert len(stage.switchboard) == 0, "the case is reached: gone here, and unfinished on record"
    comparing = asyncio.create_task(stage.switchboard.reconcile([], []))
    await settled()
    log.durable.set()
    await comparing
    ended = await log.on_channel("chan-1")
    assert ended is not None and ended.end_reason is EndReason.CALLER_HUNG_UP
    kinds = [event.kind for event in await log.events(call.call_id)]
    assert kinds.count(EventKind.ENDED) == 1
    await stage.switchboard.stop()


async def test_a_leg_whose_call_has_ended_is_hung_up(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    stage.switchboard.gone("chan-1", 16)
    await settled()
    after = await stage.successor()
    await after.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    assert after.asterisk.done[-1] == ("hang_up", "chan-1")
    assert len(after.switchboard) == 0


async def test_a_caller_in_the_dialplans_hold_is_taken_back_when_they_return(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("1")
    stage.asterisk.playing.clear()
    after = await stage.successor()
    await after.switchboard.reconcile([], ["chan-1"])
    assert len(after.switchboard) == 0
    after.switchboard.arrived(Leg("chan-1", "1500200", "", up=True))
    await settled()
    assert after.counts.regained == 1
    assert "kring/id/npwp_or_not" in after.heard()
    await after.switchboard.stop()


async def test_events_wait_while_asterisk_cannot_be_commanded(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    stage.switchboard.hold()
    deeds = len(stage.asterisk.done)
    await stage.presses("1")
    assert len(stage.asterisk.done) == deeds
    await stage.switchboard.reconcile([Leg("chan-1", "1500200", "", up=True)], [])
    await settled()
    assert len(stage.asterisk.done) > deeds


async def test_one_calls_fault_reaches_no_other(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.call_driver.APOLOGY_SECONDS", 0)
    stage.switchboard.arrived(LEG)
    stage.switchboard.arrived(Leg("chan-2", "500200", "", up=False))
    await settled()
    broken = stage.switchboard._channels["chan-1"]
    monkeypatch.setattr(broken.session, "handle", None)
    await stage.presses("1")
    assert stage.counts.failed_calls == 1
    assert stage.asterisk.done[-1] == ("hang_up", "chan-1")
    assert set(stage.switchboard._channels) == {"chan-2"}
    ended = await stage.log.on_channel("chan-1")
    assert ended is not None
    assert ended.end_reason is EndReason.FAILED


async def test_closing_the_room_lets_everybody_go_with_a_word(stage: Stage) -> None:
    stage.switchboard.arrived(LEG)
    await settled()
    await stage.presses("10")
    stage.room.let_go(stage.switchboard, "closed")
    await settled()
    assert "kring/id/room_closed" in stage.heard()
    assert not any("music" in sound for sound in stage.heard())


async def test_a_record_that_takes_no_rows_is_an_error_of_its_own() -> None:
    log = MemoryCallLog()
    await log.close()
    with pytest.raises(CallLogUnavailable):
        await log.unfinished()
