"""What the tests of the ARI client share."""

import asyncio
from collections.abc import Callable
from typing import Any

import ari
from ari.fake import FakeAsterisk

APP = "ivr"


def new_client(fake: FakeAsterisk, **settings: Any) -> ari.Client:
    """Return a client of the fake."""
    return ari.Client(fake.url, fake.username, fake.password, APP, **settings)


async def eventually(true: Callable[[], bool], within: float = 20.0) -> None:
    """Return when a condition is true; TimeoutError if it does not come true."""
    async with asyncio.timeout(within):
        while not true():  # what is waited for has no event of its own
            await asyncio.sleep(0.005)
