"""All calls that are inside: who they are, and which events belong to whom."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from call_flows.book import FlowBook
from call_flows.events import CallerHungUp, CallStarted, KeyPressed
from call_flows.journal import replay
from call_flows.problems import FlowError
from call_flows.session import CallSession
from call_flows.step import CONVERSATION
from domain.background import Background
from domain.call_log import CallLogUnavailable
from domain.calls import Call, CallEvent, EndReason, EventKind
from domain.ids import new_id
from domain.phone import caller_number, dialled_number
from domain.waiting_room import TalkEnd
from ivr.call_driver import CallDriver
from ivr.outbound import PROVEN, DialedEnd, Errand, is_ours
from ivr.ports import Ports
from ivr.shelf import FlowShelf

log = logging.getLogger(__name__)

# The dialplan admits only the line's own numbers; whatever else arrives is answered all the same.
UNKNOWN_NUMBER = "unknown"


@dataclass(frozen=True, slots=True)
class Leg:
    """A caller's leg, or that of a person we called, as Asterisk shows it.

    `dialled` and `caller` are attacker's text.
    """

    channel: str
    dialled: str
    caller: str
    up: bool  # answered
    errand: Errand | None = None  # of a call that we placed


class Switchboard:
    """Gives every call its driver and passes events on; regains control of calls after a break."""

    def __init__(self, ports: Ports, shelf: FlowShelf) -> None:
        self._ports = ports
        self._shelf = shelf
        self._calls: dict[str, CallDriver] = {}  # by call id
        self._channels: dict[str, CallDriver] = {}
        # Unfinished calls whose leg is alive but outside the application (the dialplan's hold).
        self._away: dict[str, Call] = {}
        self._background = Background()

    # ---- What Asterisk tells

    def arrived(self, leg: Leg) -> None:
        """A leg entered the application."""
        known = self._away.pop(leg.channel, None)
        if known is not None:
            self._background.begin(self._take_back([(known, leg)]))
            return
        if leg.channel in self._channels:
            return
        book, errand, now = self._shelf.current, leg.errand, self._ports.clock.now()
        if errand is None:
            started = CallStarted(dialled_number(leg.dialled) or UNKNOWN_NUMBER)
            call_id, caller = new_id(), caller_number(leg.caller)
        else:
            started, call_id, caller = errand.started(), errand.call_id, None
        call = Call(call_id, leg.channel, started.dialled, caller, book.version, now)
        driver = self._seat(call, CallSession(book, call_id, started.dialled))
        self._ports.observer.call_started()
        if errand is not None:
            self._ports.dialed.answered(call_id, errand.amd)
        driver.start(started)

    def key(self, channel: str, key: str) -> None:
        """The caller pressed a key."""
        if driver := self._channels.get(channel):
            driver.post(KeyPressed(key))

    def playback_ended(self, playback: str, *, ok: bool) -> None:
        """A playback came to its end."""
        if driver := self._calls.get(playback.partition("-")[0]):
            driver.deeds.playback_ended(playback, ok=ok)

    def gone(self, channel: str, cause: int) -> None:
        """A leg left the application or was hung up (Q.850 cause)."""
        if driver := self._channels.get(channel):
            driver.post(CallerHungUp(cause))
        elif call := self._away.pop(channel, None):
            self._background.begin(self._close_lost(call))

    def room_left(self, call_id: str, how: str) -> None:
        """The waiting room let a call go (`domain.waiting_room.RoomExit`)."""
        if driver := self._calls.get(call_id):
            driver.deeds.stay.left(how)

    def agent_joined(self, call_id: str, agent: str) -> None:
        """An agent and the caller are together (`domain.waiting_room.RoomExit`)."""
        driver = self._calls.get(call_id)
        if driver is not None and is_ours(driver.call):
            driver.deeds.stay.course.joined = True
            self._ports.dialed.joined(call_id, agent)

    def talk_over(self, call_id: str, how: TalkEnd, queue: str = "") -> None:
        """A talk with an agent is over (`domain.waiting_room.RoomExit`)."""
        if driver := self._calls.get(call_id):
            driver.deeds.talk_over(how, queue)

    # ---- Losing and regaining control

    def hold(self) -> None:
        """Let every call's events wait: Asterisk cannot be commanded now."""
        for driver in self._calls.values():
            driver.hold()

    async def reconcile(self, inside: Iterable[Leg], elsewhere: Iterable[str]) -> None:
        """Compare with Asterisk and go on with every call.

        `inside`: the legs in the application; `elsewhere`: other live channels. Calls without a leg are
        closed as lost; legs without a call begin as new ones, unless their call has ended already.
        """
        legs = {leg.channel: leg for leg in inside}
        outside = set(elsewhere)
        await self._resume_seated(legs, outside)
        returning: list[tuple[Call, Leg]] = []
        for call in await self._ports.log.unfinished():
            if call.call_id in self._calls:
                legs.pop(call.channel, None)
            elif leg := legs.pop(call.channel, None):
                returning.append((call, leg))
            elif call.channel in outside:
                self._away[call.channel] = call
            else:
                await self._close_lost(call)
        await self._take_back(returning)
        for leg in legs.values():
            await self._admit_unknown(leg)

    async def _resume_seated(self, legs: Mapping[str, Leg], outside: set[str]) -> None:
        """Go on with the calls that this process has had all the time."""
        for driver in list(self._calls.values()):
            leg = legs.get(driver.call.channel)
            if leg is not None:
                await driver.resume(up=leg.up)
            elif driver.call.channel in outside:
                await self._unseat_for_later(driver)
            else:
                driver.end(CallerHungUp())

    async def _unseat_for_later(self, driver: CallDriver) -> None:
        await driver.stop()
        self._unseat(driver)
        self._away[driver.call.channel] = driver.call

    async def _admit_unknown(self, leg: Leg) -> None:
        if leg.channel in self._channels:
            return
        known = await self._ports.log.on_channel(leg.channel)
        if known is None:
            self.arrived(leg)
        elif known.ended_at is not None:
            # The end was on record before the leg was hung up.
            self._ports.control.hang_up(leg.channel)

    async def _take_back(self, returning: list[tuple[Call, Leg]]) -> None:
        """Rebuild calls from their records and go on where they were."""
        await asyncio.gather(*[self._take_one_back(call, leg) for call, leg in returning])
        if returning:
            self._ports.observer.recovered(len(returning))

    async def _take_one_back(self, call: Call, leg: Leg) -> None:
        try:
            events = await self._ports.log.events(call.call_id)
            book = await self._shelf.of(call.flow_version)
            await self._rebuild(call, leg, events, book)
        except (KeyError, FlowError):
            log.exception("call cannot be rebuilt; it starts anew", extra={"call_id": call.call_id})
            await self._close_lost(call)
            if is_ours(call):  # its id is spent, and nobody is called to hear a flow twice
                self._ports.control.hang_up(leg.channel)
            else:
                self.arrived(leg)

    async def _rebuild(self, call: Call, leg: Leg, events: list[CallEvent], book: FlowBook) -> None:
        session = replay(book, call, events)
        driver = self._seat(call, session, recorded=len(events))
        driver.deeds.stay.remember(events, talking=session.step == CONVERSATION)
        if is_ours(call):
            self._ports.dialed.answered(call.call_id, leg.errand.amd if leg.errand else "")
        driver.deeds.take = sum(event.kind is EventKind.RECOVERED for event in events)
        driver.start()
        await driver.resume(up=leg.up)

    async def _close_lost(self, call: Call) -> None:
        """Put the end of a call on record that nobody has; its last driver may be writing at this moment."""
        events = await self._ports.log.events(call.call_id)
        while not any(event.kind is EventKind.ENDED for event in events):
            reason = {"reason": EndReason.LOST.value}
            now, known = self._ports.clock.now(), len(events)
            try:
                await self._ports.log.append(
                    [CallEvent(call.call_id, known + 1, now, EventKind.ENDED, reason)]
                )
                break
            except CallLogUnavailable:
                events = await self._ports.log.events(call.call_id)
                if len(events) == known:
                    raise
        else:
            return  # that driver has told everybody
        if is_ours(call):
            steps = [event.data["step"] for event in events if event.kind is EventKind.STEP]
            talked = CONVERSATION in steps
            self._ports.dialed.over(call.call_id, DialedEnd.TALKED if talked else DialedEnd.LOST)

    # ---- Seats

    def _seat(self, call: Call, session: CallSession, recorded: int = 0) -> CallDriver:
        driver = CallDriver(call, session, self._ports, recorded=recorded, on_end=self._ended)
        self._calls[call.call_id] = driver
        self._channels[call.channel] = driver
        return driver

    def _ended(self, driver: CallDriver) -> None:
        self._unseat(driver)
        if is_ours(driver.call):
            reason = driver.session.end_reason or EndReason.FAILED
            self._ports.dialed.over(
                driver.call.call_id,
                driver.deeds.stay.course.end(reason, proven=PROVEN in driver.session.facts),
            )

    def _unseat(self, driver: CallDriver) -> None:
        self._calls.pop(driver.call.call_id, None)
        self._channels.pop(driver.call.channel, None)

    # ---- For those who look on

    def __len__(self) -> int:
        """Return how many calls are inside."""
        return len(self._calls)

    def inside(self) -> list[CallDriver]:
        """Return the calls inside."""
        return list(self._calls.values())

    async def stop(self) -> None:
        """Let go of all calls without ending them."""
        for driver in list(self._calls.values()):
            await driver.stop()
        self._calls.clear()
        self._channels.clear()
