"""A campaign manager's day in a real browser: a file, a list, a campaign, the live page, the switch."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.campaign_server import CampaignServer, campaign_server
from tests.browser.chromium import chromium
from tests.browser.looking import is_sound, opened_as
from tests.web.campaign_doubles import AN_EFFECT, a_look
from tests.web.campaign_world import FILE, NPWP
from tests.web.list_stage import Watch

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CampaignServer]:
    async with campaign_server(tmp_path_factory.mktemp("campaigns")) as running:
        running.world.live.look_now = a_look(Watch(datetime.now(UTC)))
        running.world.effect.effect = AN_EFFECT
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


async def _load_list(page: Page, server: CampaignServer, file: Path) -> str:
    """Send a file and load it as a list; return the list's address."""
    await page.goto(f"{server.address}/daftar/baru")
    await page.set_input_files("#field-file", file)
    await page.fill("#upload-source", "contoh-bulanan")
    await page.click("[data-upload-send]")
    await expect(page.locator("#load")).to_be_visible()
    await is_sound(page, "daftar-kolom")
    assert await page.locator("select[name=column_0_role]").input_value() == "npwp"
    await page.fill("#field-title", "Belum lapor SPT Tahunan")
    for name, value in (("unit", "Kanwil Contoh"), ("order_number", "ND-7"), ("legal_basis", "Contoh")):
        await page.fill(f"#field-{name}", value)
    today = await page.get_attribute("#field-cut_off", "max") or ""
    await page.fill("#field-cut_off", today)
    await page.fill("#field-expires_on", today)
    await page.select_option("select[name=column_2_role]", "ignored")
    await page.click("#load button.button-primary")
    await expect(page.locator('[data-field="columns"] .error')).to_be_visible()  # a number is needed
    await page.select_option("select[name=column_2_role]", "number")
    await page.click("#load button.button-primary")
    await page.wait_for_url(re.compile(r"/daftar/[0-9a-f]{32}$"))
    await expect(page.get_by_text("Menunggu persetujuan")).to_be_visible()
    await is_sound(page, "daftar-laporan")
    return page.url


async def _define(page: Page, server: CampaignServer) -> str:
    """Define a campaign; return its address."""
    await page.goto(f"{server.address}/kampanye")
    await page.click("form[action='/kampanye/baru'] button")
    await page.wait_for_url(re.compile(r"/kampanye/baru\?kind=non_filer$"))
    await is_sound(page, "kampanye-baru")
    await page.fill("#field-title", "Belum lapor 2025")
    await page.fill("#field-window-closes", "15:00")
    await page.fill("#field-window-opens", "16:00")
    await page.click("#definition button.button-primary")
    await expect(page.locator('[data-field="window.closes"] .error')).to_be_visible()
    await page.fill("#field-window-opens", "08:00")
    await page.click("#definition button.button-primary")
    await page.wait_for_url(re.compile(r"/kampanye/[0-9a-f]{32}$"))
    await is_sound(page, "kampanye-draf")
    return page.url


async def test_from_a_file_to_a_running_campaign(
    browser: Browser, server: CampaignServer, tmp_path: Path
) -> None:
    file = tmp_path / "daftar.csv"
    file.write_bytes(FILE)
    async with (
        opened_as(browser, server.address, "manager") as page,
        opened_as(browser, server.address, "second") as other,
    ):
        of_list = await _load_list(page, server, file)
        assert await page.locator("button", has_text="Setujui daftar").count() == 0
        await page.goto(f"{of_list}/ditolak")
        await is_sound(page, "daftar-ditolak")
        await other.goto(of_list)
        await other.click("text=Setujui daftar")
        await other.click("#confirm button[value=yes]")
        await expect(other.locator(".tag-good", has_text="Disetujui")).to_be_visible()
        campaign = await _define(page, server)
        await page.select_option("#campaign-list", index=0)
        await page.click("form[hx-post$='/lists'] button")
        await expect(page.get_by_text("1 kontak", exact=False).first).to_be_visible()
        await page.click("#move-start")
        await page.click("#confirm button[value=yes]")
        await expect(page.locator(".tag-good", has_text="Berjalan")).to_be_visible()
        await is_sound(page, "kampanye-berjalan")
        await page.goto(f"{campaign}/uji")
        await page.click("#dry-run button")
        await expect(page.locator("#today-title")).to_be_visible()
        await page.fill("#why-lead", "1")
        await page.click("form[hx-post$='/why'] button")
        await expect(page.locator("#why dl")).to_be_visible()
        await is_sound(page, "kampanye-uji")
        await page.goto(f"{campaign}/hasil")
        await is_sound(page, "kampanye-hasil")
        await _watched(page, server, campaign)


