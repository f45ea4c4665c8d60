"""Pictures of every state of the pages, from the real product: `make screens`.

Writes `docs/pages/*.png`, with a palette, so that they stay small. Everything in them is made up.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page

from service.phone.client import Telephone
from service.phone.hearing import load_sounds
from service.settings import CHECKOUT, load_settings
from tests.browser.agent_walk import Walk
from tests.browser.campaign_walk import DOES, CampaignWalk, OutboundProduct
from tests.browser.chromium import chromium, microphone
from tests.browser.conftest import MICROPHONE
from tests.browser.pictures import looks_the_same, small
from tests.browser.product import Product
from tests.browser.review_server import review_server
from tests.browser.review_walk import ReviewWalk
from tests.browser.supervision_walk import SupervisionWalk, office
from tests.sip.people import People

FOLDER = Path(CHECKOUT) / "docs" / "pages"
QUIET = "* { caret-color: transparent !important; transition: none !important; }"
DRAWN = 400  # milliseconds until what was begun is drawn
SMALL, DARK = (
    {"talking", "live"},
    {"full", "notes", "live", "wall-screen"},
)  # taken on a smaller screen and in dark mode too

REVIEW = {  # of the states of a review, those that differ to the eye
    "recordings", "recording", "recording-scoring", "scores-own", "appeal-new", "appeal-decide",
    "appeal-done", "calibration-closed", "coaching-task", "review-plans", "review-tasks", "recordings-watch",
    "score-forms", "persons", "person", "appeals", "calibration-new", "coaching", "scores",
}  # fmt: skip


class Camera:
    """Takes the pictures."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def seen(self, name: str, page: Page) -> None:
        """Take a picture of what is on the screen, not of what would have to be scrolled to."""
        await self._take(name, page)
        if name in SMALL:
            whole = page.viewport_size
            assert whole is not None
            await page.set_viewport_size({"width": 1024, "height": 768})
            await self._take(f"{name}-1024", page)
            await page.set_viewport_size(whole)
        if name in DARK:
            await page.emulate_media(color_scheme="dark")
            await self._take(f"{name}-dark", page)
            await page.emulate_media(color_scheme="light")

    async def _take(self, name: str, page: Page) -> None:
        await page.wait_for_timeout(DRAWN)
        picture = small(await page.screenshot(style=QUIET, animations="disabled"))
        path = self._folder / f"{name}.png"
        # A clock that moved on is no news: the kept picture stays, and the repository small.
        news = not path.exists() or not looks_the_same(path.read_bytes(), picture)
        if news:
            path.write_bytes(picture)
        print(name, "" if news else "(as it was)", flush=True)  # noqa: T201


async def _take(product: Product, camera: Camera) -> None:
    """Take those of calls that come in."""
    with tempfile.TemporaryDirectory() as folder:
        sound = microphone(Path(folder) / "tone.wav", MICROPHONE)
        sounds = load_sounds(load_settings({}).prompts)
        async with chromium(sound) as browser, Telephone(product.sip, sounds) as phone:
            await Walk(product, browser, phone, camera.seen).whole()
            await office(browser, product.address, product.passwords["supervisor"], camera.seen)


async def _take_review(camera: Camera) -> None:
    """Take those of recordings, scores and what follows from them."""

    async def seen(name: str, page: Page) -> None:
        if name in REVIEW:
            await camera.seen(name, page)

    with tempfile.TemporaryDirectory() as folder:
        async with review_server(Path(folder)) as server, chromium(None) as browser:
            await ReviewWalk(server, browser, seen).whole()


async def _take_supervision(camera: Camera) -> None:
    """Take those of supervisors and planners."""
    with tempfile.TemporaryDirectory() as folder:
        async with chromium(None) as browser:
            await SupervisionWalk(browser, camera.seen, Path(folder)).whole()


async def _take_outbound(camera: Camera) -> None:
    """Take those of lists and campaigns."""
    async with People(DOES) as people:
        product = OutboundProduct(people.address)
        await asyncio.to_thread(product.start)
        try:
            await asyncio.to_thread(product.with_agents)
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                async with chromium(microphone(folder / "tone.wav", MICROPHONE)) as browser:
                    await CampaignWalk(product, browser, people, camera.seen).whole(folder)
        finally:
            await asyncio.to_thread(product.stop)


def main() -> None:
    """Take all pictures; a folder as argument: put them there."""
    camera = Camera(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    asyncio.run(_take_review(camera))
    asyncio.run(_take_supervision(camera))
    asyncio.run(_take_outbound(camera))
    product = Product()
    product.start()
    try:
        product.with_agents()
        asyncio.run(_take(product, camera))
    finally:
        product.stop()


if __name__ == "__main__":
    main()
