"""Moves SQLite's write-ahead log into the database file, away from the writer."""

import sqlite3
import threading
from collections.abc import Callable
from typing import Any


class Checkpoints:
    """A thread that checkpoints a while after something was written.

    A checkpoint waits for the disk twice. Done by the writer (SQLite's default, every 1,000 pages) it
    held up a hundred callers' keys at once for up to 100 ms (measured); a passive checkpoint on
    another connection does not stop the writer.
    """

    def __init__(self, connect: Callable[[], Any], every: float = 1.0) -> None:
        self._every = every  # seconds
        self._db: sqlite3.Connection = connect()
        self._written = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def wrote(self) -> None:
        """Tell that something was committed."""
        if not self._written.is_set():
            self._written.set()

    def close(self) -> None:
        """Stop; what is still in the log stays there safely."""
        self._stopping.set()
        self._written.set()
        self._thread.join()

    def _run(self) -> None:
        while self._written.wait() and not self._stopping.wait(self._every):
            self._written.clear()
            try:
                self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            except sqlite3.Error:
                # The log only grows meanwhile; a disk that stays full or broken stops the writer,
                # which tells it.
                self._written.set()
        self._db.close()
