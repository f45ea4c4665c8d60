"""Loads lists, a process of its own for each file: a `dialer.imports.Imports`."""

import asyncio
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import structlog

from desk.working_days import office_day
from dialer.imports import FileFault, FileRefused, Inspection, Progress
from dialer.lists import ListChanged, ListState, ListsUnavailable, Order
from dialer.lists_order import check_order
from dialer.mapping import ColumnMapping
from dialer.mapping_guess import guess, propose
from dialer.rows_tables import load_words
from domain.clock import Clock
from service.list_child import Child
from service.list_jobs import LoadJob, Looked, LookJob, has_ended
from storage.database import Database
from storage.list_loads import ListLoads
from storage.lists import DurableLists
from storage.vault import Vault

T = TypeVar("T")
_SILENT = timedelta(minutes=10)  # without a sign of life, a process of another machine is gone

log = structlog.get_logger("lists")


class ListImports:
    """Loads lists of taxpayers out of files."""

    def __init__(
        self, database: Database, vault: Vault, address: str, key_file: Path, uploads: Path, clock: Clock
    ) -> None:
        """`address`: of the database. `key_file`: the vault's. `uploads`: a folder of our own."""
        self._address = address
        self._key_file = key_file
        self._uploads = uploads
        self._clock = clock
        self._loads = ListLoads(database, vault)
        self._lists = DurableLists(database, vault)
        self._running: dict[str, Child] = {}
        self._watchers: list[threading.Thread] = []

    @property
    def uploads(self) -> Path:
        """Return the folder for files that were sent in."""
        return self._uploads

    async def start(self) -> None:
        """Say of what was being loaded that it broke off, and remove what is left of it."""
        await _in_thread(self._begin_anew)

    async def stop(self) -> None:
        """End what is being loaded; nothing of it is kept."""
        await _in_thread(self._end_all)

    async def inspect(self, file: Path, file_name: str, source: str = "") -> Inspection:
        """Look at a file. Raises FileRefused, ListsUnavailable."""
        return await _in_thread(lambda: self._inspect(file, file_name, source))

    async def begin(
        self,
        order: Order,
        mapping: ColumnMapping,
        file: Path,
        file_name: str,
        by: str,
        *,
        remove: bool = False,
    ) -> str:
        """Begin to load a file; return the list's id.

        Raises FileRefused, MappingRefused, OrderRefused, ImportsBusy, ListsUnavailable.
        """
        check_order(order, office_day(self._clock.now()))
        return await _in_thread(lambda: self._begin(order, mapping, file, file_name, by, remove=remove))

    async def progress(self, list_id: str) -> Progress:
        """Return how far it is. Raises KeyError, ListsUnavailable."""
        progress = await self._lists.progress(list_id)
        if progress.state is ListState.LOADING and list_id not in self._running:
            await _in_thread(self._reap)
            progress = await self._lists.progress(list_id)
        return progress

    async def cancel(self, list_id: str, by: str) -> None:
        """Break off. Raises ListChanged: it is over. KeyError, ListsUnavailable."""
        await self._lists.get(list_id)
        await _in_thread(lambda: self._cancel(list_id, by))

    # From here on: in a thread.

    def _inspect(self, file: Path, file_name: str, source: str) -> Inspection:
        child = Child(LookJob(str(file.absolute()), file_name))
        answer = child.answer()
        child.end()
        if not isinstance(answer, Looked):
            raise FileRefused(FileFault.DAMAGED)
        looked = answer.inspection
        words = load_words(self._clock.now())
        before = self._loads.remembered(source) if source else None
        remembered = propose(looked.header, words, before)
        return Inspection(
            looked.kind,
            looked.size,
            looked.encoding,
            looked.separator,
            looked.sheets,
            remembered or guess(looked.header, words),
            remembered=remembered is not None,
        )

    def _begin(
        self, order: Order, mapping: ColumnMapping, file: Path, file_name: str, by: str, *, remove: bool
    ) -> str:
        self._reap()
        job = LoadJob(
            str(file.absolute()),
            file_name,
            mapping,
            self._address,
            str(self._key_file.absolute()),
            by,
            order.cut_off,
            order.kind,
        )
        child = Child(job)
        child.answer()
        try:
            list_id = self._loads.begin(order, mapping, file_name, by, child.name)
        except BaseException:
            child.end()
            raise
        self._running[list_id] = child
        watcher = threading.Thread(
            target=self._watch, args=(list_id, child, by, file if remove else None), name="list import"
        )
        self._watchers = [*(one for one in self._watchers if one.is_alive()), watcher]
        watcher.start()
        return list_id

    def _watch(self, list_id: str, child: Child, by: str, remove: Path | None) -> None:
        child.load(list_id)
        if remove is not None:
            remove.unlink(missing_ok=True)
        try:
            self._break_off(list_id, "interrupted", by)
        except ListsUnavailable as error:
            log.warning("list_import_not_cleaned", list_id=list_id, error=str(error))
        self._running.pop(list_id, None)

    def _break_off(self, list_id: str, fault: str, by: str) -> None:
        """Say that loading broke off, if it did, and remove what is left."""
        with suppress(ListChanged):
            self._loads.fail(list_id, fault, by)
        self._loads.clean()

    def _cancel(self, list_id: str, by: str) -> None:
        self._loads.fail(list_id, "cancelled", by)
        child = self._running.get(list_id)
        if child is not None:
            child.terminate()
        self._loads.clean()

    def _reap(self) -> None:
        """Break off what is loaded by processes that have ended."""
        silent = datetime.now(UTC) - _SILENT
        for list_id, loader, touched_at in self._loads.loading():
            ended = has_ended(loader)
            if ended or (ended is None and touched_at < silent):
                self._break_off(list_id, "interrupted", "system")

    def _begin_anew(self) -> None:
        self._uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._uploads.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
        self._reap()
        self._loads.clean()

    def _end_all(self) -> None:
        for child in list(self._running.values()):
            child.terminate()
        for watcher in self._watchers:
            watcher.join()


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)
