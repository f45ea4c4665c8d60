"""A complaint on the real thing: taken on the line, worked on, confirmed by a dialled call, closed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from asterisk_conf.program import AsteriskProgram
from desk.complaint_steps import STEPS
from service.phone.sounds import SoundLibrary
from tests.sip.complaint_house import (
    A_WHILE,
    ATTEMPTS,
    CALLER_BACK,
    CHIEF,
    INTAKE,
    LEADER,
    MINUTE,
    SWITCHED_OFF,
    WITHIN,
    House,
    due_at,
    in_vain,
    opened,
    promise_of,
)
from tests.sip.people import ANSWERS

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

LATER_REACHED, NEVER_REACHED = "6281100008001", "6281100008002"
CALLER_HERTZ, AGENT_HERTZ = 700, 1100
SAID = {
    "kind": "service", "reporter": "Contoh Pelapor", "what": "Antrean dua jam", "unit": "KPP Contoh",
    "happened_on": "2025-05-30", "where": "Loket", "wish": "Loket tambahan", "evidence": "Foto",
}  # fmt: skip
TOLD = "Loket tambahan sudah dibuka"


@pytest.fixture
async def house(asterisk_program: AsteriskProgram, library: SoundLibrary) -> AsyncIterator[House]:
    does = {LATER_REACHED: SWITCHED_OFF, NEVER_REACHED: SWITCHED_OFF}
    async with opened(does, library) as running:
        yield running


async def test_a_complaint_is_confirmed_by_a_call_and_closed_also_when_nobody_answers(house: House) -> None:
    reached, unreached = await are_taken(house)
    for complaint in (reached, unreached):
        await comes_to_confirmation(house, complaint)
    async with house.at_the_page(CHIEF) as chief:
        switched = await chief.posts("/api/matter-work/callbacks", {"on": True})
    assert {one["state"] for one in switched["purposes"]} == {"running"}
    await house.caller_back.signs_in().goes_ready()
    await house.nobody_answers({reached: LATER_REACHED, unreached: NEVER_REACHED})
    await is_reached(house, reached)
    await is_closed(house, reached, "settled", "proven")
    await house.until(unreached, lambda at: in_vain(at) == 2)  # it was due as well, after the talk
    for attempt in range(3, ATTEMPTS + 1):
        await house.nobody_answers({unreached: NEVER_REACHED}, attempt)
    whats = [row["what"] for row in promise_of(await house.until(unreached, lambda at: True))["trail"]]
    assert [what for what in whats if what != "put_off"] == [
        "opened", "handed_over", *["tried"] * (ATTEMPTS - 1), "give_up",
    ]  # fmt: skip
    assert "put_off" in whats, "no more than the cap in 24 hours"
    await is_closed(house, unreached, "not_reached", "not_confirmed")
    assert len(house.people.calls) == 2 + ATTEMPTS
    assert set(house.people.callers) == {"1500200"}


async def are_taken(house: House) -> list[str]:
    """Somebody rings and complains, for another person too; the agent records both at the page."""
    await house.intake.signs_in().goes_ready()
    caller = await house.outside.call("1500200")
    await caller.press("0")
    await house.intake.is_offered_a_call(WITHIN).accepts().speaks(AGENT_HERTZ)
    caller.speaks(CALLER_HERTZ)
    await house.intake.hears_tone(CALLER_HERTZ, WITHIN)
    found = []
    async with house.at_the_page(f"agen{INTAKE}") as page:
        call_id = (await page.gets("/api/desk"))["state"]["call"]["call_id"]
        for contact in (LATER_REACHED, NEVER_REACHED):
            said = {**SAID, "contact": f"+{contact}"}
            made = await page.posts(f"/api/calls/{call_id}/complaints", said)
            found.append(made["matter"]["matter_id"])
    await caller.hang_up(within=WITHIN)
    return found


async def comes_to_confirmation(house: House, complaint: str) -> None:
    """The leader takes it step by step; a unit is asked on the way, and what it answers is recorded."""
    address = f"/api/matters/{complaint}"
    async with house.at_the_page(LEADER) as leader:
        at = await leader.gets(address)
        for step in STEPS[: STEPS.index("confirmation")]:
            version = at["matter"]["version"]
            assert at["matter"]["state"] == step
            if step == "disposition":
                asked = {"version": version, "to_unit": "kitsda", "note": "Mohon tanggapan"}
                at = await leader.posts(f"{address}/referrals", asked)
                answered = {"version": version + 1, "note": "Sudah ditegur"}
                number = at["referrals"][0]["number"]
                at = await leader.posts(f"{address}/referrals/{number}/answer", answered)
                version += 2
            tell = {"tell": "callback", "note": TOLD} if step == "final_disposition" else {}
            at = await leader.posts(f"{address}/step", {"version": version, "event": "forward", **tell})
    assert at["matter"]["state"] == "confirmation"


async def is_reached(house: House, complaint: str) -> None:
    """The next time the reporter answers, is told the outcome by the agent, and is content."""
    house.does[LATER_REACHED] = ANSWERS
    due = due_at(await house.until(complaint, lambda at: in_vain(at) == 1))
    await house.goes_on_until(due + A_WHILE)
    person = await house.call_to(LATER_REACHED, 2)
    await person.until_answered(WITHIN)
    person.speaks(CALLER_HERTZ)
    agent = house.caller_back
    await agent.is_offered_a_call(WITHIN).speaks(AGENT_HERTZ).hears_tone(CALLER_HERTZ, WITHIN)
    await person.hears_tone(AGENT_HERTZ, WITHIN)
    async with house.at_the_page(f"agen{CALLER_BACK}") as page:
        call_id = (await page.gets("/api/desk"))["state"]["call"]["call_id"]
        shown = await page.gets(f"/api/calls/{call_id}/outbound")
        assert TOLD in str(shown), "the agent reads what is to be told"
        await page.posts(f"/api/calls/{call_id}/disposition", {"code": "settled"})
    await agent.hangs_up()
    await person.until_ended(WITHIN)
    await agent.ends_wrap_up()
    await house.goes_on_until(house.installation.now() + 2 * MINUTE)
    at = await house.until(complaint, lambda at: promise_of(at)["matter"]["closed_at"] is not None)
    kept = promise_of(at)
    assert kept["matter"]["result"] == "kept"
    assert [row["what"] for row in kept["trail"]] == ["opened", "handed_over", "tried", "reached"]
    assert kept["trail"][-1]["who"] == "Contoh Lima"


async def is_closed(house: House, complaint: str, result: str, end: str) -> None:
    """What came of the confirmation is judged, and the complaint is closed; all of it is on its trail."""
    address = f"/api/matters/{complaint}"
    at = await house.until(complaint, lambda at: at["matter"]["state"] == "outcome_validation")
    async with house.at_the_page(LEADER) as leader:
        step = {"version": at["matter"]["version"], "event": "forward"}
        at = await leader.posts(f"{address}/step", step)
        close = {"version": at["matter"]["version"], "event": "close", "disposition": end, "note": "Selesai"}
        at = await leader.posts(f"{address}/step", close)
    assert (at["matter"]["state"], at["matter"]["result"]) == ("closed", end)
    trail = [(row["what"], row["step"]) for row in at["trail"]]
    steps = [what for what, _ in trail]
    assert steps == [
        "opened", "forward", "forward", "referred", "referral_answered",
        *["forward"] * (len(STEPS) - 3), "close",
    ]  # fmt: skip
    async with house.at_the_page(CHIEF) as chief:
        counted = await chief.gets("/api/matter-work/statistics")
    assert {one["name"]: one["count"] for one in counted["confirmations"]}[result] == 1
