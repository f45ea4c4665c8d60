"""After a restart or a lost connection: recordings that live in Asterisk are taken up, the rest closed."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Protocol

from acd.floor_views import CallerView
from domain.clock import Clock
from recording.capture import NOTICE, Course
from recording.capture_ports import Calls, Plain, PoliciesInForce, Recorder, RecorderRefused
from recording.ports import Alarms, RecordingBook, RecordingsUnavailable
from recording.recordings import AlarmKind, Mark, MarkKind, Recording
from recording.states import State
from service.recording_capture import Capture
from service.recording_capture_work import Hands

log = logging.getLogger(__name__)

AGAIN = 1.0  # seconds
UNWRITTEN_MS = 2000  # what a killed Asterisk had not written yet, at most
MOST = 100_000  # recordings looked at


class Floor(Protocol):
    """The floor's ears (`acd.call_ears.CallEars`)."""

    def remind(self, last: CallerView) -> None:
        """Tell of a call that an ear found after a restart."""
        ...


class Recovery:
    """Brings the record, Asterisk and the rules together after every (re)connect."""

    def __init__(
        self, capture: Capture, hands: Hands, calls: Calls, floor: Floor, policies: PoliciesInForce
    ) -> None:
        self._capture, self._calls, self._floor, self._policies = capture, calls, floor, policies
        self._book: RecordingBook = hands.book
        self._recorder: Recorder = hands.recorder
        self._alarms: Alarms = hands.alarms
        self._clock: Clock = hands.clock
        self._stopped = hands.stopped
        self._task: asyncio.Task[None] | None = None

    async def connected(self) -> None:
        """Asterisk can be commanded again and the floor knows its calls. Returns at once."""
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._recover())

    async def stop(self) -> None:
        """Let go of what is under way."""
        if self._task is not None:
            self._task.cancel()

    async def _recover(self) -> None:
        while True:
            try:
                live = frozenset(await self._calls.live())
                await self._own(live)
                for recording in await self._book.in_state(State.PLANNED, State.STARTED, most=MOST):
                    if not self._capture.has(recording.recording_id):
                        await self._found(recording, live)
            except (RecordingsUnavailable, RecorderRefused):
                await asyncio.sleep(AGAIN)
            else:
                self._capture.control_back()
                return

    async def _own(self, live: frozenset[str]) -> None:
        """Close what this process recorded when Asterisk, or the leg, went."""
        for call_id, recording in self._capture.running.items():
            if recording.channel in live:
                continue
            plain = await self._recorder.plain(recording.recording_id)
            # A file that was closed tells that the call ended in order while nobody could be told.
            self._capture.died(call_id, "control_lost" if plain.closed else "asterisk_died")

    async def _found(self, recording: Recording, live: frozenset[str]) -> None:
        """Take up, or close, what a process before this one began."""
        plain = await self._recorder.plain(recording.recording_id)
        if recording.state is State.PLANNED:
            if not plain.there:
                await self._lose(recording)
                return
            recording = await self._started(recording, plain)
        if recording.channel in live and not plain.closed:
            await self._take_up(recording)
        else:
            await self._close(recording, plain)

    async def _lose(self, recording: Recording) -> None:
        """The order was never given: a talk that goes on gets a recording of its own."""
        at, facts = self._clock.now(), {"cause": "service_died"}
        await self._book.move(recording.recording_id, "lose", at, facts)
        await self._alarms.raise_alarm(AlarmKind.LOST, recording.recording_id, "service_died")

    async def _started(self, recording: Recording, plain: Plain) -> Recording:
        """Put on record that Asterisk took the order; when, the files tell."""
        written = datetime.fromtimestamp(plain.written_at, UTC)
        began = max(recording.planned_at, written - timedelta(milliseconds=plain.audio_ms))
        notice = Mark(MarkKind.NOTICE, 0, 0, f"{NOTICE} {recording.language}")
        await self._book.mark(recording.recording_id, [notice])
        return await self._book.move(recording.recording_id, "start", began)

    async def _take_up(self, recording: Recording) -> None:
        marks = await self._book.marks(recording.recording_id)
        facts = await self._calls.facts(recording.call_id)
        now, at, rules = self._clock.monotonic(), self._clock.now(), self._policies.now()
        course, orders = Course.found(recording, marks, rules, now, at)
        log.info("a recording goes on", extra={"recording": recording.recording_id})
        self._capture.take_up(course, facts, orders)
        self._floor.remind(
            CallerView(
                recording.call_id, recording.channel, recording.queue, recording.language, "", "waiting"
            )
        )

    async def _close(self, recording: Recording, plain: Plain) -> None:
        """The leg is gone: the files tell how long it was recorded."""
        await self._recorder.join(recording.recording_id)
        plain = await self._recorder.plain(recording.recording_id)
        written = datetime.fromtimestamp(plain.written_at, UTC) if plain.there else self._clock.now()
        facts: dict[str, object] = {"expected_ms": plain.audio_ms, "cause": "service_away"}
        if not plain.closed:
            facts = {"expected_ms": plain.audio_ms + UNWRITTEN_MS, "cause": "asterisk_died"}
        await self._book.move(recording.recording_id, "stop", written, facts)
        log.info("a recording was closed", extra={"recording": recording.recording_id, **facts})
        self._stopped(recording.recording_id)
