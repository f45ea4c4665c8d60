"""A call's recording on the real thing: from the caller's ear to the appeal against its score; and deaths."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from asterisk_conf.program import AsteriskProgram
from recording.recordings import RATE, AlarmKind, Mark, MarkKind, Recording
from recording.states import State
from recording.verify import CRASH_MS
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from service.phone.sounds import SoundLibrary
from tests.faults import Fault, FaultLog
from tests.sip.installation import Installation
from tests.sip.office import Clerk
from tests.sip.review_house import (
    CALLER_HERTZ,
    FIRST,
    FIRST_HERTZ,
    NAMES,
    SECOND,
    SECOND_HERTZ,
    WITHIN,
    AtWork,
    House,
    plays,
    scores,
    share,
)

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

CONTESTED = "courtesy"


@pytest.fixture(scope="module")
def house(asterisk_program: AsteriskProgram, library: SoundLibrary) -> Iterator[House]:
    """An installation of its own, for its service and its Asterisk are killed."""
    running = House(Installation(), library)
    try:
        running.opens()
        yield running
    finally:
        running.installation.stop()


def _started(one: Recording) -> bool:
    return one.state is not State.PLANNED


def _sealed(one: Recording) -> bool:
    return one.state is State.SEALED


async def _talk(outside: Telephone, agent: AtWork) -> PhoneCall:
    """A caller asks for a person, is told of the recording, and talks with the agent."""
    caller = await outside.call("1500200")
    await caller.press("0")
    await caller.hears("recording_notice", within=WITHIN)
    at_phone = await agent.answers(FIRST_HERTZ)
    caller.speaks(CALLER_HERTZ)
    await at_phone.hears_tone(CALLER_HERTZ, within=WITHIN)
    await caller.hears_tone(FIRST_HERTZ, within=WITHIN)
    return caller


def _nothing_is_wrong(house: House, least: int) -> None:
    """Check the manifest and look for strays, by the commands that an administrator would use."""
    said = house.installation.kring("recordings", "manifest", "check").strip()
    rows = int(said.split()[0])
    assert rows >= least
    assert said == f"{rows} rows, 0 wrong; anchored up to row {rows}."
    assert house.installation.kring("recordings", "scan").strip() == "0 found."
    assert house.plain() == []


def _acts(house: House, recording_id: str) -> list[str]:
    """Return what the manifest says of a recording."""
    said = house.installation.kring("recordings", "show", recording_id)
    return [line.split()[4] for line in said.splitlines() if line.startswith("manifest ")]


async def test_a_call_is_recorded_heard_scored_and_appealed(house: House) -> None:
    async with house.office() as office:
        async with house.outside() as outside, house.at_work(FIRST, office[f"agen{FIRST}"]) as first:
            caller = await _talk(outside, first)
            await _is_held_silenced_and_transferred(house, office, caller, first)
            await caller.hang_up(within=WITHIN)
        recording = await house.recording((), _sealed)
        await asyncio.to_thread(_nothing_is_wrong, house, 1)
        await _is_found_and_heard(house, office["penilai"], recording)
        await _is_given_to_nobody_else(office, recording.recording_id)
        await _is_scored_and_contested(office, recording.recording_id)
    acts = await asyncio.to_thread(_acts, house, recording.recording_id)
    # It is kept because it was scored, and again while that is contested.
    assert acts == ["sealed", "held", "held", "released"]
    await asyncio.to_thread(_nothing_is_wrong, house, len(acts))


async def _is_held_silenced_and_transferred(
    house: House, office: dict[str, Clerk], caller: PhoneCall, first: AtWork
) -> None:
    """What the agent does at the page, a while each."""
    await house.recording((), _started)
    await asyncio.sleep(1.5)
    await first.asks("hold")
    await asyncio.sleep(1.5)
    await first.asks("unhold")
    state = await first.until(observed="talking")
    call_id = state["call"]["call_id"]
    silence = f"/api/calls/{call_id}/recording/silence"
    assert (await first.page.posts(silence, {"on": True}))["status"] == "silenced"
    await asyncio.sleep(2)
    assert (await first.page.posts(silence, {"on": False}))["status"] == "recording"
    async with house.at_work(SECOND, office[f"agen{SECOND}"]) as second:
        targets = (await first.page.gets("/api/desk/targets"))["targets"]
        colleague = next(one["target"] for one in targets if NAMES[SECOND] in one["label"])
        await first.asks("consult", target=colleague)
        third = await second.answers(SECOND_HERTZ)
        await first.until(observed="consulting")
        await asyncio.sleep(1.5)
        await first.asks("complete_transfer")
        await third.hears_tone(CALLER_HERTZ, within=WITHIN)
        await caller.hears_tone(SECOND_HERTZ, within=WITHIN)
        await asyncio.sleep(2)
        await caller.hang_up(within=WITHIN)
        await third.until_ended(WITHIN)


async def _is_found_and_heard(house: House, reviewer: Clerk, recording: Recording) -> None:
    """A reviewer finds it, and hears each on their own side and nobody where it was silenced."""
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + WITHIN
    while [(one["recording_id"], one["sound"]) for one in found] != [(recording.recording_id, "audible")]:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.2)
        found = (await reviewer.posts("/api/recordings/search", {"agents": [FIRST]}))["rows"]
    assert (found[0]["agent"], found[0]["transfers"]) == (NAMES[FIRST], 1)
    link, sound = await plays(reviewer, recording.recording_id, "review")

    marks = await asyncio.to_thread(house.marks, recording.recording_id)
    by_kind = {kind: [one for one in marks if one.kind is kind] for kind in MarkKind}
    assert [one.detail for one in by_kind[MarkKind.NOTICE]] == ["recording_notice id"]
    (held,), (silenced,), (asked,) = (
        by_kind[kind] for kind in (MarkKind.HOLD, MarkKind.SILENCED, MarkKind.CONSULT)
    )
    talks = by_kind[MarkKind.TALK]
    assert (talks[0].detail, talks[-1].detail, silenced.detail) == (FIRST, SECOND, "agent")
    shown = {one["kind"] for one in link["marks"]}
    assert shown >= {"notice", "hold", "silenced", "consult"}
    assert link["length_ms"] == recording.audio_ms == len(sound.caller) * 1000 // RATE

    for talk, hertz in ((talks[0], FIRST_HERTZ), (talks[-1], SECOND_HERTZ)):
        assert share(sound.under(sound.caller, talk), CALLER_HERTZ) > 0.8
        assert share(sound.under(sound.agent, talk), hertz) > 0.8
        assert share(sound.under(sound.agent, talk), CALLER_HERTZ) < 0.05
    for mark in (held, asked):
        heard = sound.under(sound.agent, mark)
        assert max(share(heard, FIRST_HERTZ), share(heard, SECOND_HERTZ)) < 0.05
    for side in (sound.caller, sound.agent):
        assert np.abs(sound.under(side, silenced, 0)).max() == 0


async def _is_given_to_nobody_else(office: dict[str, Clerk], recording_id: str) -> None:
    """A link is its owner's alone, and an agent hears nothing that was not scored."""
    asked = await office["penilai"].posts(f"/api/recordings/{recording_id}/playbacks", {"purpose": "review"})
    for other in ("penilai2", "pkl", f"agen{FIRST}", f"agen{SECOND}"):
        answer = await office[other].asks(asked["address"], Range="bytes=0-")
        assert (other, answer.status_code) == (other, 404)
    unscored = await office[f"agen{FIRST}"].asks(f"/rekaman/{recording_id}")
    assert unscored.status_code == 404


