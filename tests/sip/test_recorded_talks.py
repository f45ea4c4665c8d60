"""Talks on the real thing leave two files in step: what the caller said, and what agents said to them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from acd.requests import CompleteTransfer, Consult, EndCall, Hold, Target, Unhold
from asterisk_conf.program import AsteriskProgram
from recording.recordings import AWAY_GAP, RATE, Mark, MarkKind
from service.phone.client import Telephone
from service.recording_capture_work import NEW_VOICE
from tests.sip.studio import (
    CALLER_HERTZ,
    FIRST,
    FIRST_HERTZ,
    SECOND,
    SECOND_HERTZ,
    TABLES,
    Studio,
    answered,
    assert_paused,
    opened,
    share,
    started,
    stopped,
)

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

LATE_MS = 400  # a busy machine answers the order to record late; the bench has the figure


@pytest.fixture(scope="module")
def studio(asterisk_program: AsteriskProgram) -> Iterator[Studio]:
    with opened(TABLES, (FIRST, SECOND)) as found:
        yield found


async def test_both_sides_of_a_talk_through_hold_keys_and_transfer(studio: Studio) -> None:
    known = len(await asyncio.to_thread(studio.rows))
    async with Telephone(studio.installation.sip) as outside, studio.at_work(FIRST) as (first,):
        caller, agent = await answered(studio, outside, first)
        await studio.recording(known, started)
        await asyncio.sleep(2)
        await asyncio.to_thread(studio.asks, Hold(FIRST))
        await asyncio.sleep(2.5)
        await asyncio.to_thread(studio.asks, Unhold(FIRST))
        await asyncio.sleep(2)
        await caller.press("12")
        await asyncio.sleep(5)
        async with studio.at_work(SECOND) as (second,):
            await asyncio.to_thread(studio.asks, Consult(FIRST, Target(agent=SECOND)))
            third = await second.rings(within=30)
            third.answer()
            third.speaks(SECOND_HERTZ)
            await agent.hears_tone(SECOND_HERTZ, within=30)
            await asyncio.sleep(1.5)
            await asyncio.to_thread(studio.asks, CompleteTransfer(FIRST))
            await third.hears_tone(CALLER_HERTZ, within=30)
            await caller.hears_tone(SECOND_HERTZ, within=30)
            await asyncio.sleep(2)
            await asyncio.to_thread(studio.asks, EndCall(SECOND))
            await caller.until_ended(within=30)
        row = await studio.recording(known, stopped)
    take = await asyncio.to_thread(studio.take, row)
    assert (row.direction, row.queue, row.agent) == ("in", "general", FIRST)
    (notice,) = take.those(MarkKind.NOTICE)
    assert notice == Mark(MarkKind.NOTICE, 0, 0, "recording_notice id")

    assert abs(len(take.caller) - len(take.agent)) <= RATE // 50, "the sides are in step"
    assert abs(len(take.caller) * 1000 // RATE - row.expected_ms) < LATE_MS

    talks = take.those(MarkKind.TALK)
    assert [mark.detail for mark in talks] == [FIRST, FIRST, SECOND]
    for mark, hertz in ((talks[0], FIRST_HERTZ), (talks[2], SECOND_HERTZ)):
        assert share(take.part(take.caller, mark), CALLER_HERTZ) > 0.8
        assert share(take.part(take.agent, mark), hertz) > 0.8
        assert share(take.part(take.agent, mark), CALLER_HERTZ) < 0.05, "each side has its own voice"
        assert share(take.part(take.caller, mark), hertz) < 0.05
    for mark in (*take.those(MarkKind.HOLD), *take.those(MarkKind.CONSULT)):
        heard = take.part(take.agent, mark)
        assert max(share(heard, FIRST_HERTZ), share(heard, SECOND_HERTZ)) < 0.05, "no agent is heard"
        assert share(take.part(take.caller, mark), CALLER_HERTZ) > 0.8, "what is said into a hold is there"

    (gap,) = take.those(MarkKind.GAP)
    assert_paused(take, gap)
    assert talks[2].from_ms <= gap.from_ms < talks[2].from_ms + 1000, "at the change of agents"

    (keys,) = take.those(MarkKind.SILENCED)
    assert keys.detail == "keys"
    told = Mark(MarkKind.SILENCED, keys.from_ms + 1000, keys.until_ms)  # it begins a second before the key
    for side in (take.caller, take.agent):
        assert np.abs(take.part(side, told)).max() == 0, "silence is silence"


async def test_a_talk_outlives_the_service_and_so_does_its_recording(studio: Studio) -> None:
    known = len(await asyncio.to_thread(studio.rows))
    async with Telephone(studio.installation.sip) as outside, studio.at_work(FIRST) as (first,):
        caller, _ = await answered(studio, outside, first)
        before = await studio.recording(known, started)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(studio.installation.kill_service)
        await studio.until(FIRST, observed="talking")
        await asyncio.sleep(1.5)
        await asyncio.to_thread(studio.asks, Hold(FIRST))
        await asyncio.sleep(2)
        await asyncio.to_thread(studio.asks, EndCall(FIRST))
        await caller.until_ended(within=30)
        row = await studio.recording(known, stopped)
    take = await asyncio.to_thread(studio.take, row)
    assert row.recording_id == before.recording_id, "one recording a call"
    assert abs(len(take.caller) - len(take.agent)) <= RATE // 50
    assert abs(len(take.caller) * 1000 // RATE - row.expected_ms) < LATE_MS
    away, anew = sorted(take.those(MarkKind.GAP), key=lambda mark: mark.detail.startswith(NEW_VOICE))
    assert away.detail.startswith(AWAY_GAP)
    assert_paused(take, anew)  # whoever talks may be another since
    (talk,) = take.those(MarkKind.TALK)
    assert share(take.part(take.caller, talk), CALLER_HERTZ) > 0.8
    assert share(take.part(take.agent, talk), FIRST_HERTZ) > 0.8
    (hold,) = take.those(MarkKind.HOLD)
    assert share(take.part(take.agent, hold), FIRST_HERTZ) < 0.3


async def test_an_asterisk_that_is_killed_leaves_what_it_wrote(studio: Studio) -> None:
    known = len(await asyncio.to_thread(studio.rows))
    async with Telephone(studio.installation.sip) as outside, studio.at_work(FIRST) as (first,):
        await answered(studio, outside, first)
        await studio.recording(known, started)
        await asyncio.sleep(5)
        pid = int((studio.installation.home / "asterisk" / "run" / "asterisk.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        row = await studio.recording(known, stopped, within=60)
    take = await asyncio.to_thread(studio.take, row)
    assert row.cause == "asterisk_died"
    audio = min(len(take.caller), len(take.agent)) * 1000 // RATE
    assert 1000 < audio <= row.expected_ms + LATE_MS
    assert row.expected_ms - audio < 4000, "what was not written yet"
    assert share(take.caller[RATE // 2 : RATE], CALLER_HERTZ) > 0.8
