"""Outbound work on the floor: who belongs to it, whom inbound lends, who is kept for a call of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from acd.blending import Blending, BlendingRules, Inbound
from acd.floor_offers import Offers
from acd.floor_state import FloorState
from acd.floor_views import OutboundView
from acd.outbound import admitted_at_once, admitted_ever, is_outbound
from acd.people import Person
from acd.pools import Stand
from acd.talk import Visit

LOOK_EVERY = 0.2  # seconds between two looks at how inbound is
SHOWN = {
    "idle": "idle",
    "offered": "ringing",
    "joining": "ringing",
    "talking": "talking",
    "holding": "talking",
    "consulting": "talking",
    "rejoining": "talking",
    "wrap_up": "wrap_up",
}


class OutboundWork:
    """Lends agents, calls them back, keeps them for a dial, and says who is there."""

    def __init__(
        self, state: FloorState, offers: Offers, blending: Blending | None, queued: Callable[[], float | None]
    ) -> None:
        """`blending` None: nobody is lent. `queued` returns the seconds that a call entering now waits."""
        self.state, self.offers, self.blending = state, offers, blending
        self._queued = queued
        self._look_at = -math.inf  # when inbound may be looked at next
        self._woken = False
        self._suffers_at = math.inf  # when the inbound call that waits longest will have waited too long
        self._mixed = False  # whether there is anybody to lend

    # -- lending --------------------------------------------------------------------------------

    def borrow(self, queue: str, wanted: int) -> None:
        """Lend free agents of inbound to an outbound queue until `wanted` are, or inbound needs the rest."""
        if self.blending is None:
            return
        self._observe(self.blending)
        fitting = (person for person in self.state.people.values() if self._can_be_lent(person, queue))
        room = min(wanted - self.borrowed(queue), self.blending.may_borrow(self.state.now))
        for person in sorted(fitting, key=lambda person: (person.since, person.number))[: max(0, room)]:
            person.lent = queue
            self.offers.define(person)
        self._observe(self.blending)

    def borrowed(self, queue: str) -> int:
        """Return how many agents of inbound a queue has now."""
        return sum(person.lent == queue for person in self.state.people.values())

    def give_back(self, queue: str = "") -> None:
        """Let a queue's borrowed agents, or all, take inbound calls again; a talk that is on goes on."""
        for person in list(self.state.people.values()):
            if person.lent and queue in ("", person.lent):
                person.lent = ""
                self.offers.define(person)

    def look(self) -> None:
        """Take note of inbound, a few times a second at most, and call agents back when it suffers."""
        blending, state = self.blending, self.state
        if blending is None:
            return
        if state.now < self._look_at:
            if self._mixed and not self._woken:
                state.wake(self._look_at, "lending", "")
                self._woken = True
            return
        self._woken, self._look_at = False, state.now + LOOK_EVERY
        self._mixed = any(person.talents.mixed for person in state.people.values())
        if not self._mixed:
            return
        self._observe(blending)
        if blending.must_return(state.now):
            self.give_back()
        elif state.now < self._suffers_at < math.inf:
            state.wake(self._suffers_at, "lending", "")

    def explain(self, now: float) -> str:
        """Return what is lent and why, for a person to read."""
        return self.blending.explain(now) if self.blending else "not lending: there are no rules for it"

    def _observe(self, blending: Blending) -> None:
        state = self.state
        waiting = [visit for visit in state.visits.values() if self._waits_inbound(visit)]
        blending.observe(
            state.now,
            Inbound(
                len(waiting),
                self._expected(waiting, blending.rules) if waiting else 0.0,
                sum(self._is_free_for_inbound(person) for person in state.people.values()),
                sum(bool(person.lent) for person in state.people.values()),
            ),
        )

    def _expected(self, waiting: Sequence[Visit], rules: BlendingRules) -> float | None:
        """Return the longest expected wait; at least what those have waited whom lent agents could take.

        So an agent comes back to a caller whom nobody else can serve, though no wait can be estimated.
        """
        queued, limit = self._queued(), rules.expected_wait.back
        self._suffers_at = math.inf
        if len(waiting) >= rules.queue_length.back:
            return queued  # too many wait: no need to look at each of them
        since = min((visit.since for visit in waiting if self._could_be_helped(visit)), default=math.inf)
        self._suffers_at = since + limit
        if self.state.now >= self._suffers_at:  # its difference to `since` may be a hair less than the limit
            return max(queued or 0.0, limit, self.state.now - since)
        return None if queued is None else max(queued, self.state.now - since)

    def _could_be_helped(self, visit: Visit) -> bool:
        """Return whether an agent at work whom inbound could lend may take a waiting call."""
        book = self.state.book
        return any(
            person.talents.mixed
            and person.declared == "ready"
            and admitted_ever(book, visit.queue, visit.language, person.talents.inbound)
            for person in self.state.people.values()
        )

    def _waits_inbound(self, visit: Visit) -> bool:
        if visit.over or visit.state != "waiting" or visit.only:
            return False
        return not is_outbound(self.state.book, visit.queue)

    def _is_free_for_inbound(self, person: Person) -> bool:
        return bool(person.talents.inbound) and not (person.lent or person.kept) and self._is_free(person)

    def _is_free(self, person: Person) -> bool:
        desk = self.state.matcher.desks.get(person.number)
        return desk is not None and desk.stand is Stand.FREE

    def _can_be_lent(self, person: Person, queue: str) -> bool:
        return (
            person.talents.mixed
            and self._is_free_for_inbound(person)
            and admitted_at_once(self.state.book, queue, person.talents.outbound)
        )

    # -- kept for one call ----------------------------------------------------------------------

    def keep(self, agent: str, call_id: str, seconds: float) -> None:
        """Let a free agent take no call but the one that is being placed for them, for so long at most."""
        person = self.state.people.get(agent)
        if person is None or agent not in self.state.book.agents or not self._is_free(person):
            return
        if person.kept in ("", call_id):
            person.kept, person.kept_until = call_id, self.state.now + seconds
            self.state.wake(person.kept_until, "kept", agent)
            self.offers.define(person)

    def time_is_up(self, agent: str) -> None:
        """The time is over for which an agent was kept."""
        person = self.state.people[agent]
        if person.kept and person.kept_until <= self.state.now:
            self.offers.release(person.kept)

    # -- who is there ---------------------------------------------------------------------------

    def team(self, queue: str) -> list[OutboundView]:
        """Return who works for an outbound queue now, by staff number."""
        state, talks = self.state, self._talks()
        found = []
        for number, person in sorted(state.people.items()):
            shown = SHOWN.get(person.observed)
            works = bool(person.lent or person.kept) or not person.talents.inbound
            if shown is None or person.declared != "ready" or number not in state.book.agents or not works:
                continue
            if not admitted_at_once(state.book, queue, person.talents.outbound):
                continue
            found.append(self._view(person, shown, talks.get(number)))
        return found

    def _view(self, person: Person, shown: str, talk: tuple[Visit, float] | None) -> OutboundView:
        since, queue = person.since, ""
        if shown == "talking" and talk:
            visit, since = talk
            queue = visit.queue
        elif shown == "wrap_up" and person.wrap_up and person.note:
            since, queue = person.wrap_up.began, person.note.queue
        elif shown == "idle" and person.kept:
            shown = "ringing"
        return OutboundView(person.number, shown, since, is_outbound(self.state.book, queue))

    def _talks(self) -> dict[str, tuple[Visit, float]]:
        """Return every agent's call and since when they have it."""
        found = {}
        for visit in self.state.visits.values():
            leg = visit.rejoin.lost if visit.rejoin else self.state.legs.get(visit.talk_leg)
            if leg and not math.isnan(leg.joined_at):
                found[leg.agent] = (visit, leg.joined_at)
        return found
