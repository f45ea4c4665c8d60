"""`make demo`: the service with synthetic callers and agents on real SIP phones, so that one sees it live.

Each caller dials, behaves in its own way (knows its NPWP or not, is impatient, says nothing, presses
wrong keys, types ahead, hangs up early), hangs up, and calls again after a while. What they hear is
recognised from the received audio and shown as it happens.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from service.banner import web_address
from service.demo_agents import agents_work
from service.phone.client import PhoneUnusable, Telephone
from service.phone.hearing import NothingToRecognise, load_sounds
from service.phone.script import perform, read_script
from service.phone.telling import Teller
from service.settings import CHECKOUT, Settings, SettingsError, load_settings
from service.web_trust import web_trust
from storage.synthetic import synthetic_taxpayers

CALLERS = 8
SECONDS = 90.0
START_SECONDS = 300.0  # the first start fetches Asterisk
APART = 0.7  # seconds at least between two calls being dialled
WIDTH = 80  # characters of an event
AGAIN_AFTER = (2.0, 8.0)  # seconds of rest before the same caller calls again

Write = Callable[[str], None]

# How a caller behaves, and what it presses (the grammar of `kring call --press`).
HABITS = (
    ("knows the NPWP, wants a forgotten EFIN", "w4 1 w3 1 w3 <npwp> # w6 1 w4 1 w3 1 w18"),
    ("has no NPWP, asks in English about income tax", "w6 2 w3 2 w4 4 w4 1 w15"),
    ("types everything ahead, for a token", "1 1 <npwp> # 1 1 2 w20"),
    ("says nothing at all", "w45"),
    ("presses wrong keys", "w5 7 w3 8 w3 1 w3 5 w3 2 w5 8 w4 3 w4 1 w12"),
    ("hangs up in the greeting", "w3"),
    ("starts over while keying the old NPWP", "w4 1 w2 1 w2 123 * w3 <npwp15> # w7 1 w5 6 w15"),
    ("wants a person at once", "w4 1 w2 0 w15"),
    ("listens to the menu again and again", "w5 1 w3 2 w9 9 w6 9 w6 5 w4 2 w12"),
    ("is impatient and gives up in the waiting room", "w1 2 2 3 1 w12"),
)


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the callers lived through: calls placed, answered, refused or lost, prompts recognised."""

    calls: int = 0
    answered: int = 0
    failed: int = 0
    prompts: int = 0


class _Stage:
    """All callers of one demonstration."""

    def __init__(self, phone: Telephone, deadline: float, write: Write) -> None:
        self._phone = phone
        self._deadline = deadline
        self._write = write
        self._began = time.monotonic()
        self._dialling = asyncio.Lock()
        self.result = DemoResult()

    def _tell(self, who: int, text: str) -> None:
        shown = text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
        self._write(f"{time.monotonic() - self._began:6.1f} s  caller {who}  {shown}")

    async def caller(self, who: int) -> None:
        """One caller calls until the time is up."""
        rng = random.Random(who)
        habits = rng.sample(HABITS, len(HABITS))
        taxpayers = synthetic_taxpayers()
        turn = 0
        while (left := self._deadline - time.monotonic()) > 0:
            about, script = (
                HABITS[who - 1] if turn == 0 and who <= len(HABITS) else habits[turn % len(habits)]
            )
            person = rng.choice(taxpayers)
            words = {"npwp": person.taxpayer.npwp, "npwp15": person.old_npwp}
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._one_call(who, about, script, words)
                    await asyncio.sleep(rng.uniform(*AGAIN_AFTER))
            turn += 1

    async def _one_call(self, who: int, about: str, script: str, words: dict[str, str]) -> None:
        deeds = tuple(read_script(script, words))
        teller = Teller(lambda line: self._tell(who, line.partition("  ")[2]), script=deeds)

        async with self._dialling:  # one at a time, and not faster than APART
            self._tell(who, f"dials    ({about})")
            self.result = replace(self.result, calls=self.result.calls + 1)
            call = await self._phone.call("1500200", caller=f"02150000{who:03d}", watch=teller)
            await asyncio.sleep(APART)
        if call.answered_at is None:
            self.result = replace(self.result, failed=self.result.failed + 1)
            return
        try:
            await perform(call, deeds)
        finally:
            with suppress(TimeoutError):
                await call.hang_up()
            good = call.ended is not None and call.ended.status == 200
            self.result = replace(
                self.result,
                answered=self.result.answered + 1,
                failed=self.result.failed + (not good),
                prompts=self.result.prompts + sum(heard.kind == "prompt" for heard in call.heard),
            )


