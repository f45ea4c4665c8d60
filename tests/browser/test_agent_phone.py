"""What can happen to the phone of the agent's page, in a whole installation."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from asterisk_conf.program import AsteriskProgram
from bench.pages_staff import BROWSER, sign_in
from service.floor_client import FloorClient, FloorUnreachable, Row
from service.phone.calls import PhoneCall
from service.phone.client import Telephone
from tests.browser.conftest import MICROPHONE
from tests.sip.installation import Installation
from web.guard import SESSION_COOKIE
from web.texts import Texts

pytestmark = [pytest.mark.asterisk, pytest.mark.sip, pytest.mark.asyncio(loop_scope="module")]

STAFF, TEAM = "70000005", "satu"  # a made-up staff number
WITHIN = 40.0  # seconds, generous: the machine may be busy
TABLES = {
    "agents": f"agent,on_air_name,team,languages\n{STAFF},Melati,{TEAM},id en\n",
    "competences": f"agent,skill,tier,level,expires\n{STAFF},general,A,3,\n",
    "rules": "rule,value,about,assumed\nrejoin_seconds,60,How long a talk is kept,yes\n",
}
TEXTS = Texts.load()
NewPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="module")
def installation(asterisk_program: AsteriskProgram) -> Iterator[Installation]:
    running = Installation()
    running.start()
    running.staff(TABLES, STAFF)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def cookie(installation: Installation) -> str:
    """The agent is signed in."""
    return sign_in(installation.environment, [STAFF], TEAM)[0]


@pytest_asyncio.fixture(loop_scope="module")
async def new_page(installation: Installation, browser: Browser, cookie: str) -> AsyncIterator[NewPage]:
    """Open the agent's page, each in a browser window of its own."""
    address = f"http://127.0.0.1:{installation.settings.web_port}"
    async with AsyncExitStack() as stack:

        async def make(*, allowed: bool = True) -> Page:
            permissions = ["microphone"] if allowed else []
            context = await browser.new_context(user_agent=BROWSER, permissions=permissions)
            stack.push_async_callback(context.close)
            await context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": address}])
            page = await context.new_page()
            await page.goto(f"{address}/agen")
            return page

        yield make


async def test_without_a_microphone_nobody_begins_work_and_the_page_says_why(
    installation: Installation, new_page: NewPage
) -> None:
    page = await new_page(allowed=False)
    await press(page, "desk.start")
    await says(page, "desk.trouble_microphone_refused")
    assert (await view(installation))["declared"] == "signed_out"


async def test_the_service_is_killed_in_a_talk_and_nobody_hears_it(
    installation: Installation, new_page: NewPage
) -> None:
    page = await new_page()
    await is_ready(installation, page)
    async with Telephone(installation.sip) as outside:
        caller = await talks(installation, page, outside)
        before = await view(installation)
        killing = asyncio.create_task(asyncio.to_thread(installation.kill_service))
        while not killing.done():
            await caller.hears_tone(MICROPHONE, WITHIN)
        await killing
        after = await until(installation, observed="talking")
        assert (after["call_id"], after["account"]) == (before["call_id"], before["account"])
        await says(page, "desk.phone_talking")
        await caller.hears_tone(MICROPHONE, WITHIN)
        await until(installation, phones=[before["account"]])
        await page.keyboard.press("Alt+Q")
        assert (await caller.until_ended(WITHIN)).by == "far_end"
        await wraps_up(installation, page)


async def test_a_second_page_takes_the_talk_over(installation: Installation, new_page: NewPage) -> None:
    first = await new_page()
    await is_ready(installation, first)
    async with Telephone(installation.sip) as outside:
        caller = await talks(installation, first, outside)
        before = await view(installation)
        second = await new_page()
        await says(second, "desk.phone_elsewhere")
        await press(second, "desk.take_over")
        await says(first, "desk.phone_elsewhere")
        after = await until(installation, observed="talking")
        while after["account"] == before["account"]:
            await asyncio.sleep(0.1)
            after = await until(installation, observed="talking")
        assert after["call_id"] == before["call_id"]
        await says(second, "desk.phone_talking")
        await asyncio.sleep(1.0)  # what was said on the first page is heard to its end
        await caller.hears_tone(MICROPHONE, WITHIN)
        assert caller.ended is None
        await caller.hang_up()
        await wraps_up(installation, second)


async def is_ready(installation: Installation, page: Page) -> None:
    """Begin work where it is not begun, and be ready."""
    if (await view(installation))["declared"] == "signed_out":
        await press(page, "desk.start")
        await until(installation, declared="paused", observed="idle")
    if (await view(installation))["declared"] != "ready":
        await press(page, "desk.ready")
    await until(installation, declared="ready", observed="idle")


async def talks(installation: Installation, page: Page, outside: Telephone) -> PhoneCall:
    """Let a caller ask for a person, and answer."""
    caller = await outside.call("1500200", within=WITHIN)
    await caller.press("0")
    await until(installation, observed="offered")
    await press(page, "desk.answer")
    await until(installation, observed="talking")
    await caller.hears_tone(MICROPHONE, WITHIN)
    return caller


async def wraps_up(installation: Installation, page: Page) -> None:
    """End the time for the note."""
    await until(installation, observed="wrap_up")
    await press(page, "desk.ready")
    await until(installation, declared="ready", observed="idle")


async def press(page: Page, text: str) -> None:
    """Press a button by its text's name."""
    words = TEXTS.say("id", text)
    await page.locator("button:visible", has_text=words).first.click(timeout=1000 * WITHIN)


async def says(page: Page, text: str) -> None:
    """Wait until the phone's panel says a text, by its name."""
    words = page.locator("#softphone", has_text=TEXTS.say("id", text))
    await words.first.wait_for(timeout=1000 * WITHIN)


async def view(installation: Installation) -> Row:
    """Return the floor's view of the agent; asked again while the service is away."""
    deadline = time.monotonic() + WITHIN
    while True:
        try:
            rows = await asyncio.to_thread(FloorClient(installation.settings).rows, "agents")
            return next(row for row in rows if row["agent"] == STAFF)
        except FloorUnreachable:
            assert time.monotonic() < deadline, "the service is away"
            await asyncio.sleep(0.2)


async def until(installation: Installation, **wanted: object) -> Row:
    """Wait for a state of the agent; return the floor's view."""
    deadline = time.monotonic() + WITHIN
    while True:
        row = await view(installation)
        if wanted.items() <= row.items():
            return row
        assert time.monotonic() < deadline, f"wanted {wanted}, the floor shows {row}"
        await asyncio.sleep(0.1)
