"""A supervisor makes a report in a browser; every page at three widths, light and dark, and by axe."""

import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import chromium
from tests.browser.report_server import ReportServer, report_server
from web.build import UI
from web.guard import SESSION_COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = UI / "node_modules" / "axe-core" / "axe.min.js"
SIZES = ((360, 640), (768, 1024), (1280, 800))
WITHIN = 60_000  # milliseconds, on however busy a machine
PICTURES = os.environ.get("KRING_TEST_PICTURES", "")  # a folder that pictures are put into


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ReportServer]:
    async with report_server(tmp_path_factory.mktemp("reports")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def _sound(page: Page, name: str) -> None:
    """Hold the page against axe in light and dark, and against scrolling sideways at each width."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in ("light", "dark"):
        dark = scheme == "dark"  # without motion: colours are there at once
        await page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        found = await page.evaluate("axe.run()")
        assert [
            f"{one['id']}: {json.dumps([node['target'] for node in one['nodes']])}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ] == [], (name, scheme)
    await page.emulate_media(color_scheme="light")
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


async def test_a_report_is_made_shown_and_asked_for(server: ReportServer, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    await context.add_cookies([{"name": SESSION_COOKIE, "value": "supervisor", "url": server.address}])
    page = await context.new_page()
    page.set_default_timeout(WITHIN)
    await page.goto(f"{server.address}/laporan/baru")
    await _sound(page, "baru")
    await page.fill("#field-title", "Antrean Oktober")
    await page.fill("#field-code", "Antrean Oktober")
    await page.select_option("#field-span", "fixed")
    await page.fill("#field-first", "2026-10-05")
    await page.fill("#field-last", "2026-10-06")
    await page.select_option("#field-chart", "line")
    await page.check("input[name=by][value=queue]")
    await page.click("form[hx-post='/api/reports'] button.button-primary")
    await expect(page.locator('[data-field="code"] .error')).to_be_visible(timeout=WITHIN)
    await page.fill("#field-code", "antrean-oktober")
    await page.click("form[hx-post='/api/reports'] button.button-primary")
    await page.wait_for_url(re.compile(r"/laporan/[0-9a-f]{32}$"))
    await page.click("form[hx-get$='/document'] button")
    await expect(page.get_by_role("cell", name="72,2 %")).to_be_visible(timeout=WITHIN)
    await _sound(page, "satu")
    await page.click("form[hx-post$='/run'] button")
    await expect(page.locator("#asked").get_by_text("Menunggu")).to_be_visible(timeout=WITHIN)
    for name in ("", "/bulanan?month=2026-10", "/kamus"):
        await page.goto(f"{server.address}/laporan{name}")
        await _sound(page, re.sub(r"\W+", "", name.partition("?")[0]) or "laporan")
    await context.close()
