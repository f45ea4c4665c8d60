"""Who talks with the caller changes: one recording goes on, and each voice is in it after every change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest

import ari
from acd.requests import Conference, Consult, EndCall, Hold, Target, Transfer, Unhold
from asterisk_conf.accounts import RTP_TIMEOUT
from asterisk_conf.program import AsteriskProgram
from asterisk_conf.settings import APPLICATION, ARI_USER
from domain.clock import SystemClock
from domain.ids import new_id
from recording.recordings import RATE, Alarm, Mark, MarkKind
from recording.states import State
from service.outbound_events import OUTBOUND
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from service.phone.station import AgentPhone
from service.secrets import read_secrets
from storage.database import Database
from storage.recording_alarms import DurableAlarms
from tests.sip.studio import (
    CALLER_HERTZ,
    FIRST,
    FIRST_HERTZ,
    SECOND,
    SECOND_HERTZ,
    TABLES,
    Studio,
    Take,
    answered,
    assert_paused,
    opened,
    share,
    started,
    stopped,
)

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

CALLEE = "70000013"  # a made-up staff number; only the phone of a person whom we call
CALLS_OUT = "70000014"  # and an agent who takes no other calls
STAFFED = TABLES | {
    "agents": TABLES["agents"] + f"{CALLEE},Anggrek,kup_1,id en\n{CALLS_OUT},Dahlia,kup_1,id en\n",
    "competences": (
        f"agent,skill,tier,level,expires\n{FIRST},general,A,3,\n{SECOND},efin,B,3,\n"
        f"{CALLS_OUT},outbound,A,3,\n{CALLEE},complaints,C,3,\n"
    ),
    "rules": TABLES["rules"] + "rejoin_seconds,30,How long a talk is kept for an agent whose line died,yes\n",
}
BACK_HERTZ = 1900


@pytest.fixture(scope="module")
def studio(asterisk_program: AsteriskProgram) -> Iterator[Studio]:
    with opened(STAFFED, (FIRST, SECOND, CALLEE, CALLS_OUT)) as found:
        yield found


def assert_heard(take: Take, mark: Mark, *hertz: float, least: float = 0.8) -> None:
    """Under a mark the caller's tone is on their side, and these together on the other."""
    assert share(take.part(take.caller, mark), CALLER_HERTZ) > 0.8
    heard = take.part(take.agent, mark)
    for one in hertz:
        assert share(heard, one) > least / len(hertz) / 2, f"{one} Hz is not heard under {mark}"
    assert sum(share(heard, one) for one in hertz) > least


def after(mark: Mark, gap: Mark) -> Mark:
    """Return what of a mark comes after a gap."""
    assert gap.until_ms is not None
    return Mark(mark.kind, gap.until_ms, mark.until_ms, mark.detail)


def gaps(take: Take) -> list[Mark]:
    found = take.those(MarkKind.GAP)
    for gap in found:
        assert_paused(take, gap)
    return found


async def test_a_conference_its_end_and_a_blind_transfer(studio: Studio) -> None:
    known = len(await asyncio.to_thread(studio.rows))
    async with Telephone(studio.installation.sip) as outside, studio.at_work(FIRST, SECOND) as phones:
        caller, agent = await answered(studio, outside, phones[0])
        await studio.recording(known, started)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(studio.asks, Consult(FIRST, Target(agent=SECOND)))
        third = await phones[1].rings(within=30)
        third.answer()
        third.speaks(SECOND_HERTZ)
        await agent.hears_tone(SECOND_HERTZ, within=30)
        await asyncio.to_thread(studio.asks, Conference(FIRST))
        await caller.hears_tone(SECOND_HERTZ, within=30, least=0.2)
        await caller.hears_tone(FIRST_HERTZ, within=30, least=0.2)
        await asyncio.sleep(3)
        await third.hang_up()
        await caller.hears_tone(FIRST_HERTZ, within=30, least=0.9)
        await asyncio.sleep(3)
        await studio.until(SECOND, observed="idle")
        await asyncio.to_thread(studio.asks, Transfer(FIRST, Target(queue="efin")))
        second = await phones[1].rings(within=30)
        second.answer()
        second.speaks(SECOND_HERTZ)
        await second.hears_tone(CALLER_HERTZ, within=30)
        await caller.hears_tone(SECOND_HERTZ, within=30)
        await asyncio.sleep(3)
        await asyncio.to_thread(studio.asks, EndCall(SECOND))
        await caller.until_ended(within=30)
        row = await studio.recording(known, stopped)
    take = await asyncio.to_thread(studio.take, row)
    assert len(await asyncio.to_thread(studio.rows)) == known + 1, "one recording"
    paused = gaps(take)
    (conference,) = take.those(MarkKind.CONFERENCE)
    assert conference.detail == SECOND
    assert conference.until_ms is not None
    joined = [gap for gap in paused if conference.from_ms - 300 <= gap.from_ms < conference.until_ms - 1500]
    assert_heard(take, after(conference, joined[-1]), FIRST_HERTZ, SECOND_HERTZ)
    last = [mark for mark in take.those(MarkKind.TALK) if mark.detail == SECOND][-1]
    alone = [gap for gap in paused if conference.until_ms - 1500 <= gap.from_ms < last.from_ms - 1000]
    (waiting,) = take.those(MarkKind.WAITING)
    assert waiting.detail == "efin"
    rest = Mark(MarkKind.TALK, conference.until_ms, waiting.from_ms, FIRST)
    assert_heard(take, after(rest, alone[-1]), FIRST_HERTZ)
    assert_heard(take, after(last, paused[-1]), SECOND_HERTZ)


