"""Keeping in the running service: room, anchors and alarms by the minute, retention and checks by night."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from domain.audit import AuditRow, AuditTrail, AuditUnavailable
from domain.clock import Clock
from ivr.hours import WIB
from recording.anchors import Anchored
from recording.disk import DiskWatch, Space
from recording.ports import RecordingsUnavailable
from recording.recordings import AlarmKind
from recording.retention import BY_TABLE
from service.apart import run_apart
from service.recording_keeping_metrics import KeepingMetrics
from service.tree import Part, end_task
from storage.database import Database
from storage.recording_alarms import DurableAlarms
from storage.recording_destruction import SYSTEM, Destruction, NotDestroyed
from storage.recording_figures import Figures, count_recordings
from storage.recording_holds import DurableHolds
from storage.recording_manifest import DurableManifest

LOOK_EVERY = 15.0  # seconds between two looks at room and alarms
COUNT_EVERY = 60.0  # seconds between two counts of recordings, and two tries to anchor
CHECK_PROCESS = "service.recording_check_process"
CHECK_WITHIN = 20 * 3600.0  # seconds: the next night finds it over
_SOON = timedelta(minutes=5)  # after the start; what was missed while the service was down is made up for
_ANCHORS = "anchors"  # detail of a STORE alarm
_CHECK_FAILED = "check"  # the same

log = structlog.get_logger("kring.recordings")


class DiskRoom:
    """A `recording.disk.Room` on the machine's file systems."""

    def space(self, path: Path) -> Space:
        """Return the room at a place. Raises OSError."""
        found = os.statvfs(path)
        # As `df` counts: what only root may use is neither ours nor missing.
        ours = found.f_blocks - found.f_bfree + found.f_bavail
        device = path.stat().st_dev
        return Space(found.f_bavail * found.f_frsize, ours * found.f_frsize, device)


class Retention:
    """Destroys what the table says, completes what broke off, gives holds their state."""

    def __init__(
        self, holds: DurableHolds, destruction: Destruction, audit: AuditTrail, clock: Clock
    ) -> None:
        self._holds = holds
        self._destruction = destruction
        self._audit = audit
        self._clock = clock

    async def run(self) -> int:
        """Return how many were destroyed. Raises RecordingsUnavailable, AuditUnavailable, OSError (store)."""
        await self._holds.settle()
        await self._destruction.complete()
        count = 0
        while due := await self._destruction.due():
            before = count
            for one in due:
                subject = f"recording:{one.recording_id}"
                await self._audit.record(
                    AuditRow(self._clock.now(), SYSTEM, "recording_destroyed", subject, BY_TABLE)
                )
                # Held since it was listed: the trail says that it was tried, the manifest what was done.
                with contextlib.suppress(NotDestroyed):
                    await self._destruction.destroy(one.recording_id, BY_TABLE, SYSTEM)
                    count += 1
            if count == before:
                break
        return count


class KeepingPart(Part):
    """Keeping in the service's tree, after the records are open."""

    name = "recording-keeping"

    def __init__(
        self,
        database: Database,
        manifest: DurableManifest,
        alarms: DurableAlarms,
        disk: DiskWatch,
        retention: Retention,
        metrics: KeepingMetrics,
        clock: Clock,
    ) -> None:
        self._database = database
        self._manifest = manifest
        self._alarms = alarms
        self._disk = disk
        self._retention = retention
        self._metrics = metrics
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone=WIB)
        self._tasks: list[asyncio.Task[None]] = []
        self.figures: Figures | None = None  # the newest count
        self.checked_at: datetime | None = None  # when everything was checked last, by this process

    async def begin(self) -> None:
        """Look once, then again and again; recordings are made whatever is found."""
        await _quietly(self.look)
        await _quietly(self.count)
        self._tasks = [
            asyncio.create_task(_again(LOOK_EVERY, self.look), name=f"{self.name}-look"),
            asyncio.create_task(_again(COUNT_EVERY, self.count), name=f"{self.name}-count"),
        ]
        self._add("recording-retention", self.retain, hour=1, minute=10)
        self._add("recording-check", self.check, hour=2, minute=10)
        self._scheduler.start()

    async def end(self) -> None:
        """Stop; a destruction that is under way is completed by the next run."""
        self._scheduler.shutdown(wait=False)
        for task in self._tasks:
            await end_task(task)

    async def look(self) -> None:
        """Look at room and alarms. Raises RecordingsUnavailable."""
        await self._disk.look()
        self._metrics.room(self._disk.places)
        await self._alarms.write_again()
        self._metrics.alarms(await self._alarms.counts(), self._alarms.unwritten)

    async def count(self) -> None:
        """Anchor what is not, and count recordings. Raises RecordingsUnavailable."""
        came, head = await self._manifest.anchor()
        for bad in (Anchored.AHEAD, Anchored.DIFFERS, Anchored.GONE):
            detail = f"anchor:{bad.value}"
            if came is bad:
                await self._alarms.raise_alarm(AlarmKind.TAMPERED, "", detail)
            elif came is not Anchored.FAILED:
                await self._alarms.clear(AlarmKind.TAMPERED, "", detail)
        if came is Anchored.FAILED:
            await self._alarms.raise_alarm(AlarmKind.STORE, "", _ANCHORS)
        else:
            await self._alarms.clear(AlarmKind.STORE, "", _ANCHORS)
        self.figures = await count_recordings(self._database, self._clock.now())
        states = {one.state: one.count for one in self.figures.states}
        self._metrics.states(states, self.figures.due)
        log.debug("recordings counted", manifest=head.number)

    async def retain(self) -> None:
        """Destroy what is due. A store that is away is an alarm, and tried again tomorrow."""
        try:
            count = await self._retention.run()
        except (RecordingsUnavailable, AuditUnavailable, OSError) as error:
            log.warning("recordings that are due cannot be destroyed", problem=str(error))
            await self._alarms.raise_alarm(AlarmKind.STORE, "", BY_TABLE)
            return
        await self._alarms.clear(AlarmKind.STORE, "", BY_TABLE)
        self._metrics.destroyed(count)
        log.info("recordings destroyed by the retention table", count=count)

    async def check(self) -> None:
        """Have a process of its own check manifest, files and store; it raises the alarms."""
        try:
            code, _ = await run_apart(CHECK_PROCESS, within=CHECK_WITHIN)
        except (OSError, TimeoutError) as error:
            log.warning("recordings could not be checked", kind=type(error).__name__)
            code = 1
        if code:
            await self._alarms.raise_alarm(AlarmKind.STORE, "", _CHECK_FAILED)
            return
        await self._alarms.clear(AlarmKind.STORE, "", _CHECK_FAILED)
        self.checked_at = self._clock.now()
        self._metrics.checked(self.checked_at.timestamp())

    def _add(self, name: str, work: Callable[[], Awaitable[None]], **when: object) -> None:
        trigger = CronTrigger(**when, timezone=WIB)
        soon = datetime.now(WIB) + _SOON
        grace = 3600  # seconds
        self._scheduler.add_job(work, trigger, id=name, coalesce=True, misfire_grace_time=grace)
        self._scheduler.add_job(work, "date", run_date=soon, id=f"{name}-soon", misfire_grace_time=grace)


async def _again(every: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(every)
        await _quietly(work)


async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except RecordingsUnavailable as error:
        log.warning("recordings cannot be looked after now", problem=str(error))
