"""A command that works until it is told to stop: a terminal that closes and `kill` end it cleanly too."""

import asyncio
import signal
from collections.abc import Coroutine

ALSO = (signal.SIGTERM, signal.SIGHUP)  # besides SIGINT, which asyncio.run takes care of


def run_until_told(work: Coroutine[object, object, None]) -> None:
    """Run `work`; cancel it once at the first of these signals, so that it can clean up.

    Raises SystemExit (128 + the signal's number) or KeyboardInterrupt when it was told to stop, and
    whatever `work` raises. A signal that was ignored from the start, as under nohup, stays ignored.
    """
    told: list[signal.Signals] = []

    async def watched() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.create_task(work)

        def stop(number: signal.Signals) -> None:
            if not told:
                task.cancel()
            told.append(number)

        for number in ALSO:
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, stop, number)
        await task

    try:
        asyncio.run(watched())
    except asyncio.CancelledError:
        if not told:
            raise
    if told:
        raise SystemExit(128 + told[0])
