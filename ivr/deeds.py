"""Carries out what a call's flow commands, against the ports."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from call_flows.commands import (
    Answer,
    CancelTimer,
    Command,
    EnterRoom,
    HandOver,
    HangUp,
    LeaveRoom,
    LeaveTalk,
    LookUp,
    Play,
    StartTimer,
    StopPlaying,
)
from call_flows.events import FlowEvent, LookedUp, PlaybackEnded, TalkOver, TimerFired
from call_flows.verbs.call_back import BOOK
from domain.calls import Call
from domain.waiting_room import TalkEnd
from ivr.look_ups import Answer as Answered
from ivr.ports import Ports
from ivr.stay import OF_CALL, Stay
from prompts.errors import PromptError

log = logging.getLogger(__name__)


def wire_id(playback: str, take: int) -> str:
    """Return Asterisk's id for a flow's playback in the n-th take."""
    return f"{playback}.{take}" if take else playback


class Deeds:
    """The outside of one call: what plays, which timers run, what is asked, where it waits.

    Results come back through `post`. `take` counts how often control of the call was regained: a
    prompt that is played again needs an id of its own, for the end of the first take may still be told.
    """

    def __init__(self, call: Call, ports: Ports, post: Callable[[FlowEvent], None]) -> None:
        self.playing: str | None = None  # the flow's id of what plays
        self.on_wire: str | None = None  # Asterisk's id of it
        self.take = 0
        self.stay = Stay(call, ports, post)
        self._call = call
        self._ports = ports
        self._post = post
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._asking: set[asyncio.Task[None]] = set()

    def perform(self, command: Command, at: datetime) -> None:
        """Carry out one command, decided at that time."""
        control = self._ports.control
        match command:
            case Play():
                self._play(command)
            case StopPlaying(playback):
                self._stop_playing(playback)
            case StartTimer(timer, seconds):
                loop = asyncio.get_running_loop()
                self._timers[timer] = loop.call_later(seconds, self._timer_fired, timer)
            case CancelTimer(timer):
                if handle := self._timers.pop(timer, None):
                    handle.cancel()
            case Answer():
                control.answer(self._call.channel)
            case HangUp():
                control.hang_up(self._call.channel)
            case _:
                self._turn_to_others(command, at)

    def talk_over(self, how: TalkEnd, queue: str) -> None:
        """Pass on that the talk with an agent is over."""
        self._post(TalkOver(how, queue))

    def clear(self) -> None:
        """Forget timers and open look-ups."""
        for handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        for task in self._asking:
            task.cancel()

    def _turn_to_others(self, command: Command, at: datetime) -> None:
        match command:
            case LookUp():
                task = asyncio.get_running_loop().create_task(self._ask(command))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            case EnterRoom():
                self.stay.enter(command, at)
            case HandOver():
                self._ports.room.handed_over(self._call.call_id, self._call.channel)
            case LeaveTalk():
                self._ports.room.leave(self._call.call_id, "caller_hung_up")
            case LeaveRoom(_, why):
                self.stay.leave(why)

    def playback_ended(self, on_wire: str, *, ok: bool) -> None:
        """Pass on that a playback ended; of one that was stopped or replaced nobody wants to know."""
        if on_wire == self.on_wire and self.playing is not None:
            self._post(PlaybackEnded(self.playing, ok))

    async def adopt(self, play: Play) -> bool:
        """Take up a playback of an earlier take that is still being heard; return whether there is one."""
        for take in reversed(range(self.take)):
            on_wire = wire_id(play.playback, take)
            if await self._ports.control.is_playing(on_wire):
                self.playing, self.on_wire = play.playback, on_wire
                return True
        return False

    def silence(self, playbacks: Iterable[str]) -> None:
        """Stop whatever take of these is still being heard."""
        for playback in playbacks:
            for take in range(self.take):
                self._ports.control.stop(wire_id(playback, take))

    def _stop_playing(self, playback: str) -> None:
        on_wire = self.on_wire if playback == self.playing else None
        self.playing = self.on_wire = None
        self._ports.control.stop(on_wire or wire_id(playback, self.take))

    def _play(self, play: Play) -> None:
        ports = self._ports
        self.playing, self.on_wire = play.playback, wire_id(play.playback, self.take)
        try:
            sounds = [
                sound
                for phrase in play.phrases
                for sound in ports.sounds.sounds(phrase.name, play.language, phrase.values)
            ]
        except PromptError:
            log.exception("prompt cannot be played", extra={"call_id": self._call.call_id})
            self._post(PlaybackEnded(play.playback, ok=False))
            return
        ports.control.play(self._call.channel, self.on_wire, sounds)
        for phrase in play.phrases:
            ports.observer.prompt_played(phrase.name, play.language)

    async def _answer(self, look_up: LookUp) -> Answered:
        if look_up.name in OF_CALL:
            return self.stay.answer(look_up.name)
        if look_up.name == BOOK:
            return await self.stay.book(look_up.arguments)
        look_ups = self._ports.look_ups
        if look_up.name in look_ups.of_call:
            return await look_ups.of_call[look_up.name](self._call, look_up.arguments)
        return await look_ups.asking[look_up.name](look_up.arguments)

    def _timer_fired(self, timer: str) -> None:
        self._timers.pop(timer, None)
        self._post(TimerFired(timer))

    async def _ask(self, look_up: LookUp) -> None:
        began = self._ports.clock.monotonic()
        answer = await self._answer(look_up)
        self._ports.observer.looked_up(look_up.name, answer.word, self._ports.clock.monotonic() - began)
        self._post(LookedUp(look_up.request, answer.word, answer.facts))
