"""The agent's page is reloaded in mid-talk, in a whole installation: the talk is taken up again."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page

from asterisk_conf.program import AsteriskProgram
from bench.pages_staff import sign_in
from service.floor_client import FloorClient, Row
from service.phone.client import Telephone
from tests.browser.chromium import chromium, microphone
from tests.browser.conftest import MICROPHONE
from tests.sip.installation import Installation
from web.guard import SESSION_COOKIE

pytestmark = [pytest.mark.asterisk, pytest.mark.sip]

STAFF, TEAM = "70000004", "satu"  # a made-up staff number
CALLER_HERTZ = 700
WITHIN = 30.0  # seconds, generous: the machine may be busy
TABLES = {
    "agents": f"agent,on_air_name,team,languages\n{STAFF},Melati,{TEAM},id en\n",
    "competences": f"agent,skill,tier,level,expires\n{STAFF},general,A,3,\n",
    "rules": "rule,value,about,assumed\nrejoin_seconds,30,How long a talk is kept,yes\n",
}


@pytest.fixture(scope="module")
def installation(asterisk_program: AsteriskProgram) -> Iterator[Installation]:
    running = Installation()
    running.start()
    running.staff(TABLES, STAFF)
    yield running
    running.stop()


@asynccontextmanager
async def page_of_agent(installation: Installation, folder: Path) -> AsyncIterator[Page]:
    """The page of the agent, who is signed in, in a browser with a microphone."""
    address = f"http://127.0.0.1:{installation.settings.web_port}"
    async with chromium(microphone(folder / "tone.wav", MICROPHONE)) as browser:
        context = await browser.new_context(permissions=["microphone"])
        page = await context.new_page()
        name = await page.evaluate("navigator.userAgent")
        cookies = await asyncio.to_thread(sign_in, installation.environment, [STAFF], TEAM, name)
        await context.add_cookies([{"name": SESSION_COOKIE, "value": cookies[0], "url": address}])
        await page.goto(f"{address}/agen")
        yield page


async def until(installation: Installation, **wanted: str) -> Row:
    """Wait for a state of the agent; return the floor's view."""
    deadline = time.monotonic() + WITHIN
    while True:
        rows = await asyncio.to_thread(FloorClient(installation.settings).rows, "agents")
        row = next(row for row in rows if row["agent"] == STAFF)
        if wanted.items() <= row.items():
            return row
        assert time.monotonic() < deadline, f"wanted {wanted}, the floor shows {row}"
        await asyncio.sleep(0.1)


async def press(page: Page, word: str) -> None:
    await page.locator("button:visible", has_text=word).first.click(timeout=1000 * WITHIN)


async def test_a_page_that_is_reloaded_in_a_talk_takes_it_up_again(
    installation: Installation, tmp_path: Path
) -> None:
    async with page_of_agent(installation, tmp_path) as page, Telephone(installation.sip) as outside:
        await press(page, "Mulai bekerja")
        await until(installation, declared="paused", observed="idle")
        await press(page, "Siap")
        await until(installation, declared="ready", observed="idle")
        caller = await outside.call("1500200")
        await caller.press("0")
        await until(installation, observed="offered")
        await press(page, "Jawab")
        before = await until(installation, observed="talking")
        caller.speaks(CALLER_HERTZ)
        await caller.hears_tone(MICROPHONE, WITHIN)

        await page.reload()
        after = await until(installation, observed="talking")
        while after["account"] == before["account"]:  # the page of before was still there at that look
            await asyncio.sleep(0.1)
            after = await until(installation, observed="talking")
        assert after["call_id"] == before["call_id"]
        await asyncio.sleep(1.0)  # what was said before the reload is heard to its end
        await caller.hears_tone(MICROPHONE, WITHIN)
        assert caller.ended is None, "the caller never left the line"
        await caller.hang_up()
        await until(installation, observed="wrap_up")
