"""A manager, a supervisor and an agent, from the file to the results, in the real product.

In every state on the way nothing has a serious fault of accessibility and nothing is wider than the screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from asterisk_conf.program import AsteriskProgram
from tests.browser.campaign_walk import DOES, CampaignWalk, OutboundProduct
from tests.browser.faults import serious_faults
from tests.browser.looking import too_wide
from tests.sip.people import People

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

STATES = {
    "list-columns",
    "list-refused",
    "campaign-form",
    "live",
    "outbound-talking",
    "results",
    "switch-thrown",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people() -> AsyncIterator[People]:
    async with People(DOES) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(asterisk_program: AsteriskProgram, people: People) -> AsyncIterator[OutboundProduct]:
    running = OutboundProduct(people.address)
    await asyncio.to_thread(running.start)
    await asyncio.to_thread(running.with_agents)
    yield running
    await asyncio.to_thread(running.stop)


async def test_from_the_file_to_the_results(
    product: OutboundProduct, browser: Browser, people: People, tmp_path: Path
) -> None:
    faults: dict[str, list[str]] = {}

    async def seen(name: str, page: Page) -> None:
        faults[name] = await serious_faults(page) + await too_wide(page)

    await CampaignWalk(product, browser, people, seen).whole(tmp_path)
    assert faults.keys() >= STATES
    assert {name: found for name, found in faults.items() if found} == {}
    assert [call.number for call in people.calls] == list(DOES)