async def _watched(page: Page, server: CampaignServer, campaign: str) -> None:
    """The live page follows what happens without being asked."""
    await page.goto(f"{campaign}/langsung")
    await expect(page.locator("[data-live=ringing]")).to_have_text("5")
    await expect(page.locator("[data-live-chart] rect")).not_to_have_count(0)
    await is_sound(page, "kampanye-langsung")
    now = datetime.now(UTC)
    server.world.live.look_now = a_look(Watch(now), ringing=17, why_idle="no_agent")
    await expect(page.locator("[data-live=ringing]")).to_have_text("17")
    await expect(page.locator("[data-live-if=why_idle]")).to_be_visible()
    server.world.live.look_now = None
    await expect(page.locator("[data-live-if=away]")).to_be_visible()
    server.world.live.look_now = a_look(Watch(now))
    await expect(page.locator("[data-live-if=away]")).to_be_hidden()


async def test_everything_is_stopped_and_let_go_again(browser: Browser, server: CampaignServer) -> None:
    async with opened_as(browser, server.address, "chief") as page:
        await page.goto(f"{server.address}/kampanye")
        await page.click("[data-opens=throw]")
        await is_sound(page, "sakelar")
        await page.fill("#throw-reason", "Gangguan operator")
        await page.click("#throw button.button-danger")
        await expect(page.locator("#switch [role=alert]")).to_contain_text("Gangguan operator")
        await expect(page.locator("#throw")).to_be_hidden()
        await page.goto(f"{server.address}/kampanye")
        await expect(page.locator("#switch [role=alert]")).to_be_visible()
        assert await page.locator("[data-opens=throw]").count() == 0
        await page.fill("#lift-reason", "Sudah pulih")
        await page.click("#switch button")
        await page.click("#confirm button[value=yes]")
        await expect(page.locator("#switch [role=alert]")).to_have_count(0)


async def test_a_cut_line_is_waited_for_and_the_file_arrives_whole(
    browser: Browser, server: CampaignServer, tmp_path: Path
) -> None:
    file = tmp_path / "besar.csv"
    row = FILE.splitlines(keepends=True)
    file.write_bytes(row[0] + b"".join(b"%016d;Contoh;081100000001;WIB\r\n" % n for n in range(40_000)))
    size = file.stat().st_size
    async with opened_as(browser, server.address, "manager") as page:
        await page.goto(f"{server.address}/daftar/baru")
        sent: list[str] = []

        async def piece(route: object, request: object) -> None:
            url = str(request.url)  # type: ignore[attr-defined]
            sent.append(url.rpartition("=")[2])
            if len(sent) == 2:
                await route.abort("connectionreset")  # type: ignore[attr-defined]
            else:
                await route.continue_()  # type: ignore[attr-defined]

        await page.route("**/pieces?at=*", piece)
        await page.set_input_files("#field-file", file)
        await page.click("[data-upload-send]")
        await expect(page.locator("#load")).to_be_visible()
        assert len(sent) > size // 524_288
        assert sent[1] == sent[2]  # the piece that was cut was sent again


async def test_who_has_filed_is_taken_in_and_wrong_lines_are_told(
    browser: Browser, server: CampaignServer, tmp_path: Path
) -> None:
    file = tmp_path / "lapor.csv"
    file.write_text(f"npwp,kind,period,date\n{NPWP},filed,2025,2026-03-01\n1,filed,2025,2026-03-01\n")
    async with opened_as(browser, server.address, "manager") as page:
        await page.goto(f"{server.address}/kampanye")
        await page.click("a[href='/lapor-bayar']")
        await page.click("[data-upload-send]")
        await expect(page.locator('[data-field="file"] .error')).to_be_visible()
        await page.set_input_files("#field-file", file)
        await page.click("[data-upload-send]")
        await expect(page.locator('[data-field="source"] .error')).to_be_visible()
        await page.fill("#upload-source", "sistem-inti")
        await page.click("[data-upload-send]")
        await expect(page.locator("#found td", has_text="npwp")).to_be_visible()
        await is_sound(page, "lapor-bayar")
        await page.click("#found form button")
        await expect(page.locator("#report-title", has_text="Berkas sudah masuk")).to_be_visible()
        await is_sound(page, "lapor-bayar-selesai")
