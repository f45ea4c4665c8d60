"""Sees to it that plain audio lives minutes: older is an alarm, whatever the reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from domain.clock import Clock
from recording.plain import PlainAway, PlainFile, PlainFolder
from recording.ports import Alarms, RecordingBook
from recording.recordings import AlarmKind, Recording
from recording.states import State

LIMIT = 600.0  # seconds that plain audio of a stopped recording may be there
_RECORDING = (State.PLANNED, State.STARTED)


class PlainWatch:
    """Looks into the folder. It runs in the service: a sealing process that hangs tells nobody."""

    def __init__(
        self,
        plain: PlainFolder,
        book: RecordingBook,
        alarms: Alarms,
        clock: Clock,
        tell: Callable[[int, float], None] = lambda count, oldest: None,
    ) -> None:
        """`tell` is given how many recordings wait, and the age in seconds of the oldest plain audio."""
        self._plain = plain
        self._book = book
        self._alarms = alarms
        self._clock = clock
        self._tell = tell
        self._raised = True  # a process before this one may have raised it

    async def look(self) -> None:
        """Raise or clear the alarms. Raises RecordingsUnavailable."""
        waiting = await self._book.in_state(State.STOPPED, State.VERIFIED)
        known = {one.recording_id: one for one in waiting}
        try:
            files = await asyncio.to_thread(lambda: list(self._plain.files(below=True)))
        except PlainAway:
            await self._alarms.raise_alarm(AlarmKind.STORE, "", "plain_folder")
            return
        oldest, too_old = 0.0, False
        for file in files:
            age = await self._age(file, known)
            oldest = max(oldest, age)
            too_old = too_old or age > LIMIT
        now = self._clock.now()
        stuck = any(one.stopped_at and (now - one.stopped_at).total_seconds() > LIMIT for one in waiting)
        self._tell(len(waiting), oldest)
        if too_old or stuck:
            self._raised = True
            await self._alarms.raise_alarm(AlarmKind.UNSEALED, "", "plain_audio")
        elif self._raised:
            self._raised = False
            await self._alarms.clear(AlarmKind.UNSEALED, "", "plain_audio")

    async def _age(self, file: PlainFile, known: dict[str, Recording]) -> float:
        """Return for how many seconds plain audio is there that need not be; 0: it is being written."""
        if not file.recording_id:
            return 0.0
        now = self._clock.now()
        untouched = now.timestamp() - file.modified
        if untouched < LIMIT / 2 and file.recording_id not in known:
            return 0.0
        recording = known.get(file.recording_id) or await self._book.get(file.recording_id)
        if recording is None:
            return untouched
        if recording.state in _RECORDING:
            return 0.0
        stopped = recording.stopped_at or recording.planned_at
        return max(0.0, (now - stopped).total_seconds())
