"""Changing what callers hear in a real browser: a text, a recording, a second look, in force, undone."""

import asyncio
import socket
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from fastapi import Response
from playwright.async_api import Browser, Page, expect

from storage.database import Database
from storage.vault import Vault
from tests.browser.chromium import chromium
from tests.browser.looking import is_sound, opened_as
from tests.web.prompt_world import PromptWorld, prompt_world, speech
from tests.web.staff_world import StaffWorld
from web.assets import Assets, add_asset_routes
from web.build import build
from web.errors import add_error_handlers
from web.permissions import Permission
from web.shell import Shell

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = "pengaturan/pengumuman"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, PromptWorld]]:
    folder = tmp_path_factory.mktemp("prompts")
    await asyncio.to_thread(build, lambda text: None)
    database = Database.open(f"sqlite:///{folder}/kring.db")
    (folder / "prompts").mkdir()
    staff = StaffWorld(database, Vault.create(folder / "key"))
    world = prompt_world(folder / "prompts", database, staff)
    parts, assets = world.parts, Assets.load()
    add_error_handlers(parts.app, parts.shared.render)
    parts.shared.render._environment.globals["asset"] = assets.asset
    partial(add_asset_routes, assets=assets)(parts.shared)
    parts.app.add_middleware(Shell)

    async def nothing() -> Response:  # other areas' pieces that every page, and an announcement's, asks for
        return Response("", media_type="text/html")

    for path, permission in (
        ("/api/recording-watch/notice", Permission.RECORDING_WATCH),
        ("/api/matter-work/bell", Permission.MATTER_WORK),
        ("/api/wall/announcements", Permission.FLOOR_VIEW),
    ):
        parts.shared.guard.get(path, permission, operation_id=path.rpartition("/")[2])(nothing)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(parts.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", world
    server.should_exit = True
    await serving
    listener.close()
    staff.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def _bring(page: Page, place: int, recording: Path) -> None:
    await page.set_input_files(f"#sound-{place}", recording)
    await expect(page.locator("[data-prompt-told]").nth(place)).to_contain_text("Suara siap")


async def test_a_text_and_its_recording_are_looked_at_put_in_force_and_undone(
    browser: Browser, served: tuple[str, PromptWorld], tmp_path: Path
) -> None:
    address, world = served
    good, bad = tmp_path / "baru.flac", tmp_path / "salah.wav"
    good.write_bytes(speech(1.0))
    bad.write_bytes(b"no sound")
    async with opened_as(browser, address, "supervisor") as page:
        await page.goto(f"{address}/{PAGE}")
        await is_sound(page, "pengumuman")
        await page.click("text=announce_busy")
        await page.fill("#field-id", "Sudah sepi {x}.")
        await page.click("[data-prompt-texts] button")
        await expect(page.locator("#field-id-error")).to_contain_text("Kurung kurawal")
        await page.fill("#field-id", "Sudah sepi.")
        await page.click("[data-prompt-texts] button")
        await expect(page.locator("#preview del")).to_contain_text("Sedang ramai.")
        await page.click("#preview button.button-primary")
        await page.click("#confirm [value=yes]")
        await expect(page.locator("#sound-0-error")).to_contain_text("Beri suara")
        await page.set_input_files("#sound-0", bad)
        await expect(page.locator("#sound-0-error")).to_contain_text("Simpan sebagai WAV")
        await _bring(page, 0, good)
        await is_sound(page, "pengumuman-periksa")
        source = await page.locator("[data-prompt-audio]").first.get_attribute("src")
        assert source is not None and source.startswith("/pengaturan/pengumuman/suara/")
        await page.click("#preview button.button-primary")
        await page.click("#confirm [value=yes]")
        await expect(page.locator("main")).to_contain_text("Perubahan 1,")
        assert world.library.text("announce_busy", "id") == "Sudah sepi."
        await is_sound(page, "pengumuman-satu")
        await page.click("form button.button-danger")
        await page.click("#confirm [value=yes]")
        await expect(page.locator("main")).to_contain_text("Perubahan 2,")
        assert world.library.text("announce_busy", "id") == "Sedang ramai."


async def test_a_new_announcement_has_its_name_from_the_form(
    browser: Browser, served: tuple[str, PromptWorld], tmp_path: Path
) -> None:
    address, world = served
    good = tmp_path / "banjir.flac"
    good.write_bytes(speech(1.0))
    async with opened_as(browser, address, "administrator") as page:
        await page.goto(f"{address}/{PAGE}/baru")
        await is_sound(page, "pengumuman-baru")
        await page.fill("[data-prompt-name]", "banjir")
        await page.fill("#field-id", "Kantor di Jakarta tutup karena banjir.")
        await page.fill("#field-en", "The offices in Jakarta are closed.")
        await page.click("[data-prompt-texts] button")
        for place in (0, 1):
            await _bring(page, place, good)
        await page.click("#preview button.button-primary")
        await page.click("#confirm [value=yes]")
        await page.wait_for_url("**/announce_banjir")
        assert world.library.text("announce_banjir", "en") == "The offices in Jakarta are closed."
        await expect(page.get_by_role("button", name="Hapus pengumuman")).to_be_visible()
