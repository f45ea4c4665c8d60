"""An agent's outbound work in a real browser: see, dial, talk, prove, say what came of it; by keyboard."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from dialer.attempts import DialOutcome
from tests.browser.chromium import chromium
from tests.browser.outbound_server import SECOND, OutboundServer, outbound_server
from tests.unit.outbound_world import NAME, NPWP, NUMBERS
from web.build import UI
from web.guard import SESSION_COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = (UI / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
LONG = 30_000  # milliseconds


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[OutboundServer]:
    async with outbound_server() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(None) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, server: OutboundServer) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    await context.add_cookies([{"name": SESSION_COOKIE, "value": "agent", "url": server.address}])
    context.set_default_timeout(LONG)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{server.address}/agen")
    await expect(page.locator("[data-preview]")).to_be_visible()
    yield page
    text = await page.content()
    await context.close()
    assert not [value for value in (NPWP, *NUMBERS) if value in text]
    assert errors == []


async def faults(page: Page) -> list[str]:
    """Return the serious faults that axe finds in the panels of outbound work."""
    await page.evaluate(AXE)
    found = await page.evaluate("axe.run({include: ['#outbound', '#disposition']})")
    return [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")]


async def dialled(page: Page, server: OutboundServer) -> str:
    """Dial the contact that is shown; return the call's id once somebody is on the line."""
    await page.keyboard.press("Alt+U")
    await expect(page.locator("[data-dial=dialling]")).to_be_visible()
    call_id = server.rings()
    await expect(page.locator("[data-dial=ringing]")).to_be_visible()
    server.is_with(call_id)
    await expect(page.locator("[data-outbound-contact]")).to_be_visible()
    await expect(page.locator("#disposition form")).to_be_visible()
    return call_id


async def test_from_the_preview_to_the_disposition_by_keyboard(page: Page, server: OutboundServer) -> None:
    panel = page.locator("#outbound")
    await expect(panel).not_to_contain_text(SECOND)
    assert await faults(page) == []
    await page.keyboard.press("Alt+Y")
    await expect(panel).to_contain_text(SECOND)
    call_id = await dialled(page, server)
    await expect(panel).to_contain_text(SECOND)
    await expect(page.locator("[data-code]")).to_have_text("483 920")
    await expect(panel).to_contain_text("Jangan pernah meminta kata sandi")
    await expect(panel).to_contain_text("sampaikan setelah PORO")

    script = page.locator("#script")
    await expect(script.locator("[data-script=non_filer]")).to_be_visible()
    await page.get_by_role("button", name="Wajib pajak atau wakilnya").click()
    await expect(script).to_contain_text("483 920")
    await expect(script).not_to_contain_text("belum kami terima")
    server.proves(call_id)
    await page.evaluate("document.body.dispatchEvent(new Event('proofchanged'))")
    await expect(script).to_contain_text("belum kami terima")
    await expect(panel).not_to_contain_text("sampaikan setelah PORO")

    server.hangs_up(call_id)
    await expect(page.locator("[data-request=end_wrap_up]")).to_be_visible()
    await page.keyboard.press("Alt+A")
    await expect(page.locator("#notices")).to_contain_text("disposisi")
    form = page.locator("#disposition form")
    await page.keyboard.press("Alt+C")
    await page.keyboard.press("5")
    await expect(form.locator("[data-for=callback]")).to_be_visible()
    await expect(form.locator("[data-for=promise]")).to_be_hidden()
    assert await faults(page) == []
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-given=callback]")).to_contain_text("Anda menelepon kembali")
    assert [row.code for row in server.stage.record.rows] == ["callback"]
    server.is_done(call_id)
    await expect(page.locator("[data-preview]")).to_be_visible()
    await expect(page.locator("#disposition form")).to_have_count(0)
    await page.keyboard.press("Alt+Y")
    await expect(panel).to_contain_text(NAME)


async def test_a_wrong_hour_is_told_beside_the_field_and_nothing_typed_is_lost(
    page: Page, server: OutboundServer
) -> None:
    await dialled(page, server)
    await page.keyboard.press("Alt+C")
    await page.keyboard.press("5")
    await page.locator("#disposition-clock").fill("19:00")
    await page.locator("#disposition-clock").press("Enter")
    await expect(page.locator("#disposition-clock-error")).to_contain_text("Terdekat")
    assert server.stage.record.rows == []
    await expect(page.locator("#disposition-clock")).to_have_value("19:00")
    await page.locator("#disposition-clock").fill("13:00")
    await page.locator("#disposition-clock").press("Enter")
    await expect(page.locator("[data-given=callback]")).to_contain_text("13.00 WIB")


async def test_do_not_call_is_asked_for_twice(page: Page, server: OutboundServer) -> None:
    await dialled(page, server)
    await page.keyboard.press("Alt+C")
    await page.keyboard.press("9")
    await page.keyboard.press("Enter")  # the browser itself asks for the tick
    assert server.stage.record.rows == []
    await page.locator("#disposition-confirmed").check()
    await page.locator("#disposition button[type=submit]").click()
    await expect(page.locator("[data-given=do_not_call]")).to_contain_text("campaign mana pun")
    assert set(server.stage.suppressions.keys.values()) == {"do_not_call"}


async def test_a_contact_is_skipped_by_a_digit_and_the_next_one_comes(
    page: Page, server: OutboundServer
) -> None:
    await page.keyboard.press("Alt+W")
    await expect(page.locator("#skip-dialog")).to_be_visible()
    assert await faults(page) == []
    await page.keyboard.press("5")
    await expect(page.locator("#skip-dialog")).to_be_hidden()
    await expect(page.locator("[data-preview]")).to_be_visible()
    await page.keyboard.press("Alt+Y")
    await expect(page.locator("#outbound")).to_contain_text(NAME)
    assert [row.reason for row in server.stage.record.skips] == ["acquainted"]


async def test_a_dial_in_vain_is_told_and_the_next_contact_comes(page: Page, server: OutboundServer) -> None:
    await page.keyboard.press("Alt+U")
    await expect(page.locator("[data-dial=dialling]")).to_be_visible()
    attempt_id = server.rings()
    server.stage.ends(attempt_id, DialOutcome.BUSY)
    server.stage.dials.ended(attempt_id)
    await expect(page.locator("[data-dial=ended]")).to_contain_text("Sibuk")
    await expect(page.locator("[data-preview]")).to_be_visible()


async def test_what_nobody_said_stands_on_the_page_and_can_still_be_said(
    page: Page, server: OutboundServer
) -> None:
    call_id = await dialled(page, server)
    server.hangs_up(call_id)
    server.is_done(call_id)
    await page.get_by_role("button", name="Isi sekarang").click()
    await page.get_by_label("Menolak mendengarkan").check()
    await page.locator("#disposition button[type=submit]").click()
    await expect(page.locator("[data-given=refused]")).to_be_visible()
    assert [row.code for row in server.stage.record.rows] == ["no_disposition", "refused"]
