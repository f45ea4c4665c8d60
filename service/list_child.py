"""A process that reads a file, as who started it sees it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import structlog

from dialer.imports import FileFault, FileRefused
from service.list_jobs import Begin, LoadJob, Looked, LookJob, Ready, Refused, line, process_name, read_answer

_CHECKOUT = Path(__file__).resolve().parent.parent
_END_WITHIN = 10.0  # seconds that it is given to end when it is told to

log = structlog.get_logger("lists")


class Child:
    """One process. Blocking."""

    def __init__(self, job: LoadJob | LookJob) -> None:
        """Start it with a job."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "service.list_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_CHECKOUT,
            # One thread: its arrays are small, and a pool for each core would only take memory.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C at a terminal is for the command, which ends this in order
        )
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("a process without pipes")
        self._stdin: IO[bytes] = stdin
        self._stdout: IO[bytes] = stdout
        self._tell(line(job))

    @property
    def name(self) -> str:
        """Return HOST:PID:STARTED."""
        return process_name(self._process.pid)

    def answer(self) -> Looked | Ready:
        """Return what it says of its file. Raises FileRefused, MappingRefused; then it has ended."""
        said = self._stdout.readline()
        if not said:
            self.end()
            # Only a workbook that unpacks to more than it may have brings it down.
            raise FileRefused(FileFault.ZIP_BOMB if self._process.returncode < 0 else FileFault.DAMAGED)
        answer: Looked | Ready | Refused = read_answer.decode(said)
        if isinstance(answer, Refused):
            self.end()
            raise answer.error()
        return answer

    def load(self, list_id: str) -> None:
        """Let it load the file as this list; return when it has ended."""
        self._tell(line(Begin(list_id)))
        self.end()

    def end(self) -> None:
        """Let it end: it is told that nothing more comes."""
        _, errors = self._process.communicate()
        if self._process.returncode and errors:
            log.error("list_reading_failed", error=errors.decode("utf-8", "replace")[-300:])

    def terminate(self) -> None:
        """Make it end, and wait for that."""
        self._process.terminate()
        try:
            self._process.wait(_END_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tell(self, message: bytes) -> None:
        try:
            self._stdin.write(message)
            self._stdin.flush()
        except BrokenPipeError:
            log.warning("list_reader_gone")  # that there is no answer says the rest
