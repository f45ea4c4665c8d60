"""The wallboard in a real browser: live, three widths, light and dark, acts and messages by keyboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from acd.requests import Barge, Force, Listen
from tests.browser.chromium import chromium
from tests.browser.looking import PICTURES, is_sound, opened_as
from tests.browser.wall_server import AGENTS, BOSS, WallServer, wall_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

TALKER = "90000000"  # talks


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WallServer]:
    async with wall_server(tmp_path_factory.mktemp("wall")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def test_the_board_is_live(browser: Browser, server: WallServer) -> None:
    async with opened_as(browser, server.address, "boss") as page:
        await page.goto(f"{server.address}/papan")
        await expect(page.locator('[data-wall="total.waiting"]')).to_have_text("19")
        await expect(page.locator("[data-wall-queues] tr")).to_have_count(3)
        first = page.locator("[data-wall-queues] tr").first
        await expect(first).to_contain_text("17")
        await expect(first.locator("td[data-level=alarm]").first).to_contain_text("Tindak")
        await expect(page.locator(".wall-agent")).to_have_count(AGENTS)
        await expect(page.locator("[data-wall-course] svg.chart-svg")).to_be_visible()
        await expect(page.locator('[data-wall="recordings"]')).to_contain_text("1")
        talker = page.locator(".wall-agent", has=page.locator("text='Nama 0'"))
        server.stage.parts.floor.change(TALKER, observed="wrap_up", seconds=0.0)
        await expect(page.locator('[data-wall-state="wrap_up"]').locator(talker)).to_be_visible()
        server.stage.parts.floor.change(TALKER, observed="talking", seconds=0.0)
        await expect(page.locator('[data-wall-state="talking"]').locator(talker)).to_be_visible()
        await page.select_option("#wall-team", "alfa")
        await expect(page.locator(".wall-agent:visible")).to_have_count(AGENTS // 2)
        await page.select_option("#wall-team", "")
        await is_sound(page, "papan")


async def test_acts_by_keyboard(browser: Browser, server: WallServer) -> None:
    asked = server.stage.parts.floor.asked
    async with opened_as(browser, server.address, "boss") as page:
        await page.goto(f"{server.address}/papan")
        talker = page.locator('[data-wall-state="talking"] button', has=page.locator("text='Nama 0'"))
        for button, wanted in (
            ("listen", Listen(TALKER, BOSS)),
            ("whisper", Listen(TALKER, BOSS, whisper=True)),
            ("barge", Barge(TALKER, BOSS)),
            ("paused", Force(TALKER, "paused", "prayer")),
        ):
            await talker.focus()
            await page.keyboard.press("Enter")
            await expect(page.locator("#acts")).to_be_visible()
            await page.focus(f'#acts [data-act="{button}"]')
            await page.keyboard.press("Enter")
            await expect(page.locator("#acts")).to_be_hidden()
            assert asked[-1][1] == wanted
        await talker.focus()
        await page.keyboard.press("Enter")
        await is_sound(page, "papan-tindakan")
        await page.keyboard.press("Escape")


async def test_a_message_a_threshold_and_an_announcement(browser: Browser, server: WallServer) -> None:
    async with opened_as(browser, server.address, "boss") as page:
        await page.goto(f"{server.address}/papan")
        await expect(page.locator(".wall-agent")).to_have_count(AGENTS)
        await page.keyboard.press("Alt+m")
        await page.fill("#message-text", "Rapat singkat pukul 14.00")
        await page.press("#message-text", "Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#sent")).to_contain_text("Rapat singkat pukul 14.00")
        await expect(page.locator("#sent")).to_contain_text(f"0 dari {AGENTS} sudah membaca")
        await page.click("#thresholds-title")
        await page.select_option("#threshold-measure", "waiting")
        await page.select_option("#threshold-queue", "token")
        await page.fill("#threshold-warn", "1")
        await page.fill("#threshold-alarm", "2")
        await page.click("#thresholds form button")
        await expect(page.locator("#thresholds")).to_contain_text("Ditetapkan")
        token = page.locator("[data-wall-queues] tr", has_text="oken")
        await expect(token.locator("td").first).to_have_attribute("data-level", "alarm")
        await page.click("#announcements summary")
        await page.fill("#announcement-ends", "2099-01-01T10:00")
        await page.click("#announcements form button")
        await expect(page.locator("#announcements .error:visible")).to_contain_text("31 hari")
        await is_sound(page, "papan-isian")


async def test_the_screen_for_a_wall(browser: Browser, server: WallServer) -> None:
    async with opened_as(browser, server.address, "planner") as page:
        await page.goto(f"{server.address}/papan/layar")
        await expect(page.locator('[data-wall="total.waiting"]')).to_have_text("19")
        await expect(page.locator("header.top")).to_have_count(0)
        await expect(page.locator(".wall-agent")).to_have_count(0)
        await is_sound(page, "papan-layar")
        if PICTURES:
            await page.set_viewport_size({"width": 1920, "height": 1080})
            await page.screenshot(path=Path(PICTURES) / "papan-layar-1920.png", caret="initial")
