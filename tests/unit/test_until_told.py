"""Work that goes on until it is told to stop cleans up, however it is told."""

import asyncio
import os
import signal

import pytest

from service.until_told import run_until_told

CLEANED = 0.05  # seconds


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_work_once_it_has_cleaned_up(number: signal.Signals) -> None:
    done: list[str] = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(60)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # somebody is impatient
            await asyncio.sleep(CLEANED)
            done.append("cleaned up")

    before = signal.signal(number, signal.SIG_DFL)  # whoever runs the tests under nohup ignores one of them
    try:
        with pytest.raises(SystemExit) as ended:
            run_until_told(work())
    finally:
        signal.signal(number, before)
    assert (ended.value.code, done) == (128 + number, ["cleaned up"])


def test_what_work_raises_reaches_whoever_asked_for_it() -> None:
    async def work() -> None:
        raise LookupError("nobody")

    with pytest.raises(LookupError, match="nobody"):
        run_until_told(work())
