"""Appeals, calibration and coaching in a real browser: each role's part, looked at and pressed."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from recording.quality.scores import Kind
from tests.browser.chromium import chromium
from tests.browser.looking import is_sound, opened_as
from tests.browser.quality_server import QualityServer, quality_server
from tests.unit.appeal_world import COLLEAGUE, DAY, RECORDING, a_score, final
from tests.web.quality_stage import OTHER_RECORDING, staff_id

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[QualityServer]:
    async with quality_server(tmp_path_factory.mktemp("quality")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def test_an_appeal_from_the_agent_to_the_arbiter(browser: Browser, server: QualityServer) -> None:
    stage = server.stage
    first = await stage.world.first("accuracy", "closing")
    async with opened_as(browser, server.address, "agent") as page:
        await page.goto(f"{server.address}/banding")
        await is_sound(page, "banding-agen")
        await page.click("a[href^='/banding/baru/']")
        await page.check("#take-accuracy")
        await page.click("#appeal-form button.button-primary")
        await expect(page.locator('[data-field="accuracy.reason"] .error')).to_be_visible()
        await page.fill("#reason-accuracy", "Tarif yang saya sebut sesuai ketentuan.")
        await page.fill("#start-accuracy", "1:05")
        await page.fill("#end-accuracy", "1:40")
        await page.select_option("#evidence-accuracy", "regulation")
        await page.wait_for_function(
            "sessionStorage.length > 0 && !JSON.stringify(sessionStorage).includes('Tarif')"
        )
        await page.goto(f"{server.address}/banding")  # as who listens to the call before sending
        await page.go_back()
        await expect(page.locator("#reason-accuracy")).to_have_value(
            "Tarif yang saya sebut sesuai ketentuan."
        )
        await expect(page.locator("#start-accuracy")).to_have_value("1:05")
        await expect(page.locator("#evidence-accuracy")).to_have_value("regulation")
        await is_sound(page, "banding-baru")
        await page.click("#appeal-form button.button-primary")
        await page.wait_for_url(re.compile(r"/banding/[0-9a-f]{32}$"))
        address = page.url
        await is_sound(page, "banding-diajukan")
    async with opened_as(browser, server.address, "leader") as page:
        await page.goto(address)
        await page.click("button[value=reject]")
        await expect(page.locator('[data-field="note"] .error')).to_be_visible()
        await page.click("button[value=endorse]")
        await expect(page.locator(".tag", has_text="Menunggu SPV PKL")).to_be_visible()
    async with opened_as(browser, server.address, "lead") as page:
        await page.goto(f"{server.address}/banding")
        await expect(page.locator(".tag", has_text="giliran Anda")).to_be_visible()
        await is_sound(page, "banding-spv")
        await page.goto(address)
        await page.check("input[name=verified]")
        await page.select_option("select[name=rescorer]", staff_id("second"))
        await is_sound(page, "banding-putuskan")
        await page.click("button[value=approve]")
        await expect(page.locator(".tag", has_text="Dinilai ulang")).to_be_visible()
    async with opened_as(browser, server.address, "second") as page:
        await page.goto(f"{server.address}/banding")
        await expect(page.locator(f"a[href='/rekaman/{RECORDING}?tujuan=appeal']")).to_be_visible()
        await is_sound(page, "banding-penilai")
    await stage.blind(Kind.RESCORE, "second", first)
    async with opened_as(browser, server.address, "lead") as page:
        await page.goto(address)
        await page.select_option("select[name=to]", staff_id("third"))
        await page.click("form[hx-post$='/assign'] button")
        await expect(page.locator("dd", has_text="Nama third")).to_be_visible()
        await stage.blind(Kind.ARBITER, "third", first)
        await page.goto(address)
        await expect(page.locator(".tag-good", has_text="Nilai berubah")).to_be_visible()
        await is_sound(page, "banding-selesai")
        await page.goto(f"{server.address}/banding/angka")
        await is_sound(page, "banding-angka")
        await page.fill("#field-since", "2025-01-01")
        await page.click("form[hx-get] button")
        await expect(page.locator("#rates")).to_contain_text("01.01.2025")


async def test_a_compiled_list_and_its_receipt(browser: Browser, server: QualityServer) -> None:
    stage = server.stage
    at = stage.world.watch.at
    again = final(a_score(Kind.REVIEW, staff_id("first"), "closing", at=at, recording_id="8" * 32), at)
    stage.world.scores.kept[again.score_id] = again
    async with opened_as(browser, server.address, "lead") as page:
        await page.goto(f"{server.address}/banding")
        await page.fill("#field-why", "Server penilaian mati")
        await page.fill("#field-down_from", "2025-06-02")
        await page.fill("#field-down_until", "2025-06-02")
        await page.click("form[hx-post='/api/compiled-lists'] button")
        await expect(page.locator(".compiled")).to_be_visible()
        await is_sound(page, "banding-susulan")
    async with opened_as(browser, server.address, "agent") as page:
        await page.goto(f"{server.address}/banding")
        await page.click("text=Saya sudah menerima daftar ini")
        await expect(page.locator(".compiled .tag-good")).to_be_visible()
        await expect(page.locator("#contestable-title")).to_be_visible()


async def test_a_round_of_calibration(browser: Browser, server: QualityServer) -> None:
    stage = server.stage
    async with opened_as(browser, server.address, "lead") as page:
        await page.goto(f"{server.address}/kalibrasi")
        await page.fill("#field-title", "Kalibrasi Juni")
        await page.fill("#field-due_on", "2025-06-20")
        await page.fill("#field-recordings", f"{server.address}/rekaman/{RECORDING}\n{OTHER_RECORDING}")
        await page.click("text=Buka >> nth=-1")
        await expect(page.locator('[data-field="reviewers"] .error')).to_be_visible()
        for who in ("first", "second", "fourth"):
            await page.check(f"input[value='{staff_id(who)}']")
        await is_sound(page, "kalibrasi-baru")
        await page.click("form[hx-post='/api/calibrations'] button")
        await page.wait_for_url(re.compile(r"/kalibrasi/[0-9a-f]{32}$"))
        address = page.url
        await is_sound(page, "kalibrasi-berjalan")
        for who, recording, wrong in (
            ("first", RECORDING, ("accuracy", "hold")),
            ("second", RECORDING, ("accuracy",)),
            ("fourth", RECORDING, ("hold", "closing")),
            ("first", OTHER_RECORDING, ()),
            ("second", OTHER_RECORDING, ("closing",)),
        ):
            given = a_score(
                Kind.CALIBRATION, staff_id(who), *wrong, at=stage.world.watch.at, recording_id=recording
            )
            stage.world.scores.kept[given.score_id] = final(given, stage.world.watch.at)
            await stage.world.blind.scored(stage.world.scores.kept[given.score_id])
        await page.goto(address)
        await page.click("form[hx-post$='/close'] button")
        await page.click("#confirm button[value=yes]")
        await expect(page.locator("#agreement-title")).to_be_visible()
        await page.click("summary")
        await is_sound(page, "kalibrasi-ditutup")
        await page.fill("#field-text", "Hold: izin diminta, tetapi terlalu pelan.")
        await page.select_option("#field-recording_id", index=1)
        await page.click("form[hx-post$='/remarks'] button")
        await expect(page.locator("li", has_text="terlalu pelan")).to_be_visible()


async def test_a_coaching_task(browser: Browser, server: QualityServer) -> None:
    stage = server.stage
    for days in (3, 2, 1):
        at = stage.world.watch.at - days * DAY
        low = final(
            a_score(Kind.REVIEW, staff_id("first"), "accuracy", "completeness", at=at, agent=COLLEAGUE), at
        )
        stage.world.scores.kept[low.score_id] = low
    assert await stage.coaching.propose() == 1
    async with opened_as(browser, server.address, "colleague") as page:
        await page.goto(f"{server.address}/pembinaan")
        await is_sound(page, "pembinaan-agen")
        await page.click("text=Jawaban benar dan efektif")
        await page.click("text=Sudah dilakukan >> nth=0")
        await expect(page.locator(".step.done")).to_have_count(1)
        await is_sound(page, "pembinaan-langkah")
        await page.fill("#field-note", "Saya membaca ketentuan sebelum menjawab.")
        await page.click("text=Sampaikan")
        await expect(page.locator(".tag", has_text="Menunggu ketua tim")).to_be_visible()
        address = page.url
    async with opened_as(browser, server.address, "other_leader") as page:
        await page.goto(address)
        await is_sound(page, "pembinaan-ketua")
        await page.fill("#field-note", "Terdengar di tiga panggilan.")
        await page.click("button[value=confirm]")
        await expect(page.locator(".tag", has_text="Selesai")).to_be_visible()
        await page.goto(f"{server.address}/pembinaan")
        await page.click("#tasks-closed")
        await expect(page.locator("#tasks a", has_text="Jawaban benar dan efektif")).to_be_visible()
