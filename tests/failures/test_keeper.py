"""The keeper with a dummy service, in a process of its own because it forks and owns its signals."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from service.keeper import DO_NOT_RESTART, Keeper

log = Path(sys.argv[1])
def note(text):
    with log.open("a") as file:
        file.write(text + "\\n")
def stop(number, frame):
    note("stopped")
    sys.exit(0)
def serve(ready, first):
    starts = log.read_text().count("start ") if log.exists() else 0
    note(f"start {os.getpid()} {first}")
    signal.signal(signal.SIGTERM, stop)
    {body}
    ready()
    note("ready")
    while True:
        time.sleep(60)
sys.exit(Keeper(serve, hold=lambda: note("hold"), say=lambda text: note("said " + text), patience=0.4).run())
"""


class _Kept:
    def __init__(self, folder: Path, body: str) -> None:
        self.log = folder / "log"
        program = PROGRAM.replace("{body}", textwrap.indent(body, "    ").strip())
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(self.log)], start_new_session=True
        )

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def until(self, true: Callable[[list[str]], bool], within: float = 20.0) -> list[str]:
        end = time.monotonic() + within
        while time.monotonic() < end:
            if true(self.lines()):
                return self.lines()
            time.sleep(0.02)
        raise AssertionError(f"not in time: {self.lines()}")

    def services(self) -> list[int]:
        return [int(line.split()[1]) for line in self.lines() if line.startswith("start")]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pid in self.services():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[[str], _Kept]]:
    kept: list[_Kept] = []

    def start(body: str = "pass") -> _Kept:
        kept.append(_Kept(tmp_path, body))
        return kept[-1]

    yield start
    for one in kept:
        one.end()


def test_a_killed_service_is_back_at_once_and_nobody_is_put_on_hold(keep: Callable[[str], _Kept]) -> None:
    kept = keep("pass")
    kept.until(lambda lines: "ready" in lines)
    killed = time.monotonic()
    os.kill(kept.services()[0], signal.SIGKILL)
    lines = kept.until(lambda lines: lines.count("ready") == 2)
    assert time.monotonic() - killed < 3.0, "the time after which callers would be put on hold"
    assert "said the service ended with signal SIGKILL; starting it again" in lines
    assert "hold" not in lines
    assert [line.split()[2] for line in lines if line.startswith("start")] == ["True", "False"]


def test_callers_are_asked_to_hold_once_when_the_service_stays_away(keep: Callable[[str], _Kept]) -> None:
    kept = keep("if starts == 1: time.sleep(1.5)")
    kept.until(lambda lines: "ready" in lines)
    os.kill(kept.services()[0], signal.SIGKILL)
    lines = kept.until(lambda lines: lines.count("ready") == 2)
    assert lines.count("hold") == 1
    assert lines.index("hold") < len(lines) - 1 - lines[::-1].index("ready")


def test_a_service_that_dies_again_and_again_is_started_until_it_holds(keep: Callable[[str], _Kept]) -> None:
    kept = keep("if starts in (1, 2, 3): os._exit(1)")
    kept.until(lambda lines: "ready" in lines)
    os.kill(kept.services()[0], signal.SIGKILL)
    lines = kept.until(lambda lines: lines.count("ready") == 2)
    assert len(kept.services()) == 5
    assert "hold" in lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_service_cleanly(keep: Callable[[str], _Kept], number: signal.Signals) -> None:
    kept = keep("pass")
    kept.until(lambda lines: "ready" in lines)
    kept.process.send_signal(number)
    assert kept.process.wait(timeout=10) == 0
    assert kept.lines()[-1] == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(kept.services()[0], 0)


@pytest.mark.parametrize(("body", "code"), [("return 1", 1), ("return DO_NOT_RESTART", 78)])
def test_a_service_that_cannot_start_is_not_started_again(
    keep: Callable[[str], _Kept], body: str, code: int
) -> None:
    kept = keep(body)
    assert kept.process.wait(timeout=10) == code
    assert len(kept.services()) == 1
