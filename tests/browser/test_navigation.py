"""The bar of pages in a real browser: menus for whoever has many pages, by mouse and keyboard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import chromium
from tests.browser.faults import serious_faults
from tests.browser.look_server import LookServer, look_server
from tests.browser.looking import SIZES, opened_as

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[LookServer]:
    async with look_server() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@asynccontextmanager
async def _page(browser: Browser, server: LookServer, who: str) -> AsyncIterator[Page]:
    """Open the status page as somebody."""
    async with opened_as(browser, server.address, who) as page:
        await page.goto(f"{server.address}/status")
        yield page


async def test_menus_stay_on_the_screen(browser: Browser, server: LookServer) -> None:
    async with _page(browser, server, "supervisor") as page:
        heads, menus = page.locator(".nav-group > summary"), page.locator(".nav-menu")
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            for place in range(await heads.count()):
                await heads.nth(place).click()
                await expect(menus.nth(place)).to_be_visible()
                await expect(page.locator(".nav-group[open]")).to_have_count(1)
                box = await menus.nth(place).bounding_box()
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
                for scheme in ("light", "dark"):
                    await page.emulate_media(color_scheme=scheme)
                    assert await serious_faults(page) == [], (width, place, scheme)
            await page.locator("main").click(position={"x": 2, "y": 200})
            await expect(page.locator(".nav-group[open]")).to_have_count(0)


async def test_a_menu_by_keyboard(browser: Browser, server: LookServer) -> None:
    async with _page(browser, server, "supervisor") as page:
        head = page.locator(".nav-group > summary[aria-current]")
        await expect(head).to_contain_text("Lantai")
        await head.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".nav-menu [aria-current=page]")).to_have_text("Status")
        await page.keyboard.press("Tab")
        await expect(page.locator(".nav-menu a:focus")).to_have_count(1)
        await page.keyboard.press("Escape")
        await expect(page.locator(".nav-group[open]")).to_have_count(0)
        await expect(head).to_be_focused()


async def test_few_pages_need_no_menu(browser: Browser, server: LookServer) -> None:
    async with _page(browser, server, "administrator") as page:
        await expect(page.locator("nav .nav-link").first).to_be_visible()
        await expect(page.locator(".nav-group")).to_have_count(0)
