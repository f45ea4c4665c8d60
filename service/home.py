"""The home folder: made at set-up, and held by one service process at a time."""

import fcntl
import os
from typing import IO

from service.settings import Settings
from service.tree import StartFailed


class Home:
    """Holds the home folder for this process. The kernel lets it go when the process ends."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.home / "service.pid"
        self._file: IO[str] | None = None

    def hold(self) -> None:
        """Take the home folder. Raises StartFailed when another service has it."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            file.close()
            raise StartFailed(
                f"{self._path.parent}: a service runs here already (pid {pid}); stop it with  kill {pid}  "
                "or set KRING_HOME and KRING_PORT_OFFSET for a second installation"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let it go."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None
