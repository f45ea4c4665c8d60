"""Cases on the real thing: taken after proof, done by who has the skill, their results told by telephone.

One taxpayer has several: the result of one is heard at once, somebody does not listen to another, a stranger
answers for the third, then nobody, and the taxpayer rings back. Calls in vain to the last one are in the
complaint's story.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from asterisk_conf.program import AsteriskProgram
from domain.directory import ProofItem
from service.phone.calls import PhoneCall
from service.phone.sounds import SoundLibrary
from storage.synthetic import synthetic_taxpayers
from storage.synthetic_profiles import synthetic_record
from tests.sip.complaint_house import (
    A_WHILE,
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
from tests.sip.office import Clerk
from tests.sip.people import ANSWERS

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

AT_ONCE, LISTENS_NOT, RINGS_BACK, OTHER = (f"6281100009{n:03}" for n in (1, 2, 3, 4))
NUMBERS = (AT_ONCE, LISTENS_NOT, RINGS_BACK, OTHER)  # the last case is given out and stays with its worker
SKILLED = {"Contoh Tiga": "1003", "Contoh Empat": "1004"}  # of the example tables: taxpayer_data
PERSON = next(
    one
    for one in synthetic_taxpayers()
    if one.taxpayer.resident_person and one.taxpayer.active and synthetic_record(one).profile.email
)
PROFILE = synthetic_record(PERSON).profile
KNOWS = {
    **synthetic_record(PERSON).secrets,
    ProofItem.NAME: PERSON.taxpayer.name,
    ProofItem.ADDRESS: PROFILE.address,
    ProofItem.PHONE: PROFILE.phone,
    ProofItem.EMAIL: PROFILE.email,
    ProofItem.BIRTH_DATE: str(PROFILE.born_on),
}
CALLER_HERTZ, AGENT_HERTZ = 700, 1100
TOLD = "Alamat sudah diperbarui"


@pytest.fixture
async def house(asterisk_program: AsteriskProgram, library: SoundLibrary) -> AsyncIterator[House]:
    does = {AT_ONCE: ANSWERS, LISTENS_NOT: ANSWERS, RINGS_BACK: SWITCHED_OFF}
    async with opened(does, library) as running:
        yield running


async def test_a_cases_result_is_heard_on_the_telephone_or_goes_into_a_letter(house: House) -> None:
    cases = dict(zip(NUMBERS, await are_taken(house), strict=True))
    workers = await are_given_out(house, list(cases.values()))
    async with house.at_the_page(CHIEF) as chief:
        await chief.posts("/api/matter-work/callbacks", {"on": True})
    await house.caller_back.signs_in().goes_ready()
    for number, happens in (
        (AT_ONCE, is_heard_at_once),
        (LISTENS_NOT, is_not_listened_to),
        (RINGS_BACK, is_heard_when_they_ring_back),
    ):
        await is_done(house, cases[number], workers[cases[number]])
        await happens(house, cases[number])
    assert set(house.people.callers) == {"1500200"}


# ---- Taken, given out, done


async def are_taken(house: House) -> list[str]:
    """The taxpayer rings, proves it, with codes of other systems too, and asks for four changes."""
    await house.intake.signs_in().goes_ready()
    caller = await house.outside.call("1500200")
    for keys in ("11", f"{PERSON.taxpayer.npwp}#", "10"):  # Indonesian, with NPWP; it is right, a person
        await caller.press(keys)
    await house.intake.is_offered_a_call(WITHIN).accepts().speaks(AGENT_HERTZ)
    caller.speaks(CALLER_HERTZ)
    await house.intake.hears_tone(CALLER_HERTZ, WITHIN)
    asked = [("poro", number) for number in NUMBERS[2:]]
    async with house.at_the_page(f"agen{INTAKE}") as page:
        call = f"/api/calls/{await call_of(page)}"
        early = await page.asks(f"{call}/matters/form?kind=case&topic=data_change")
        assert early.status_code == 403, "nothing is changed for who has not proved ownership"
        await proves(page, call)
        asked = [
            (await proves_by(page, call, means), number)
            for means, number in zip(("otp", "token"), NUMBERS, strict=False)
        ] + asked
        found = [await opens(page, call, proof, number) for proof, number in asked]
    await caller.hang_up(within=WITHIN)
    return found


async def opens(page: Clerk, call: str, proof: str, number: str) -> str:
    """Open a case in the call; return its id."""
    case = {
        "type": "data_change", "proof": proof, "changed_data": "address", "new_value": "Jalan Contoh 1",
        "contact": f"+{number}", "contact_name": PERSON.taxpayer.name,
    }  # fmt: skip
    made = await page.posts(f"{call}/cases", case)
    return str(made["matter"]["matter_id"])


async def proves(page: Clerk, call: str) -> None:
    """Let the taxpayer prove who they are, by what the form asks next."""
    said = {"npwp": PERSON.taxpayer.npwp, "name": PERSON.taxpayer.name}
    form = await page.gets(f"{call}/proof")
    while (step := form["next"]["step"]) not in ("complete", "nothing"):
        if step == "npwp":
            form = await page.posts(f"{call}/proof/npwp", said)
        elif step == "receiver":
            form = await page.posts(f"{call}/proof/receiver", {"relation": "self"})
        else:
            item = form["next"]["item"]
            form = await page.posts(f"{call}/proof/items", {"item": item, "answer": KNOWS[ProofItem(item)]})
    assert form["rung"] == "full", form["next"]


async def proves_by(page: Clerk, call: str, means: str) -> str:
    """Let the taxpayer tell the code that another system sent."""
    codes = f"{call}/code-proofs"
    asked = (await page.posts(codes, {"means": means}))["proofs"][0]
    assert asked["simulated"], "the real systems are joined at the administration"
    told = await page.posts(f"{codes}/{asked['proof_id']}", {"answer": asked["shown"]})
    assert told["proofs"][0]["outcome"] == "valid"
    return means


async def are_given_out(house: House, cases: Sequence[str]) -> dict[str, str]:
    """The leader gives them out; return who has which: by skill, and as many each."""
    async with house.at_the_page(LEADER) as leader:
        await leader.posts("/api/matter-work/spread", {})
        found = {one: await leader.gets(f"/api/matters/{one}") for one in cases}
    names = [one["matter"]["assignee"] for one in found.values()]
    assert sorted(names) == sorted([*SKILLED, *SKILLED])
    assert all("calon" in one["trail"][-1]["detail"] for one in found.values()), "the reason is told"
    return {one: SKILLED[at["matter"]["assignee"]] for one, at in found.items()}


async def is_done(house: House, case: str, worker: str) -> None:
    """Who has it does it, and leaves it to a callback to tell the taxpayer."""
    address = f"/api/matters/{case}"
    async with house.at_the_page(f"agen{worker}") as page:
        at = await page.gets(address)
        at = await page.posts(f"{address}/take", {"version": at["matter"]["version"]})
        step = {"version": at["matter"]["version"], "event": "finish", "note": TOLD, "tell": "callback"}
        at = await page.posts(f"{address}/step", step)
    assert at["matter"]["state"] == "done"


# ---- Told


async def is_heard_at_once(house: House, case: str) -> None:
    """The taxpayer answers, proves it, and is told: before, the agent may say nothing of it."""
    async with spoken_to(house, case, AT_ONCE) as (page, call, _):
        assert not (await page.gets(f"{call}/outbound"))["open"], "no proof, no content"
        await proves(page, call)
        shown = await page.gets(f"{call}/outbound")
        assert shown["open"]
        assert TOLD in str(shown["fields"])
        await page.posts(f"{call}/disposition", {"code": "answered"})
    at = await is_over(house, case)
    assert what_of(at) == ["opened", "handed_over", "reached"]
    assert (at["trail"][-1]["what"], at["trail"][-1]["who"]) == ("told", "Contoh Lima")
    assert letters_of(at) == []


async def is_not_listened_to(house: House, case: str) -> None:
    """Somebody answers and does not want to hear it: no further call, and a letter."""
    async with spoken_to(house, case, LISTENS_NOT) as (page, call, _):
        await page.posts(f"{call}/disposition", {"code": "refused"})
    at = await is_over(house, case)
    assert at["trail"][-1]["what"] == "not_told"
    assert "menolak mendengarkan" in at["trail"][-1]["detail"]
    assert len(letters_of(at)) == 1


async def is_heard_when_they_ring_back(house: House, case: str) -> None:
    """A stranger answers; then nobody does; then the taxpayer rings, presses for the agents, and is told."""
    house.does[RINGS_BACK] = ANSWERS
    async with spoken_to(house, case, RINGS_BACK) as (page, call, _):
        await page.posts(f"{call}/disposition", {"code": "someone_else"})
    at = await house.until(case, lambda at: in_vain(at) == 1)
    assert "orang lain" in promise_of(at)["trail"][-1]["detail"]
    house.does[RINGS_BACK] = SWITCHED_OFF
    await house.nobody_answers({case: RINGS_BACK}, 2)
    caller = await house.outside.call("1500200", caller=RINGS_BACK)
    await caller.press("1")  # Indonesian
    await caller.hears("recognised_call", within=WITHIN)
    await caller.hears_out(WITHIN)  # a key at its first words would be taken for one typed ahead
    await caller.press("1")  # to the agents of that call
    agent = house.caller_back
    await agent.is_offered_a_call(WITHIN).accepts().speaks(AGENT_HERTZ)
    caller.speaks(CALLER_HERTZ)
    await agent.hears_tone(CALLER_HERTZ, WITHIN)
    async with house.at_the_page(f"agen{CALLER_BACK}") as page:
        call = f"/api/calls/{await call_of(page)}"
        await proves(page, call)
        open_now = (await page.gets(f"{call}/matters"))["matters"]
        (promise,) = [one for one in open_now if one["kind"] == "promise" and one["topic"] == "result"]
        address = f"/api/promises/{promise['matter_id']}"
        shown = await page.gets(address)
        assert TOLD in str(shown["said"])
        await page.posts(f"{address}/step", {"version": shown["matter"]["version"], "event": "told"})
    await caller.hang_up(within=WITHIN)
    await agent.is_hung_up(WITHIN).ends_wrap_up()
    at = await house.until(case, lambda at: at["trail"][-1]["what"] == "told")
    assert promise_of(at)["matter"]["result"] == "kept"
    assert letters_of(at) == []


@asynccontextmanager
async def spoken_to(house: House, case: str, number: str) -> AsyncIterator[tuple[Clerk, str, PhoneCall]]:
    """The time comes, somebody answers and talks with the agent; then both hang up, and a while goes by."""
    due = due_at(await house.until(case, lambda at: promise_of(at)["matter"]["dialer"]))
    await house.goes_on_until(due + A_WHILE)
    person = await house.call_to(number, 1, partial(house.when_it_is_due, case, 1))
    await person.until_answered(WITHIN)
    person.speaks(CALLER_HERTZ)
    agent = house.caller_back
    await agent.is_offered_a_call(WITHIN).speaks(AGENT_HERTZ).hears_tone(CALLER_HERTZ, WITHIN)
    await person.hears_tone(AGENT_HERTZ, WITHIN)
    async with house.at_the_page(f"agen{CALLER_BACK}") as page:
        yield page, f"/api/calls/{await call_of(page)}", person
    await agent.hangs_up()
    await person.until_ended(WITHIN)
    await agent.ends_wrap_up()
    await house.goes_on_until(house.installation.now() + 2 * MINUTE)


async def call_of(page: Clerk) -> str:
    """Return the call that the agent has."""
    return str((await page.gets("/api/desk"))["state"]["call"]["call_id"])


async def is_over(house: House, case: str) -> dict[str, Any]:
    """Wait until the case's trail says what came of telling its result."""
    return await house.until(case, lambda at: at["trail"][-1]["what"] in ("told", "not_told"))


def what_of(case: dict[str, Any]) -> list[str]:
    """Return what is on the trail of the promise."""
    return [row["what"] for row in promise_of(case)["trail"]]


def letters_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the work to tell the result in writing."""
    return [one["matter"] for one in case["promises"] if one["matter"]["topic"] == "written_notice"]
