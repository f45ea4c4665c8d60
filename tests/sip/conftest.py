"""Fixtures for stories on the real thing."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from asterisk_conf.program import AsteriskProgram
from service.phone.client import Telephone
from service.phone.hearing import load_sounds
from service.phone.sounds import SoundLibrary
from service.settings import load_settings
from tests.sip.caller import Caller
from tests.sip.installation import Installation


@pytest.fixture(scope="session")
def library() -> SoundLibrary:
    return load_sounds(load_settings().prompts)


@pytest.fixture(scope="session")
def installation(asterisk_program: AsteriskProgram) -> Iterator[Installation]:
    """The whole service, never closed. Stories share it: leave no call behind."""
    running = Installation()
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def caller(installation: Installation, library: SoundLibrary) -> AsyncIterator[Callable[[], Caller]]:
    """Make callers of the installation."""
    async with Telephone(installation.sip, library) as phone:
        yield lambda: Caller(phone, installation)
