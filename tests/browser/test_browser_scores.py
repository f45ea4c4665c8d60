"""Scores in a real browser: by keyboard, with two tabs, without network, after a crash; the pages."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from recording.quality.blind import Assignment
from recording.quality.scores import Answer, Kind, Score, ScoreQuery, ScoreState
from storage.scores_memory import MemoryScores
from tests.browser.chromium import chromium
from tests.browser.faults import serious_faults
from tests.browser.listen_server import listen_server
from tests.browser.score_server import ScoreServer, score_server
from tests.web.page_parts import COLLEAGUE, OWN
from tests.web.score_stage import (
    FIRST,
    LEAD,
    ONE,
    SECOND,
    put_final,
    score_port,
    shipped_forms,
    staff_id,
)
from web.guard import SESSION_COOKIE
from web.score_routes import add_score_routes

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIZES = ((360, 740), (1024, 768), (1366, 768))
WITHIN = 30_000  # milliseconds, on however busy a machine
PICTURES = os.environ.get("KRING_TEST_PICTURES", "")  # a folder for what the pages look like


@pytest_asyncio.fixture(loop_scope="module")
async def server(tmp_path: Path) -> AsyncIterator[ScoreServer]:
    async with score_server(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@asynccontextmanager
async def signed_in(browser: Browser, server: ScoreServer, who: str = FIRST) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    await context.add_cookies([{"name": SESSION_COOKIE, "value": who, "url": server.address}])
    context.set_default_timeout(WITHIN)
    try:
        yield context
    finally:
        await context.close()


async def opened(context: BrowserContext, address: str, complaints: list[str] | None = None) -> Page:
    page = await context.new_page()
    heard = complaints if complaints is not None else []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            heard.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    await page.goto(address)
    return page


async def form_on(context: BrowserContext, server: ScoreServer, complaints: list[str] | None = None) -> Page:
    page = await opened(context, f"{server.address}/test", complaints)
    await expect(page.locator("form[data-score]")).to_be_visible()
    return page


def status(page: Page) -> Locator:
    return page.locator("[data-score-status]")


def question(page: Page, code: str) -> Locator:
    return page.locator(f"[data-item={code}]")


async def kept_drafts(server: ScoreServer) -> list[Score]:
    query = ScoreQuery(recording_id=ONE, kinds=tuple(Kind), states=(ScoreState.DRAFT,))
    return list(await server.stage.scores.find(query))


async def look(page: Page, name: str) -> None:
    """Hold the page against axe and scrolling sideways, at three widths; keep pictures if wanted."""
    assert await serious_faults(page) == []
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)
        assert wide <= 0, (name, width)


async def test_a_whole_score_by_keyboard(browser: Browser, server: ScoreServer) -> None:
    complaints: list[str] = []
    form = await server.stage.form_of()
    server.stage.record.update(poro_on_record="full", held="no")
    async with signed_in(browser, server) as context:
        page = await form_on(context, server, complaints)
        await page.click("[data-offer-item=hold]")
        await expect(question(page, "hold").locator("input[value=na]")).to_be_checked()
        await expect(page.locator("[data-offer-item=hold]")).to_be_hidden()
        await expect(page.locator("[data-offer-item=poro_done]")).to_be_visible()
        await page.keyboard.press("Alt+p")
        for one in form.questions:
            checked = await question(page, one.code).locator("input:checked").count()
            await expect(question(page, one.code).locator("input:focus")).to_have_count(1)
            if one.code == "diction":
                await page.keyboard.press("n")  # it can always occur
                await expect(page.locator("#notices")).to_contain_text("selalu dapat terjadi")
                await page.keyboard.press("t")
                await page.keyboard.press("c")
                await page.keyboard.type("Kata tidak baku, 1 kali")
                await page.keyboard.press("Escape")
                await page.keyboard.press("0")
            else:
                await page.keyboard.press("ArrowDown" if checked else "1")
        for fact in form.facts_for(Kind.REVIEW):
            if not fact.default:
                await page.select_option(f"#fact-{fact.code}", index=1)
        await page.fill("#score-summary", "Jawaban tepat; perbaiki pilihan kata.")
        await expect(page.locator("[data-total]")).to_have_text("98,75")
        await expect(page.locator('[data-line="style/diction"]')).to_contain_text(
            "0 / 1,25 · tidak terpenuhi"
        )
        await expect(page.locator('[data-points="style/"]')).to_have_text("8,75 / 10")
        await expect(status(page)).to_contain_text("tersimpan")
        await look(page, "form")
        await page.click("[data-finish]")
        await expect(page.locator("#confirm-text")).to_contain_text("98,75")
        await page.click("#confirm button[value=yes]")
        await expect(page.locator("form[data-score]")).to_have_count(0)
        await page.fill("#player-at", "0")
        await page.click("[data-seek='65000']")
        await expect(page.locator("#player-at")).to_have_value("65000")
        await look(page, "final")
    [final] = await server.stage.scores.find(ScoreQuery(recording_id=ONE))
    given = final.answers["diction"]
    assert (given.answer, given.note, given.at_ms) == (Answer.NO, "Kata tidak baku, 1 kali", 65_000)
    assert final.answers["hold"].answer is Answer.NA
    assert await kept_drafts(server) == []
    assert complaints == []


async def test_what_is_missing_is_named_and_leads_there(browser: Browser, server: ScoreServer) -> None:
    server.stage.record.update(held="no")
    async with signed_in(browser, server) as context:
        page = await form_on(context, server)
        await question(page, "diction").locator("input[value=yes]").check()
        await page.click("[data-offer-all]")
        await expect(page.locator("[data-offers]")).to_be_hidden()
        await expect(question(page, "unhold").locator("input[value=na]")).to_be_checked()
        await page.click("[data-finish]")
        await expect(page.locator("[data-missing] li").first).to_be_visible()
        await expect(page.locator("[data-missing] [data-go-to=diction]")).to_have_count(0)
        await look(page, "missing")
        await page.click("[data-go-to=concise]")
        await expect(question(page, "concise").locator("input:focus")).to_have_count(1)
    assert await server.stage.scores.find(ScoreQuery(recording_id=ONE)) == []


async def test_a_draft_comes_back_after_a_reload(browser: Browser, server: ScoreServer) -> None:
    async with signed_in(browser, server) as context:
        page = await form_on(context, server)
        await question(page, "diction").locator("input[value=no]").check()
        await question(page, "diction").locator("[data-place-now]").click()
        await expect(status(page)).to_contain_text("tersimpan")
        await asyncio.wait_for(_until(server, lambda one: one.answers["diction"].at_ms == 65_000), 30)
        await page.reload()
        await expect(question(page, "diction").locator("input[value=no]")).to_be_checked()
        await expect(question(page, "diction").locator("[data-place]")).to_have_text("▶ 1:05")
        await expect(page.locator("[data-total]")).to_have_text("0")
        await page.click("[data-score-drop]")
        await page.click("#confirm button[value=yes]")
        await expect(question(page, "diction").locator("input:checked")).to_have_count(0)
    assert await kept_drafts(server) == []


async def _until(server: ScoreServer, fits: object) -> None:
    """Wait until the draft that is kept is like this."""
    while True:
        found = await kept_drafts(server)
        if found and "diction" in found[0].answers and fits(found[0]):  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)


async def test_what_is_filled_in_without_network_survives_a_crash_and_is_sent(
    browser: Browser, server: ScoreServer
) -> None:
    async with signed_in(browser, server) as context:
        page = await form_on(context, server)
        await context.route("**/draft", lambda route: route.abort())
        await question(page, "diction").locator("input[value=no]").check()
        await question(page, "lively").locator("summary").click()
        await question(page, "lively").locator("textarea").fill("Belum dijawab, dicatat dulu")
        await page.fill("#score-summary", "Ditulis tanpa jaringan")
        await expect(status(page)).to_contain_text("Belum terkirim")
        kept = await page.evaluate("JSON.stringify({...sessionStorage})")
        assert "kring-score:" in kept
        assert "jaringan" not in kept
        assert await kept_drafts(server) == []
        await page.reload()  # the page dies; the tab's storage is what is left
        await expect(page.locator("#score-summary")).to_have_value("Ditulis tanpa jaringan")
        await expect(question(page, "lively").locator("textarea")).to_have_value(
            "Belum dijawab, dicatat dulu"
        )
        await context.unroute("**/draft")
        await expect(status(page)).to_contain_text("tersimpan")
        [draft] = await kept_drafts(server)
        assert (draft.summary, draft.answers["diction"].answer) == ("Ditulis tanpa jaringan", Answer.NO)
        await page.reload()
        await expect(question(page, "lively").locator("textarea")).to_have_value(
            "Belum dijawab, dicatat dulu", timeout=WITHIN
        )


async def test_two_tabs_ask_which_one_is_meant(browser: Browser, server: ScoreServer) -> None:
    async with signed_in(browser, server) as context:
        one, two = await form_on(context, server), await form_on(context, server)
        await one.fill("#score-summary", "Dari tab satu")
        await expect(status(one)).to_contain_text("tersimpan")
        await two.fill("#score-summary", "Dari tab dua")
        dialog = two.locator("[data-score-conflict]")
        await expect(dialog).to_be_visible()
        await expect(dialog).to_contain_text("Dari tab satu")
        assert await serious_faults(two) == []
        await dialog.locator("button[value=mine]").click()
        await expect(status(two)).to_contain_text("tersimpan")
        [draft] = await kept_drafts(server)
        assert draft.summary == "Dari tab dua"


async def test_of_two_reviewers_the_later_one_is_told(browser: Browser, server: ScoreServer) -> None:
    async with signed_in(browser, server, SECOND) as context:
        page = await form_on(context, server)
        form = await server.stage.form_of()
        for one in form.questions:
            await question(page, one.code).locator("input[value=yes]").check()
        for fact in form.facts_for(Kind.REVIEW):
            if not fact.default:
                await page.select_option(f"#fact-{fact.code}", index=1)
        await expect(page.locator("[data-total]")).to_have_text("100")
        await expect(status(page)).to_contain_text("tersimpan")
        await server.stage.finished(FIRST)
        await page.click("[data-finish]")
        await page.click("#confirm button[value=yes]")
        await expect(page.locator("#notices")).to_contain_text("Penilai lain")
        await page.reload()
        await expect(page.locator("form[data-score]")).to_have_count(0)
        await expect(page.get_by_text("tidak dapat lagi dijadikan final")).to_be_visible()
        await look(page, "taken")


async def test_who_scores_anew_sees_a_form_and_nothing_else(browser: Browser, server: ScoreServer) -> None:
    first = await server.stage.finished(FIRST, summary="Ringkasan pertama")
    server.stage.blind.ask(SECOND, ONE, Assignment(Kind.RESCORE, "a" * 32, "inbound", 1, first["score_id"]))
    async with signed_in(browser, server, SECOND) as context:
        page = await form_on(context, server)
        await expect(page.get_by_text("tanpa melihat nilai orang lain")).to_be_visible()
        assert "Ringkasan pertama" not in await page.content()
        assert first["score_id"] not in await page.content()


async def test_an_agent_reads_hears_and_signs(browser: Browser, server: ScoreServer) -> None:
    complaints: list[str] = []
    await put_final(server.stage, "a" * 32, OWN, no=("poro_done",), at_ms=65_000, summary="Perhatikan PORO.")
    async with signed_in(browser, server, "agent") as context:
        page = await opened(context, f"{server.address}/penilaian?since=2020-01-01", complaints)
        await look(page, "own")
        await page.click("a[href='/penilaian/" + "a" * 32 + "']")
        await expect(page.get_by_text("Perhatikan PORO.")).to_be_visible()
        await expect(page.locator(f"a[href='/rekaman/{'a' * 32}#t=65']").first).to_be_visible()
        await look(page, "one")
        await page.click("text=Sudah saya baca")
        await expect(page.get_by_text(re.compile("^Dibaca "))).to_be_visible()
        assert await page.get_attribute("a[href^='/banding/baru']", "href") == f"/banding/baru/{'a' * 32}"
    signed = await server.stage.scores.get("a" * 32)
    assert signed is not None
    assert signed.state is ScoreState.SIGNED
    assert complaints == []


async def test_leaders_see_figures(browser: Browser, server: ScoreServer) -> None:
    await put_final(server.stage, "a" * 32, OWN, no=("diction", "poro_done"))
    await put_final(server.stage, "b" * 32, COLLEAGUE, reviewer=staff_id(SECOND))
    async with signed_in(browser, server, "chief") as context:
        page = await opened(context, f"{server.address}/penilaian?since=2020-01-01")
        await expect(page.locator("#per-agent")).to_be_visible()
        await look(page, "figures")
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.select_option("#field-agent", label="Kenanga")
        await page.click("form[action='/penilaian'] button")
        await expect(page.locator("tbody a[href^='/penilaian/']")).to_have_count(1)


async def test_the_lead_tries_a_form_out_and_brings_a_new_one(browser: Browser, server: ScoreServer) -> None:
    async with signed_in(browser, server, LEAD) as context:
        page = await opened(context, f"{server.address}/formulir-nilai")
        await look(page, "forms")
        await page.set_viewport_size({"width": 1366, "height": 768})
        await page.fill("#field-text", "form: inbound\nsalah: ya\n")
        await page.get_by_role("button", name="Periksa").click()
        await expect(page.locator("#preview .notice-bad")).to_contain_text("Baris")
        text = (await server.stage.forms.versions("inbound"))[0].text
        newer = text.replace("valid_from: 2019-01-01", "valid_from: 2900-01-01").replace(
            "Pilihan kata", "Diksi"
        )
        await page.fill("#field-text", newer)
        await page.get_by_role("button", name="Periksa").click()
        await expect(page.locator("#preview table")).to_contain_text("Diksi")
        await look(page, "preview")
        await page.fill("#field-why", "Kata baku")
        await page.click("text=Simpan versi ini")
        await page.click("#confirm button[value=yes]")
        await expect(page.locator("#preview .notice-good")).to_contain_text("versi 2")
        await page.click("#preview a")
        await expect(page.locator("[data-tried]")).to_be_visible()
        await question(page, "diction").locator("input[value=yes]").check()
        await expect(page.locator("[data-total]")).to_have_text("1,25")
        await look(page, "tried")
        await page.click("button[type=reset]")
        await expect(page.locator("[data-total]")).to_have_text("0")
        await page.goto(f"{server.address}/formulir-nilai/inbound/2/beda?dari=1")
        await look(page, "changes")


async def test_beside_the_real_player_places_are_taken_and_heard(browser: Browser, tmp_path: Path) -> None:
    async with listen_server(tmp_path) as listening:
        world = listening.world
        port = score_port(MemoryScores(), shipped_forms(), world.book, tmp_path)
        add_score_routes(world.parts.shared, port)
        async with await browser.new_context(viewport={"width": 1366, "height": 768}) as context:
            context.set_default_timeout(WITHIN)
            await context.add_cookies(
                [{"name": SESSION_COOKIE, "value": "quality", "url": listening.address}]
            )
            page = await opened(context, f"{listening.page}#t=61")
            await page.get_by_label("Penilaian mutu").check()
            await page.get_by_role("button", name="Buka rekaman").click()
            await expect(page.locator("form[data-score]")).to_be_visible()
            sound = page.locator("#sound")
            await expect(sound).to_have_js_property("currentTime", 61)
            await question(page, "diction").locator("input[value=no]").focus()
            await page.keyboard.press("t")
            await expect(question(page, "diction").locator("[data-place]")).to_have_text("▶ 1:01")
            await page.keyboard.press("p")
            await expect(sound).to_have_js_property("paused", False)
            await page.keyboard.press("p")
            await expect(sound).to_have_js_property("paused", True)
            await page.keyboard.press("ArrowRight")  # among the answers, not in the recording
            await page.locator("#marks").get_by_role("link", name="3:25").click()
            await expect(sound).to_have_js_property("currentTime", 205)
            await question(page, "diction").locator("[data-place]").click()
            await expect(sound).to_have_js_property("currentTime", 61)
            await look(page, "beside")
