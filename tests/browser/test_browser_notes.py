"""Script and note in a real browser: by keyboard, with two tabs, without network, after a crash."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser.chromium import chromium
from tests.browser.note_server import NoteServer, note_server
from tests.web.page_parts import CALL
from web.build import UI
from web.guard import SESSION_COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")

STAFF = "s" * 32
AXE = UI / "node_modules" / "axe-core" / "axe.min.js"


@pytest_asyncio.fixture(loop_scope="module")
async def server(tmp_path: Path) -> AsyncIterator[NoteServer]:
    async with note_server(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@asynccontextmanager
async def signed_in(browser: Browser, server: NoteServer) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    await context.add_cookies([{"name": SESSION_COOKIE, "value": "agent", "url": server.address}])
    context.set_default_timeout(30_000)
    try:
        yield context
    finally:
        await context.close()


async def opened(context: BrowserContext, server: NoteServer, complaints: list[str] | None = None) -> Page:
    page = await context.new_page()
    heard = complaints if complaints is not None else []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            heard.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    await page.goto(f"{server.address}/test")
    await expect(page.locator("form[data-note]")).to_be_visible()
    await expect(page.locator("[data-script]")).to_be_visible()
    return page


def status(page: Page) -> Any:
    return page.locator("[data-note-status]")


async def drafted(page: Page, question: str) -> None:
    await page.fill("#note-question", question)
    await expect(status(page)).to_contain_text("Draf tersimpan")


async def nothing_kept(page: Page) -> None:
    """Wait until the tab keeps nothing. (The pages' policy forbids Playwright's own waiting.)"""
    for _ in range(300):
        kept: list[str] = await page.evaluate("Object.keys(sessionStorage)")
        if not any(name.startswith("kring-note:") for name in kept):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the tab still keeps what was typed")


async def test_note_and_disposition_in_three_keys(browser: Browser, server: NoteServer) -> None:
    complaints: list[str] = []
    async with signed_in(browser, server) as context:
        page = await opened(context, server, complaints)
        await page.select_option("#note-subject", "kup/payment")
        await page.fill("#note-question", "Kapan batas setor?")
        for keys in ("Alt+n", "1", "Control+Enter"):
            await page.keyboard.press(keys)
        await expect(page.locator("[data-note-piece] .list")).to_contain_text("Kapan batas setor?")
        await expect(page.locator("#note-question")).to_have_value("")
    [note] = await server.book.of_call(CALL)
    assert (note.content.category, note.content.result) == ("payment", "resolved")
    assert await server.book.drafts_of(STAFF) == []
    assert complaints == []


async def test_what_is_wrong_is_shown_beside_its_field(browser: Browser, server: NoteServer) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#note-subject-error")).to_be_visible()
        await expect(page.locator("#note-result-error")).to_be_visible()
        await expect(page.locator("#note-subject")).to_be_focused()
    assert await server.book.of_call(CALL) == []


async def test_a_draft_comes_back_after_a_reload(browser: Browser, server: NoteServer) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await page.keyboard.press("Alt+n")
        await page.keyboard.press("2")
        await drafted(page, "Lupa EFIN, Ibu Kenanga")
        await page.reload()
        await expect(page.locator("#note-question")).to_have_value("Lupa EFIN, Ibu Kenanga")
        await expect(page.locator("input[name=result][value=follow_up]")).to_be_checked()


async def test_what_is_typed_without_network_survives_a_reload_and_is_sent(
    browser: Browser, server: NoteServer
) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await drafted(page, "Sebelum putus")
        await context.route("**/note/draft", lambda route: route.abort())
        await page.fill("#note-question", "Ditulis tanpa jaringan")
        await expect(status(page)).to_contain_text("Belum terkirim")
        kept = await page.evaluate("JSON.stringify({...sessionStorage})")
        assert "kring-note:" in kept
        assert "jaringan" not in kept
        await page.reload()
        await expect(page.locator("#note-question")).to_have_value("Ditulis tanpa jaringan")
        [draft] = await server.book.drafts_of(STAFF)
        assert draft.content.question == "Sebelum putus"
        await context.unroute("**/note/draft")
        await expect(status(page)).to_contain_text("Draf tersimpan")
        [draft] = await server.book.drafts_of(STAFF)
        assert draft.content.question == "Ditulis tanpa jaringan"
        await nothing_kept(page)


async def test_what_lies_in_the_tab_cannot_be_read_by_the_next_session(
    browser: Browser, server: NoteServer
) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await context.route("**/note/draft", lambda route: route.abort())
        await page.fill("#note-question", "Milik sesi sebelumnya")
        await expect(status(page)).to_contain_text("Belum terkirim")
        visitors = server.parts.sessions.visitors
        visitors["agent"] = replace(visitors["agent"], session_id="session-2")
        await page.reload()
        await expect(page.locator("form[data-note]")).to_be_visible()
        await nothing_kept(page)
        await expect(page.locator("#note-question")).to_have_value("")


async def test_two_tabs_do_not_overwrite_each_other(browser: Browser, server: NoteServer) -> None:
    async with signed_in(browser, server) as context:
        one, two = await opened(context, server), await opened(context, server)
        await drafted(one, "Dari tab pertama")
        await two.fill("#note-question", "Dari tab kedua")
        dialog = two.locator("[data-note-conflict]")
        await expect(dialog).to_be_visible()
        await expect(dialog.locator("[data-conflict-theirs]")).to_contain_text("Dari tab pertama")
        await expect(dialog.locator("[data-conflict-mine]")).to_contain_text("Dari tab kedua")
        await dialog.locator("button[value=mine]").click()
        await expect(status(two)).to_contain_text("Draf tersimpan")
        await one.fill("#note-question", "Dari tab pertama lagi")
        await expect(one.locator("[data-note-conflict]")).to_be_visible()
        await one.locator("[data-note-conflict] button[value=theirs]").click()
        await expect(one.locator("#note-question")).to_have_value("Dari tab kedua")
    [draft] = await server.book.drafts_of(STAFF)
    assert draft.content.question == "Dari tab kedua"


async def test_a_note_that_another_tab_saved_is_followed_by_a_further_one(
    browser: Browser, server: NoteServer
) -> None:
    async with signed_in(browser, server) as context:
        one = await opened(context, server)
        await one.select_option("#note-subject", "kup/payment")
        await one.keyboard.press("Alt+n")
        await one.keyboard.press("1")
        await drafted(one, "Bersama")
        two = await opened(context, server)
        await one.keyboard.press("Control+Enter")
        await expect(one.locator("[data-note-piece] .list")).to_contain_text("Bersama")
        await two.fill("#note-question", "Tambahan dari tab kedua")
        dialog = two.locator("[data-note-conflict]")
        await expect(dialog).to_be_visible()
        await dialog.locator("button[value=further]").click()
        await expect(status(two)).to_contain_text("Draf tersimpan")
        await two.keyboard.press("Control+Enter")
        await expect(two.locator("[data-note-piece] .list")).to_contain_text("Tambahan dari tab kedua")
    notes = await server.book.of_call(CALL)
    assert [note.content.question for note in notes] == ["Bersama", "Tambahan dari tab kedua"]


async def test_saving_goes_on_until_the_service_has_it_once(browser: Browser, server: NoteServer) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await page.select_option("#note-subject", "kup/payment")
        await drafted(page, "Jawaban hilang di jalan")
        lost = 0

        async def lose(route: Any) -> None:
            nonlocal lost
            if route.request.method != "POST" or lost:
                await route.continue_()
                return
            lost += 1
            await route.fetch()  # the service has it; its answer does not arrive
            await route.abort()

        await context.route(f"**/api/calls/{CALL}/notes", lose)
        for keys in ("Alt+n", "1", "Control+Enter"):
            await page.keyboard.press(keys)
        await expect(page.locator("[data-note-piece] .list")).to_contain_text("Jawaban hilang di jalan")
        assert lost == 1
    assert len(await server.book.of_call(CALL)) == 1


async def test_a_note_is_corrected_by_its_author(browser: Browser, server: NoteServer) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await page.select_option("#note-subject", "kup/payment")
        await page.fill("#note-question", "Salah tulis")
        for keys in ("Alt+n", "1", "Control+Enter"):
            await page.keyboard.press(keys)
        await page.get_by_role("button", name="Perbaiki").click()
        await expect(page.locator("#note-title")).to_have_text("Perbaiki catatan")
        await expect(page.locator("#note-question")).to_have_value("Salah tulis")
        await page.fill("#note-question", "Sudah benar")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("[data-note-piece] .list")).to_contain_text("versi 2")
    [note] = await server.book.of_call(CALL)
    assert (note.version, note.content.question) == (2, "Sudah benar")


async def test_steps_tick_off_by_keyboard_and_come_back(browser: Browser, server: NoteServer) -> None:
    complaints: list[str] = []
    async with signed_in(browser, server) as context:
        page = await opened(context, server, complaints)
        await page.keyboard.press("Alt+s")
        await expect(page.locator("#tick-ask_name[aria-keyshortcuts]")).to_be_visible()
        await page.keyboard.press("Alt+s")
        await expect(page.locator(".step.done")).to_have_count(2)
        await expect(page.locator("#tick-offer_help[aria-keyshortcuts]")).to_be_visible()
        await page.reload()
        await expect(page.locator(".step.done")).to_have_count(2)
        await page.uncheck("#tick-opening")
        await expect(page.locator(".step.done")).to_have_count(1)
        await page.fill("#note-caller", "Kenanga")
        await expect(page.locator("[data-step=unhold] [data-blank=penelepon]").first).to_have_text("Kenanga")
    assert complaints == []


async def test_a_tick_without_network_is_sent_later(browser: Browser, server: NoteServer) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await context.route("**/script/ticks", lambda route: route.abort())
        await page.click("#tick-opening")
        await expect(page.locator("[data-step=opening]")).to_have_class("step done")
        await expect(page.locator("[data-script-status]")).to_contain_text("belum terkirim")
        await context.unroute("**/script/ticks")
        await expect(page.locator("#tick-ask_name[aria-keyshortcuts]")).to_be_visible()
        await expect(page.locator("#tick-opening")).to_be_checked()


async def test_a_code_is_spelled_in_a_dialog(browser: Browser, server: NoteServer) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await page.keyboard.press("Alt+e")
        await page.fill("#spelling-code", "1B2DF67K42NQLN7D")
        await expect(page.locator("#spelled li")).to_have_count(4)
        await expect(page.locator("#spelled")).to_contain_text("Fanta")
        await page.fill("#spelling-heard", "satu bravo dua delta")
        await expect(page.locator("#spelled .notice")).to_contain_text("sampai karakter ke-4")
        await page.fill("#spelling-heard", "satu bravo tiga delta")
        await expect(page.locator("#spelled .notice-bad")).to_contain_text("ke-3")
        assert "1B2D" not in page.url


async def test_notes_are_searched_and_opened(browser: Browser, server: NoteServer) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await page.select_option("#note-subject", "kup/payment")
        await page.fill("#note-question", "Batas setor PPh")
        for keys in ("Alt+n", "1", "Control+Enter"):
            await page.keyboard.press(keys)
        await expect(page.locator("[data-note-piece] .list")).to_contain_text("Batas setor PPh")
        await page.goto(f"{server.address}/catatan")
        await page.fill("#field-words", "setor")
        await page.get_by_role("button", name="Cari").click()
        await expect(page.locator("#found tbody tr")).to_have_count(1)
        await expect(page.locator("#found")).not_to_contain_text("Batas setor")
        await page.get_by_role("button", name="Buka").click()
        await expect(page.locator("#note")).to_contain_text("Batas setor PPh")
        await page.fill("#field-words", "lain")
        await page.get_by_role("button", name="Cari").click()
        await expect(page.locator("#found")).to_contain_text("Tidak ada catatan")


async def test_no_serious_fault_of_accessibility(browser: Browser, server: NoteServer) -> None:
    async with signed_in(browser, server) as context:
        page = await opened(context, server)
        await page.select_option("#note-subject", "kup/payment")
        await page.fill("#note-question", "Batas setor")
        for keys in ("Alt+n", "1", "Control+Enter"):
            await page.keyboard.press(keys)
        await expect(page.locator("[data-note-piece] .list")).to_contain_text("Batas setor")
        assert await faults(page) == []
        await page.keyboard.press("Alt+e")
        await expect(page.locator("#spelling")).to_be_visible()
        assert await faults(page) == []
        await page.goto(f"{server.address}/catatan")
        await page.get_by_role("button", name="Buka").click()
        await expect(page.locator("#note")).to_contain_text("Batas setor")
        assert await faults(page) == []


async def faults(page: Page) -> list[str]:
    """Return the serious faults that axe finds."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run()")
    return [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")]
