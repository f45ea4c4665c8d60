"""People's requests in a real browser: taken in, prepared, approved by a second person, handed over."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from fastapi import Response
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser, Page, expect

from storage.database import Database
from storage.vault import Vault
from tests.browser.chromium import chromium
from tests.storage.person_world import A, PersonWorld
from tests.web.test_person_pages import FIRST, SECOND, Office
from web.assets import Assets, add_asset_routes
from web.build import UI, build
from web.guard import SESSION_COOKIE
from web.permissions import Permission
from web.shell import Shell

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = UI / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("KRING_TEST_PICTURES", "")
LATE = 60_000  # milliseconds


class Served(Office):
    """The pages on a server."""

    address = ""


@pytest_asyncio.fixture(loop_scope="module")
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    await asyncio.to_thread(build, lambda text: None)
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    world = PersonWorld(database, Vault.create(tmp_path / "key"), tmp_path)
    await world.fill()
    office = Served(world, tmp_path)
    assets, shared = Assets.load(), office.parts.shared
    shared.render._environment.globals["asset"] = assets.asset
    office.parts.app.add_middleware(Shell)
    add_asset_routes(shared, assets=assets)

    @shared.guard.get("/api/recording-watch/notice", Permission.RECORDING_WATCH)
    async def no_notice() -> Response:  # the navigation asks for it on every page
        return HTMLResponse("")

    @shared.guard.get("/healthz", Permission.PUBLIC)
    async def healthz() -> dict[str, bool]:
        return {"alive": True}

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(office.parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    office.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield office
    server.should_exit = True
    await serving
    listener.close()
    await asyncio.to_thread(database.close)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@asynccontextmanager
async def opened(browser: Browser, served: Served, who: str, path: str) -> AsyncIterator[Page]:
    """Open a page; a breach of the policy or an uncaught error fails the test."""
    context = await browser.new_context(viewport={"width": 1366, "height": 900}, accept_downloads=True)
    context.set_default_timeout(LATE)
    await context.add_cookies([{"name": SESSION_COOKIE, "value": who, "url": served.address}])
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda told: complaints.append(told.text) if "Content Security Policy" in told.text else None,
    )
    await page.goto(served.address + path)
    yield page
    await context.close()
    assert complaints == [] or PICTURES  # taking a picture puts a style of its own into the page


async def looks_well(page: Page, name: str) -> None:
    """Keep a picture where one is asked for; whatever axe finds serious fails."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    await page.evaluate(await asyncio.to_thread(AXE.read_text, "utf-8"))
    found = await page.evaluate("axe.run().then(r => r.violations.map(v => [v.impact, v.id]))")
    assert [one for one in found if one[0] in ("serious", "critical")] == []


async def test_a_copy_from_intake_to_handing_over(browser: Browser, served: Served, tmp_path: Path) -> None:
    async with opened(browser, served, FIRST, "/berkas") as page:
        await page.get_by_label("NPWP").fill(A.npwp)
        await page.get_by_label("Nama peminta").fill("Contoh Nama")
        await page.get_by_label("Bukti yang dilihat").fill("KTP dilihat di KPP")
        await looks_well(page, "persons")
        await page.get_by_role("button", name="Simpan permintaan").click()
        await page.wait_for_url("**/berkas/*")
        path = page.url.removeprefix(served.address)
        assert A.npwp not in page.url and A.npwp not in await page.content()
        await page.get_by_role("button", name="Buat salinan terenkripsi").click()
        password = (await page.locator("#password-title + p code").inner_text()).strip()
        await looks_well(page, "person-password")
        await page.get_by_role("button", name="Sudah dicatat, lanjutkan").click()
        await expect(page.get_by_text("Menunggu persetujuan orang kedua.")).to_be_visible()
        await expect(page.locator("#password-title")).to_have_count(0)
        await expect(page.get_by_role("button", name="Setujui")).to_have_count(0)
    async with opened(browser, served, SECOND, path) as page:
        await page.get_by_role("button", name="Setujui").click()
        await page.click("#confirm button[value=yes]")
        await expect(page.get_by_role("link", name="Unduh salinan")).to_be_visible()
        async with page.expect_download() as given:
            await page.get_by_role("link", name="Unduh salinan").click()
        saved = Path(await (await given.value).path())
        (kept,) = await asyncio.to_thread(list, (tmp_path / "bundles").iterdir())
        assert await asyncio.to_thread(saved.read_bytes) == await asyncio.to_thread(kept.read_bytes)
        await looks_well(page, "person-approved")
        await page.get_by_label("Diserahkan kepada siapa dan dengan cara apa").fill("langsung kepada peminta")
        await page.get_by_role("button", name="Catat penyerahan").click()
        await page.get_by_role("link", name="Surat jawaban").click()
        await expect(page.get_by_text("Salinan seluruh data Anda")).to_be_visible()
        await looks_well(page, "person-letter")
    assert "index.html" in served.work.texts(password)
