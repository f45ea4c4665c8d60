"""The terminal's keys as the telephone's: what is typed is pressed at once."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import termios
import tty
from collections.abc import Iterator

from service.phone.calls import KEYS, PhoneCall
from service.phone.telling import Teller

SETTLE_SECONDS = 1.5  # keys typed closer together are shown as one run
HANG_UP = "q"


@contextlib.contextmanager
def _key_by_key() -> Iterator[None]:
    """Read the terminal without waiting for Enter and without showing what is typed."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


async def play_by_hand(call: PhoneCall, teller: Teller) -> None:
    """Press every telephone key that is typed, until `q`, the end of input, or the end of the call."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    over = asyncio.create_task(_until_over(call))
    with _key_by_key():
        try:
            while not over.done():
                typing = asyncio.create_task(reader.read(1))
                await asyncio.wait({typing, over}, timeout=SETTLE_SECONDS, return_when="FIRST_COMPLETED")
                while not typing.done() and not over.done():
                    teller.flush()
                    await asyncio.wait({typing, over}, return_when="FIRST_COMPLETED")
                if not typing.done() or (typed := typing.result().decode(errors="replace")) in ("", HANG_UP):
                    typing.cancel()
                    return
                if typed in KEYS:
                    await call.press(typed)
        finally:
            over.cancel()
            transport.close()


async def _until_over(call: PhoneCall) -> None:
    await call.until(lambda: call.ended is not None, float("inf"))