async def run_demo(
    target: str, prompts: Path, callers: int = CALLERS, seconds: float = SECONDS, write: Write | None = None
) -> DemoResult:
    """Let callers call `target` (host:port) for so many seconds; return what became of their calls.

    `prompts` is the prompts folder by which they recognise what they hear; `write` gets one line
    per event (default: standard output). Raises PhoneUnusable, NothingToRecognise.
    """
    async with Telephone(target, load_sounds(prompts)) as phone:
        await phone.reserve(callers)
        stage = _Stage(phone, time.monotonic() + seconds, write or _write)
        async with asyncio.TaskGroup() as group:
            for who in range(1, callers + 1):
                group.create_task(stage.caller(who))
    return stage.result


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _is_ready(settings: Settings) -> bool:
    try:
        address, trust = f"{web_address(settings)}readyz", web_trust(settings)
        with urllib.request.urlopen(address, timeout=2, context=trust) as answer:  # noqa: S310 - http, ours
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def _service(settings: Settings) -> Iterator[None]:
    """Start the service unless it runs; stop it again if it was started here. Raises PhoneUnusable."""
    if _is_ready(settings):
        yield
        return
    # A demonstration on a Sunday night still shows the menus; the callers' lines are not drowned in logs.
    environ = {"KRING_HOURS": "always", "KRING_LOG_LEVEL": "warning", **os.environ}
    process = subprocess.Popen(
        [sys.executable, "-c", "from service.cli import main; main()", "serve", "--keep"],
        cwd=CHECKOUT,
        env=environ,
        start_new_session=True,  # Ctrl-C stops the callers first
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(settings):
            if process.poll() is not None or time.monotonic() > deadline:
                raise PhoneUnusable("the service did not start; its own message stands above")
            time.sleep(0.2)
        yield
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


async def _callers_and_agents(settings: Settings, target: str) -> tuple[DemoResult, int]:
    async with asyncio.TaskGroup() as group:
        agents = group.create_task(agents_work(settings, SECONDS, _write))
        callers = group.create_task(run_demo(target, settings.prompts))
    return callers.result(), agents.result()


def _tell_sign_ins() -> None:
    """Print sign-ins of made-up people, so that the pages can be looked at meanwhile."""
    command = [sys.executable, "-c", "from service.cli import main; main()", "staff", "demo"]
    told = subprocess.run(command, cwd=CHECKOUT, check=False, text=True, capture_output=True)
    sys.stdout.write(f"{told.stdout or told.stderr}\n")


def main() -> None:
    """Start the service if need be, let callers call, say what happened, and stop."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    for number in (signal.SIGINT, signal.SIGTERM):  # make and shells may start us with Ctrl-C ignored
        signal.signal(number, signal.default_int_handler)
    try:
        settings = load_settings()
        with _service(settings):
            sys.stdout.write(
                f"\n{CALLERS} callers for {SECONDS:.0f} s; Ctrl-C ends it. {web_address(settings)}\n\n"
            )
            _tell_sign_ins()
            target = f"127.0.0.1:{settings.sip_port}"
            result, talks = asyncio.run(_callers_and_agents(settings, target))
        sys.stdout.write(
            f"\n{result.calls} calls, {result.answered} answered, {result.failed} failed; "
            f"{talks} talks with agents; {result.prompts} prompts recognised by ear.\n"
        )
    except (PhoneUnusable, NothingToRecognise, SettingsError) as error:
        sys.stderr.write(f"\n{error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stdout.write("\nstopped\n")


if __name__ == "__main__":
    main()
