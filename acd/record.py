"""The floor's rows on their way to the record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from acd.ports import FloorObserver
from domain.call_log import CallLogUnavailable
from domain.floor_log import FloorLog, FloorRow

log = logging.getLogger(__name__)


class RecordWriter:
    """Writes rows in order; what cannot be written is counted, and the floor goes on."""

    def __init__(self, record: FloorLog, observer: FloorObserver) -> None:
        self._record = record
        self._observer = observer
        self._last: asyncio.Future[None] | None = None  # the last write that is under way

    def write(self, rows: Sequence[FloorRow]) -> None:
        """Queue rows at once."""
        for row in rows:
            self._observer.floor_row(row)
        written = asyncio.ensure_future(self._record.write(rows))
        written.add_done_callback(self._was_written)
        self._last = written

    async def settled(self) -> None:
        """Wait until every row so far is durable, or was refused."""
        if self._last is not None:
            await asyncio.wait([self._last])

    def _was_written(self, written: asyncio.Future[None]) -> None:
        if written is self._last:
            self._last = None
        if written.cancelled() or (error := written.exception()) is None:
            return
        self._observer.floor_record_failed()
        if not isinstance(error, CallLogUnavailable):
            log.error("rows of the floor's record failed", exc_info=error)
