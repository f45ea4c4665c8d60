"""The sealing process as a part of the service: started, watched, started again, told when there is work."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO

import msgspec
import structlog

from service.apart import ONE_THREAD, without_secrets
from service.recording_jobs import Did, Failed, SealJob, Told, line, read_told
from service.recording_plain_watch import PlainWatch
from service.recording_sealing_metrics import SealingMetrics
from service.tree import Part, end_task

MODULE = "service.recording_worker"
WATCH_EVERY = 15.0  # seconds between two looks at the folder of plain audio
_CHECKOUT = Path(__file__).resolve().parent.parent
_END_WITHIN = 4.0  # seconds that the process is given to end
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0  # seconds until an ended process is started again
_STEADY = 30.0  # seconds after which one counts as healthy

log = structlog.get_logger("kring.sealing")

OnSealed = Callable[[str], Awaitable[None]]


class SealingPart(Part):
    """Keeps one sealing process alive, and looks after the folder of plain audio beside it.

    No call waits for it: while it is away plain audio stays where it is, and an alarm is raised once that
    is older than it may be.
    """

    name = "recording-sealing"

    def __init__(
        self, job: SealJob, watch: PlainWatch, metrics: SealingMetrics, module: str = MODULE
    ) -> None:
        self._job = job
        self._watch = watch
        self._metrics = metrics
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._told: set[asyncio.Task[None]] = set()
        self._listeners: list[OnSealed] = []

    @property
    def pid(self) -> int | None:
        """The process's id, while it runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def on_sealed(self, listener: OnSealed) -> None:
        """Let `listener` be told of each recording that was sealed, by its id."""
        self._listeners.append(listener)

    def wake(self) -> None:
        """A recording was stopped: it need not wait for the next look."""
        process = self._process
        if process is not None and process.stdin is not None:
            # One that is stopped reads nothing: its pipe may be full, and no call may wait for it.
            with contextlib.suppress(OSError, ValueError):
                os.write(process.stdin.fileno(), b"\n")

    async def begin(self) -> None:
        """Start the process and the watch."""
        self._tasks = [
            asyncio.create_task(self._keep(), name="sealing-process"),
            asyncio.create_task(self._look(), name="plain-audio"),
        ]

    async def end(self) -> None:
        """End the process; what it was doing is done again when it is started the next time."""
        for task in self._tasks:
            await end_task(task)
        self._tasks = []
        if self._process is not None:
            await asyncio.to_thread(_end, self._process)

    async def _keep(self) -> None:
        wait = _FIRST_WAIT
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            code = await self._run()
            wait = _FIRST_WAIT if loop.time() - begun > _STEADY else wait
            log.error("the sealing process ended", code=code, again_in=wait)
            self._metrics.restarted()
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _run(self) -> int:
        """Start it; return its exit code when it has ended."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[int] = loop.create_future()
        self._process = process = await asyncio.to_thread(_start, self._module, self._job)

        def follow() -> None:
            with contextlib.suppress(RuntimeError):
                for said in _lines(process.stdout):
                    loop.call_soon_threadsafe(self._heard, said)
            code = process.wait()
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(_settle, ended, code)

        threading.Thread(target=follow, name="sealing-told", daemon=True).start()
        threading.Thread(target=_relay, args=(process.stderr,), name="sealing-log", daemon=True).start()
        return await ended

    def _heard(self, said: bytes) -> None:
        try:
            told: Told = read_told.decode(said)
        except msgspec.DecodeError:
            log.warning("the sealing process said what nobody understands")
            return
        if isinstance(told, Failed):
            self._metrics.failed(told)
            return
        self._metrics.did(told)
        log.info("recording", recording=told.recording_id, outcome=told.outcome)
        for listener in self._listeners if told.outcome == "sealed" else ():
            task = asyncio.ensure_future(self._tell(listener, told))
            self._told.add(task)
            task.add_done_callback(self._told.discard)

    async def _tell(self, listener: OnSealed, told: Did) -> None:
        try:
            await listener(told.recording_id)
        except Exception:  # the next one may be told all the same
            log.exception("a listener failed", recording=told.recording_id)

    async def _look(self) -> None:
        while True:
            try:
                await self._watch.look()
            except Exception:  # the next look may work
                log.exception("the folder of plain audio could not be looked at")
            await asyncio.sleep(WATCH_EVERY)


def _settle(ended: asyncio.Future[int], code: int) -> None:
    if not ended.done():
        ended.set_result(code)


def _start(module: str, job: SealJob) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=_CHECKOUT,
        env={**without_secrets(), **ONE_THREAD},
        start_new_session=True,  # Ctrl-C at a terminal is for the service, which ends this in order
    )
    if process.stdin is None:
        raise RuntimeError("a process without pipes")
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(line(job))
        process.stdin.flush()
    os.set_blocking(process.stdin.fileno(), False)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()  # it ends when nobody is there any more
    try:
        process.wait(_END_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _lines(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("a process without pipes")
    return pipe


def _relay(pipe: IO[bytes] | None) -> None:
    """Put what the process logs into the service's log."""
    for said in _lines(pipe):
        fields = _fields(said)
        if fields is None:
            log.error("the sealing process failed", said=said.decode("utf-8", "replace").strip()[-300:])
            continue
        event, level = str(fields.pop("event", "")), str(fields.pop("level", "error"))
        tell = {"info": log.info, "warning": log.warning}.get(level, log.error)
        tell(event, process="sealing", **fields)


def _fields(said: bytes) -> dict[str, object] | None:
    """Return what a line of the process's log holds; None: it is something else, mostly its last words."""
    try:
        fields = msgspec.json.decode(said)
    except msgspec.DecodeError:
        return None
    return fields if isinstance(fields, dict) else None
