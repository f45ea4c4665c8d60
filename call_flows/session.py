"""One call's walk through the flows: events in, commands out. No clock, no I/O."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from call_flows.called import CAMPAIGN, CAMPAIGN_QUEUE
from call_flows.commands import (
    Answer,
    CancelTimer,
    Command,
    EnterRoom,
    HangUp,
    LeaveRoom,
    LeaveTalk,
    LookUp,
    Play,
    Record,
    StartTimer,
)
from call_flows.conversation import Conversation, Failing
from call_flows.events import (
    CallerHungUp,
    CallStarted,
    FlowEvent,
    KeyPressed,
    LookedUp,
    PlaybackEnded,
    RoomLeft,
    TalkOver,
    TimerFired,
)
from call_flows.line import Line
from call_flows.playing import Playing
from call_flows.step import CONVERSATION, KEEP_WAITING, Visit
from domain.calls import EndReason, EventKind
from domain.waiting_room import TalkEnd

if TYPE_CHECKING:
    from call_flows.book import FlowBook
    from call_flows.step_text import Spoken

MOST_KEYS_AHEAD = 200  # a key costs a caller 0.1 s at least, so more is noise on the line
MOST_STEPS_AT_ONCE = 200  # without a pause; the checker refuses flows that could circle

APOLOGY = "apology_failed"
ANSWERED = "answered"  # the waiting room's word, and the exit of a `queue` step
AFTER_TALK = "after_talk"  # the exit of a `queue` step by which a call waits again after a talk


@dataclass(frozen=True, slots=True)
class RunningTimer:
    """A timer that has been started and has neither fired nor been cancelled."""

    timer: str
    seconds: float
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What a call has asked for and not yet heard of; a restarted driver resumes from it."""

    answered: bool
    talking: bool  # the leg is with an agent
    playing: Play | None
    timers: tuple[RunningTimer, ...]
    look_ups: tuple[LookUp, ...]
    room: EnterRoom | None
    hang_up: HangUp | None


