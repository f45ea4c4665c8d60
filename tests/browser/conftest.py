"""A real browser is asked for: `KRING_TEST_BROWSER=1 pytest tests/browser`, or `make test-browser`.

Needs Debian's `chromium`; Playwright drives it and fetches none of its own. The browser's microphone
plays a tone (`MICROPHONE` Hz), so that the far end can tell whom it hears.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from storage.database import Database
from storage.vault import Vault
from tests.browser.chromium import chromium, microphone
from tests.browser.page_server import PageServer, page_server
from tests.browser.phone_page import PhonePage
from tests.office import Office, opened
from tests.real_asterisk import RealAsterisk, free_port

collect_ignore_glob = [] if os.environ.get("KRING_TEST_BROWSER") else ["test_*.py"]

MICROPHONE = 1100.0  # Hz
WITHIN = 60_000  # milliseconds in which a page has to show what is expected of it, on however busy a machine

expect.set_options(timeout=WITHIN)

NewPhone = Callable[..., Awaitable[PhonePage]]


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browsers' microphones hear."""
    return microphone(tmp_path_factory.mktemp("microphone") / "tone.wav", MICROPHONE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(spoken: Path) -> AsyncIterator[Browser]:
    """One browser for a file of tests; each test has contexts of its own."""
    async with chromium(spoken) as running:
        yield running


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Vault]]:
    folder = tmp_path_factory.mktemp("records")
    database = Database.open(f"sqlite:///{folder / 'kring.db'}")
    yield database, Vault.create(folder / "key")
    database.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(asterisk: RealAsterisk, records: tuple[Database, Vault]) -> AsyncIterator[Office]:
    async with opened(asterisk, records) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(office: Office) -> AsyncIterator[PageServer]:
    """The service's parts around the small page."""
    async with page_server(office, free_port()) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def new_phone(browser: Browser, server: PageServer) -> AsyncIterator[NewPhone]:
    """Open the small page: `phone = await new_phone()`; with `allowed` False nobody allows the microphone."""
    async with AsyncExitStack() as stack:

        async def make(*, allowed: bool = True, address: str = "", **config: object) -> PhonePage:
            permissions = ["microphone"] if allowed else []
            context = await browser.new_context(permissions=permissions, ignore_https_errors=True)
            stack.push_async_callback(context.close)
            return await PhonePage.begin(context, address or server.address, config)

        yield make
