"""A caller as a script, for the flow engine alone: a virtual clock, and anything unexpected fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from call_flows.book import FlowBook
from call_flows.commands import (
    CancelTimer,
    Command,
    EnterRoom,
    HandOver,
    HangUp,
    LeaveRoom,
    LeaveTalk,
    LookUp,
    Play,
    Record,
    StartTimer,
    StopPlaying,
)
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
from call_flows.session import CallSession
from call_flows.step import CONVERSATION
from domain.calls import EndReason, EventKind
from domain.waiting_room import TalkEnd

NINE_ON_MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 09.00 WIB
PROMPT_LASTS = 4.0
MUSIC_LASTS = 60.0
ANNOUNCED = ("connecting", "recording_notice")

Answer = tuple[str, Mapping[str, str]]

HOURS = {"opens": "08:00", "closes": "16:00", "reopens": "2026-11-24"}
ANSWERS: Mapping[str, Answer] = {
    "part_of_day": ("morning", {}),
    "office_hours": ("open", {}),
    "announcement": ("none", {}),
    "taxpayer": ("found", {"taxpayer_id": "tp-1"}),
    "place_in_line": ("unknown", {}),
    "callback_offer": ("not_now", {}),
    "caller_number": ("known", {"callback_number": "628110000123", "callback_number_last4": "0123"}),
    "book_callback": ("booked", {}),
    "recognised_call": ("nobody", {}),
    "called_about": ("filing", {}),
    "owner": ("owner", {"proven": "yes"}),
    "duty": ("filing_year", {"tax_year": "2025", "deadline": "2026-03-31", "as_of": "2026-11-02"}),
    "stop_calls": ("stopped", {}),
    "stop_all_calls": ("stopped", {}),
    "verification_code": ("genuine", {"called_on": "2026-11-20"}),
    "verification_number": ("genuine", {"called_on": "2026-11-20"}),
}
NEVER: Answer = ("", {})  # a look-up that is still being asked


def in_place(place: int, minutes: int) -> Answer:
    """Return the answer that tells a place in line (from 1) and a wait in minutes (0: none)."""
    return "waiting", {"place": str(place), "minutes": str(minutes)}


class Caller:
    """One call from the caller's end. Every verb returns the caller, so that a script reads on."""

    def __init__(self, book: FlowBook, **answers: str | Answer | Iterable[Answer]) -> None:
        self.session = CallSession(book, "c1", "1500200")
        self.now = NINE_ON_MONDAY
        self.inputs: list[tuple[FlowEvent, datetime]] = []
        self.commands: list[Command] = []
        self.last: list[Command] = []  # of the last event
        self.unheard: list[Play] = []
        self.broken: set[str] = set()  # prompts that cannot be played
        self._answers = dict(ANSWERS)
        for name, answer in answers.items():
            self._answers[name] = (answer, HOURS) if isinstance(answer, str) else answer  # type: ignore[assignment]
        self._playing: Play | None = None
        self._ends_at = self.now
        self._timers: dict[str, datetime] = {}
        self._room: EnterRoom | None = None
        self.with_agent = False

    # ---- What the caller does

    def calls(self, dialled: str = "1500200") -> Caller:
        self.session.dialled = dialled
        self.feed(CallStarted(dialled))
        return self

    def is_called(self, flow: str, language: str = "id", **facts: str) -> Caller:
        """Answer a call of ours, of a campaign whose agents wait in `outbound/A`."""
        self.session.dialled = f"flow:{flow}"
        self.feed(CallStarted(self.session.dialled, language, {"campaign_queue": "outbound/A", **facts}))
        return self

    def presses(self, keys: str) -> Caller:
        assert not self.unheard, f"heard but not expected: {_names(self.unheard[0])}"
        for key in keys.replace(" ", ""):
            self.feed(KeyPressed(key))
        return self

    def hears(self, *prompts: str, language: str | None = None) -> Caller:
        """Wait for the next playback, keeping silent, and check all of its prompts."""
        for _ in range(20):
            if self.unheard:
                break
            self.advance()
        assert self.unheard, "the caller hears nothing"
        play = self.unheard.pop(0)
        assert _names(play) == prompts
        assert language is None or play.language == language
        return self

    def hears_the_value(self, name: str, value: str) -> Caller:
        """Check a value spoken in what is playing."""
        assert self._playing is not None
        spoken = [phrase.values.get(name) for phrase in self._playing.phrases if phrase.values]
        assert value in spoken
        return self

    def waits(self, seconds: float) -> Caller:
        """Let time pass."""
        until = self.now + timedelta(seconds=seconds)
        while (due := self._next_due()) is not None and due <= until and not self.session.finished:
            self.advance()
        self.now = max(self.now, until)
        return self

    def waits_unmoved(self, seconds: float) -> Caller:
        """Let time pass without minding what is played."""
        self.waits(seconds)
        self.unheard.clear()
        return self

    def hangs_up(self) -> Caller:
        self.feed(CallerHungUp())
        return self

    # ---- What comes to the caller

    def is_queued_in(self, queue: str, *, after: str = "") -> Caller:
        """Hear the announcement and the music; the place is not known unless the test says so."""
        self.enters(queue, after=after)
        return self if self._names_playing()[-1] == "music" else self.hears("music")

    def enters(self, queue: str, *, after: str = "") -> Caller:
        """Hear what is said on entering (`after`: that one prompt), with or without music, and wait."""
        while not self.unheard:
            self.advance()
        said = [after] if after else ANNOUNCED
        self.hears(*said, *(["music"] if "music" in _names(self.unheard[0]) else []))
        assert self._room is not None
        assert self._room.queue == queue
        return self

    def waits_in(self, queue: str) -> Caller:
        """Wait in a queue in silence."""
        assert not self.unheard and self._playing is None
        assert self.room.queue == queue
        return self

    def is_answered(self) -> Caller:
        assert self._room is not None
        request, self._room = self._room.request, None
        self.feed(RoomLeft(request, "answered"))
        assert self.session.step == CONVERSATION
        assert self.with_agent
        return self

    def is_let_go_by_the_agent(self, how: TalkEnd, queue: str = "") -> Caller:
        assert self.with_agent
        self.with_agent = False
        self.feed(TalkOver(how, queue))
        return self

    def is_turned_away(self) -> Caller:
        assert self._room is not None
        self.feed(RoomLeft(self._room.request, "closed"))
        return self

    def is_hung_up(self, reason: EndReason) -> Caller:
        for _ in range(20):
            if self.session.finished:
                break
            assert not self.unheard, f"heard but not expected: {_names(self.unheard[0])}"
            self.advance()
        assert isinstance(self.commands[-1], HangUp)
        assert self.commands[-1].reason == reason == self.session.end_reason
        return self

    # ---- What the record and the waiting room got

    @property
    def room(self) -> EnterRoom:
        assert self._room is not None
        return self._room

    def recorded(self, kind: EventKind) -> list[Mapping[str, str]]:
        return [c.data for c in self.commands if isinstance(c, Record) and c.kind == kind]

    def route(self) -> list[str]:
        """Return the steps that were entered."""
        return [data["step"] for data in self.recorded(EventKind.STEP)]

    # ---- The world around the engine

    def advance(self) -> None:
        """Go to whatever happens next by itself."""
        due = self._next_due()
        assert due is not None, f"nothing will ever happen at {self.session.step}"
        self.now = max(self.now, due)
        if self._playing is not None and self._ends_at == due:
            ended, self._playing = self._playing, None
            self.feed(PlaybackEnded(ended.playback, not self.broken & {p.name for p in ended.phrases}))
            return
        timer = min(self._timers, key=lambda name: self._timers[name])
        del self._timers[timer]
        self.feed(TimerFired(timer))

    def feed(self, event: FlowEvent) -> None:
        """Give the engine an event, perform its commands, and hold it to its promises."""
        if isinstance(event, CallerHungUp):
            self._playing = None
        self.inputs.append((event, self.now))
        self.last = self.session.handle(event, self.now)
        self.commands.extend(self.last)
        stopped: list[str] = []
        asked: list[LookUp] = []
        for command in self.last:
            self._perform(command, stopped, asked)
        for playback in stopped:
            self.inputs.append((PlaybackEnded(playback), self.now))
            assert self.session.handle(PlaybackEnded(playback), self.now) == []
        self._hold_to_promises(asked)
        for look_up in asked:
            self._answer(look_up)

    def _perform(self, command: Command, stopped: list[str], asked: list[LookUp]) -> None:
        match command:
            case Play():
                assert self._playing is None, "two playbacks at once"
                self._playing = command
                self.unheard.append(command)
                self._ends_at = self.now + timedelta(seconds=self._length(command))
            case StopPlaying(playback):
                assert self._playing is not None and self._playing.playback == playback
                self._playing = None
                self.unheard = [play for play in self.unheard if play.playback != playback]
                stopped.append(playback)
            case StartTimer(timer, seconds):
                self._timers[timer] = self.now + timedelta(seconds=seconds)
            case CancelTimer(timer):
                del self._timers[timer]
            case EnterRoom():
                assert self._room is None
                self._room = command
            case LeaveRoom(request):
                assert self._room is not None and self._room.request == request
                self._room = None
            case HandOver():
                assert self._playing is None, "an agent would hear what still plays"
                self.with_agent = True
            case LeaveTalk():
                assert self.with_agent
                self.with_agent = False
            case LookUp():
                asked.append(command)

    def _hold_to_promises(self, asked: list[LookUp]) -> None:
        out = self.session.outstanding()
        assert out.playing == self._playing
        assert {timer.timer for timer in out.timers} == set(self._timers)
        if self.session.finished:
            assert not self._timers and self._playing is None, "something goes on after the end"
        elif self.session.step not in {None, CONVERSATION}:
            alive = self._playing or self._timers or asked
            assert alive, f"dead silence at {self.session.step}"

    def _answer(self, look_up: LookUp) -> None:
        answer = self._answers[look_up.name]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if answer == NEVER:
            return
        if answer[0] == "booked":
            self._room = None  # the room keeps the place without this leg
        self.feed(LookedUp(look_up.request, answer[0], answer[1]))

    def _length(self, play: Play) -> float:
        names = {phrase.name for phrase in play.phrases}
        if names & self.broken:
            return 0.0
        return MUSIC_LASTS if "music" in names else PROMPT_LASTS

    def _names_playing(self) -> tuple[str, ...]:
        return _names(self._playing) if self._playing is not None else ("",)

    def _next_due(self) -> datetime | None:
        due = list(self._timers.values())
        if self._playing is not None:
            due.append(self._ends_at)
        return min(due, default=None)


def _names(play: Play) -> tuple[str, ...]:
    return tuple(phrase.name for phrase in play.phrases)
