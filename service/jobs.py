"""Jobs by the calendar: what has to happen at an hour, not after a delay."""

import asyncio
import shutil
from collections.abc import Callable

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from ivr.hours import WIB
from service.line_state import LineState
from service.metrics import Metrics
from service.secrets import problems as secret_problems
from service.settings import Settings
from service.tree import Part

log = structlog.get_logger("kring.jobs")

LEAST_FREE = 500_000_000  # bytes; a week of records and logs at the yearly peak


class JobsPart(Part):
    """APScheduler with the service's calendar jobs, all in WIB."""

    name = "jobs"

    def __init__(self, settings: Settings, metrics: Metrics, line: LineState) -> None:
        self._settings = settings
        self._metrics = metrics
        self._line = line
        self._open: bool | None = None
        self._scheduler = AsyncIOScheduler(timezone=WIB)

    async def begin(self) -> None:
        """Start the jobs."""
        self._add("line-tick", self.tick, minute="*")
        self._add("nightly-check", self.nightly_check, hour=2, minute=30)
        self.tick()
        self._scheduler.start()

    async def end(self) -> None:
        """Stop them."""
        self._scheduler.shutdown(wait=False)

    def tick(self) -> None:
        """Note on the minute that the line opened or closed."""
        line = self._line.line()
        self._metrics.line_open(line.open)
        if line.open is not self._open:
            log.info("the line is open" if line.open else "the line is closed", shut=line.shut)
        self._open = line.open

    async def nightly_check(self) -> None:
        """Look for what would stop the service by day, while there is time to mend it."""
        loop = asyncio.get_running_loop()
        for problem in await loop.run_in_executor(None, nightly_problems, self._settings):
            log.error("nightly check", problem=problem)

    def _add(self, name: str, work: Callable[[], object], **when: object) -> None:
        # A run that was missed because the process was busy or down is made up for once.
        trigger = CronTrigger(**when, timezone=WIB)
        self._scheduler.add_job(work, trigger, id=name, coalesce=True, misfire_grace_time=3600)


def nightly_problems(settings: Settings) -> list[str]:
    """Return what is wrong, each with its remedy."""
    found = secret_problems(settings)
    free = shutil.disk_usage(settings.home).free
    if free < LEAST_FREE:
        found.append(f"{settings.home}: {free // 1_000_000} MB left on the disk; make room")
    return found
