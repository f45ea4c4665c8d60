"""The process that reads one file: `python -m service.list_worker`. Calls are not disturbed by it."""

import os
import resource
import sys
from pathlib import Path

from dialer.imports import FileFault, FileRefused
from dialer.mapping import MappingRefused
from service.list_jobs import Looked, LookJob, Ready, Refused, line, read_begin, read_job
from service.list_look import look
from service.list_plan import plan
from service.list_reading import TableFile
from service.list_reading_open import open_table
from service.worker_main import run_worker

_MEMORY = 1 << 30  # bytes; a file that needs more is made to harm
_NICE = 10  # calls come first


def main() -> int:
    """Read a job, answer, do it."""
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    job = read_job.decode(sys.stdin.buffer.readline())
    try:
        with _Opened(Path(job.file), job.file_name) as table:
            if isinstance(job, LookJob):
                _answer(Looked(look(table, Path(job.file).stat().st_size)))
                return 0
            plans = plan(table, job.mapping)
            _answer(Ready())
            begin = sys.stdin.buffer.readline()
            if not begin:
                return 1
            # Imported now: half a second for the database, which a look at a file does not need.
            from service.list_loading import load

            return load(job, read_begin.decode(begin).list_id, table, plans)
    except (FileRefused, MappingRefused) as error:
        _answer(Refused.of(error))
        return 0
    except MemoryError:
        _answer(Refused.of(FileRefused(FileFault.ZIP_BOMB)))
        return 0


class _Opened:
    """A file, open for as long as a block lasts."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def __enter__(self) -> TableFile:
        self._table = open_table(self._path, self._name)
        return self._table

    def __exit__(self, *_: object) -> None:
        self._table.close()


def _answer(answer: Refused | Looked | Ready) -> None:
    sys.stdout.buffer.write(line(answer))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    run_worker(main)
