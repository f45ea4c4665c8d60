"""A call's stay in the waiting room, and the questions that only it can answer."""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from call_flows.commands import EnterRoom
from call_flows.events import FlowEvent, RoomLeft
from call_flows.line import MOST_MINUTES
from call_flows.session import ANSWERED
from call_flows.verbs.queue import CALLBACK_OFFER, PLACE_IN_LINE
from domain.calls import Call, CallEvent, EventKind
from domain.phone import callback_number
from domain.waiting_room import WaitingCall
from ivr.look_ups import Answer
from ivr.outbound import CAMPAIGN_AGENT, PRIORITY, Course, campaigns_own
from ivr.ports import Ports

# A wait is told a quarter longer than expected, and rounded up: callers forgive a shorter one.
CAUTION = 1.25
CALLER_NUMBER = "caller_number"
LIMIT = "limit"  # why a call leaves whose time in line is over
OF_CALL = frozenset({CALLER_NUMBER, PLACE_IN_LINE, CALLBACK_OFFER})
"""Look-ups that a call's own stay answers at once."""


def minutes_to_tell(expected_seconds: float | None) -> int:
    """Return an expected wait as it is told: whole minutes, 11 for more than ten, 0 for not at all."""
    if expected_seconds is None:
        return 0
    return min(max(math.ceil(expected_seconds * CAUTION / 60), 1), MOST_MINUTES + 1)


class Stay:
    """Enters and leaves the room for one call. What the room says comes back through `post`."""

    def __init__(self, call: Call, ports: Ports, post: Callable[[FlowEvent], None]) -> None:
        self.since: datetime | None = None  # the place in line, kept for a wait after a talk
        self.course = Course()
        self._call = call
        self._ports = ports
        self._post = post
        self._entry: EnterRoom | None = None
        self._booking: asyncio.Task[Answer] | None = None

    def remember(self, events: Iterable[CallEvent], *, talking: bool) -> None:
        """Take up what the record says of the stay; `talking`: an agent has the call."""
        course = self.course
        course.joined = talking
        for event in events:
            how = event.data.get("how", "")
            if event.kind is EventKind.QUEUED:
                self.since = self.since or event.at
            elif event.kind is EventKind.DEQUEUED:
                course.gave_up = course.gave_up or how == LIMIT
            elif event.kind is EventKind.ROOM_LEFT:
                course.served = course.served or how == ANSWERED
            elif event.kind is EventKind.TALK_OVER:
                course.joined = True

    def enter(self, entry: EnterRoom, at: datetime) -> None:
        """Let the call wait."""
        ports, call = self._ports, self._call
        self._entry = entry
        if self.since is None:
            self.since = at
            ports.observer.queued(entry.queue)
        waiting = WaitingCall(
            call.call_id, call.channel, entry.queue, entry.language, self.since, entry.facts
        )
        if campaigns_own(call, entry.queue, entry.facts):
            # After a talk that broke off whoever is there takes the person up again.
            only = "" if self.course.served else entry.facts.get(CAMPAIGN_AGENT, "")
            waiting = replace(waiting, priority=PRIORITY, only=only, quick=True)
        ports.room.enter(waiting)

    def leave(self, why: str) -> None:
        """Take the call out."""
        self._entry = None
        self.course.gave_up = self.course.gave_up or why == LIMIT
        self._ports.room.leave(self._call.call_id, why)

    def left(self, how: str) -> None:
        """Pass on what the waiting room said."""
        self.course.served = self.course.served or how == ANSWERED
        if self._entry is not None:
            self._post(RoomLeft(self._entry.request, how))
            self._entry = None

    def answer(self, look_up: str) -> Answer:
        """Answer one of `OF_CALL`."""
        if look_up == CALLER_NUMBER:
            number = callback_number(self._call.caller or "")
            if number is None:
                return Answer("unknown")
            return Answer("known", {"callback_number": number, "callback_number_last4": number[-4:]})
        if look_up == PLACE_IN_LINE:
            place = self._ports.room.place(self._call.call_id)
            if place is None:
                return Answer("unknown")
            minutes = minutes_to_tell(place.expected_seconds)
            return Answer("waiting", {"place": str(place.ahead + 1), "minutes": str(minutes)})
        bookings = self._ports.bookings
        return Answer("possible" if bookings and bookings.possible() else "not_now")

    async def book(self, arguments: Mapping[str, str]) -> Answer:
        """Answer `book_callback`. Once begun it goes on to its end, even if nobody waits for the answer."""
        if self._booking is None or self._booking.done():
            self._booking = asyncio.get_running_loop().create_task(self._book(arguments["number"]))
        return await asyncio.shield(self._booking)

    async def _book(self, number: str) -> Answer:
        entry, bookings, call_id = self._entry, self._ports.bookings, self._call.call_id
        if entry is None or bookings is None or self.since is None:
            return Answer("refused")
        booked = await bookings.book(call_id, number, entry.queue, entry.language, self.since)
        if booked is None:
            return Answer("refused")
        # Of one number in one queue the book keeps one callback, with the older of the two places.
        own = booked.call_id == call_id
        kept = self._entry is entry and (not own or self._ports.room.call_back(call_id))
        if not kept:
            if own:
                await bookings.withdraw(call_id)
            return Answer("refused")
        if not own:
            self.leave("callback")
        self._entry = None
        return Answer("booked")
