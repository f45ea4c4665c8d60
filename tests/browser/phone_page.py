"""The small page with the softphone, as a test sees it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from playwright.async_api import BrowserContext, Page

from tests.browser.page_server import COOKIE
from tests.web.page_parts import CSRF
from web.guard import SESSION_COOKIE

LOOK = 0.05  # seconds
WITHIN = 20.0  # seconds, generous: the machine may be busy
NEAR = 15.0  # Hz by which a tone may differ from its bin


class PhonePage:
    """One open page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def begin(cls, context: BrowserContext, address: str, config: dict[str, object]) -> PhonePage:
        """Open the page as the agent, and let it become the phone."""
        await context.add_cookies([{"name": SESSION_COOKIE, "value": COOKIE, "url": address}])
        page = await context.new_page()
        await page.goto(address)
        await page.evaluate("([csrf, part]) => begin(csrf, part)", [CSRF, config])
        return cls(page)

    async def news(self) -> dict[str, Any]:
        """Return what the phone says of itself."""
        found: dict[str, Any] = await self.page.evaluate("phone().news")
        return found

    async def told(self) -> list[dict[str, Any]]:
        """Return everything that it said, in order."""
        found: list[dict[str, Any]] = await self.page.evaluate("told")
        return found

    async def do(self, deed: str) -> Any:
        """Do something with the phone, e.g. `answer()`; return what came of it."""
        return await self.page.evaluate(f"phone().{deed}")

    async def becomes(self, state: str, trouble: str | None = None, within: float = WITHIN) -> None:
        """Wait for a state, with a trouble or none."""
        deadline = time.monotonic() + within
        while True:
            news = await self.news()
            if (news["state"], news.get("trouble")) == (state, trouble):
                return
            assert time.monotonic() < deadline, f"expected {state}, {trouble}; the phone says {news}"
            await asyncio.sleep(LOOK)

    async def hears(self, hertz: float, within: float = WITHIN) -> None:
        """Wait until a tone is the loudest of what is heard; 0: until it is silent."""
        deadline, heard = time.monotonic() + within, -1.0
        while abs(heard - hertz) > NEAR:
            assert time.monotonic() < deadline, f"expected {hertz} Hz, heard {heard} Hz"
            await asyncio.sleep(LOOK)
            heard = await self.page.evaluate("pitch()")
