"""Every page that a link leads to is usable by everybody, at three widths, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from asterisk_conf.program import AsteriskProgram
from service.settings import CHECKOUT
from tests.browser.looking import faults_of, raw_names
from tests.browser.product import Product
from tests.browser.site_walk import SiteWalk

pytestmark = [pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

NAVIGATION = Path(CHECKOUT) / "web" / "templates" / "navigation.html"
# Pages that show names of programs on purpose: of settings, of acts on the trail, in files.
NAMED = re.compile(r"^/(?:pengaturan|jejak|laporan/kamus|formulir-nilai|kampanye|angka/kanal|lapor-bayar)")


@pytest.fixture(scope="module")
def product(asterisk_program: AsteriskProgram) -> Iterator[Product]:
    running = Product()
    running.start()
    running.with_agents()
    yield running
    running.stop()


async def test_every_page_is_sound(product: Product, browser: Browser) -> None:
    wrong: dict[str, list[str]] = {}

    async def seen(pattern: str, page: Page) -> None:
        found = await faults_of(page, pattern.strip("/").replace("/", "-").replace("*", "satu") or "awal")
        if not NAMED.match(pattern):
            found += await raw_names(page)
        if found:
            wrong[pattern] = found

    walk = SiteWalk(product, browser, seen)
    await walk.whole()
    in_the_bar = set(re.findall(r'"(/[a-z-]+(?:/[a-z-]+)*)", "', NAVIGATION.read_text("utf-8")))
    assert len(in_the_bar) >= 25
    assert in_the_bar - walk.found == set()
    assert walk.faults == []
    assert wrong == {}
