"""Transcripts in the running service: a process of lowest priority, started when there is something to do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter

from domain.clock import Clock
from prompts.kokoro import INSTALL
from prompts.whisper import missing_packages
from recording.transcripts import Transcripts, TranscriptsUnavailable
from service.apart import end_apart, start_apart, without_secrets
from service.recording_sealing_side import store_place
from service.secrets import MASTER_KEY, RECORDING_KEYS
from service.settings import Settings
from service.transcript_jobs import (
    Stopped,
    TranscriptJob,
    TranscriptTold,
    Tried,
    read_transcript_told,
    transcript_line,
)
from service.transcript_making import RECENT, Outcome
from service.tree import Part, end_task

MODULE = "service.transcript_worker"
LOCK = "transcripts.lock"
LOOK_EVERY = 60.0  # seconds between two looks
REST = 600.0  # seconds until the next look where nothing could be made
_END_WITHIN = 4.0  # seconds that the process is given to end

log = structlog.get_logger("kring.transcripts")


@dataclass(frozen=True, slots=True)
class TranscriptGround:
    """What the part stands on."""

    settings: Settings
    transcripts: Transcripts
    clock: Clock
    registry: CollectorRegistry


class TranscriptPart(Part):
    """Lets transcripts be made, one at a time, in a process of its own. No call waits for it."""

    name = "transcripts"

    def __init__(
        self, on: TranscriptGround, module: str = MODULE, every: float = LOOK_EVERY, rest: float = REST
    ) -> None:
        self._on = on
        self._module = module
        self._every = every
        self._rest = rest
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        counts = Counter(
            "kring_transcripts_tried_total", "Transcripts tried.", ["outcome"], registry=on.registry
        )
        self._counts = {one: counts.labels(one.value) for one in Outcome}
        self._audio = Counter("kring_transcripts_seconds_total", "Audio written down.", registry=on.registry)
        self._cpu = Counter(
            "kring_transcripts_cpu_seconds_total", "CPU time of transcripts.", registry=on.registry
        )

    @property
    def pid(self) -> int | None:
        """The process's id, while it runs."""
        process = self._process
        return None if process is None or process.returncode is not None else process.pid

    async def begin(self) -> None:
        """Begin to look for what waits."""
        self._task = asyncio.create_task(self._keep(), name=self.name)

    async def end(self) -> None:
        """End; what was being made is made anew the next time."""
        await end_task(self._task)
        if (process := self._process) is not None and process.returncode is None:
            await end_apart(process, _END_WITHIN)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                worked = await self._go()
            except Exception:  # the next look may work
                log.exception("transcripts could not be looked after")
                worked = False
            if not worked:
                await asyncio.sleep(self._rest)

    async def _go(self) -> bool:
        """Start the process if something waits. False: nothing could be made."""
        try:
            waits = await self._on.transcripts.waiting(self._on.clock.now() - RECENT, 1)
            if not waits:
                await self._on.transcripts.index()
                return True
        except TranscriptsUnavailable as error:
            log.warning("transcripts wait", why=str(error))
            return False
        return await self._run()

    async def _run(self) -> bool:
        process = self._process = await start_apart(self._module, environ=without_secrets())
        try:
            made = await self._told(process)
            code = await process.wait()
        except asyncio.CancelledError:
            await end_apart(process, _END_WITHIN)
            raise
        if code:
            log.error("the process that makes transcripts failed", code=code)
        return made > 0

    async def _told(self, process: asyncio.subprocess.Process) -> int:
        """Give the process its job; return how many transcripts it made."""
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        process.stdin.write(transcript_line(transcript_job(self._on.settings)))
        with contextlib.suppress(ConnectionError):
            await process.stdin.drain()
        made = 0
        async for said in process.stdout:
            made += self._heard(said)
        return made

    def _heard(self, said: bytes) -> bool:
        """Count what was tried; True: one was made."""
        try:
            told: TranscriptTold = read_transcript_told.decode(said)
        except msgspec.DecodeError:
            log.warning("the process that makes transcripts said what nobody understands")
            return False
        if isinstance(told, Stopped):
            tell = log.info if told.what in ("busy", "locked") else log.warning
            tell("transcripts wait", what=told.what, detail=told.detail)
            return False
        return self._tried(told)

    def _tried(self, told: Tried) -> bool:
        outcome = Outcome(told.outcome)
        self._counts[outcome].inc()
        self._cpu.inc(told.cpu_ms / 1000)
        log.info("transcript", recording=told.recording_id, outcome=outcome.value, cause=told.cause)
        if outcome is not Outcome.MADE:
            return False
        self._audio.inc(told.audio_ms / 1000)
        return True


def make_transcript_parts(on: TranscriptGround) -> Sequence[Part]:
    """Return the part where the settings want transcripts and its packages are there; else nothing."""
    if on.settings.transcripts == "off":
        return []
    if missing := missing_packages():
        log.error("no transcripts: packages are missing", packages=", ".join(missing), remedy=INSTALL)
        return []
    return [TranscriptPart(on)]


def transcript_job(settings: Settings) -> TranscriptJob:
    """Return what the process is told. It holds the database's password."""
    return TranscriptJob(
        database=settings.database,
        master_key=str(settings.secrets_folder / MASTER_KEY),
        recording_keys=str(settings.secrets_folder / RECORDING_KEYS),
        store=store_place(settings),
        lock=str(settings.home / LOCK),
    )
