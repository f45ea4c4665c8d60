"""Every state of the pages is usable by everybody: one walk through the product, calls by keyboard alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from asterisk_conf.program import AsteriskProgram
from service.phone.client import Telephone
from service.phone.hearing import load_sounds
from service.settings import load_settings
from tests.browser.agent_walk import Walk
from tests.browser.faults import serious_faults
from tests.browser.product import Product

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

# What an agent needs in a talk, at 1366×768: all of it on the screen, without scrolling.
IN_SIGHT = (
    "#state-word",
    "#call [data-request=end_call]",
    "#card h2",
    "#proof h2",
    "#script [aria-current=step]",
    "#note-question",
    "[data-note-save]",
)
STATES = {
    "ringing",
    "talking",
    "full",
    "transfer-dialog",
    "wrap-up",
    "matters",
    "notes",
    "staff",
    "trail",
    "status",
}


@pytest.fixture(scope="module")
def product(asterisk_program: AsteriskProgram) -> Iterator[Product]:
    running = Product()
    running.start()
    running.with_agents()
    yield running
    running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def phone(product: Product) -> AsyncIterator[Telephone]:
    async with Telephone(product.sip, load_sounds(load_settings({}).prompts)) as running:
        yield running


async def test_no_state_has_a_serious_fault(product: Product, browser: Browser, phone: Telephone) -> None:
    faults: dict[str, list[str]] = {}

    async def seen(name: str, page: Page) -> None:
        faults[name] = await serious_faults(page)
        if name in ("talking", "full"):
            faults[name] += [
                f"out of sight: {what}" for what in IN_SIGHT if not await _is_in_sight(page, what)
            ]
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            faults[name].append(f"{wide} pixels wider than the screen")

    await Walk(product, browser, phone, seen).whole()
    assert faults.keys() >= STATES
    assert {name: found for name, found in faults.items() if found} == {}


async def _is_in_sight(page: Page, what: str) -> bool:
    """Whether the middle of something is on the screen, and nothing lies over it."""
    return bool(
        await page.locator(what).first.evaluate(
            """(element) => {
              const box = element.getBoundingClientRect();
              const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
              return there !== null && (element.contains(there) || there.contains(element)) && box.height > 0;
            }"""
        )
    )
