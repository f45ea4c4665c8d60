"""Performs one call: events in order through the flow engine, the record first, then the deed."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from functools import partial

from call_flows.commands import Command, HandOver, LookUp, Record, StartTimer, StopPlaying
from call_flows.events import FlowEvent, KeyPressed, LookedUp, RoomLeft, TalkOver
from call_flows.journal import to_row
from call_flows.session import CallSession
from domain.call_log import CallLogUnavailable
from domain.calls import Call, CallEvent, EndReason, EventKind
from ivr.deeds import Deeds
from ivr.ports import Ports
from ivr.stay import OF_CALL

log = logging.getLogger(__name__)

TOLD_ONCE = frozenset({KeyPressed, LookedUp, RoomLeft, TalkOver})

# After an internal error the caller hears the apology, then the leg is hung up.
APOLOGY = "apology_failed"
APOLOGY_SECONDS = 8.0
# Seconds that a caller has at least, after a break, before a time-out of a key counts.
LEAST_TIME_AGAIN = 5.0
# A playback that was replaced just before a crash may still be heard; older ones cannot.
MAYBE_STILL_PLAYING = 2


class CallDriver:
    """One call: its inbox, its session, its record.

    `held` is True while nothing can be commanded (the connection to Asterisk is lost): events wait.
    """

    def __init__(
        self,
        call: Call,
        session: CallSession,
        ports: Ports,
        *,
        recorded: int = 0,
        on_end: Callable[["CallDriver"], None],
    ) -> None:
        self.call = call
        self.session = session
        self.deeds = Deeds(call, ports, self.post)
        self._ports = ports
        self._seq = recorded
        self._on_end = on_end
        self._inbox: list[FlowEvent] = []
        self._wake: asyncio.Future[None] | None = None
        self._held = False
        self._to_resume: tuple[bool, asyncio.Future[None]] | None = None
        self._rows: list[CallEvent] = []
        self._now = ports.clock.now()
        self._began = ports.clock.monotonic()
        self._task: asyncio.Task[None] | None = None

    # ---- From outside

    def start(self, *events: FlowEvent) -> None:
        """Begin, with the first events."""
        self._inbox.extend(events)
        self._task = asyncio.get_running_loop().create_task(self._run())

    def post(self, event: FlowEvent) -> None:
        """Put an event into the inbox."""
        self._inbox.append(event)
        self._rouse()

    def hold(self) -> None:
        """Let events wait until `resume`: nothing can be commanded now."""
        self._held = True

    def end(self, event: FlowEvent) -> None:
        """Heed a last event even while others wait."""
        self._held = False
        self.post(event)

    async def resume(self, *, up: bool) -> None:
        """Take up again what was going on when control was lost; return when that is done.

        `up`: the leg is answered. A prompt that is still being heard goes on; one that is not starts
        again. Timers go on, with time enough to find the keys. Waiting events are heeded afterwards.
        """
        done = asyncio.get_running_loop().create_future()
        self._to_resume = (up, done)
        self._rouse()
        await done

    async def _resume(self, up: bool) -> None:
        self._now = now = self._ports.clock.now()
        self.deeds.clear()
        self.deeds.take += 1
        # Durable before anything plays: the next recovery counts these rows.
        self._row(EventKind.RECOVERED, {})
        await self._write()
        todo = self.session.outstanding()
        if todo.hang_up is not None:
            self.deeds.perform(todo.hang_up, now)
            return
        if todo.answered and not up:
            self._ports.control.answer(self.call.channel)
        if todo.playing is None or not await self.deeds.adopt(todo.playing):
            self.deeds.silence(self._last_playbacks())
            if todo.playing is not None:
                self.deeds.perform(todo.playing, now)
        for timer in todo.timers:
            left = timer.seconds - (now - timer.started_at).total_seconds()
            seconds = max(left, min(timer.seconds, LEAST_TIME_AGAIN))
            self.deeds.perform(StartTimer(timer.timer, seconds), now)
        for look_up in todo.look_ups:
            self.deeds.perform(look_up, now)
        if todo.room is not None:
            self.deeds.perform(todo.room, now)
        if todo.talking:
            self.deeds.perform(HandOver(), now)

    async def stop(self) -> None:
        """Let go of the call without ending it; it stays in Asterisk and on record."""
        self.deeds.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # ---- The loop

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _run(self) -> None:
        try:
            while not self.session.finished:
                while self._to_resume is None and (self._held or not self._inbox):
                    self._wake = asyncio.get_running_loop().create_future()
                    await self._wake
                if self._to_resume is not None:
                    await self._resume(self._to_resume[0])
                    self._resumed()
                    continue
                # A key, an answer or a word of the waiting room is told only once; all else can
                # be found out again after a crash, so nobody has to wait for it.
                told_once = any(type(event) in TOLD_ONCE for event in self._inbox)
                commands = self._decide()
                if told_once:
                    await self._write()
                else:
                    self._send_rows(urgent=False)
                for command in commands:
                    self.deeds.perform(command, self._now)
        except Exception:
            # One call's fault must not reach another; the caller hears an apology.
            log.exception("call failed", extra={"call_id": self.call.call_id})
            self._ports.observer.call_failed()
            await self._apologise()
        self._resumed()
        self.deeds.clear()
        self._ports.observer.call_ended(
            self.session.end_reason or EndReason.FAILED, self._ports.clock.monotonic() - self._began
        )
        self._on_end(self)

    def _resumed(self) -> None:
        if self._to_resume is not None:
            self._held = False
            self._to_resume[1].set_result(None)
            self._to_resume = None

    def _decide(self) -> list[Command]:
        """Feed everything in the inbox to the flow; look-ups that need nobody are answered at once."""
        todo: list[Command] = []
        events, self._inbox = self._inbox, []
        self._now = now = self._ports.clock.now()
        events.reverse()
        while events and not self.session.finished:
            event = events.pop()
            self._row(*to_row(event))
            if type(event) is KeyPressed:
                self._ports.observer.key_pressed()
            for command in self.session.handle(event, now):
                if type(command) is Record:
                    self._row(command.kind, command.data, command.secret)
                elif type(command) is LookUp and self._is_answered_at_once(command.name):
                    events.append(self._answer_at_once(command))
                else:
                    todo.append(command)
        return todo

    def _is_answered_at_once(self, look_up: str) -> bool:
        return look_up in self._ports.look_ups.at_once or look_up in OF_CALL

    def _answer_at_once(self, look_up: LookUp) -> LookedUp:
        if look_up.name in OF_CALL:
            answer = self.deeds.stay.answer(look_up.name)
        else:
            answer = self._ports.look_ups.at_once[look_up.name](look_up.arguments)
        self._ports.observer.looked_up(look_up.name, answer.word, 0.0)
        return LookedUp(look_up.request, answer.word, answer.facts)

    def _row(self, kind: EventKind, data: Mapping[str, str], secret: Mapping[str, str] | None = None) -> None:
        self._seq += 1
        self._rows.append(CallEvent(self.call.call_id, self._seq, self._now, kind, data, secret))

    async def _write(self) -> None:
        """Record what happened, and wait until it is durable."""
        if (written := self._send_rows()) is not None:
            with contextlib.suppress(CallLogUnavailable):  # handled where the rows come back
                await written

    def _send_rows(self, *, urgent: bool = True) -> "asyncio.Future[None] | None":
        rows, self._rows = self._rows, []
        if not rows:
            return None
        log = self._ports.log
        if rows[0].seq == 1:
            sent = log.open(self.call, rows, urgent=urgent)
        else:
            sent = log.append(rows, urgent=urgent)
        written = asyncio.ensure_future(sent)
        written.add_done_callback(partial(self._written, rows))
        return written

    def _written(self, rows: list[CallEvent], written: "asyncio.Future[None]") -> None:
        if written.cancelled() or not isinstance(written.exception(), CallLogUnavailable):
            return
        # The caller comes first: the call goes on, the fault is counted and readiness tells it.
        # The record has no gaps, so the rows are written again together with the next ones.
        self._rows = sorted(rows + self._rows, key=lambda row: row.seq)
        self._ports.observer.record_failed()

    async def _apologise(self) -> None:
        control, channel = self._ports.control, self.call.channel
        self._row(EventKind.ENDED, {"reason": EndReason.FAILED.value})
        await self._write()
        if self.deeds.playing is not None:
            self.deeds.perform(StopPlaying(self.deeds.playing), self._now)
        sounds = self._ports.sounds.sounds(APOLOGY, self.session.language, {})
        control.play(channel, f"{self.call.call_id}-sorry", sounds)
        await asyncio.sleep(APOLOGY_SECONDS)
        control.hang_up(channel)

    def _last_playbacks(self) -> list[str]:
        last = self.session.playbacks
        return [f"{self.call.call_id}-p{n}" for n in range(max(1, last - MAYBE_STILL_PLAYING + 1), last + 1)]
