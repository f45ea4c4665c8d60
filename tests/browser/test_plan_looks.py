"""The planner in a real browser: a plan made, a number changed, a day tried; three widths, light and dark."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.browser.chromium import chromium
from tests.browser.plan_server import plan_server
from web.build import UI
from web.guard import SESSION_COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = UI / "node_modules" / "axe-core" / "axe.min.js"
SIZES = ((360, 640), (768, 1024), (1280, 800))
WITHIN = 120_000  # milliseconds, on however busy a machine
PICTURES = os.environ.get("KRING_PICTURES", "")  # a folder: pictures of what was looked at


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with plan_server(tmp_path_factory.mktemp("plans")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@asynccontextmanager
async def _page(browser: Browser, address: str) -> AsyncIterator[Page]:
    """Open a browser as a planner; a breach of the policy or an uncaught error fails the test."""
    size = {"width": 1280, "height": 800}
    context = await browser.new_context(viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
    await context.add_cookies([{"name": SESSION_COOKIE, "value": "planner", "url": address}])
    page = await context.new_page()
    page.set_default_timeout(WITHIN)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            complaints.append(f"{message.text} {message.location}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
        assert complaints == []
    finally:
        await context.close()


async def _sound(page: Page, name: str) -> None:
    """Hold the page against axe and against scrolling sideways, at three widths, light and dark."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            found = await page.evaluate("axe.run()")
            assert [
                f"{one['id']}: {json.dumps([node['target'] for node in one['nodes']])}"
                for one in found["violations"]
                if one["impact"] in ("serious", "critical")
            ] == [], (name, width, scheme)
            if PICTURES:
                path = Path(PICTURES) / f"{name}-{width}-{scheme}.png"
                await page.screenshot(path=path, full_page=True, caret="initial")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)


async def test_a_season_is_planned_changed_tried_and_kept(browser: Browser, address: str) -> None:
    async with _page(browser, address) as page:
        await page.goto(f"{address}/perencana")
        await _sound(page, "perencana")
        await page.fill("#field-calls", "1")
        await page.focus("form[hx-post='/api/plans'] button.button-primary")
        await page.keyboard.press("Enter")
        await expect(page.locator('[data-field="calls"] .error')).to_contain_text("Riwayat belum cukup")
        await page.fill("#field-calls", "")
        await page.keyboard.press("Enter")
        await expect(page.locator("#sum-title")).to_be_visible(timeout=WITHIN)
        await expect(page.locator("#tested-title")).to_be_visible()
        await page.click("text=Kamis 26.03.2026")
        await expect(page.locator("#day-title")).to_have_text("Kamis 26.03.2026", timeout=WITHIN)
        await page.click("form[hx-post$='/what-if'] button")
        await expect(page.locator("#what-if th.number")).to_have_count(4, timeout=WITHIN)
        await page.click("form[hx-post$='/simulate'] button")
        await expect(page.locator("#simulated-title")).to_be_visible(timeout=WITHIN)
        await _sound(page, "rencana")
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.click("[data-opens='keep-plan']")
        await page.fill("#field-plan-name", "Musim lapor 2026")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Musim lapor 2026", timeout=WITHIN)
        await page.goto(f"{address}/perencana")
        await expect(page.locator("#plans tbody tr")).to_have_count(1)
