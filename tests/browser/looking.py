"""A page opened as somebody, and held against axe and against scrolling sideways: the same for every area."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, ConsoleMessage, Page

from tests.browser.faults import serious_faults
from web.guard import SESSION_COOKIE

SIZES = ((360, 640), (768, 1024), (1280, 800))
WITHIN = 120_000  # milliseconds, on however busy a machine
# A name with an underscore, 32 hex digits, Python's or JavaScript's words for nothing.
_RAW = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[0-9a-f]{32}\b|\b(?:None|null|undefined|NaN)\b")
PICTURES = os.environ.get("KRING_TEST_PICTURES", "")  # a folder: pictures of what was looked at


@asynccontextmanager
async def opened_as(browser: Browser, address: str, who: str) -> AsyncIterator[Page]:
    """Open a browser as somebody; a breach of the policy or an uncaught error fails the test."""
    # Colours that are still on their way from light to dark are nobody's.
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    await context.add_cookies([{"name": SESSION_COOKIE, "value": who, "url": address}])
    page = await context.new_page()
    page.set_default_timeout(WITHIN)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            complaints.append(f"{message.text} {message.location}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
        assert complaints == []
    finally:
        await context.close()


async def is_sound(page: Page, name: str) -> None:
    """Hold the page against axe and against scrolling sideways, at three widths, light and dark."""
    assert await faults_of(page, name) == [], name


async def faults_of(page: Page, name: str) -> list[str]:
    """Return what axe finds, and where the page scrolls sideways, at three widths, light and dark."""
    found = []
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            faults = await serious_faults(page, colours_alone=scheme == "dark")
            found += [f"{width} {scheme}: {fault}" for fault in faults]
            if PICTURES:
                # Playwright would hide the caret by a style that the policy of the pages forbids.
                path = Path(PICTURES) / f"{name}-{width}-{scheme}.png"
                await page.screenshot(path=path, full_page=True, caret="initial")
    return found + await too_wide(page)


async def too_wide(page: Page) -> list[str]:
    """Return at which widths the page scrolls sideways, and by how much; for a page that is lived in."""
    found, whole = [], page.viewport_size
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wider > 0:
            found.append(f"{wider} pixels wider than {width}")
    if whole is not None:
        await page.set_viewport_size(whole)
    return found


async def raw_names(page: Page) -> list[str]:
    """Return what of programs' own names and words is shown to people."""
    text: str = await page.evaluate("document.querySelector('main').innerText")
    return [f"raw: {raw}" for raw in sorted(set(_RAW.findall(text)))]
