"""Checks the installation now and then while the service runs, for the status page."""

import asyncio
import os
from datetime import datetime, timedelta

import msgspec
import structlog

from domain.clock import Clock
from service.apart import run_apart
from service.settings import Settings
from web.checkup_port import Checked, Finding

log = structlog.get_logger("kring.checkup")

LOOK_EVERY = 60.0  # seconds between two looks whether a check is due
_DUE_AFTER = timedelta(minutes=30)
_WITHIN = 300.0  # seconds for all checks together, on a busy machine
PROCESS = "service.checkup_process"
_found = msgspec.json.Decoder(list[Finding])


class CheckupWatch:
    """A `web.checkup_port.Checkup`: one check at a time, in a process of its own."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._environ = {**os.environ, "KRING_HOME": str(settings.home)}
        self._clock = clock
        self._checked: Checked | None = None
        self._asked = False
        self._running: asyncio.Task[None] | None = None

    def newest(self) -> Checked | None:
        """Return what was found last; None: nothing was checked yet."""
        return self._checked

    @property
    def is_running(self) -> bool:
        """Whether a check runs now."""
        return self._running is not None and not self._running.done()

    def ask(self) -> None:
        """Let a check begin now, unless one runs."""
        if not self.is_running:
            self._running = asyncio.create_task(self._look(), name="checkup")

    async def round(self) -> None:
        """Check when it is due."""
        now = self._clock.now()
        if self._checked is None or self._is_due(now, self._checked):
            self.ask()
        if self._running is not None:
            await asyncio.wait({self._running})

    def _is_due(self, now: datetime, last: Checked) -> bool:
        return now - last.at >= _DUE_AFTER

    async def _look(self) -> None:
        code: int | None = None
        try:
            code, out = await run_apart(PROCESS, within=_WITHIN, silent=True, environ=self._environ)
            self._checked = Checked(self._clock.now(), tuple(_found.decode(out)))
        except (OSError, TimeoutError, msgspec.DecodeError):
            log.warning("the installation could not be checked", code=code)
