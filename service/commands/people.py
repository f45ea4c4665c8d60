"""`kring people`: the people outside whom campaigns call, to try campaigns out without a network."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from domain.background import Background
from domain.masking import mask
from prompts.errors import PromptError
from service.phone.calls import PhoneCall
from service.phone.ear import SoundLibrary
from service.phone.handset import Handset, PhoneUnusable
from service.phone.hearing import NothingToRecognise, load_sounds
from service.phone.script import BadScript, Deed, perform, read_script
from service.phone.telling import Teller
from service.settings import SettingsError, load_settings
from service.until_told import run_until_told

RINGS, ANSWERS = 180, 200
_STATUS = re.compile(r"[3-6][0-9]{2}")


@dataclass(frozen=True, slots=True)
class Habits:
    """How people behave who are called."""

    rings: float  # seconds until they answer
    talk: float  # seconds of a talk; 0: until the other side hangs up
    script: tuple[Deed, ...]
    refuses: Mapping[str, int]  # end of a number → SIP status; 180: it rings in vain

    def status(self, number: str) -> int:
        """Return what a call to this number is answered with."""
        return next((status for tail, status in self.refuses.items() if number.endswith(tail)), ANSWERS)


class PeopleOutside:
    """Takes calls to any number on one SIP socket, up to 4 at a time (`service.phone.protocol.LINES`)."""

    def __init__(self, habits: Habits, library: SoundLibrary, say: Callable[[str], None]) -> None:
        self._habits, self._library, self._say = habits, library, say
        self._handset: Handset | None = None
        self._background = Background()

    async def live(self, port: int, seconds: float) -> None:
        """Take calls for so long. Raises PhoneUnusable."""
        self._handset = await Handset.start(None, None, self._told, port)
        try:
            self._say(f"{self._handset.address} takes calls: KRING_OUTBOUND={self._handset.address} make run")
            await asyncio.sleep(seconds)
        finally:
            await self._background.stop()
            await self._handset.stop()

    def _told(self, event: dict[str, Any]) -> None:
        if event["event"] != "rings" or self._handset is None:
            return
        key, found = int(event["call"]), re.search(r"sip:([0-9]+)@", str(event["called"]))
        number = found[1] if found else ""
        teller = Teller(lambda line: self._say(f"{mask(number)}  {line.strip()}"), False, self._habits.script)
        call = PhoneCall(number, self._handset.sender(key), self._library, watch=teller)
        self._handset.take(key, call)
        self._background.begin(self._take(call))

    async def _take(self, call: PhoneCall) -> None:
        status = self._habits.status(call.number)
        self._say(f"{mask(call.number)}  rings")
        call.answer(RINGS)
        if status == RINGS:
            return
        if status != ANSWERS:
            call.answer(status)
            self._say(f"{mask(call.number)}  refuses with {status}")
            return
        await asyncio.sleep(self._habits.rings)
        if call.ended is not None:
            return
        call.answer(ANSWERS)
        self._say(f"{mask(call.number)}  answers")
        try:
            await perform(call, self._habits.script)
            if self._habits.talk:
                await asyncio.sleep(self._habits.talk)
                await call.hang_up()
        except TimeoutError:
            await call.hang_up()


@click.command()
@click.option("--port", default=5999, show_default=True, help="UDP port on 127.0.0.1: the trunk's far end.")
@click.option("--answer-after", default=2.0, show_default=True, help="Seconds of ringing.")
@click.option("--talk", default=0.0, show_default=True, help="Seconds, then hang up; 0: the other side does.")
@click.option(
    "--press", "script", metavar="KEYS", help="Keys and pauses after answering, as of `kring call`."
)
@click.option(
    "--refuse",
    metavar="TAIL=STATUS",
    multiple=True,
    help="Numbers that end so are refused with a SIP status, e.g. 7=486; 180 rings in vain.",
)
@click.option("--for", "seconds", default=3600.0, show_default=True, help="Seconds to be there.")
def command(
    port: int, answer_after: float, talk: float, script: str | None, refuse: tuple[str, ...], seconds: float
) -> None:
    """Be the people outside: take the calls that a campaign places, and print what is heard.

    Start it first, then the service with KRING_OUTBOUND naming it.
    """
    began = time.monotonic()

    def say(line: str) -> None:
        click.echo(f"{time.monotonic() - began:7.1f} s  {line}")

    try:
        deeds = tuple(read_script(script, {})) if script else ()
        habits = Habits(answer_after, talk, deeds, dict(_refusal(text) for text in refuse))
        library = load_sounds(Path(load_settings().prompts), None)
        run_until_told(PeopleOutside(habits, library, say).live(port, seconds))
    except (BadScript, NothingToRecognise, PhoneUnusable, PromptError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _refusal(text: str) -> tuple[str, int]:
    tail, _, status = text.partition("=")
    if not tail.isdecimal() or not (status == str(RINGS) or _STATUS.fullmatch(status)):
        raise click.ClickException(f"--refuse {text!r}: write the end of a number, = and 180 or 300 to 699")
    return tail, int(status)
