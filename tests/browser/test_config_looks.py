"""Settings in a real browser: a row and a value changed, in force, undone; three widths, light and dark."""

import asyncio
import socket
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
import uvicorn
from fastapi import Response
from playwright.async_api import Browser, Page, expect

from domain.clock import SystemClock
from domain.staff import Staff
from service.config_side import make_office
from storage.database import Database
from storage.vault import Vault
from tests.browser.chromium import chromium
from tests.browser.looking import is_sound, opened_as
from tests.web.page_parts import page_app
from web.assets import Assets, add_asset_routes
from web.build import build
from web.config_desk import ConfigPort
from web.config_routes import add_config_routes
from web.permissions import Permission
from web.shell import Shell

pytestmark = pytest.mark.asyncio(loop_scope="module")

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


async def _put(page: Page) -> None:
    await page.click("#preview button.button-primary")
    await page.click("#confirm [value=yes]")
    await page.wait_for_url("**/pengaturan/perubahan/*")


async def test_a_row_is_added_by_keyboard_put_in_force_and_undone(browser: Browser, address: str) -> None:
    async with opened_as(browser, address, "administrator") as page:
        await page.goto(f"{address}/pengaturan")
        await is_sound(page, "pengaturan")
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
        await is_sound(page, "hari-beda")
        await _put(page)
        await is_sound(page, "perubahan")
        await page.click("form button.button-danger")
        await page.click("#confirm [value=yes]")
        await page.wait_for_url("**/perubahan/2")
        await page.goto(f"{address}/pengaturan/days")
        await expect(page.locator("[data-config-rows] tbody tr")).to_have_count(0)


async def test_a_value_is_changed_and_comments_stay(browser: Browser, address: str) -> None:
    async with opened_as(browser, address, "administrator") as page:
        await page.goto(f"{address}/pengaturan/dialer_caps")
        await page.get_by_label("Seumur daftar", exact=True).fill("7")
        await page.click("[data-config-form=values] button.button-primary")
        await expect(page.locator("#preview .difference-added")).to_have_count(1)
        await expect(page.locator("#preview .difference-added")).to_contain_text("life: 7, day: 3")
        await _put(page)
        await page.goto(f"{address}/pengaturan/dialer_caps")
        await expect(page.locator("main")).to_contain_text("Menunggu mulai ulang")
        await is_sound(page, "batas-panggilan")
        await page.click("#tab-text")
        text = await page.input_value("#config-text")
        assert "# Seconds that a call rings at least." in text
        await page.fill("#config-text", text.replace("life: 7", "life: tujuh"))
        await page.click("[data-config-form=text] button.button-primary")
        await expect(page.locator("#preview .notice-bad")).to_contain_text("Baris")
        await is_sound(page, "kesalahan")
