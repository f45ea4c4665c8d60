"""Figures in a real browser: charts, tables, calls, the import; three widths, light and dark, by keyboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chromium import chromium
from tests.browser.figure_server import FigureServer, figure_server
from tests.browser.looking import is_sound, opened_as
from tests.web.figure_stage import DAY
from tests.web.page_parts import OWN

pytestmark = pytest.mark.asyncio(loop_scope="module")

MONTH = "since=2025-05-05&until=2025-05-30"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FigureServer]:
    async with figure_server(tmp_path_factory.mktemp("figures")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def test_a_month_of_figures(browser: Browser, server: FigureServer) -> None:
    async with opened_as(browser, server.address, "chief") as page:
        await page.goto(f"{server.address}/angka?{MONTH}&figure=aht&compare=before")
        await expect(page.locator("table.heat tbody tr")).to_have_count(16)
        await expect(page.locator("svg.chart-wide")).to_be_visible()
        await expect(page.locator("svg.chart-narrow")).to_be_hidden()
        await page.set_viewport_size({"width": 360, "height": 640})
        await expect(page.locator("svg.chart-narrow")).to_be_visible()
        await page.click("text=Hitung ulang dari catatan")
        await expect(page.locator("#checked .notice-good")).to_be_visible()
        await is_sound(page, "angka-bulan")


async def test_groups_are_lines_of_a_chart_and_a_table(browser: Browser, server: FigureServer) -> None:
    async with opened_as(browser, server.address, "chief") as page:
        await page.goto(f"{server.address}/angka?{MONTH}")
        await page.select_option("#field-by", "team")
        await page.select_option("#field-interval", "week")
        await page.select_option("#field-figure", "incoming")
        await page.focus("form[action='/angka'] button.button-primary")
        await page.keyboard.press("Enter")
        await expect(page.locator("table.figure-lines tbody tr")).to_have_count(12)
        await page.click("main nav >> text=Layanan")
        await expect(page.locator("table.figure-lines th", has_text="Tingkat layanan")).to_be_visible()
        assert "by=team" in page.url
        await is_sound(page, "angka-tim")


async def test_a_whole_span_is_bars_and_a_refusal_is_said(browser: Browser, server: FigureServer) -> None:
    async with opened_as(browser, server.address, "chief") as page:
        await page.goto(f"{server.address}/angka?{MONTH}&by=agent&interval=whole")
        await expect(page.locator("svg.chart-wide rect.chart-block-1")).to_have_count(2)
        await is_sound(page, "angka-agen")
        await page.goto(f"{server.address}/angka?since=2025-01-01&until=2025-05-30&interval=15min")
        await expect(page.locator('[data-field="until"] .error')).to_contain_text("93 hari")
        await expect(page.locator("#field-interval")).to_have_value("15min")
        await is_sound(page, "angka-ditolak")


async def test_a_team_leader_reads_that_waiting_calls_belong_to_queues(
    browser: Browser, server: FigureServer
) -> None:
    async with opened_as(browser, server.address, "leader") as page:
        await page.goto(f"{server.address}/angka?{MONTH}&shown=service&figure=service_level")
        await expect(page.locator("#all-title + .notice")).to_contain_text("milik antrean")
        await is_sound(page, "angka-ketua-tim")


async def test_calls_behind_a_count(browser: Browser, server: FigureServer) -> None:
    async with opened_as(browser, server.address, "leader") as page:
        await page.goto(f"{server.address}/angka?{DAY}&interval=30min&queue=efin")
        await page.click("table.figure-lines tbody tr >> nth=0 >> a >> nth=0")
        await expect(page.locator("h1")).to_contain_text("Panggilan ACD")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await is_sound(page, "angka-panggilan")


async def test_a_file_of_other_channels_is_refused_then_taken(
    browser: Browser, server: FigureServer, tmp_path: Path
) -> None:
    head = "tanggal,nomor_petugas,tim,chat_dijawab,chat_sesuai_sla\n"
    wrong, right = tmp_path / "a.csv", tmp_path / "b.csv"
    wrong.write_text(f"{head}2025-06-02,{OWN},,40,41\nkemarin,,alfa,1,1\n", encoding="utf-8")
    right.write_text(f"{head}2025-06-02,{OWN},,40,36\n", encoding="utf-8")
    async with opened_as(browser, server.address, "chief") as page:
        await page.goto(f"{server.address}/angka/kanal")
        await page.click("#channels button")
        await expect(page.locator('[data-field="file"] .error')).to_have_text("Pilih berkas CSV.")
        await page.set_input_files("#channels input[type=file]", wrong)
        await page.click("#channels button")
        await expect(page.locator("#found tbody tr")).to_have_count(2)
        await is_sound(page, "kanal-ditolak")
        await page.set_input_files("#channels input[type=file]", right)
        await page.click("#channels button")
        await expect(page.locator("#taken-title")).to_have_text("Berkas diterima")
        await expect(page.locator("#imports tbody tr")).to_have_count(1)
        await is_sound(page, "kanal-diterima")
