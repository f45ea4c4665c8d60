"""The important stories on the real thing: a SIP phone, Asterisk, the service, the database."""

import asyncio
import re
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from domain.calls import EndReason, EventKind
from service.demo import run_demo
from service.phone.client import Telephone
from service.phone.sounds import SoundLibrary
from storage.synthetic import examples, synthetic_taxpayers
from tests.sip.caller import Caller
from tests.sip.installation import Installation

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

NewCaller = Callable[[], Caller]
Story = Callable[[Caller], Awaitable[None]]
STORIES: list[Story] = []
PEOPLE = synthetic_taxpayers()
LOOKS_AGAIN = 1.5  # seconds: the service looks at the line's switch every second
SHOWN = {number for number, _ in examples(PEOPLE)}  # the banner prints these
NPWP = next(p.taxpayer.npwp for p in PEOPLE if p.taxpayer.npwp not in SHOWN)


def story(tell: Story) -> Story:
    """Mark a story whose caller shares the line with the others: all are told at the same time."""
    STORIES.append(tell)
    return tell


@story
async def a_caller_with_npwp_walks_to_the_efin_room(call: Caller) -> None:
    call.calls().waits(1).presses("1").hears("npwp_or_not", language="id")
    call.presses("1").hears("npwp_enter").presses(f"{NPWP}#").hears("npwp_read_back").hears_digits(NPWP[-4:])
    call.hears("npwp_confirm").presses("1").hears("npwp_found").presses("1").hears("efin_menu")
    await call.presses("1").hears("before_service").is_queued_in("efin").waits(2).hangs_up()
    header, events = await call.record()
    assert header.end_reason is EndReason.CALLER_HUNG_UP
    assert header.dialled == "1500200"
    assert [event.data["queue"] for event in events if event.kind is EventKind.QUEUED] == ["efin"]
    assert not [heard for heard in call.call.heard if heard.kind == "unknown"]
    latencies = [call.call.key_to_prompt(at) for at, key in enumerate(call.call.pressed) if key.key == "1"]
    assert statistics.median(latency for latency in latencies if latency is not None) < 2


@story
async def a_caller_without_npwp_gets_general_information_in_english(call: Caller) -> None:
    call.calls("021500200").waits(1).presses("2").hears("npwp_or_not", language="en")
    call.presses("2").hears("main_menu_without_npwp", language="en").presses("4")
    await call.hears("pph_menu", language="en").presses("2").is_queued_in("pph_application").hangs_up()
    header, _ = await call.record()
    assert header.dialled == "1500200", "recorded as the one number that the line has"


@story
async def everything_can_be_typed_ahead_from_the_first_moment(call: Caller) -> None:
    await call.calls().presses(f"1 1 {NPWP}# 1 1 2").hears("before_service").hangs_up()
    _, events = await call.record()
    taken = [event.data["key"] for event in events if event.kind is EventKind.CHOSE]
    assert taken == ["1", "1", "1", "1", "2"], "no key lost, none doubled"


@story
async def wrong_keys_are_asked_again_and_then_a_person_is_called(call: Caller) -> None:
    call.calls().presses("12").hears("main_menu_without_npwp")
    call.presses("8").hears("wrong_key").hears("main_menu_without_npwp").presses("8").hears("wrong_key")
    await call.hears("main_menu_without_npwp").presses("#").is_queued_in("general").hangs_up()


@story
async def a_silent_caller_hears_that_no_key_came(call: Caller) -> None:
    call.calls().is_greeted().hears("language_menu", "language_menu")
    await call.hears("no_key", within=10).hangs_up()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(
    installation: Installation, library: SoundLibrary
) -> AsyncIterator[dict[str, asyncio.Task[None]]]:
    """All stories, being told."""
    async with Telephone(installation.sip, library) as phone:
        callers = (Caller(phone, installation, f"0215000{1000 + n}") for n in range(len(STORIES)))
        tasks = {
            tell.__name__: asyncio.ensure_future(tell(caller))
            for tell, caller in zip(STORIES, callers, strict=True)
        }
        yield tasks
        for task in tasks.values():
            task.cancel()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", [tell.__name__ for tell in STORIES])
async def test_story(told: dict[str, asyncio.Task[None]], name: str) -> None:
    await told[name]


async def test_a_closed_line_says_so_until_it_is_opened(
    caller: NewCaller, installation: Installation
) -> None:
    await asyncio.to_thread(installation.kring, "line", "close", "--reason", "test")
    try:
        await asyncio.sleep(LOOKS_AGAIN)
        await caller().calls().waits(0.5).is_greeted().hears("closed_shut", within=10).hangs_up()
    finally:
        await asyncio.to_thread(installation.kring, "line", "open")
    await asyncio.sleep(LOOKS_AGAIN)
    await caller().calls().is_greeted().hears("language_menu").hangs_up()


async def test_a_hang_up_in_the_greeting_leaves_nothing_behind(
    caller: NewCaller, installation: Installation
) -> None:
    call = await caller().calls().waits(1).hangs_up()
    header, events = await call.record()
    assert header.end_reason is EndReason.CALLER_HUNG_UP
    assert events[-1].kind is EventKind.ENDED
    for _ in range(50):  # the calls of the stories before may still be ending
        if not (inside := await installation.live_calls()):
            break
        await asyncio.sleep(0.1)
    assert inside == []
    assert "calls inside: 0" in await asyncio.to_thread(installation.kring, "asterisk", "status")


async def test_a_service_that_is_killed_takes_the_call_up_where_it_was(
    caller: NewCaller, installation: Installation
) -> None:
    call = caller().calls().presses("1 1").hears("npwp_enter").presses(NPWP[:8])
    call.does(installation.kill_service).presses(f"{NPWP[8:]}#")
    await call.hears("npwp_read_back", within=20).hears_digits(NPWP[-4:]).hangs_up()
    _, events = await call.record()
    assert [event.kind for event in events].count(EventKind.RECOVERED) == 1
    assert [event.kind for event in events].count(EventKind.STARTED) == 1


async def test_without_the_service_a_caller_is_held_and_then_taken(
    caller: NewCaller, installation: Installation
) -> None:
    await asyncio.to_thread(installation.kill_keeper_and_service)
    await asyncio.sleep(1)  # until Asterisk has noticed that nobody serves its application
    call = await caller().calls().hears("fallback_sorry", "fallback_sorry", "music")
    await call.does(installation.start).is_greeted(within=30).presses("2").hears("npwp_or_not", language="en")
    await call.hangs_up()


async def test_keyed_digits_are_nowhere_in_clear(caller: NewCaller, installation: Installation) -> None:
    call = await caller().calls().presses(f"1 1 {NPWP}#").hears("npwp_read_back").hangs_up()
    await call.record()
    digits = re.compile(b"[^0-9]?".join(bytes([digit]) for digit in NPWP.encode()))
    for path, content in await asyncio.to_thread(installation.everything_written):
        assert not digits.search(content), f"{path} holds a keyed number in clear"


async def test_synthetic_callers_show_the_line_alive(installation: Installation) -> None:
    lines: list[str] = []
    result = await run_demo(installation.sip, installation.settings.prompts, 3, 5.0, lines.append)
    assert (result.calls, result.answered, result.failed) == (3, 3, 0)
    assert result.prompts >= 3
    assert sum("ended    200 OK, this phone hung up" in line for line in lines) == 3
    assert not re.search(r"\d{5}", "".join(lines)), "a keyed number is shown in clear"
