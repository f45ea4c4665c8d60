"""What a loading process is told and what it answers: lines of JSON by its standard input and output."""

import os
import socket
from datetime import date
from pathlib import Path
from typing import Self

import msgspec

from dialer.imports import FileFault, FileRefused, Inspection
from dialer.mapping import ColumnMapping, MappingFault, MappingRefused


class LookJob(msgspec.Struct, frozen=True, tag="look"):
    """Look at a file."""

    file: str
    file_name: str


class LoadJob(msgspec.Struct, frozen=True, tag="load"):
    """Load a file. What is secret comes by standard input: arguments can be seen by every user."""

    file: str
    file_name: str
    mapping: ColumnMapping
    database: str
    key_file: str
    by: str
    cut_off: date
    kind: str


class Begin(msgspec.Struct, frozen=True, tag="begin"):
    """The list that a file which can be loaded is loaded as."""

    list_id: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The file cannot be loaded: a FileRefused, or with `mapping` a MappingRefused."""

    fault: str
    detail: str = ""
    mapping: bool = False

    @classmethod
    def of(cls, error: FileRefused | MappingRefused) -> Self:
        """Return an error as an answer."""
        if isinstance(error, FileRefused):
            return cls(error.fault.value, error.detail)
        return cls(error.fault.value, error.column, mapping=True)

    def error(self) -> FileRefused | MappingRefused:
        """Return it as the error that it was."""
        if self.mapping:
            return MappingRefused(MappingFault(self.fault), self.detail)
        return FileRefused(FileFault(self.fault), self.detail)


class Looked(msgspec.Struct, frozen=True, tag="looked"):
    """What the file is."""

    inspection: Inspection


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The file can be loaded."""


_GONE = "-"

Job = LookJob | LoadJob
Answer = Refused | Looked | Ready

read_job = msgspec.json.Decoder(Job)
read_begin = msgspec.json.Decoder(Begin)
read_answer = msgspec.json.Decoder(Answer)


def line(message: Job | Answer | Begin) -> bytes:
    """Return a message as a line."""
    return msgspec.json.encode(message) + b"\n"


def process_name(pid: int) -> str:
    """Return HOST:PID:STARTED of a process here; STARTED tells it from a later one with its number."""
    return f"{socket.gethostname()[:80]}:{pid}:{_started(pid)}"


def has_ended(loader: str) -> bool | None:
    """Whether the process of this name has ended; None for a process of another machine."""
    host, pid, started = loader.rsplit(":", 2)
    if host != socket.gethostname()[:80]:
        return None
    now = _started(int(pid)) if pid.isdecimal() else _GONE
    return now == _GONE or now != started


def own_name() -> str:
    """Return the name of this process."""
    return process_name(os.getpid())


def _started(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _GONE
    # The program's name stands in brackets and may hold anything; clock ticks since boot are field 22.
    fields = text.rpartition(")")[2].split()
    return _GONE if fields[0] in "ZX" else fields[19]
