"""A recording from its finding to what is learned of it, through the joined pages over real records.

In every state on the way nothing has a serious fault of accessibility, nothing is wider than the screen, and
nothing of the catalogue's own names or of programs' words is shown to people.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.chromium import chromium
from tests.browser.review_server import ReviewServer, review_server
from tests.browser.review_walk import ReviewWalk
from web.build import UI

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = (UI / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
SIZES = ((360, 740), (1024, 768), (1366, 768))
PICTURES = os.environ.get("KRING_PICTURES", "")  # a folder: pictures of each size are put there
STATES = {
    "recordings", "recording", "recording-scoring", "recording-scored", "scores-own", "appeal-new",
    "appeal-decide", "recording-blind", "appeal-done", "calibration-closed", "coaching-task",
    "review-plans", "review-tasks", "recordings-watch",
}  # fmt: skip
# A name with an underscore, 32 hex digits, Python's or JavaScript's words for nothing.
RAW = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[0-9a-f]{32}\b|\b(?:None|null|undefined|NaN)\b")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ReviewServer]:
    async with review_server(tmp_path_factory.mktemp("review")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def faults(page: Page) -> list[str]:
    """Return what is wrong with a page at all sizes."""
    await page.evaluate(AXE)
    # Without its copies of style sheets: for a shadow tree it makes one that the page's policy forbids.
    axe = await page.evaluate("axe.run({ preload: false })")
    serious = [one for one in axe["violations"] if one["impact"] in ("serious", "critical")]
    found = [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in serious]
    text: str = await page.evaluate("document.querySelector('main').innerText")
    found += [f"raw: {raw}" for raw in sorted(set(RAW.findall(text)))]
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wider > 0:
            found.append(f"{wider} pixels wider than {width}")
    return found


async def test_from_finding_to_coaching(server: ReviewServer, browser: Browser) -> None:
    wrong: dict[str, list[str]] = {}

    async def seen(name: str, page: Page) -> None:
        wrong[name] = await faults(page)
        for width, height in (SIZES[0], SIZES[2]) if PICTURES else ():
            await page.set_viewport_size({"width": width, "height": height})
            # Playwright would hide the caret by a style that the policy of the pages forbids.
            path = Path(PICTURES) / f"{name}-{width}.png"
            await page.screenshot(path=path, full_page=True, caret="initial")

    walk = ReviewWalk(server, browser, seen)
    await walk.whole()
    assert wrong.keys() >= STATES
    assert {name: found for name, found in wrong.items() if found} == {}
    assert walk.complaints == []
