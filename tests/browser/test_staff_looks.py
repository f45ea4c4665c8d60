"""Accounts, their history and what roles may do in a real browser: three widths, light and dark."""

import asyncio
import socket
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
import uvicorn
from fastapi import Response
from playwright.async_api import Browser, expect

from domain.staff import StaffRole
from storage.database import Database
from storage.vault import Vault
from tests.browser.chromium import chromium
from tests.browser.looking import is_sound, opened_as, raw_names
from tests.web.page_parts import page_app
from tests.web.staff_world import StaffWorld
from web.assets import Assets, add_asset_routes
from web.build import build
from web.permissions import Permission
from web.shell import Shell
from web.staff_drafts import StaffDraft
from web.staff_pages import add_staff_pages

pytestmark = pytest.mark.asyncio(loop_scope="module")

SARI = StaffDraft("sari", "Sari Contoh", (StaffRole.AGENT,), "90000001", "alfa")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, str]]:
    """Serve the pages; yield their address and the account of somebody who was changed twice."""
    folder = tmp_path_factory.mktemp("staff")
    await asyncio.to_thread(build, lambda text: None)
    world = StaffWorld(Database.open(f"sqlite:///{folder}/kring.db"), Vault.create(folder / "key"))
    await world.office.create("cli:contoh", StaffDraft("admin", "Contoh Admin", (StaffRole.ADMINISTRATOR,)))
    sari, _ = await world.office.create("cli:contoh", SARI)
    more = StaffDraft("sari", "Sari Contoh", (StaffRole.AGENT, StaffRole.QUALITY), "90000001", "beta")
    await world.office.change("cli:contoh", sari.staff_id, more)
    await world.office.reset("cli:contoh", sari.staff_id)
    assets = Assets.load()
    parts = page_app(
        [partial(add_asset_routes, assets=assets), partial(add_staff_pages, office=world.office)]
    )
    parts.shared.render._environment.globals["asset"] = assets.asset
    parts.app.add_middleware(Shell)

    @parts.shared.guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def notice() -> Response:  # the bar of every page asks for it
        return Response("", media_type="text/html")

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", sari.staff_id
    server.should_exit = True
    await serving
    listener.close()
    world.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def test_a_change_is_undone_from_the_history(browser: Browser, place: tuple[str, str]) -> None:
    address, sari = place
    async with opened_as(browser, address, "administrator") as page:
        await page.goto(f"{address}/petugas/{sari}")
        await is_sound(page, "akun")
        await page.goto(f"{address}/petugas/{sari}/riwayat")
        await expect(page.locator("tbody tr")).to_have_count(3)
        await expect(page.locator("main")).to_contain_text("Agen → Agen, Penilai mutu")
        await is_sound(page, "riwayat")
        assert await raw_names(page) == []
        await page.fill("form input[name=why]", "keliru")
        await page.click("form button")
        await page.click("#confirm [value=yes]")
        await expect(page.locator("tbody tr")).to_have_count(4)
        await expect(page.locator("tbody tr").first).to_contain_text("Alasan: keliru")
        await expect(page.locator("tbody tr").nth(2)).to_contain_text("Sudah diurungkan")
        await page.goto(f"{address}/petugas/riwayat")
        await is_sound(page, "riwayat-semua")


async def test_an_auditor_reads_what_roles_may_do(browser: Browser, place: tuple[str, str]) -> None:
    address, sari = place
    async with opened_as(browser, address, "auditor") as page:
        await page.goto(f"{address}/petugas/peran")
        await expect(page.locator("main")).to_contain_text("Memeriksa bukti kepemilikan penelepon")
        await is_sound(page, "peran")
        assert await raw_names(page) == []
        await page.goto(f"{address}/petugas/{sari}")
        await expect(page.locator("main form")).to_have_count(0)
        await is_sound(page, "akun-auditor")
