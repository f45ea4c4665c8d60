"""The looks in a real browser: readable by everybody, at every size, without a breach of the policy."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.browser.chromium import chromium
from tests.browser.look_server import LookServer, look_server
from web.build import UI
from web.guard import SESSION_COOKIE
from web.operations import LiveCall

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = UI / "node_modules" / "axe-core" / "axe.min.js"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[LookServer]:
    async with look_server() as running:
        now = datetime.now(UTC)
        running.service.inside = [
            LiveCall("a", now, "main", "welcome"),
            LiveCall("b", now, "efin", "queue", "id", "efin"),
        ]
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@asynccontextmanager
async def _page(browser: Browser, server: LookServer, path: str, **options: Any) -> AsyncIterator[Page]:
    """Open a page as a supervisor; a breach of the policy or an uncaught error fails the test."""
    context = await browser.new_context(**{"viewport": {"width": 1024, "height": 768}, **options})
    await context.add_cookies([{"name": SESSION_COOKIE, "value": "supervisor", "url": server.address}])
    page = await context.new_page()
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # Failed requests are what some tests are about; htmx and the browser report each of them.
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        await page.goto(server.address + path)
        yield page
        assert complaints == []
    finally:
        await context.close()


async def _faults(page: Page) -> list[str]:
    """Return the serious faults that axe finds."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run()")
    return [
        f"{one['id']}: {json.dumps([node['target'] for node in one['nodes']])}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/gallery", "/status", "/nowhere"])
async def test_no_serious_fault_of_accessibility(
    browser: Browser, server: LookServer, path: str, scheme: str, tmp_path: Path
) -> None:
    async with _page(browser, server, path, color_scheme=scheme) as page:
        assert await _faults(page) == []


@pytest.mark.parametrize("width", [1024, 512, 360])  # 512: 1024 pixels at 200 %
@pytest.mark.parametrize("path", ["/gallery", "/status"])
async def test_nothing_is_wider_than_the_screen(
    browser: Browser, server: LookServer, path: str, width: int
) -> None:
    async with _page(browser, server, path, viewport={"width": width, "height": 768}) as page:
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width


async def test_a_form_shows_what_is_wrong_beside_the_field_and_then_goes_through(
    browser: Browser, server: LookServer
) -> None:
    async with _page(browser, server, "/gallery") as page:
        name = page.get_by_label("Nama")
        await name.fill("x")
        await page.click("#save")
        await expect(page.locator("#field-name-error")).to_have_text("Paling sedikit 2 karakter.")
        await expect(name).to_be_focused()
        await expect(name).to_have_attribute("aria-invalid", "true")
        await name.fill("Budi")
        await page.click("#save")
        await expect(page.locator("#answer")).to_have_text("got Budi")
        await expect(page.locator("#field-name-error")).to_be_hidden()


async def test_an_error_is_told_with_its_number_and_can_be_closed(
    browser: Browser, server: LookServer
) -> None:
    async with _page(browser, server, "/gallery") as page:
        await page.click("#broken")
        told = page.locator("#notices .notice-bad")
        await expect(told).to_contain_text("Nomor kesalahan")
        await told.get_by_role("button").click()
        await expect(told).to_have_count(0)


async def test_a_question_is_asked_before_and_escape_is_no(browser: Browser, server: LookServer) -> None:
    async with _page(browser, server, "/gallery") as page:
        await page.click("#ask")
        await expect(page.locator("#confirm")).to_contain_text("Benar dilanjutkan?")
        await page.keyboard.press("Escape")
        await expect(page.locator("#answer")).to_have_text("belum")
        await page.click("#ask")
        await page.locator("#confirm").get_by_role("button", name="Ya").click()
        await expect(page.locator("#answer")).to_have_text("got ya")


async def test_shortcuts_are_listed_by_the_question_mark_and_work(
    browser: Browser, server: LookServer
) -> None:
    async with _page(browser, server, "/gallery") as page:
        await page.keyboard.press("?")
        await expect(page.locator("#keys")).to_contain_text("Jawab")
        await page.keyboard.press("Escape")
        await page.get_by_label("Nama").press("?")
        await expect(page.locator("#keys")).to_be_hidden()
        await page.get_by_role("tab", name="Kasus").press("ArrowRight")
        await expect(page.locator("#b-panel")).to_be_visible()
        await expect(page.locator("#a-panel")).to_be_hidden()


async def test_the_chosen_theme_stays(browser: Browser, server: LookServer) -> None:
    async with _page(browser, server, "/gallery", color_scheme="light") as page:
        paper = "getComputedStyle(document.body).backgroundColor"
        light = await page.evaluate(paper)
        switch = page.locator("[data-theme-switch]")
        await switch.click()
        await switch.click()
        await expect(switch).to_have_text("Tampilan gelap")
        assert await page.evaluate(paper) != light
        await page.reload()
        assert await page.evaluate(paper) != light


async def test_a_lost_network_is_told_calmly_and_so_is_its_return(
    browser: Browser, server: LookServer
) -> None:
    async with _page(browser, server, "/gallery") as page:
        await page.route("**/*", lambda route: route.abort())
        await page.click("#ask")
        await page.locator("#confirm").get_by_role("button", name="Ya").click()
        await expect(page.locator("#lost")).to_contain_text("Sambungan ke layanan terputus")
        await page.unroute("**/*")
        await expect(page.locator("#lost")).to_be_hidden()
        await expect(page.locator("#notices")).to_contain_text("Sambungan kembali normal.")


async def test_an_ended_session_leads_to_the_sign_in_page_with_the_way_back(
    browser: Browser, server: LookServer
) -> None:
    async with _page(browser, server, "/gallery") as page:
        await page.context.clear_cookies()
        await page.click("#broken")
        await page.wait_for_url("**/masuk?ke=/gallery")


async def test_the_line_is_switched_and_the_page_follows_by_itself(
    browser: Browser, server: LookServer
) -> None:
    async with _page(browser, server, "/status") as page:
        await page.get_by_role("button", name="Tutup saluran sekarang").click()
        await expect(page.get_by_text("Ditutup oleh administrator")).to_be_visible()
        assert server.service.shut
        server.service.shut = False  # somebody else reopens it
        await expect(page.get_by_role("button", name="Tutup saluran sekarang")).to_be_visible()
