"""People we called, inside: seated as the attempt, waiting for their campaign's agents, taken back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from domain.calls import EndReason, EventKind
from domain.waiting_room import TalkEnd
from ivr.outbound import DialedEnd, Errand
from ivr.switchboard import Leg
from storage.memory import MemoryCallLog, MemoryFlowArchive
from tests.unit.call_stage import LEG, PretendedAsterisk, Stage, settled

ATTEMPT = "a" * 32
CHANNEL = f"out-{ATTEMPT}"
ERRAND = Errand(ATTEMPT, "outbound_agent", "outbound/A", "70000001", "en", "human")
PLACED = Leg(CHANNEL, "", "", up=True, errand=ERRAND)


@dataclass
class Told:
    """What the dialer is told."""

    words: list[tuple[str, ...]] = field(default_factory=list)

    def answered(self, call_id: str, amd: str) -> None:
        self.words.append(("answered", call_id, amd))

    def joined(self, call_id: str, agent: str) -> None:
        self.words.append(("joined", call_id, agent))

    def over(self, call_id: str, how: DialedEnd) -> None:
        self.words.append(("over", call_id, how.value))

    @property
    def end(self) -> str:
        return self.words[-1][2]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = await Stage(PretendedAsterisk(), MemoryCallLog(), MemoryFlowArchive(), dialed=Told()).opens()
    yield stage
    await stage.switchboard.stop()


def told(stage: Stage) -> Told:
    assert isinstance(stage.dialed, Told)
    return stage.dialed


async def arrives(stage: Stage, leg: Leg = PLACED) -> None:
    stage.switchboard.arrived(leg)
    await settled()


async def times_out(stage: Stage) -> None:
    """The time in line is over."""
    (driver,) = stage.switchboard.inside()
    (timer,) = driver.session.outstanding().timers
    driver.deeds._timer_fired(timer.timer)
    await settled()


async def talks(stage: Stage) -> None:
    """An agent takes the call and is joined."""
    stage.room.let_go(stage.switchboard, "answered")
    await settled()
    assert stage.room.handed[-1] == ATTEMPT
    stage.switchboard.agent_joined(ATTEMPT, "70000001")


async def test_the_attempt_is_the_call_and_its_errand_says_who_is_wanted(stage: Stage) -> None:
    await arrives(stage)
    waiting = stage.room.waiting[ATTEMPT]
    assert (waiting.channel, waiting.queue, waiting.language) == (CHANNEL, "outbound/A", "en")
    assert (waiting.only, waiting.quick) == ("70000001", True)
    assert waiting.priority > 0
    call = await stage.log.call(ATTEMPT)
    assert call is not None
    assert (call.channel, call.dialled, call.caller) == (CHANNEL, "flow:outbound_agent", None)
    assert told(stage).words == [("answered", ATTEMPT, "human")]


async def test_who_hangs_up_before_an_agent_was_due_is_no_abandoned_call(stage: Stage) -> None:
    await arrives(stage)
    stage.switchboard.gone(CHANNEL, 16)
    await settled()
    assert told(stage).end == "hung_up_early"
    assert stage.room.waiting == {}


@pytest.mark.parametrize("stays", [True, False])
async def test_without_an_agent_in_time_it_is_abandoned_however_it_ends(stage: Stage, stays: bool) -> None:
    await arrives(stage)
    await times_out(stage)
    assert stage.heard(), "who called is said"
    if stays:
        await stage.finishes_playing()
        assert stage.asterisk.done[-1] == ("hang_up", CHANNEL)
    else:
        stage.switchboard.gone(CHANNEL, 16)
        await settled()
    assert told(stage).end == "abandoned"


async def test_a_talk_is_told_and_ends_as_one(stage: Stage) -> None:
    await arrives(stage)
    await talks(stage)
    stage.switchboard.talk_over(ATTEMPT, TalkEnd.ENDED)
    await settled()
    assert told(stage).words[1:] == [("joined", ATTEMPT, "70000001"), ("over", ATTEMPT, "talked")]
    assert stage.counts.ended == [EndReason.COMPLETED]


async def test_who_hangs_up_as_the_agents_phone_answers_has_talked_with_nobody(stage: Stage) -> None:
    await arrives(stage)
    stage.room.let_go(stage.switchboard, "answered")
    await settled()
    stage.switchboard.gone(CHANNEL, 16)
    await settled()
    assert told(stage).end == "hung_up_early"


async def test_after_a_talk_that_broke_off_whoever_is_there_takes_the_person_up(stage: Stage) -> None:
    await arrives(stage)
    await talks(stage)
    stage.switchboard.talk_over(ATTEMPT, TalkEnd.RETURNED)
    await settled()
    again = stage.room.waiting[ATTEMPT]
    assert (again.queue, again.only, again.quick) == ("outbound/A", "", True)
    stage.switchboard.gone(CHANNEL, 16)
    await settled()
    assert told(stage).end == "talked"


async def test_a_transferred_person_waits_as_any_caller(stage: Stage) -> None:
    await arrives(stage)
    await talks(stage)
    stage.switchboard.talk_over(ATTEMPT, TalkEnd.TRANSFERRED, "efin/B")
    await settled()
    again = stage.room.waiting[ATTEMPT]
    assert (again.queue, again.only, again.quick, again.priority) == ("efin/B", "", False, 0)


async def test_a_flow_that_is_not_there_ends_with_an_apology(stage: Stage) -> None:
    nowhere = replace(ERRAND, flow="kring_pajak")
    await arrives(stage, replace(PLACED, errand=nowhere))
    assert {sound.rpartition("/")[2] for sound in stage.heard()} == {"apology_failed"}
    assert stage.room.waiting == {}


# -- a process dies ---------------------------------------------------------------------------------


@pytest.mark.parametrize("errand", [ERRAND, None], ids=["in_place", "moved_by_the_dialplan"])
async def test_it_is_taken_back_by_its_record_alone(stage: Stage, errand: Errand | None) -> None:
    await arrives(stage)
    successor = await stage.successor()
    await successor.switchboard.reconcile([replace(PLACED, errand=errand)], [])
    await settled()
    waiting = successor.room.waiting[ATTEMPT]
    assert (waiting.queue, waiting.only, waiting.quick, waiting.language) == (
        "outbound/A", "70000001", True, "en",
    )  # fmt: skip
    assert [word[0] for word in told(stage).words] == ["answered", "answered"]
    kinds = [event.kind for event in await successor.log.events(ATTEMPT)]
    assert EventKind.RECOVERED in kinds
    await successor.switchboard.stop()


async def test_a_talk_is_taken_back_and_ends_as_one(stage: Stage) -> None:
    await arrives(stage)
    await talks(stage)
    successor = await stage.successor()
    await successor.switchboard.reconcile([PLACED], [])
    assert successor.room.handed == [ATTEMPT]
    successor.switchboard.gone(CHANNEL, 16)
    await settled()
    assert told(stage).end == "talked"
    await successor.switchboard.stop()


@pytest.mark.parametrize(("in_talk", "end"), [(True, "talked"), (False, "lost")])
async def test_an_end_that_nobody_watched_is_told_as_what_was_known(
    stage: Stage, in_talk: bool, end: str
) -> None:
    await arrives(stage)
    if in_talk:
        await talks(stage)
    successor = await stage.successor()
    await successor.switchboard.reconcile([], [])
    await settled()
    assert told(stage).end == end
    call = await successor.log.call(ATTEMPT)
    assert call is not None and call.end_reason is EndReason.LOST


async def test_answered_while_nobody_watched_it_is_seated(stage: Stage) -> None:
    await stage.switchboard.reconcile([PLACED], [])
    await settled()
    assert ATTEMPT in stage.room.waiting
    assert told(stage).words == [("answered", ATTEMPT, "human")]


async def test_who_calls_us_is_nothing_to_the_dialer(stage: Stage) -> None:
    await arrives(stage, LEG)
    stage.switchboard.gone(LEG.channel, 16)
    await settled()
    assert told(stage).words == []
