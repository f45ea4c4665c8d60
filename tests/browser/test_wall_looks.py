"""The wallboard in a real browser: live, three widths, light and dark, acts and messages by keyboard."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from acd.requests import Barge, Force, Listen
from tests.browser.chromium import chromium
from tests.browser.wall_server import AGENTS, BOSS, WallServer, wall_server
from web.build import UI
from web.guard import SESSION_COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = UI / "node_modules" / "axe-core" / "axe.min.js"
SIZES = ((360, 640), (768, 1024), (1280, 800))
WITHIN = 60_000  # milliseconds, on however busy a machine
PICTURES = os.environ.get("KRING_PICTURES", "")  # a folder: pictures of what was looked at
TALKER = "90000000"  # talks


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WallServer]:
    async with wall_server(tmp_path_factory.mktemp("wall")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@asynccontextmanager
async def _page(browser: Browser, server: WallServer, who: str, path: str) -> AsyncIterator[Page]:
    """Open a page as somebody; a breach of the policy or an uncaught error fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    await context.add_cookies([{"name": SESSION_COOKIE, "value": who, "url": server.address}])
    page = await context.new_page()
    page.set_default_timeout(WITHIN)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            complaints.append(f"{message.text} {message.location}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        await page.goto(f"{server.address}{path}")
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


async def test_the_board_is_live(browser: Browser, server: WallServer) -> None:
    async with _page(browser, server, "boss", "/papan") as page:
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
        await _sound(page, "papan")


async def test_acts_by_keyboard(browser: Browser, server: WallServer) -> None:
    asked = server.stage.parts.floor.asked
    async with _page(browser, server, "boss", "/papan") as page:
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
        await _sound(page, "papan-tindakan")
        await page.keyboard.press("Escape")


async def test_a_message_a_threshold_and_an_announcement(browser: Browser, server: WallServer) -> None:
    async with _page(browser, server, "boss", "/papan") as page:
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
        await _sound(page, "papan-isian")


async def test_the_screen_for_a_wall(browser: Browser, server: WallServer) -> None:
    async with _page(browser, server, "planner", "/papan/layar") as page:
        await expect(page.locator('[data-wall="total.waiting"]')).to_have_text("19")
        await expect(page.locator("header.top")).to_have_count(0)
        await expect(page.locator(".wall-agent")).to_have_count(0)
        await _sound(page, "papan-layar")
        if PICTURES:
            await page.set_viewport_size({"width": 1920, "height": 1080})
            await page.screenshot(path=Path(PICTURES) / "papan-layar-1920.png", caret="initial")