class CallSession:
    """A call on its way through one version of the flow book.

    Feed every event to `handle` in the order it happened. The same events at the same times give the
    same commands with the same ids, so a recorded call can be rebuilt by feeding its inputs again.
    """

    def __init__(self, book: FlowBook, call_id: str, dialled: str) -> None:
        self.book = book
        self.call_id = call_id
        self.dialled = dialled
        self.language = "id"
        self.facts: dict[str, str] = {}
        self.heard: dict[str, str] = {}  # prompts that were played to their end, with the language
        self.keys: deque[str] = deque()  # pressed and not yet used, oldest first
        self.tries: Counter[str] = Counter()  # step → attempts, over the whole call
        self.end_reason: EndReason | None = None
        self.step: str | None = None
        self.line: Line | None = None  # the stay in line, or the last one
        self._visit = Visit(self)
        self._next: str | None = None
        self._commands: list[Command] = []
        self._now: datetime | None = None
        self._ids: Counter[str] = Counter()
        self._answered = False
        self._playing = Playing(book, call_id)
        self._timers: dict[str, RunningTimer] = {}
        self._look_up: LookUp | None = None
        self._room: EnterRoom | None = None
        self._again: tuple[TalkEnd, str] | None = None
        self._hang_up: HangUp | None = None

    @property
    def finished(self) -> bool:
        """Whether the call has its end: nothing more will be commanded."""
        return self.end_reason is not None

    @property
    def waits(self) -> bool:
        """Whether the call is in line, be it at a step beside it."""
        return self._room is not None

    @property
    def now(self) -> datetime:
        """The time of the event being handled."""
        assert self._now is not None  # noqa: S101 - only `handle` leads here, and it sets the time
        return self._now

    @property
    def playbacks(self) -> int:
        """How many playbacks there were; the last one's id ends in this number."""
        return self._playing.count

    def outstanding(self) -> Outstanding:
        """Return what is playing, running, asked and waited for."""
        return Outstanding(
            self._answered,
            self.step == CONVERSATION,
            self._playing.current,
            tuple(self._timers.values()),
            (self._look_up,) if self._look_up else (),
            self._room,
            self._hang_up,
        )

    def handle(self, event: FlowEvent, now: datetime) -> list[Command]:
        """Take one event at an aware time; return what is to be done, in order.

        Events about what is over (a stopped playback, a cancelled timer) give an empty list.
        """
        if self.finished:
            return []
        self._now = now
        commands: list[Command] = []
        self._commands = commands
        self._take(event)
        steps = 0
        while self._next is not None and not self.finished:
            target, self._next = self._next, None
            steps += 1
            if steps > MOST_STEPS_AT_ONCE:
                self.fail()
                break
            self._enter(target)
        return commands

    def _take(self, event: FlowEvent) -> None:
        match event:
            case KeyPressed():
                self._key_pressed(event)
            case PlaybackEnded():
                self._playback_ended(event)
            case TimerFired(timer):
                if self._timers.pop(timer, None) is not None:
                    self._visit.timer_fired(timer)
            case LookedUp():
                self._looked_up(event)
            case RoomLeft():
                self._room_left(event)
            case TalkOver(how, queue):
                self._visit.talk_over(how, queue)
            case CallerHungUp():
                self._caller_hung_up()
            case CallStarted(_, language, facts):
                self._start(language, facts)

    def _key_pressed(self, event: KeyPressed) -> None:
        if len(self.keys) < MOST_KEYS_AHEAD:
            self.keys.append(event.key)
            self._visit.keys_waiting()

    def _looked_up(self, event: LookedUp) -> None:
        if self._look_up and self._look_up.request == event.request:
            self._look_up = None
            self._visit.looked_up(event.answer, event.facts)

    def _room_left(self, event: RoomLeft) -> None:
        """Go on from the `queue` step, whatever the caller was doing beside the line."""
        if not (self._room and self.line and self._room.request == event.request):
            return
        self.stop_playing()
        self.cancel_timers()
        self.keys.clear()
        self.record(EventKind.DEQUEUED, {"queue": self._room.queue, "how": event.how})
        self._room = None
        exits = self.book.steps[self.line.step].exits()
        self.go(exits[ANSWERED if event.how == ANSWERED else "closed"])

    def _start(self, language: str, facts: Mapping[str, str]) -> None:
        if not self._answered:
            self._answered = True
            self.language = language
            self.facts.update(facts)
            self._commands.append(Answer())
            self.go(self.book.entry(self.dialled))

    def _enter(self, target: str) -> None:
        self._look_up = None
        if target == KEEP_WAITING:
            if not (self._room and self.line):
                self.fail()
                return
            target = self.line.step
        self.step = target
        self.record(EventKind.STEP, {"step": target})
        if target == CONVERSATION:
            self._visit = Conversation(self)
        else:
            self._visit = self.book.steps[target].visit(self)
        self._visit.begin()

    def _playback_ended(self, event: PlaybackEnded) -> None:
        ended = self._playing.ended(event.playback)
        if ended is None:
            return
        if event.ok:
            self.heard |= {phrase.name: ended.language for phrase in ended.phrases}
        following = self._playing.next()
        if following:
            self._commands += following
        else:
            self._visit.playback_ended(event.ok)

    def _caller_hung_up(self) -> None:
        self._playing.forget()
        self._look_up = None
        self.cancel_timers()
        self.leave_room("caller_hung_up")
        talked = self.step == CONVERSATION
        if talked:
            self._commands.append(LeaveTalk())
        self._end(EndReason.COMPLETED if talked else EndReason.CALLER_HUNG_UP)

    # ---- What a step may do

    def go(self, target: str) -> None:
        """Leave this step for another."""
        self._next = target

    def play(self, *spoken: Spoken, recorded: bool = True, values: Mapping[str, str] | None = None) -> None:
        """Play prompts, each run of one language as one playback. Ends what was playing before.

        `values` are spoken besides the call's facts. No prompts: nothing is played, and no end is told.
        """
        known = {**self.facts, **values} if values else self.facts
        self.stop_playing()
        self._playing.add(spoken, self.language, known, recorded=recorded)
        self._commands += self._playing.next()

    def stop_playing(self) -> None:
        """Stop what is playing, if anything is."""
        self._commands += self._playing.stop()

    def start_timer(self, seconds: float) -> str:
        """Start a timer and return its name."""
        self._ids["t"] += 1
        timer = f"t{self._ids['t']}"
        self._timers[timer] = RunningTimer(timer, seconds, self.now)
        self._commands.append(StartTimer(timer, seconds))
        return timer

    def cancel_timer(self, timer: str | None) -> None:
        """Cancel a timer; one that has fired is no matter."""
        if timer is not None and self._timers.pop(timer, None) is not None:
            self._commands.append(CancelTimer(timer))

    def cancel_timers(self) -> None:
        """Cancel every timer."""
        for timer in list(self._timers):
            self.cancel_timer(timer)

    def look_up(self, name: str, arguments: Mapping[str, str]) -> None:
        """Ask a look-up."""
        self._look_up = LookUp(self._request(), name, arguments)
        self.record(EventKind.ASKED, {"look_up": name})
        self._commands.append(self._look_up)

    def enter_room(self, queue: str) -> None:
        """Let the call wait for an agent; everything known of the caller goes along.

        The queue `campaign` stands for the skill and tier of the campaign that the call belongs to.
        """
        if queue == CAMPAIGN:
            queue = self.facts.get(CAMPAIGN_QUEUE, queue)
        self.line = Line(self.step or "", queue, self.now)
        self._room = EnterRoom(self._request(), queue, self.language, dict(self.facts))
        self.record(EventKind.QUEUED, {"queue": queue})
        self._commands.append(self._room)

    def wait_again(self, how: TalkEnd, queue: str) -> None:
        """Wait again as the step says where the call waited, now for `queue` if one is given."""
        if self.line is not None:
            self._again = how, queue
            self.go(self.book.steps[self.line.step].exits().get(AFTER_TALK, self.line.step))

    def came_back(self) -> tuple[TalkEnd, str] | None:
        """Return how the talk before this wait ended and for which queue to wait; told once."""
        again, self._again = self._again, None
        return again

    def command(self, command: Command) -> None:
        """Let something be done."""
        self._commands.append(command)

    def leave_room(self, why: str) -> None:
        """Take the call out of the waiting room, if it is in one."""
        if self._room is not None:
            self.record(EventKind.DEQUEUED, {"queue": self._room.queue, "how": why})
            self._commands.append(LeaveRoom(self._room.request, why))
            self._room = None

    def leave_for_callback(self) -> None:
        """The caller will be called back: the room keeps the place without this leg."""
        if self._room is not None:
            self.record(EventKind.DEQUEUED, {"queue": self._room.queue, "how": "callback"})
            self._room = None

    def hang_up(self, reason: EndReason) -> None:
        """End the call."""
        self.leave_room(reason.value)
        self.stop_playing()
        self.cancel_timers()
        self._hang_up = HangUp(reason)
        self._end(reason)
        self._commands.append(self._hang_up)

    def fail(self) -> None:
        """Apologise and end the call: something this system promised itself did not hold."""
        self._next = None
        self.cancel_timers()
        self.leave_room("failed")
        self._visit = Failing(self)
        self._visit.begin()

    def record(
        self, kind: EventKind, data: Mapping[str, str], secret: Mapping[str, str] | None = None
    ) -> None:
        """Put an outcome on the call's record."""
        self._commands.append(Record(kind, data, secret))

    # ---- Helpers

    def _request(self) -> str:
        self._ids["r"] += 1
        return f"r{self._ids['r']}"

    def _end(self, reason: EndReason) -> None:
        self.end_reason = reason
        self._next = None
        self.keys.clear()
        self._commands.append(Record(EventKind.ENDED, {"reason": reason.value}))
