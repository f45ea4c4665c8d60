"""A recording from its finding to what is learned of it, through the joined pages over real records.

In every state on the way nothing has a serious fault of accessibility, nothing is wider than the screen, and
nothing of the catalogue's own names or of programs' words is shown to people.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.chromium import chromium
from tests.browser.faults import serious_faults
from tests.browser.looking import raw_names, too_wide
from tests.browser.review_server import ReviewServer, review_server
from tests.browser.review_walk import ReviewWalk

pytestmark = pytest.mark.asyncio(loop_scope="module")

STATES = {
    "recordings", "recording", "recording-scoring", "recording-scored", "scores-own", "appeal-new",
    "appeal-decide", "recording-blind", "appeal-done", "calibration-closed", "coaching-task",
    "review-plans", "review-tasks", "recordings-watch",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ReviewServer]:
    async with review_server(tmp_path_factory.mktemp("review")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def test_from_finding_to_coaching(server: ReviewServer, browser: Browser) -> None:
    wrong: dict[str, list[str]] = {}

    async def seen(name: str, page: Page) -> None:
        wrong[name] = await serious_faults(page) + await too_wide(page) + await raw_names(page)

    walk = ReviewWalk(server, browser, seen)
    await walk.whole()
    assert wrong.keys() >= STATES
    assert {name: found for name, found in wrong.items() if found} == {}
    assert walk.complaints == []