async def test_a_line_that_dies_and_rejoins_is_in_the_same_recording(studio: Studio) -> None:
    known = len(await asyncio.to_thread(studio.rows))
    async with Telephone(studio.installation.sip) as outside, studio.at_work(FIRST) as (phone,):
        caller, _ = await answered(studio, outside, phone)
        await studio.recording(known, started)
        await asyncio.sleep(2)
        phone.dies()
        await studio.until(FIRST, observed="rejoining", within=RTP_TIMEOUT + 30.0)
        async with AgentPhone(studio.logins[FIRST]) as second:
            again = await second.rings(within=30)
            again.answer()
            again.speaks(BACK_HERTZ)
            await again.hears_tone(CALLER_HERTZ, within=30)
            await caller.hears_tone(BACK_HERTZ, within=30)
            await asyncio.sleep(3)
            await asyncio.to_thread(studio.asks, Hold(FIRST))
            await asyncio.sleep(1.5)
            await asyncio.to_thread(studio.asks, Unhold(FIRST))
            await caller.hears_tone(BACK_HERTZ, within=30)
            await asyncio.sleep(2)
            await caller.hang_up()
            row = await studio.recording(known, stopped)
    take = await asyncio.to_thread(studio.take, row)
    assert len(await asyncio.to_thread(studio.rows)) == known + 1, "one recording"
    (gap,) = gaps(take)
    first, second_talk, last = take.those(MarkKind.TALK)
    assert {mark.detail for mark in take.those(MarkKind.TALK)} == {FIRST}
    (waiting,) = take.those(MarkKind.WAITING)
    assert waiting.from_ms == first.until_ms
    assert waiting.until_ms == second_talk.from_ms
    assert second_talk.from_ms <= gap.from_ms < second_talk.from_ms + 1500
    heard = Mark(first.kind, first.from_ms, first.from_ms + 2000, first.detail)  # then the line is dead
    assert_heard(take, heard, FIRST_HERTZ)
    assert_heard(take, after(second_talk, gap), BACK_HERTZ)
    assert_heard(take, last, BACK_HERTZ)


@asynccontextmanager
async def person_called(studio: Studio) -> AsyncIterator[PhoneCall]:
    """Call a person as the dialer does, by the flow that joins them with an agent at once."""
    settings = studio.installation.settings
    password = read_secrets(settings).ari_password
    client = ari.Client(f"http://127.0.0.1:{settings.ari_port}", ARI_USER, password, "dialler-of-test")
    running = asyncio.create_task(client.run())
    try:
        await client.ready()
        async with AgentPhone(studio.logins[CALLEE]) as phone:
            await client.channels.originate_with_id(
                f"out-{new_id()}",
                endpoint=f"PJSIP/{studio.logins[CALLEE].user}",
                app=APPLICATION,
                app_args=f"{OUTBOUND},outbound_agent,outbound/A,,id,",
                timeout=30,
            )
            person = await phone.rings(30)
            person.answer()
            await person.until_answered(30)
            person.speaks(CALLER_HERTZ)
            yield person
    finally:
        await client.close()
        await running


async def joined(agent: PhoneCall) -> PhoneCall:
    if agent.answered_at is None:
        agent.answer()
    agent.speaks(FIRST_HERTZ)
    await agent.hears_tone(CALLER_HERTZ, within=30)
    return agent


async def test_a_person_we_called_hears_the_notice_then_both_are_recorded(studio: Studio) -> None:
    known = len(await asyncio.to_thread(studio.rows))
    async with studio.at_work(CALLS_OUT) as (first,), person_called(studio) as person:
        await joined(await first.rings(within=30))
        await studio.recording(known, started, within=40)
        await person.hears_tone(FIRST_HERTZ, within=30)
        await asyncio.sleep(3)
        await asyncio.to_thread(studio.asks, EndCall(CALLS_OUT))
        await person.until_ended(within=30)
        row = await studio.recording(known, stopped)
    take = await asyncio.to_thread(studio.take, row)
    (notice,) = take.those(MarkKind.NOTICE)
    assert notice == Mark(MarkKind.NOTICE, 0, 0, "recording_notice id")
    (talk,) = take.those(MarkKind.TALK)
    assert_heard(take, talk, FIRST_HERTZ)
    begin = take.agent[: RATE // 2]
    assert share(begin[RATE // 10 :], FIRST_HERTZ) > 0.8, "the notice is over when recording begins"
    assert gaps(take) == []


async def test_a_person_who_hangs_up_within_the_notice_leaves_a_row_and_no_alarm(studio: Studio) -> None:
    known = len(await asyncio.to_thread(studio.rows))
    async with studio.at_work(CALLS_OUT) as (first,), person_called(studio) as person:
        agent = await first.rings(within=30)
        if agent.answered_at is None:
            agent.answer()
        await agent.until_answered(30)
        await studio.until(CALLS_OUT, observed="talking")
        await person.hang_up()
        row = await studio.recording(known, lambda one: one.state is State.LOST)
    assert (row.cause, row.lost_ms, row.agent) == ("notice_cut", 0, CALLS_OUT)
    raised = await asyncio.to_thread(alarms, studio)
    assert [alarm for alarm in raised if alarm.recording_id == row.recording_id] == []


def alarms(studio: Studio) -> Sequence[Alarm]:
    async def read() -> Sequence[Alarm]:
        database = Database.open(studio.installation.settings.database)
        try:
            return await DurableAlarms(database, SystemClock()).open()
        finally:
            database.close()

    return asyncio.run(read())