async def _is_scored_and_contested(office: dict[str, Clerk], recording_id: str) -> None:
    """The score, the agent's signature and appeal, and what each of its people does."""
    agent, leader, lead = office[f"agen{FIRST}"], office["ketua"], office["pkl"]
    first = await scores(office["penilai"], recording_id, "review", no=[CONTESTED])
    seen = await agent.gets(f"/api/scores/{first['score_id']}")
    assert (seen["mine"], seen["may_sign"], seen["reviewer"]) == (True, True, "")
    assert float(seen["total"]) < 100
    await plays(agent, recording_id, "appeal")
    signed = await agent.posts(f"/api/scores/{first['score_id']}/sign")
    assert signed["state"] == "signed"
    refused = await office[f"agen{SECOND}"].asks(f"/api/scores/{first['score_id']}")
    assert refused.status_code == 404

    contested = {"item": CONTESTED, "reason": "Contoh alasan yang jelas", "places": [{"from_ms": 500}]}
    appeal_id = uuid4().hex
    filed = {"appeal_id": appeal_id, "score_id": first["score_id"], "contested": [contested]}
    assert (await agent.posts("/api/appeals", filed))["state"] == "filed"
    one = f"/api/appeals/{appeal_id}"
    version = (await leader.gets(one))["version"]
    await leader.posts(f"{one}/review", {"version": version, "event": "endorse", "note": "Contoh"})
    version = (await lead.gets(one))["version"]
    decided = {"version": version, "event": "approve", "note": "Contoh"}
    assert (await lead.posts(f"{one}/decide", decided))["state"] == "rescoring"

    second = office["penilai2"]
    (waiting,) = (await second.gets("/api/appeals"))["blind"]
    assert (waiting["recording_id"], waiting["kind"]) == (recording_id, "rescoring")
    assert (await second.asks(f"/api/scores/{first['score_id']}")).status_code == 404
    await plays(second, recording_id, "appeal")
    await scores(second, recording_id, "rescore")
    # They differ on what is contested, and nobody else reviews here: who leads the reviewers is the arbiter.
    appeal = await lead.gets(one)
    assert appeal["state"] == "arbitration"
    (arbiter,) = appeal["able"]
    await lead.posts(f"{one}/assign", {"version": appeal["version"], "to": arbiter["value"]})
    await scores(lead, recording_id, "arbiter")
    done = await agent.gets(one)
    assert (done["state"], done["outcome"]) == ("done", "Nilai berubah")
    assert float(done["total"]) < float(done["counts_total"]) == 100
    assert (await agent.gets(f"/api/scores/{first['score_id']}"))["state"] == "replaced"


