"""Settings in a real browser: a row and a value changed, in force, undone; three widths, light and dark."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from fastapi import Response
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from domain.clock import SystemClock
from domain.staff import Staff
from service.config_side import make_office
from storage.database import Database
from storage.vault import Vault
from tests.browser.chromium import chromium
from tests.browser.faults import serious_faults
from tests.web.page_parts import page_app
from web.assets import Assets, add_asset_routes
from web.build import build
from web.config_desk import ConfigPort
from web.config_routes import add_config_routes
from web.guard import SESSION_COOKIE
from web.permissions import Permission
from web.shell import Shell

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIZES = ((360, 640), (768, 1024), (1280, 800))
WITHIN = 120_000  # milliseconds, on however busy a machine
PICTURES = os.environ.get("KRING_PICTURES", "")  # a folder: pictures of what was looked at
EVE = ["2099-12-24", "working", "08:00", "12:00", "Menjelang Natal, setengah hari"]


class People:
    async def all(self) -> list[Staff]:
        return []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("config")
    await asyncio.to_thread(build, lambda text: None)
    database = Database.open(f"sqlite:///{folder}/kring.db")
    office = make_office(database, Vault.create(folder / "key"), SystemClock())
    port = ConfigPort(office, People())  # type: ignore[arg-type]  # of the store, names alone are read
    assets = Assets.load()
    parts = page_app([partial(add_asset_routes, assets=assets), partial(add_config_routes, port=port)])
    parts.shared.render._environment.globals["asset"] = assets.asset
    parts.app.add_middleware(Shell)

    @parts.shared.guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def notice() -> Response:  # the bar of every page asks for it
        return Response("", media_type="text/html")

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving
    listener.close()
    database.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@asynccontextmanager
async def _page(browser: Browser, address: str) -> AsyncIterator[Page]:
    """Open a browser as an administrator; a breach of the policy or an uncaught error fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    # The session's token of the double stands in the pages as of a real session.
    await context.add_cookies([{"name": SESSION_COOKIE, "value": "administrator", "url": address}])
    page = await context.new_page()
    page.set_default_timeout(WITHIN)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
        assert complaints == []
    finally:
        await context.close()


async def _sound(page: Page, name: str) -> None:
    """Hold the page against axe and against scrolling sideways, at three widths, light and dark."""
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await serious_faults(page) == [], (name, width, scheme)
            if PICTURES:
                path = Path(PICTURES) / f"{name}-{width}-{scheme}.png"
                await page.screenshot(path=path, full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)


async def _put(page: Page) -> None:
    await page.click("#preview button.button-primary")
    await page.click("#confirm [value=yes]")
    await page.wait_for_url("**/pengaturan/perubahan/*")


async def test_a_row_is_added_by_keyboard_put_in_force_and_undone(browser: Browser, address: str) -> None:
    async with _page(browser, address) as page:
        await page.goto(f"{address}/pengaturan")
        await _sound(page, "pengaturan")
        await page.goto(f"{address}/pengaturan/days")
        await page.focus("[data-config-add]")
        await page.keyboard.press("Enter")
        for value in EVE:  # the focus is in the new row's first cell
            await page.keyboard.type(value)
            await page.keyboard.press("Tab")
        await page.focus("[data-config-form=rows] button.button-primary")
        await page.keyboard.press("Enter")
        await expect(page.locator("#preview .difference-added")).to_have_count(1)
        await expect(page.locator("#preview .difference-added")).to_contain_text(
            '"Menjelang Natal, setengah hari"'
        )
        await _sound(page, "hari-beda")
        await _put(page)
        await _sound(page, "perubahan")
        await page.click("form button.button-danger")
        await page.click("#confirm [value=yes]")
        await page.wait_for_url("**/perubahan/2")
        await page.goto(f"{address}/pengaturan/days")
        await expect(page.locator("[data-config-rows] tbody tr")).to_have_count(0)


async def test_a_value_is_changed_and_comments_stay(browser: Browser, address: str) -> None:
    async with _page(browser, address) as page:
        await page.goto(f"{address}/pengaturan/dialer_caps")
        await page.get_by_label("Seumur daftar", exact=True).fill("7")
        await page.click("[data-config-form=values] button.button-primary")
        await expect(page.locator("#preview .difference-added")).to_have_count(1)
        await expect(page.locator("#preview .difference-added")).to_contain_text("life: 7, day: 3")
        await _put(page)
        await page.goto(f"{address}/pengaturan/dialer_caps")
        await expect(page.locator("main")).to_contain_text("Menunggu mulai ulang")
        await _sound(page, "batas-panggilan")
        await page.click("#tab-text")
        text = await page.input_value("#config-text")
        assert "# Seconds that a call rings at least." in text
        await page.fill("#config-text", text.replace("life: 7", "life: tujuh"))
        await page.click("[data-config-form=text] button.button-primary")
        await expect(page.locator("#preview .notice-bad")).to_contain_text("Baris")
        await _sound(page, "kesalahan")
