"""Schedules in a real browser: days, an agent, making, importing, a request; three widths, by keyboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chromium import chromium
from tests.browser.looking import is_sound, opened_as
from tests.browser.schedule_server import ScheduleServer, schedule_server
from tests.web.page_parts import OWN
from tests.web.schedule_stage import MONDAY, staff_id

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ScheduleServer]:
    async with schedule_server(tmp_path_factory.mktemp("schedules")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def test_a_day_says_who_is_out_of_schedule(browser: Browser, server: ScheduleServer) -> None:
    async with opened_as(browser, server.address, "chief") as page:
        await page.goto(f"{server.address}/jadwal")
        rows = page.locator(".schedule-table tbody tr")
        await expect(rows).to_have_count(2)
        await expect(rows.nth(0)).to_contain_text("Tidak sesuai")
        await expect(page.locator("svg.shift-band")).to_have_count(2)
        said = await page.locator("svg.shift-band").first.get_attribute("aria-label") or ""
        assert said.startswith("08.00–")
        assert "Tidak sesuai: " in said
        await is_sound(page, "jadwal")
        await page.goto(f"{server.address}/jadwal/rekap?first={MONDAY}&last={MONDAY}")
        await expect(page.locator("table")).to_have_count(2)
        await is_sound(page, "jadwal-rekap")


async def test_a_planner_works_with_an_agents_days(browser: Browser, server: ScheduleServer) -> None:
    async with opened_as(browser, server.address, "planner") as page:
        await page.goto(f"{server.address}/jadwal/agen/{staff_id('colleague')}")
        await expect(page.locator(".schedule-table tbody tr")).to_have_count(5)
        await expect(page.get_by_text("Cuti").first).to_be_visible()
        await is_sound(page, "jadwal-agen")
        await page.locator("#lay-day").fill("2026-11-26")
        await page.locator("#lay-ends").press("Enter")
        await expect(page.locator("svg .shift-coaching")).to_have_count(2)  # the new one, and the legend's


async def test_shifts_are_made_and_a_file_is_taken_in_by_keyboard(
    browser: Browser, server: ScheduleServer, tmp_path: Path
) -> None:
    async with opened_as(browser, server.address, "planner") as page:
        await page.goto(f"{server.address}/jadwal/susun")
        await is_sound(page, "jadwal-susun")
        await page.locator("#field-first").fill("2026-11-30")
        await page.locator("#field-last").fill("2026-12-01")
        await page.get_by_role("button", name="Pratinjau").press("Enter")
        plan = page.locator("#plan")
        await expect(plan).to_contain_text("belum ada yang disimpan")
        await plan.get_by_role("button", name="Simpan jadwal").press("Enter")
        await expect(plan).to_contain_text("Jadwal tersimpan")
        file = tmp_path / "sif.csv"
        file.write_text(f"agent,day,pattern\n{OWN},2026-12-02,line\n{OWN},2026-12-03,sunset\n", "utf-8")
        await page.locator("#field-file").set_input_files(file)
        await page.get_by_role("button", name="Periksa").press("Enter")
        await expect(plan).to_contain_text("Pola tidak dikenal")
        await expect(page.get_by_role("button", name="Impor")).to_be_disabled()
        await is_sound(page, "jadwal-salah")
        file.write_text(f"agent,day,pattern\n{OWN},2026-12-02,line\n", "utf-8")
        await page.locator("#field-file").set_input_files(file)
        await page.get_by_role("button", name="Periksa").press("Enter")
        await expect(plan).to_contain_text("belum ada yang disimpan")
        await page.get_by_role("button", name="Impor").press("Enter")
        await expect(plan).to_contain_text("Jadwal tersimpan")


async def test_a_request_is_filed_and_decided(browser: Browser, server: ScheduleServer) -> None:
    async with opened_as(browser, server.address, "agent") as page:
        await page.goto(f"{server.address}/jadwal/saya")
        await is_sound(page, "jadwal-saya")
        await page.locator("#field-reason").select_option("late_arrival")
        await page.get_by_role("button", name="Ajukan").press("Enter")
        await expect(page.locator('[data-field="ends"] .error')).to_be_visible()
        await page.locator("#field-ends").fill("08:10")
        await page.locator("#field-note").fill("Banjir")
        await page.get_by_role("button", name="Ajukan").press("Enter")
        await page.wait_for_url("**/jadwal/izin/*")
        await expect(page.locator("#request")).to_contain_text("Menunggu supervisor")
        address = page.url
    async with opened_as(browser, server.address, "chief") as page:
        await page.goto(f"{server.address}/jadwal/izin")
        await expect(page.get_by_text("Datang terlambat")).to_be_visible()
        await expect(page.get_by_text("1 izin menunggu")).to_be_visible()
        await is_sound(page, "izin")
        await page.goto(address)
        await page.get_by_role("button", name="Tolak").press("Enter")
        await expect(page.locator('[data-field="note"] .error')).to_be_visible()
        await page.get_by_role("button", name="Setujui").press("Enter")
        await expect(page.locator("#request")).to_contain_text("Nama chief: Menyetujui")
        await is_sound(page, "izin-satu")
    async with opened_as(browser, server.address, "agent") as page:
        await page.goto(f"{server.address}/jadwal/saya")
        await page.get_by_text("1 izin diputuskan").click()
        await expect(page.locator("#request")).to_contain_text("Disetujui")
        await is_sound(page, "izin-agen")
