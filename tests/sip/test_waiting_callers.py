"""A caller who waits, on the real thing: the place in line, and a callback that keeps it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from asterisk_conf.program import AsteriskProgram
from call_flows.book import read_folder
from domain.calls import EndReason, EventKind
from service.phone.client import Telephone
from service.phone.sounds import SoundLibrary
from tests.sip.caller import Caller
from tests.sip.installation import Installation

EVERY = "9s"  # long enough for the longest message here, so that none cuts another off


@pytest.fixture(scope="module")
def hurried(
    asterisk_program: AsteriskProgram, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation whose waiting rooms speak more often, and shorter."""
    folder: Path = tmp_path_factory.mktemp("flows")
    for name, text in read_folder().items():
        hurry = text.replace("every: 45s", f"every: {EVERY}")
        short = hurry.replace("messages: [waiting_thanks, waiting_channels]", "messages: place_first")
        (folder / name).write_text(short, encoding="utf-8")
    running = Installation()
    (running.home / "kring.toml").write_text(f'flows = "{folder}"\n', encoding="utf-8")
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def caller(hurried: Installation, library: SoundLibrary) -> AsyncIterator[Caller]:
    async with Telephone(hurried.sip, library) as phone:
        yield Caller(phone, hurried, "081100001999")


async def test_a_callback_keeps_the_place_of_a_caller_who_hears_it(
    caller: Caller, hurried: Installation
) -> None:
    await caller.calls().is_greeted().presses("1").hears("npwp_or_not").presses("0")
    await caller.hears("connecting", "place_first", "music", within=20)
    await caller.hears("place_first", "place_first", "music", within=20)
    await caller.hears("place_first", "place_first", "callback_offer", within=20).presses("1")
    await caller.hears("callback_confirm", within=20).presses("1")
    await caller.hears("callback_booked", "goodbye").is_hung_up(EndReason.CALLBACK)
    _, events = await caller.record()
    assert [event.data["how"] for event in events if event.kind is EventKind.DEQUEUED] == ["callback"]
    waiting = await asyncio.to_thread(hurried.kring, "callbacks", "list")
    assert "general" in waiting and "1999" in waiting and "81100001999" not in waiting
