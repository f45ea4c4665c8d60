"""A supervisor makes a report in a browser; every page at three widths, light and dark, and by axe."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chromium import chromium
from tests.browser.looking import is_sound, opened_as
from tests.browser.report_server import ReportServer, report_server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ReportServer]:
    async with report_server(tmp_path_factory.mktemp("reports")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def test_a_report_is_made_shown_and_asked_for(server: ReportServer, browser: Browser) -> None:
    async with opened_as(browser, server.address, "supervisor") as page:
        await page.goto(f"{server.address}/laporan/baru")
        await is_sound(page, "baru")
        await page.fill("#field-title", "Antrean Oktober")
        await page.fill("#field-code", "Antrean Oktober")
        await page.select_option("#field-span", "fixed")
        await page.fill("#field-first", "2026-10-05")
        await page.fill("#field-last", "2026-10-06")
        await page.select_option("#field-chart", "line")
        await page.check("input[name=by][value=queue]")
        await page.click("form[hx-post='/api/reports'] button.button-primary")
        await expect(page.locator('[data-field="code"] .error')).to_be_visible()
        await page.fill("#field-code", "antrean-oktober")
        await page.click("form[hx-post='/api/reports'] button.button-primary")
        await page.wait_for_url(re.compile(r"/laporan/[0-9a-f]{32}$"))
        await page.click("form[hx-get$='/document'] button")
        await expect(page.get_by_role("cell", name="72,2 %")).to_be_visible()
        await is_sound(page, "satu")
        await page.click("form[hx-post$='/run'] button")
        await expect(page.locator("#asked").get_by_text("Menunggu")).to_be_visible()
        for name in ("", "/bulanan?month=2026-10", "/kamus"):
            await page.goto(f"{server.address}/laporan{name}")
            await is_sound(page, re.sub(r"\W+", "", name.partition("?")[0]) or "laporan")
