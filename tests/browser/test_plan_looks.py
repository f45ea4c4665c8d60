"""The planner in a real browser: a plan made, a number changed, a day tried; three widths, light and dark."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chromium import chromium
from tests.browser.looking import is_sound, opened_as
from tests.browser.plan_server import plan_server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with plan_server(tmp_path_factory.mktemp("plans")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def test_a_season_is_planned_changed_tried_and_kept(browser: Browser, address: str) -> None:
    async with opened_as(browser, address, "planner") as page:
        await page.goto(f"{address}/perencana")
        await is_sound(page, "perencana")
        await page.fill("#field-calls", "1")
        await page.focus("form[hx-post='/api/plans'] button.button-primary")
        await page.keyboard.press("Enter")
        await expect(page.locator('[data-field="calls"] .error')).to_contain_text("Riwayat belum cukup")
        await page.fill("#field-calls", "")
        await page.keyboard.press("Enter")
        await expect(page.locator("#sum-title")).to_be_visible()
        await expect(page.locator("#tested-title")).to_be_visible()
        await page.click("text=Kamis 26.03.2026")
        await expect(page.locator("#day-title")).to_have_text("Kamis 26.03.2026")
        await expect(page.locator("#cover-day-title")).to_be_visible()
        await expect(page.locator(".cover-short").first).to_be_visible()
        await page.select_option("#cover-team", "beta")
        await page.fill("#cover-last", "2026-03-06")
        await page.keyboard.press("Enter")
        await expect(page.locator("#cover-day th:has-text('beta')")).to_be_visible()
        await page.focus(".cover-days tbody tr:first-child button")
        await page.keyboard.press("Enter")
        await expect(page.locator("#cover-day-title")).to_have_text("Senin 02.03.2026")
        await page.click("form[hx-post$='/what-if'] button")
        await expect(page.locator("#what-if th.number")).to_have_count(4)
        await page.click("form[hx-post$='/simulate'] button")
        await expect(page.locator("#simulated-title")).to_be_visible()
        await is_sound(page, "rencana")
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.click("[data-opens='keep-plan']")
        await page.fill("#field-plan-name", "Musim lapor 2026")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Musim lapor 2026")
        await page.goto(f"{address}/perencana")
        await expect(page.locator("#plans tbody tr")).to_have_count(1)
