"""An agent's calls from the first page to the last note: real browsers, a real caller, the real product."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from asterisk_conf.program import AsteriskProgram
from service.phone.client import Telephone
from service.phone.hearing import load_sounds
from service.phone.sounds import SoundLibrary
from service.settings import load_settings
from tests.browser.agent_page import TEXTS, WITHIN
from tests.browser.conftest import MICROPHONE
from tests.browser.product import PERSON, TONE, Product, asks_for_efin
from tests.sip.caller import Caller

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def product(asterisk_program: AsteriskProgram) -> Iterator[Product]:
    running = Product()
    running.start()
    running.with_agents()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def sounds() -> SoundLibrary:
    return load_sounds(load_settings({}).prompts)


@pytest_asyncio.fixture(loop_scope="module")
async def phone(product: Product, sounds: SoundLibrary) -> AsyncIterator[Telephone]:
    async with Telephone(product.sip, sounds) as running:
        yield running


async def test_a_call_from_the_ring_to_the_note(product: Product, browser: Browser, phone: Telephone) -> None:
    agent = await product.signs_in(browser, "agen1003")
    colleague = await product.signs_in(browser, "agen1001")
    await agent.goes_ready()
    caller = Caller(phone, product)
    await asks_for_efin(caller)

    await agent.is_in("ringing")
    await agent.shows("#card", f"…{PERSON.npwp[-4:]}")
    assert PERSON.name not in await agent.page.content(), "nothing is proved yet"
    await agent.answers()
    await agent.hears(TONE)
    await caller.call.hears_tone(MICROPHONE, WITHIN)

    await agent.page.locator("#proof-name").fill(PERSON.name)
    await agent.presses("Enter")
    await agent.shows("#proof .notice-good", TEXTS.say("id", "proof.valid"))
    await agent.shows("#card", PERSON.name)

    await agent.asks("hold", "Alt+L")
    await agent.is_in("holding")
    await caller.call.hears("music", within=WITHIN)
    await agent.asks("unhold", "Alt+L")
    await agent.is_in("talking")
    await caller.call.hears_tone(MICROPHONE, WITHIN)

    await colleague.goes_ready()
    await agent.chooses("consult", "Alt+K", "Contoh Satu")
    await colleague.answers_consultation()
    await agent.is_in("consulting")
    await agent.hears(MICROPHONE)
    await colleague.hears(MICROPHONE)
    await agent.asks("complete_transfer", "Alt+O")
    await colleague.is_in("talking")
    await caller.call.hears_tone(MICROPHONE, WITHIN)
    await colleague.hears(TONE)
    await colleague.shows("#card", PERSON.name)

    await agent.is_in("wrap_up")
    await agent.writes_note("Lupa EFIN", "Dijelaskan caranya", "3")
    await agent.shows("#note", "Lupa EFIN")
    await agent.asks("end_wrap_up", "Alt+A")
    await agent.is_in("ready")

    await colleague.asks("end_call", "Alt+Q")
    await colleague.is_in("wrap_up")
    ended = await caller.call.until_ended(WITHIN)
    assert (ended.status, ended.by) == (200, "far_end")
    assert agent.troubles == colleague.troubles == []
    await agent.closes()
    await colleague.closes()
