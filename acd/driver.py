"""Joins the floor to the world: events become happenings, actions become deeds, rows become a record."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from acd.actions import (
    Action,
    CallOut,
    CloseBridge,
    EndTalk,
    HangUpLeg,
    JoinBridge,
    Joined,
    LetGo,
    OpenBridge,
    PartBridge,
    RingLeg,
    Snoop,
    StartMusic,
    StopMusic,
    Tell,
    Write,
)
from acd.call_ears import CallEars
from acd.calling_out import CallingOut
from acd.explain import Explanation
from acd.floor_views import AgentView, CallerView, QueueView, TalkView
from acd.happenings import (
    CallEntered,
    CallGone,
    CallHandedOver,
    ControlBack,
    ControlLost,
    Happening,
    LegGone,
    LegJoined,
    LegUp,
    OwnCall,
    OwnCallOver,
    PhoneLost,
    PhoneSeen,
    RoomShut,
    TimePassed,
)
from acd.outbound_desk import OutboundDesk
from acd.ports import Callbacks, CallLater, FloorLegs, FloorObserver, FloorRulesEngine
from acd.record import RecordWriter
from acd.requests import Actor, Request
from acd.skills import Skillbook
from acd.wake import WakeTimer, on_the_loop
from domain.clock import Clock
from domain.floor_log import EntryRow, FloorLog
from domain.legs import LiveLeg
from domain.waiting_room import Place, RoomExit, WaitingCall

log = logging.getLogger(__name__)


class FloorDriver:
    """The waiting room of the flows, the ear of the telephony, and the counter for people's requests.

    Everything happens on one event loop. What is told while actions are being performed waits its turn,
    so the floor hears of one thing after the other.
    """

    def __init__(
        self,
        floor: FloorRulesEngine,
        legs: FloorLegs,
        record: FloorLog,
        clock: Clock,
        observer: FloorObserver,
        call_later: CallLater | None = None,
    ) -> None:
        """`call_later(seconds, function)` is the event loop's by default."""
        self._floor = floor
        self._legs = legs
        self._record = record
        self._clock = clock
        self._observer = observer
        self._timer = WakeTimer(clock.monotonic, call_later or on_the_loop, partial(self.tell, TimePassed()))
        self._door: RoomExit | None = None
        self._inbox: deque[Happening] = deque()
        self._busy = False
        self._waiting: dict[str, CallEntered] = {}  # calls whose flow waits for an agent
        self._booked: set[str] = set()  # calls without a leg: to be called back
        self._rung: set[str] = set()  # legs of ours that live, as far as is known
        self._watchers: list[Callable[[], None]] = []
        self._conditions: list[Callable[[Actor, Request], None]] = []
        self._ears: list[Callable[[str, str], None]] = []
        self._rows = RecordWriter(record, observer)
        self.call_ears = CallEars(floor.caller)
        self._calling_out = CallingOut(legs, self._rows, self.leg_gone)
        self.outbound = OutboundDesk(floor, self.tell)

    # ---- Joining

    def connect(self, door: RoomExit, callbacks: Callbacks | None = None) -> None:
        """Tell the flows through `door` from now on; `callbacks` calls people back."""
        self._door = door
        self._calling_out.callbacks = callbacks

    def on_tell(self, ear: Callable[[str, str], None]) -> None:
        """Call `ear(staff number, word)` when an agent is told something."""
        self._ears.append(ear)

    async def restore(self, entries: Sequence[EntryRow] = ()) -> None:
        """Begin with what is on record. Before anything else; raises CallLogUnavailable.

        `entries`: the last row of every call that may still live.
        """
        agents, legs = await self._record.agents(), await self._record.open_legs()
        self._floor.restore(agents, legs, *self._now(), entries)
        self._timer.set(self._floor.wake_at)

    async def stop(self) -> None:
        """Let go of everything without ending it; rows are made durable first, if they can be."""
        self._timer.forget()
        await self._calling_out.stop()
        await self._rows.settled()

    # ---- The waiting room (domain.waiting_room.WaitingRoom)

    def enter(self, call: WaitingCall) -> None:
        """Let a call wait. A call that is already inside keeps its place."""
        entered = CallEntered(
            call.call_id, call.channel, call.queue, call.language, self._axis(call.since),
            call.priority, call.only, call.quick,
        )  # fmt: skip
        self._waiting[call.call_id] = entered
        self._booked.discard(call.call_id)
        self.tell(entered)

    def enter_callback(self, call_id: str, queue: str, language: str, since: datetime) -> None:
        """Let a person wait who is to be called back: nobody is on the line. Keeps the place if inside."""
        if call_id in self._waiting or call_id in self._booked:
            return
        self._booked.add(call_id)
        self.tell(CallEntered(call_id, "", queue, language, self._axis(since)))

    def withdraw_callback(self, call_id: str, why: str) -> None:
        """Take a person out who is no longer to be called back."""
        if call_id in self._booked:
            self._booked.discard(call_id)
            self.tell(CallGone(call_id, why))

    def leave(self, call_id: str, why: str) -> None:
        """Take a call out; also a caller who hung up in a talk. Idempotent."""
        if call_id in self._booked:  # the person waits on, without this leg
            return
        self._waiting.pop(call_id, None)
        self.tell(CallGone(call_id, why))
        self.call_ears.over(call_id)

    def handed_over(self, call_id: str, channel: str) -> None:
        """The flow let go of an answered call's leg. Idempotent."""
        self._waiting.pop(call_id, None)
        self.tell(CallHandedOver(call_id, channel))

    def place(self, call_id: str) -> Place | None:
        """Return where a call stands in line; None when it does not wait."""
        return self._floor.place(call_id, self._clock.monotonic())

    def call_back(self, call_id: str) -> bool:
        """Keep a waiting call's place without its leg; False if an agent has it or it does not wait."""
        entered = self._waiting.pop(call_id, None)
        if entered is None or self.place(call_id) is None:
            return False
        self._booked.add(call_id)
        self.tell(CallGone(call_id, "callback"))
        self.call_ears.over(call_id)
        self.tell(replace(entered, leg=""))
        return True

    def shut(self) -> None:
        """Let everybody who waits go: the line was shut. Talks go on."""
        self.tell(RoomShut())

    # ---- The telephony

    def leg_up(self, leg: str) -> None:
        """A phone that was rung answered."""
        self._rung.add(leg)
        self.tell(LegUp(leg))

    def leg_gone(self, leg: str, cause: int) -> None:
        """A leg of ours is gone; its end is told once."""
        if leg not in self._rung:
            return
        self._rung.discard(leg)
        self.tell(LegGone(leg, cause))
        self._calling_out.leg_gone(leg, cause)

    def joined(self, bridge: str, leg: str) -> None:
        """A leg is in a bridge."""
        self.tell(LegJoined(bridge, leg))
        self._calling_out.leg_joined(leg)

    def phone(self, agent: str, account: str, reachable: bool) -> None:
        """An agent's phone can be reached, or no longer."""
        self.tell(PhoneSeen(agent, account) if reachable else PhoneLost(agent, account))

    def own_call(self, agent: str, leg: str) -> None:
        """An agent's phone is on a call of their own."""
        self.tell(OwnCall(agent, leg))

    def own_call_over(self, agent: str, leg: str) -> None:
        """That call is over. Idempotent."""
        self.tell(OwnCallOver(agent, leg))

    def control_lost(self) -> None:
        """Asterisk cannot be commanded."""
        self.tell(ControlLost())

    def control_back(self, legs: Sequence[LiveLeg], bridges: Sequence[str]) -> None:
        """Asterisk can be commanded again, the calls are seated, and this is what lives there."""
        self._rung = {leg.leg for leg in legs}
        self._calling_out.live(legs)
        self.tell(ControlBack(tuple(legs), tuple(bridges)))

    # ---- People (the port that pages, dial codes and commands use)

    def on_request(self, check: Callable[[Actor, Request], None]) -> None:
        """Let `check(actor, request)` refuse requests (acd.requests.Refused) before the floor is asked."""
        self._conditions.append(check)

    def request(self, actor: Actor, request: Request) -> None:
        """Grant a request. Raises acd.requests.Refused."""
        for check in self._conditions:
            check(actor, request)
        try:
            self._perform_all(self._floor.request(actor, request, *self._now()))
        finally:
            self._drain()

    def adopt(self, book: Skillbook) -> None:
        """Take changed tables without losing a place or a talk. Raises acd.requests.Refused."""
        try:
            self._perform_all(self._floor.adopt(book, *self._now()))
        finally:
            self._drain()

    def agents(self) -> Sequence[AgentView]:
        """Return every agent, by staff number."""
        return self._floor.agents(self._clock.monotonic())

    def queues(self) -> Sequence[QueueView]:
        """Return every queue in which somebody waits or could wait."""
        return self._floor.queues(self._clock.monotonic())

    def talks(self) -> Sequence[TalkView]:
        """Return the talks that are on."""
        return self._floor.talks(self._clock.monotonic())

    def caller(self, call_id: str) -> CallerView | None:
        """Return a call as its caller has it; None: it is not in the room."""
        return self._floor.caller(call_id)

    def explain(self, call_id: str) -> Explanation:
        """Explain why a call is where it is. Raises KeyError: not in the room."""
        return self._floor.explain(call_id, *self._now())

    def lending(self) -> str:
        """Return what inbound lends to outbound work and why, for a person to read."""
        return self._floor.lending(self._clock.monotonic())

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after every change; return what ends that."""
        self._watchers.append(callback)
        return partial(self._watchers.remove, callback)

    # ---- One thing after the other

    def tell(self, happening: Happening) -> None:
        """Tell the floor something, now or right after what is being done."""
        self._inbox.append(happening)
        self._drain()

    def _drain(self) -> None:
        if self._busy:
            return
        while self._inbox:
            happening = self._inbox.popleft()
            try:
                self._perform_all(self._floor.handle(happening, *self._now()))
            except Exception:
                # A mistake over one call must not stop the floor for all others.
                log.exception("the floor failed", extra={"happening": type(happening).__name__})
                self._observer.floor_failed()
        self._timer.set(self._floor.wake_at)
        for callback in self._watchers:
            callback()

    def _perform_all(self, actions: Sequence[Action]) -> None:
        self._busy = True
        try:
            if rows := [action.row for action in actions if type(action) is Write]:
                self._rows.write(rows)
            for action in actions:
                try:
                    self._perform(action)
                except Exception:
                    log.exception("the floor's action failed", extra={"action": type(action).__name__})
                    self._observer.floor_failed()
            self.call_ears.saw(actions)
        finally:
            self._busy = False

    def _perform(self, action: Action) -> None:
        legs = self._legs
        match action:
            case RingLeg(leg, account, args, seconds, quick):
                self._rung.add(leg)
                legs.ring(leg, account, args, seconds, quick=quick)
            case HangUpLeg(leg, cause):
                if not self._calling_out.give_up(leg, cause):
                    legs.hang_up(leg, cause)
            case OpenBridge(bridge):
                legs.open_bridge(bridge)
            case JoinBridge(bridge, leg):
                legs.join(bridge, leg)
            case PartBridge(bridge, leg):
                legs.part(bridge, leg)
            case CloseBridge(bridge):
                legs.close_bridge(bridge)
            case Snoop(leg, target, whisper):
                self._rung.add(leg)
                legs.snoop(leg, target, whisper=whisper)
            case _:
                self._turn_to_others(action)

    def _turn_to_others(self, action: Action) -> None:
        match action:
            case StartMusic(leg, announced):
                self._legs.start_music(leg, announced)
            case StopMusic(leg):
                self._legs.stop_music(leg)
            case LetGo() | Joined() | EndTalk():
                self._tell_flow(action)
            case CallOut():
                self._rung.add(action.leg)
                self._calling_out.begin(action)
            case Tell(agent, word):
                for ear in self._ears:
                    ear(agent, word)

    def _tell_flow(self, action: LetGo | Joined | EndTalk) -> None:
        if action.call_id in self._booked and not isinstance(action, Joined):
            self.withdraw_callback(action.call_id, action.how)
            return
        if self._door is None:
            return
        match action:
            case LetGo(call_id, how):
                self._waiting.pop(call_id, None)
                self._door.room_left(call_id, how)
            case Joined(call_id, agent):
                self._door.agent_joined(call_id, agent)
            case EndTalk(call_id, end, queue):
                self._door.talk_over(call_id, end, queue)

    # ---- Time

    def _now(self) -> tuple[float, datetime]:
        return self._clock.monotonic(), self._clock.now()

    def _axis(self, since: datetime) -> float:
        """Return a wall time on the monotonic axis; never one to come, should the clock be set back."""
        now, at = self._now()
        return now - max(0.0, (at - since.astimezone(UTC)).total_seconds())
