"""The card's view of a call that is inside, before its rows are durable."""

from dataclasses import replace
from datetime import UTC, datetime

from desk.card import CallStory, Keyed, LiveCall, Tree, with_live
from ivr.switchboard import Switchboard
from service.live_story import LiveStories
from storage.memory import MemoryFlowArchive
from tests.unit.call_stage import LEG, NPWP, PretendedAsterisk, SlowLog, Stage, settled

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
LIVE = LiveCall("c" * 32, "1500200", NOW, "id", "waiting.efin", "efin", {"npwp": NPWP, "taxpayer_id": "tp-1"})


def _only(switchboard: Switchboard) -> str:
    (driver,) = switchboard.inside()
    return driver.call.call_id


async def test_a_call_inside_is_known_though_nothing_is_durable() -> None:
    log = SlowLog()
    stage = await Stage(PretendedAsterisk(), log, MemoryFlowArchive()).opens()
    stage.switchboard.arrived(LEG)
    await settled()
    call_id = _only(stage.switchboard)
    live = LiveStories(stage.switchboard).live(call_id)
    assert live is not None
    assert (live.dialled, live.language, live.facts.get("npwp")) == ("1500200", "id", None)
    assert await log.unfinished() == []  # not on record yet
    assert LiveStories(stage.switchboard).live("d" * 32) is None
    await stage.switchboard.stop()


def test_without_a_record_a_number_is_needed_to_climb() -> None:
    with_number = with_live(None, LIVE)
    assert (with_number.tree, with_number.taxpayer_id) == (Tree.WITH_NPWP, "tp-1")
    without = with_live(None, replace(LIVE, facts={}))
    assert (without.tree, without.case.may_climb) == (Tree.WITHOUT_NPWP, False)


def test_a_number_that_was_dropped_counts_no_more() -> None:
    story = CallStory(
        "c" * 32, "1500200", NOW, "id", Tree.WITH_NPWP, keyed=Keyed("…3456", "found"), taxpayer_id="tp-1"
    )
    dropped = with_live(story, replace(LIVE, step="without_npwp.main_menu", facts={}))
    assert (dropped.keyed, dropped.taxpayer_id, dropped.case.may_climb) == (None, None, False)
    assert with_live(story, LIVE).keyed == Keyed("…3456", "found")
