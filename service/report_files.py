"""Files of reports: written by a process of their own, kept for download, put into folders as a whole."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from pathlib import Path

from reporting.reports import Format, ReportFile
from service.apart import run_apart

PROCESS = "service.report_render_process"
_WITHIN = 600.0  # seconds for one file
_PART = ".part"  # of a file that is not there as a whole yet


class NotWritten(Exception):
    """A file could not be written: the process failed, or the disk did."""


class ReportFiles:
    """The folder of runs: RUN_ID/NAME, readable by the service only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, run_id: str, name: str) -> Path:
        """Return where a run's file is."""
        return self._folder / run_id / name

    async def make(self, paper: bytes, form: Format, path: Path) -> None:
        """Write a document (as JSON) to a file that is there as a whole or not at all. Raises NotWritten."""
        fresh = path.with_name(path.name + _PART)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                await _written(paper, form, fresh)
                await asyncio.to_thread(_settle, fresh, path)
            finally:
                fresh.unlink(missing_ok=True)
        except OSError as error:
            raise NotWritten(type(error).__name__) from error

    async def about(self, path: Path, form: Format) -> ReportFile:
        """Return what is kept about a file. Raises NotWritten."""
        try:
            size, digest = await asyncio.to_thread(_measure, path)
        except OSError as error:
            raise NotWritten(type(error).__name__) from error
        return ReportFile(form, path.name, size, digest)

    async def put(self, source: Path, folder: Path) -> None:
        """Copy a file into a folder: others see all of it or nothing. Raises OSError."""
        await asyncio.to_thread(_put, source, folder)

    async def remove(self, run_id: str) -> None:
        """Remove what a run has made. Raises OSError."""
        place = self._folder / run_id
        if place.is_dir():
            await asyncio.to_thread(shutil.rmtree, place)


async def _written(paper: bytes, form: Format, path: Path) -> None:
    try:
        # What it says in trouble may quote what is in the report: it is not heard.
        code, _ = await run_apart(PROCESS, form.value, str(path), given=paper, within=_WITHIN, silent=True)
    except TimeoutError as error:
        raise NotWritten("it took too long") from error
    if code != 0:
        raise NotWritten(f"the writer ended with {code}")


def _settle(fresh: Path, path: Path) -> None:
    """Make a written file durable under its name."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)


def _put(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # A name that begins with a point: programs that collect files leave it alone.
    fresh = folder / f".{source.name}{_PART}"
    try:
        shutil.copyfile(source, fresh)
        _settle(fresh, folder / source.name)
    finally:
        fresh.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()