async def test_recordings_outlive_the_service_and_asterisk(house: House, faults: FaultLog) -> None:
    known = [one.recording_id for one in await asyncio.to_thread(house.recordings)]
    async with house.office() as office:
        page, reviewer = office[f"agen{FIRST}"], office["penilai"]
        second = await _the_service_dies(house, page, known)
        faults.injected(Fault.SERVICE_KILLED)
        third = await _asterisk_dies(house, page, [*known, second.recording_id])
        faults.injected(Fault.ASTERISK_KILLED)
        faults.lost(silently=third.lost_ms == 0)
        open_ones = (await office["supervisor"].gets("/api/recording-watch"))["open"]
        shown = [one["kind"] for one in open_ones if one["recording_id"] == third.recording_id]
        assert "too_short" in shown, "who watches the recordings sees it"
        for one in (second, third):
            _, sound = await plays(reviewer, one.recording_id, "review")
            assert share(sound.caller[RATE // 2 : RATE], CALLER_HERTZ) > 0.8
            assert share(sound.agent[RATE // 2 : RATE], FIRST_HERTZ) > 0.8
    await asyncio.to_thread(_nothing_is_wrong, house, len(known) + 2)


async def _the_service_dies(house: House, page: Clerk, known: Sequence[str]) -> Recording:
    """`kill -9` in a talk: the same recording goes on, and states where nobody watched it."""
    async with house.outside() as outside, house.at_work(FIRST, page) as first:
        caller = await _talk(outside, first)
        before = await house.recording(known, _started)
        await asyncio.sleep(1)
        await asyncio.to_thread(house.installation.kill_service)
        await first.until(observed="talking")
        await asyncio.sleep(1)
        await caller.hang_up(within=WITHIN)
        sealed = await house.recording(known, _sealed)
    assert sealed.recording_id == before.recording_id
    (gap,) = await asyncio.to_thread(_gaps, house, sealed, "service_away")
    assert gap.until_ms is not None
    assert gap.until_ms <= sealed.audio_ms, "Asterisk recorded on"
    assert await asyncio.to_thread(house.alarms) == []
    return sealed


async def _asterisk_dies(house: House, page: Clerk, known: Sequence[str]) -> Recording:
    """Asterisk hangs for longer than a crash explains, and dies: the rest is sealed, the loss is told."""
    async with house.outside() as outside, house.at_work(FIRST, page) as first:
        await _talk(outside, first)
        await house.recording(known, _started)
        await asyncio.sleep(3)
        pid = int((house.installation.home / "asterisk" / "run" / "asterisk.pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(CRASH_MS / 1000 + 2)
        os.kill(pid, signal.SIGKILL)
        sealed = await house.recording(known, _sealed, within=2 * WITHIN)
    assert sealed.cause == "asterisk_died"
    assert sealed.audio_ms > 1000
    assert sealed.lost_ms > CRASH_MS
    (gap,) = await asyncio.to_thread(_gaps, house, sealed, "asterisk_died")
    assert gap.until_ms is not None
    assert CRASH_MS < gap.until_ms - gap.from_ms <= sealed.lost_ms
    told = [(one.kind, one.recording_id) for one in await asyncio.to_thread(house.alarms)]
    assert (AlarmKind.TOO_SHORT, sealed.recording_id) in told
    return sealed


def _gaps(house: House, recording: Recording, why: str) -> list[Mark]:
    """Return what is stated as missing for a reason; what began late is stated too."""
    marks = house.marks(recording.recording_id)
    return [one for one in marks if one.kind is MarkKind.GAP and one.detail.split(" ")[0] == why]
