"""Fixtures that several folders of tests share."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from asterisk_conf import debian
from asterisk_conf.program import AsteriskProgram, find_asterisk
from domain import own_tables
from tests import real_asterisk
from tests.faults import FaultLog
from tests.real_asterisk import RealAsterisk

NewAsterisk = Callable[..., Awaitable[RealAsterisk]]

# The same examples on every machine, so that a change is judged by what it changed. `make laws` looks for
# new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("searching", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("repeatable")


def pytest_configure(config: pytest.Config) -> None:
    # Tests read the shipped tables, whatever was set in an installation that runs from this checkout.
    own_tables.CHECKOUT_HOME = Path(os.devnull)
    # pyst2 uses old spellings of threading's methods.
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning:asterisk.manager")


@pytest.fixture(scope="session")
def asterisk_program() -> AsteriskProgram:
    """The Asterisk of this checkout; fetched when it is not there yet."""
    return find_asterisk(real_asterisk.CACHE)


@pytest.fixture(scope="session")
def asterisk(asterisk_program: AsteriskProgram) -> Iterator[RealAsterisk]:
    """One running Asterisk per test process. Tests share it: leave no channel behind."""
    running = asyncio.run(real_asterisk.start(asterisk_program))
    yield running
    asyncio.run(real_asterisk.stop(running))


@pytest.fixture
async def new_asterisk(asterisk_program: AsteriskProgram) -> AsyncIterator[NewAsterisk]:
    """Start an Asterisk for this test alone: `await new_asterisk(max_calls=2)`."""
    started: list[RealAsterisk] = []

    async def start(**changes: object) -> RealAsterisk:
        running = await real_asterisk.start(asterisk_program, **changes)
        started.append(running)
        return running

    yield start
    for running in started:
        await real_asterisk.stop(running)


@pytest.fixture
def faults(record_property: Callable[[str, object], None]) -> FaultLog:
    """What a fault test tells of what it did; `make faults` adds it up."""
    return FaultLog(record_property)


@pytest.fixture(scope="session")
def sipp() -> debian.Tool:
    """SIPp, from the machine's own Debian suite."""
    suite = debian.host_suite()
    root = debian.fetch(["sip-tester"], suite, real_asterisk.CACHE / f"sip-tester-{suite}")
    return debian.tool_command(root, "usr/bin/sipp")
