"""Every page that somebody can come to by links alone, in the real product: as each role, each page once.

At each page `seen` is called with its pattern, as in `tests.browser.agent_walk`. A page that no link leads to
is not found, and a link that leads nowhere is a fault.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, expect

from tests.browser.agent_walk import SCREEN, Seen
from tests.browser.product import Product

ROLES = ("supervisor", "agen1003", "pkl", "penilai", "manajer", "perencana", "ketua", "pdp", "admin")
WITHIN = 60_000  # milliseconds, on however busy a machine
NEW_PASSWORD = "kata-sandi-contoh-untuk-uji"  # of an installation that is gone after the walk

_LINKS = """() => {
  const links = document.querySelectorAll('a[href^="/"]:not([download])');
  return [...links].map((one) => one.getAttribute('href'));
}"""
_OF_MANY = {"pengaturan", "pengumuman", "formulir-nilai"}  # below these a word names one of many alike
_OWN_LOOKS = {"perubahan", "pengumuman"}  # but these do not
_NO_PAGES = re.compile(r"^/(?:api|static|masuk|keluar)\b|/(?:berkas|unduh)$(?<!^/berkas)")


@dataclass(slots=True)
class SiteWalk:
    """Walks from each role's first page; `faults` are links that lead nowhere, and what pages complain of."""

    product: Product
    browser: Browser
    seen: Seen
    found: set[str] = field(default_factory=set)  # patterns of pages
    faults: list[str] = field(default_factory=list)

    async def whole(self) -> None:
        """Walk as every role."""
        for role in ROLES:
            page = await self._enters(role)
            await self._follows(page, role)
            await page.context.close()

    async def _follows(self, page: Page, role: str) -> None:
        waiting = deque(["/akun", *await self._links(page)])
        met: set[str] = set()
        while waiting:
            link = waiting.popleft()
            path = urlsplit(link).path
            pattern = pattern_of(path)
            if pattern in met or _NO_PAGES.search(path):
                continue
            met.add(pattern)
            if pattern in self.found:
                continue
            answer = await page.goto(f"{self.product.address}{link}")
            if answer is None or answer.status >= 400:
                self.faults.append(f"{role}: {pattern} answers {answer and answer.status}")
                continue
            await expect(page.locator(".htmx-request")).to_have_count(0)
            self.found.add(pattern)
            waiting.extend(await self._links(page))
            await self.seen(pattern, page)

    async def _links(self, page: Page) -> list[str]:
        links: list[str] = await page.evaluate(_LINKS)
        return links

    async def _enters(self, role: str) -> Page:
        """Sign in; who has a password for one time chooses a new one."""
        context = await self.browser.new_context(**SCREEN, reduced_motion="reduce")
        context.set_default_timeout(WITHIN)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{role}: {page.url}: {error}"))
        await page.goto(f"{self.product.address}/")
        await page.fill("input[name=user_name]", role)
        await page.fill("input[name=password]", self.product.passwords[role])
        await page.keyboard.press("Enter")
        await page.locator(".who").wait_for()
        if await page.locator("input[name=again]").count():
            for name, value in (
                ("old", self.product.passwords[role]),
                ("new", NEW_PASSWORD),
                ("again", NEW_PASSWORD),
            ):
                await page.fill(f"input[name={name}]", value)
            async with page.expect_navigation():
                await page.keyboard.press("Enter")
        return page


def pattern_of(path: str) -> str:
    """Return a page's address with `*` for what tells one of many: /kampanye/*/hasil."""
    parts = path.rstrip("/").split("/")
    for at, part in enumerate(parts):
        one_of_many = at > 0 and parts[at - 1] in _OF_MANY and part not in _OWN_LOOKS
        if one_of_many or re.search(r"\d", part):
            parts[at] = "*"
    return "/".join(parts) or "/"
