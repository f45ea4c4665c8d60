"""The keeper: a small parent process that starts the service again at once when it dies.

Callers are inside Asterisk meanwhile and hear nothing. So the keeper has every module of the service
loaded and only forks: the next process controls its first call tens of milliseconds after the death
of the last. If the service is not back within `PATIENCE`, the callers are moved to the dialplan's
hold, which tells them what is going on.

It has no threads and no event loop, because a fork copies neither.
"""

import gc
import math
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

PATIENCE = 3.0  # seconds of silence before callers are told
STOP_WITHIN = 25.0  # seconds for a clean stop; then the service is killed
PAUSES = (0.0, 0.0, 0.5, 1.0, 2.0, 5.0)  # seconds before the n-th start in a row that never got ready
DO_NOT_RESTART = 78  # the service's exit code for "another start would fail the same way" (EX_CONFIG)

Notify = Callable[[], None]


@dataclass(slots=True)
class Keeper:
    """Keeps one service process alive.

    `serve` runs in the child: it gets a function to call when callers are under control and whether
    this is the first start, and returns the exit code. `hold` runs in a child of its own and moves the
    callers to the dialplan's hold. `say` tells the operator.
    """

    serve: Callable[[Notify, bool], int]
    hold: Callable[[], None]
    say: Callable[[str], None]
    patience: float = PATIENCE
    _stopping: bool = False
    _child: int = 0
    _failures: int = 0
    _silent_since: float | None = None
    _helpers: set[int] = field(default_factory=set)

    def run(self) -> int:
        """Keep the service alive until a signal ends both; return the exit code."""
        gc.collect()
        gc.freeze()  # what is loaded stays in memory that all children share
        wake, alarm = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, self._signalled)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup: outlive the terminal
            signal.signal(signal.SIGHUP, self._signalled)
        first, code = True, 0
        while not self._stopping:
            code = self._one_life(wake, first)
            never_ready = first and self._failures > 0  # wrong from the start: another try is no help
            if self._stopping or never_ready or code in (0, DO_NOT_RESTART):
                break
            first = False
            self.say(f"the service ended with {_meaning(code)}; starting it again")
            self._wait(wake, PAUSES[min(self._failures, len(PAUSES) - 1)])
        return max(code, 0)

    def _one_life(self, wake: int, first: bool) -> int:
        """Start the service once and watch it to its end."""
        notice, told = os.pipe()
        self._child = self._fork(lambda: self._serve(told, first))
        os.close(told)
        ready, deadline = False, None
        while True:
            code = self._reap()
            if code is not None:
                os.close(notice)
                self._silent_since = self._silent_since or time.monotonic()
                self._failures = 0 if ready else self._failures + 1
                return code
            if self._stopping and deadline is None:
                deadline = time.monotonic() + STOP_WITHIN
                os.kill(self._child, signal.SIGTERM)
            if deadline is not None and time.monotonic() > deadline:
                self.say("the service does not stop; killing it")
                os.kill(self._child, signal.SIGKILL)
                deadline = math.inf
            if not ready and notice in self._select(wake, notice):
                ready = os.read(notice, 1) == b"R"
                self._silent_since = None if ready else self._silent_since
            elif ready:
                self._select(wake)
            self._break_the_silence()

    def _serve(self, told: int, first: bool) -> int:
        os.setpgid(0, 0)  # a Ctrl-C reaches the keeper only, which then stops the service
        return self.serve(lambda: _tell(told), first)

    def _fork(self, work: Callable[[], int]) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child:
            return child
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the keeper hears of the terminal's end
        code = 1
        try:
            code = work()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 - reported here, because nothing above may run twice
            sys.excepthook(*sys.exc_info())
        finally:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _break_the_silence(self) -> None:
        if self._silent_since is None or time.monotonic() - self._silent_since < self.patience:
            return
        self._silent_since = None
        self.say(f"the service is not back after {self.patience:g} s; callers are asked to hold")
        self._helpers.add(self._fork(self._hold))

    def _hold(self) -> int:
        self.hold()
        return 0

    def _reap(self) -> int | None:
        """Collect ended children; return the service's exit code (negative: a signal) once it ended."""
        for helper in list(self._helpers):
            if os.waitpid(helper, os.WNOHANG)[0]:
                self._helpers.discard(helper)
        pid, status = os.waitpid(self._child, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def _wait(self, wake: int, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < end:
            self._select(wake, seconds=min(0.25, end - time.monotonic()))
            self._break_the_silence()

    def _select(self, wake: int, *others: int, seconds: float = 0.25) -> list[int]:
        found = select.select([wake, *others], [], [], max(0.0, seconds))[0]
        if wake in found:
            with suppress(BlockingIOError):
                os.read(wake, 512)
        return found

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._stopping = True


def _tell(told: int) -> None:
    with suppress(BrokenPipeError):  # the keeper is gone; the service goes on without it
        os.write(told, b"R")


def _meaning(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
