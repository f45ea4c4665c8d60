"""Requests of people in the running service: a process works on them, clocks are watched."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog

from domain.clock import Clock
from recording.persons import PersonsUnavailable, Urgency
from recording.persons_table import PersonTable
from recording.ports import Alarms, RecordingsUnavailable
from recording.recordings import AlarmKind
from service.apart import run_apart
from service.person_bundle import new_password
from service.person_jobs import SUFFIX
from service.person_process import PersonAnswer, PersonJob
from service.tree import Part, end_task
from storage.person_requests import DurablePersons

PROCESS = "service.person_process"
WITHIN = 6 * 3600.0  # seconds for one request, however much is held about somebody
LOOK_EVERY = 60.0  # seconds between two looks at clocks and old bundles
_AWAY = "unavailable"

log = structlog.get_logger("kring.persons")
Run = Callable[[PersonJob], Awaitable[PersonAnswer]]


class PersonPart(Part):
    """Work on people's requests, after the records are open. A `web.person_port.PersonWork`."""

    name = "persons"

    def __init__(
        self,
        book: DurablePersons,
        alarms: Alarms,
        clock: Clock,
        table: PersonTable,
        folder: Path,
        run: Run | None = None,
    ) -> None:
        """`folder`: of bundles. `run`: instead of the process."""
        self._book = book
        self._alarms = alarms
        self._clock = clock
        self._table = table
        self.folder = folder
        self._run = run or run_process
        self._working: dict[str, asyncio.Task[None]] = {}  # by request
        self._faults: dict[str, str] = {}  # of the newest work on a request: words
        self._raised: dict[str, str] = {}  # code → detail of its alarm
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Look at clocks and old bundles, again and again."""
        for left in self.folder.glob("*.part"):
            left.unlink(missing_ok=True)  # of a process that was killed
        self._task = asyncio.create_task(self._again(), name=self.name)

    async def end(self) -> None:
        """Stop; work that is under way breaks off, and the request is as before."""
        await end_task(self._task)
        for task in list(self._working.values()):
            await end_task(task)

    def prepare(self, request_id: str, who: str) -> str:
        """Begin to make a copy's bundle or an erasure's plan; return the bundle's password, kept nowhere."""
        password = new_password()
        self._start(PersonJob("prepare", request_id, who, password))
        return password

    def carry_out(self, request_id: str, who: str, note: str) -> None:
        """Begin to let a request take effect."""
        self._start(PersonJob("carry_out", request_id, who, note=note))

    def working(self, request_id: str) -> bool:
        """Whether something is under way for a request."""
        return request_id in self._working

    def fault(self, request_id: str) -> str:
        """Return why the newest work on a request failed: a word; empty: it did not."""
        return self._faults.get(request_id, "")

    async def settled(self, request_id: str) -> None:
        """Wait until nothing is under way for a request."""
        task = self._working.get(request_id)
        if task is not None:
            await asyncio.wait([task])

    def bundle(self, bundle_id: str) -> Path:
        """Return where a bundle's file lies."""
        return self.folder / f"{bundle_id}{SUFFIX}"

    async def look(self) -> None:
        """Raise alarms before clocks end, remove bundles whose time is over. Raises PersonsUnavailable."""
        now = self._clock.now()
        warn = self._table.at(now).warn
        raised = {}
        for one in await self._book.open():
            urgency = one.urgency(now, warn)
            if urgency is not Urgency.CALM:
                raised[one.code] = f"{urgency}:{one.code}"
        known = self._raised or await self._known()
        for code, detail in known.items():
            if raised.get(code) != detail:
                await self._alarms.clear(AlarmKind.PERSON_REQUEST, "", detail)
        for detail in raised.values():
            await self._alarms.raise_alarm(AlarmKind.PERSON_REQUEST, "", detail)
        self._raised = raised
        for bundle in await self._book.old_bundles(now):
            self.bundle(bundle.bundle_id).unlink(missing_ok=True)
            await self._book.removed(bundle.bundle_id, now)

    async def _known(self) -> dict[str, str]:
        """Return what a process before this one raised."""
        try:
            found = await self._alarms.open()
        except RecordingsUnavailable:
            return {}
        mine = [one.detail for one in found if one.kind is AlarmKind.PERSON_REQUEST]
        return {detail.rpartition(":")[2]: detail for detail in mine}

    def _start(self, job: PersonJob) -> None:
        if job.request_id in self._working:
            raise ValueError("something is under way for this request")
        self._faults.pop(job.request_id, None)
        task = asyncio.create_task(self._do(job), name=f"{self.name}-work")
        self._working[job.request_id] = task

    async def _do(self, job: PersonJob) -> None:
        try:
            answer = await self._run(job)
        except (OSError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("the work on a request broke off", kind=type(error).__name__)
            answer = PersonAnswer(_AWAY)
        finally:
            self._working.pop(job.request_id, None)
        if answer.fault:
            self._faults[job.request_id] = answer.fault

    async def _again(self) -> None:
        while True:
            with contextlib.suppress(PersonsUnavailable, OSError):
                await self.look()
            await asyncio.sleep(LOOK_EVERY)


async def run_process(job: PersonJob) -> PersonAnswer:
    """Do a job in a process of its own. Raises OSError, TimeoutError, msgspec.DecodeError: it broke off."""
    _, told = await run_apart(PROCESS, given=msgspec.json.encode(job), within=WITHIN)
    return msgspec.json.decode(told, type=PersonAnswer)
