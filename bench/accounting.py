"""What processes cost, read from /proc: CPU, memory, descriptors, threads."""

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class ProcessGone(Exception):
    """A process under measurement has ended."""


def cpu_seconds(pid: int, apart: Collection[int] = ()) -> float:
    """Return user and system time of a process, its waited-for children and its living ones.

    Children in `apart` are left out: they are counted by themselves. Raises ProcessGone.
    """
    fields = _stat(pid)
    own = sum(int(value) for value in fields[11:15]) / _TICKS
    return own + sum(_cpu_or_nothing(child, apart) for child in children(pid) if child not in apart)


def started_at(pid: int) -> float:
    """Return when a process was started, in seconds of CLOCK_BOOTTIME (±10 ms). Raises ProcessGone."""
    return int(_stat(pid)[19]) / _TICKS


def children(pid: int) -> list[int]:
    """Return the process ids of the living children of every thread."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found.extend(int(word) for word in file.read_text().split())
        except OSError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class Size:
    """How much a process holds."""

    memory: int  # bytes resident
    descriptors: int
    threads: int


def size(pid: int) -> Size:
    """Return what a process holds now. Raises ProcessGone."""
    try:
        resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
        descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError as error:
        raise ProcessGone(f"process {pid} has ended") from error
    return Size(resident, descriptors, int(_stat(pid)[17]))


@dataclass(slots=True)
class Meter:
    """CPU spent by some processes since it was made."""

    pids: tuple[int, ...]
    began: dict[int, float]

    @classmethod
    def start(cls, pids: Iterable[int]) -> "Meter":
        """Begin to measure. Raises ProcessGone."""
        chosen = tuple(pids)
        return cls(chosen, {pid: cpu_seconds(pid, chosen) for pid in chosen})

    def read(self) -> dict[int, float]:
        """Return the CPU seconds of each process since the start. Raises ProcessGone."""
        return {pid: cpu_seconds(pid, self.pids) - self.began[pid] for pid in self.pids}


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on: a name may hold blanks and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        raise ProcessGone(f"process {pid} has ended") from error


def _cpu_or_nothing(pid: int, apart: Collection[int]) -> float:
    try:
        return cpu_seconds(pid, apart)
    except ProcessGone:  # it ended between two looks; its time is in the parent's once waited for
        return 0.0
