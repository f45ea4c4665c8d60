"""The transcript in a real browser: shown when it is asked for, each sentence leads to the sound."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.listen_server import ListenServer
from tests.browser.test_browser_listening import (
    PICTURES,
    at,
    browser,
    faults,
    listens,
    opened,
    server,
    until,
)

__all__ = ["browser", "server"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("width", [360, 1366])
async def test_a_sentence_leads_to_its_sound(browser: Browser, server: ListenServer, width: int) -> None:
    async with opened(browser, server, width=width) as page:
        await listens(page)
        read = [row.act for row in server.world.parts.audit.rows].count("recording_transcript_viewed")
        assert read == 0  # opening a recording is not reading
        await page.get_by_role("button", name="Tampilkan transkrip").click()
        await expect(page.get_by_text("Bantuan pencarian, bukan bukti.")).to_be_visible()
        lines = page.locator("#transcript li")
        await expect(lines).to_have_count(25)
        await page.get_by_role("link", name="Terima kasih banyak.").focus()
        await page.keyboard.press("Enter")

        async def there() -> bool:
            return abs(await at(page) - 112.5) < 0.5

        await until(there)
        await page.get_by_role("link", name="Saya lupa EFIN").click()

        async def earlier() -> bool:
            return abs(await at(page) - 9.2) < 0.5

        await until(earlier)
        wide = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0
        if PICTURES:
            folder = Path(PICTURES)
            await page.locator("#transcript").scroll_into_view_if_needed()
            await page.screenshot(path=folder / f"transcript-{width}.png")
        assert await faults(page) == []
    acts = [row.act for row in server.world.parts.audit.rows]
    assert acts.count("recording_transcript_viewed") == 1
