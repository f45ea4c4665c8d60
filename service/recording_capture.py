"""Capture in the running service: what the floor, callers and agents do becomes recordings and marks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence

from acd.floor_views import CallerView
from acd.wake import WakeTimer, on_the_loop
from domain.clock import Clock
from domain.ids import new_id
from recording.capture import Course, Whose
from recording.capture_marks import Seen
from recording.capture_orders import Order
from recording.capture_ports import CallFacts, Calls, PoliciesInForce
from recording.policies import Kind
from recording.ports import RecordingsUnavailable
from recording.recordings import AlarmKind, MarkKind, Recording, Silence
from service.recording_capture_work import CaptureWork, Hands

log = logging.getLogger(__name__)

PHASES = {
    "talking": MarkKind.TALK,
    "holding": MarkKind.HOLD,
    "consulting": MarkKind.CONSULT,
    "conference": MarkKind.CONFERENCE,
}
LOOK_AGAIN = 1.0  # seconds until a call is asked about again that nothing could be learnt of
FORGET = 5.0  # seconds after which a call that is over is forgotten


class Capture:
    """An `acd.call_ears.CallEar` and a `recording.ports.SilenceControl`. All on one event loop."""

    def __init__(self, hands: Hands, calls: Calls, policies: PoliciesInForce) -> None:
        self._clock: Clock = hands.clock
        self._book, self._alarms = hands.book, hands.alarms
        self._calls, self._policies = calls, policies
        self.work = CaptureWork(hands, self)
        self._courses: dict[str, Course] = {}
        self._facts: dict[str, CallFacts] = {}
        self._members: dict[str, set[str]] = {}  # legs that were in a talk's bridge when one entered it last
        self._views: dict[str, CallerView] = {}  # of calls that are being asked about
        self._ready = asyncio.Event()  # what Asterisk records already is known
        self._lost_at = self._clock.monotonic()  # when Asterisk could no longer be commanded
        self._over: set[str] = set()  # calls that ended, as it seems, while Asterisk could not be commanded
        self._timer = WakeTimer(self._clock.monotonic, on_the_loop, self._time_passed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._watchers: list[Callable[[], None]] = []

    # -- the floor (acd.call_ears.CallEar) --------------------------------------------------------

    def call_seen(self, view: CallerView) -> None:
        """A call is like this now."""
        course = self._courses.get(view.call_id)
        if course is not None and not course.over:
            self._follow(course, view)
        elif view.call_id in self._views:
            self._views[view.call_id] = view
        else:
            self._views[view.call_id] = view
            self._spawn(self._ask_about(view.call_id))

    def call_over(self, call_id: str) -> None:
        """The call is over for agents."""
        self._views.pop(call_id, None)
        self._end(call_id)

    def leg_gone(self, channel: str) -> None:
        """A leg is gone: whatever recorded it ended with it."""
        for call_id, course in self._courses.items():
            recorded = course.recording.channel if course.recording else None
            if channel == (recorded or (course.seen.channel if course.seen else None)):
                self._end(call_id, alive=False)
                return
            members = self._members.get(call_id, set())
            if channel in members:
                members.remove(channel)
                now = self._clock.monotonic()
                self._perform(call_id, course.among(len(members) > 2, now, arrived=False))

    def entered(self, bridge: str, channel: str, members: Sequence[str]) -> None:
        """A leg entered a bridge (Asterisk's id), in which these legs are now."""
        for call_id, course in self._courses.items():
            leg = course.seen.channel if course.seen else ""
            if bridge.startswith(f"talk-{call_id}") and leg in members:
                self._members[call_id] = set(members)
                now = self._clock.monotonic()
                self._perform(call_id, course.among(len(members) > 2, now, arrived=channel == leg))

    # -- callers' keys ----------------------------------------------------------------------------

    def key_pressed(self, channel: str) -> None:
        """A caller pressed a key on a leg; silence if it is in a talk."""
        for call_id, course in self._courses.items():
            if course.seen is not None and course.seen.channel == channel and not course.over:
                self._silence(call_id, course, Silence.KEYS, on=True)
                return

    # -- people (recording.ports.SilenceControl) --------------------------------------------------

    async def silence(self, call_id: str, why: str, on: bool, by: str) -> bool:
        """Begin or end silence. False: the call is not being recorded. Raises ValueError: no such reason."""
        del by  # who asked is in the trail of acts
        course = self._courses.get(call_id)
        return course is not None and self._silence(call_id, course, Silence(why), on=on)

    async def record(self, call_id: str, by: str) -> bool:
        """Record a call whose queue is recorded on demand. False: it cannot be."""
        del by
        course = self._courses.get(call_id)
        if course is None:
            return False
        done, orders = course.ask(self._clock.monotonic(), self._clock.now())
        self._perform(call_id, orders)
        return done

    def status(self, call_id: str) -> str:
        """Return what the agent's page shows of a call."""
        course = self._courses.get(call_id)
        return "off" if course is None else course.status

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after every change of a status; return what ends that."""
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    # -- what came of orders (service.recording_capture_work.Told) --------------------------------

    def announced(self, call_id: str, ok: bool) -> None:
        """The notice came to its end, or could not be played."""
        if course := self._courses.get(call_id):
            self._perform(call_id, course.announced(ok, self._clock.monotonic(), self._clock.now()))

    def started(self, call_id: str, now: float) -> None:
        """Asterisk records since `now`."""
        if course := self._courses.get(call_id):
            self._perform(call_id, course.started(now))

    def not_started(self, call_id: str, cause: str) -> None:
        """The order failed."""
        if course := self._courses.get(call_id):
            self._perform(call_id, course.not_started(cause, self._clock.monotonic()))

    # -- recovery ---------------------------------------------------------------------------------

    @property
    def running(self) -> dict[str, Recording]:
        """Return what is being recorded or begun, by call."""
        return {
            call_id: course.recording
            for call_id, course in self._courses.items()
            if course.recording is not None and not course.over
        }

    def take_up(self, course: Course, facts: CallFacts, orders: list[Order]) -> None:
        """Go on with a recording that Asterisk went on with."""
        self._courses[course.call_id] = course
        self._facts[course.call_id] = facts
        self._perform(course.call_id, orders)

    def died(self, call_id: str, cause: str) -> None:
        """A call's leg went while Asterisk could not be commanded; `cause`: a word."""
        if course := self._courses.get(call_id):
            self._perform(call_id, course.end(self._lost_at, cause))
            self._forget_later(call_id)

    def has(self, recording_id: str) -> bool:
        """Whether a recording is one of those of this process."""
        return any(course.records(recording_id) for course in self._courses.values())

    def control_lost(self) -> None:
        """Asterisk cannot be commanded. Told once, at the moment."""
        if self._ready.is_set():
            self._ready.clear()
            self._lost_at = self._clock.monotonic()

    def control_back(self) -> None:
        """What Asterisk records is known: talks may be recorded from now on."""
        self._ready.set()
        for call_id in list(self._over):
            self._end(call_id)
        self._over.clear()

    async def stop(self) -> None:
        """Let go of everything; what Asterisk records it goes on with."""
        self._timer.forget()
        for task in self._tasks:
            task.cancel()
        await self.work.stop()

    # -- inside -----------------------------------------------------------------------------------

    async def _ask_about(self, call_id: str) -> None:
        """Learn what is known of a call, then let its recording follow the talk."""
        warned, wanted = False, self._clock.monotonic()
        while call_id in self._views:
            await self._ready.wait()
            course = self._courses.get(call_id)
            if course is not None and not course.over:  # it was taken up meanwhile
                if view := self._views.pop(call_id, None):
                    self._follow(course, view)
                break
            try:
                facts = await self._calls.facts(call_id)
                number = len(await self._book.of_call(call_id)) + 1
            except RecordingsUnavailable:
                if not warned and self._clock.monotonic() - wanted > 2 * LOOK_AGAIN:
                    warned = True
                    await self._alarms.raise_alarm(AlarmKind.NOT_STARTED, "", "record")
                await asyncio.sleep(LOOK_AGAIN)
                continue
            view = self._views.pop(call_id, None)
            if view is not None:
                whose = Whose(facts.direction, facts.campaign_id, self._calls.heard(call_id))
                self._facts[call_id] = facts
                self._courses[call_id] = course = Course(call_id, whose, number)
                self._follow(course, view)
        if warned:
            await self._alarms.clear(AlarmKind.NOT_STARTED, "", "record")

    def _follow(self, course: Course, view: CallerView) -> None:
        now, at = self._clock.monotonic(), self._clock.now()
        phase = PHASES.get(view.phase, MarkKind.WAITING)
        seen = Seen(view.call_id, view.leg, view.queue, view.language, view.agent, phase, view.third)
        if not course.is_of(seen.channel):
            self._perform(view.call_id, course.end(now, "other_leg", alive=True))
            course = self._courses[view.call_id] = course.next()
        facts, rules = self._facts.get(view.call_id, CallFacts()), self._policies.now()
        policy = rules.of(Kind(seen.queue, facts.direction, facts.campaign_id, facts.kind))
        self._perform(view.call_id, course.follow(seen, policy, rules, new_id(), now, at))

    def _silence(self, call_id: str, course: Course, why: Silence, *, on: bool) -> bool:
        done, orders = course.silence(why, on, self._clock.monotonic())
        self._perform(call_id, orders)
        return done

    def _end(self, call_id: str, *, alive: bool = True) -> None:
        if not self._ready.is_set():
            self._over.add(call_id)  # whether its leg lives is looked at first
            return
        if course := self._courses.get(call_id):
            self._perform(call_id, course.end(self._clock.monotonic(), alive=alive))
            self._forget_later(call_id)

    def _forget_later(self, call_id: str) -> None:
        # An order that is under way is answered yet.
        asyncio.get_running_loop().call_later(FORGET, self._forget, call_id)

    def _forget(self, call_id: str) -> None:
        course = self._courses.get(call_id)
        if course is not None and course.over:
            del self._courses[call_id]
            self._facts.pop(call_id, None)
            self._members.pop(call_id, None)

    def _time_passed(self) -> None:
        now = self._clock.monotonic()
        for call_id, course in list(self._courses.items()):
            if course.wake_at <= now:
                self._perform(call_id, course.time(now))
        self._set_timer()

    def _perform(self, call_id: str, orders: list[Order]) -> None:
        self.work.perform(call_id, orders)
        self._set_timer()
        if orders:
            for callback in self._watchers:
                callback()

    def _set_timer(self) -> None:
        self._timer.set(min((course.wake_at for course in self._courses.values()), default=float("inf")))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
