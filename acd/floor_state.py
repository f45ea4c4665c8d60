"""What the floor knows, and the smallest things it can do: legs, bridges, states, rows, timers.

Everything happens between `begin` and `take`: what is wanted is collected in order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from acd.actions import (
    Action,
    CloseBridge,
    HangUpLeg,
    JoinBridge,
    OpenBridge,
    PartBridge,
    RingLeg,
    StartMusic,
    StopMusic,
    Tell,
    Write,
)
from acd.blending import Blending
from acd.estimate import Estimator
from acd.floor_rules import FloorRules
from acd.matcher import Matcher, MatcherRules
from acd.outbound import is_outbound
from acd.people import Person
from acd.skills import Skillbook
from acd.states import DECLARED, OBSERVED
from acd.talk import Consult, Leg, Visit, Watch
from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, OfferRow, Phase

SYSTEM = "system"


class FloorState:
    """The floor's memory and its hands."""

    def __init__(
        self,
        book: Skillbook,
        rules: FloorRules,
        new_id: Callable[[], str],
        first_offer: int,
        blending: Blending | None = None,
    ) -> None:
        self.blending = blending
        self.book, self.rules, self.new_id = book, rules, new_id
        self.matcher = self.matcher_of(book, first_offer)
        self.people: dict[str, Person] = {}
        self.accounts: dict[str, str] = {}  # account → staff number
        self.visits: dict[str, Visit] = {}
        self.legs: dict[str, Leg] = {}
        self.consults: dict[str, Consult] = {}  # those that wait in the matcher, by name
        self.watches: dict[str, Watch] = {}  # by the supervisor's leg
        self.bridges: dict[str, None] = {}
        self.estimator = Estimator()
        self.control = False
        self.recorded: dict[str, EntryRow] | None = None  # calls' last rows, while a restart is made good
        self.now = -math.inf
        self.at = datetime.min.replace(tzinfo=UTC)
        self.dirty: dict[str, None] = {}  # whose state may have changed
        self._out: list[Action] = []
        self._timers: list[tuple[float, int, str, str]] = []
        self._serial = 0

    def matcher_of(self, book: Skillbook, first_offer: int) -> Matcher:
        """Return an empty matcher over tables."""
        rules = self.rules
        times = MatcherRules(
            ring_seconds=rules.ring_seconds,
            quick_ring_seconds=rules.quick_ring_seconds,
            connect_seconds=rules.connect_seconds,
            seconds_per_priority=rules.seconds_per_priority,
        )
        return Matcher(book, times, first_offer)

    # -- one event ----------------------------------------------------------------------------

    def begin(self, now: float, at: datetime) -> None:
        """Begin an event; time never steps back."""
        self.now, self.at = max(now, self.now), at

    def take(self) -> list[Action]:
        """Return what is wanted, and begin anew."""
        out, self._out = self._out, []
        return out

    def want(self, action: Action) -> None:
        """Add an action."""
        self._out.append(action)

    def write(self, row: FloorRow) -> None:
        """Put a row on record."""
        self._out.append(Write(row))

    # -- time ---------------------------------------------------------------------------------

    def wake(self, when: float, kind: str, key: str) -> None:
        """Ask for `due` to return (kind, key) at a time. What it is about may be over by then."""
        if when < math.inf:
            self._serial += 1
            heappush(self._timers, (when, self._serial, kind, key))

    def due(self) -> tuple[str, str] | None:
        """Return the next timer whose time has come, once."""
        if self._timers and self._timers[0][0] <= self.now:
            _, _, kind, key = heappop(self._timers)
            return kind, key
        return None

    @property
    def wake_at(self) -> float:
        """Return when something is due; early perhaps, never late."""
        if self._out:  # wanted by an event that ended in a refusal
            return self.now
        return min(self.matcher.wake_at, self._timers[0][0] if self._timers else math.inf)

    # -- people -------------------------------------------------------------------------------

    def person(self, number: str) -> Person:
        """Return a person, known from now on."""
        found = self.people.get(number)
        if found is None:
            found = self.people[number] = Person(number, since=self.now)
            found.shown = found.state
        return found

    def observe(self, person: Person, *events: str) -> None:
        """Let the observed state follow events."""
        for event in events:
            person.observed = OBSERVED.after(person.observed, event)
        self.dirty[person.number] = None

    def declare(self, person: Person, event: str, by: str, reason: str = "") -> None:
        """Let the declared state follow an event."""
        before = person.declared
        person.declared = DECLARED.after(before, event)
        if person.declared != before or (event == "pause" and before == "paused"):
            person.reason, person.by = reason, by
        self.dirty[person.number] = None

    def show(self, person: Person) -> None:
        """Put a changed state on record."""
        declared = (person.declared, person.reason, person.account)
        if person.state == person.shown or not (self.control or declared != person.on_record):
            return  # what cannot be observed is not put on record
        paused_anew = (person.declared, person.reason) != (person.shown[0], person.shown[2])
        seconds = self.now - person.since if person.since > -math.inf else None
        person.shown, person.since = person.state, self.now
        self.write(AgentRow(person.number, self.at, *person.shown, by=person.by, seconds=seconds))
        limit = self.limit_of(person)
        if paused_anew and limit is not None:
            person.told_over = False
            person.paused_at = self.now
            self.wake(self.now + limit, "pause", person.number)

    def limit_of(self, person: Person) -> float | None:
        """Return how many seconds a person's pause may last; None if nothing says so."""
        row = self.book.reasons.get(person.reason) if person.declared == "paused" else None
        return row.limit_minutes * 60.0 if row and row.limit_minutes else None

    def tell(self, agent: str, word: str) -> None:
        """Tell a person something, by its name in the catalogue."""
        self.want(Tell(agent, word))

    # -- legs ---------------------------------------------------------------------------------

    def new_leg(self, purpose: str, person: Person | None, call_id: str, detail: str = "0") -> Leg:
        """Return a leg, not yet rung; a person's is rung once their last one is gone."""
        number, account = (person.number, person.phone()) if person else ("", "")
        leg = Leg(f"leg-{self.new_id()}", purpose, number, account, call_id, detail)
        self.legs[leg.leg] = leg
        if person:
            person.legs[leg.leg] = None
        return leg

    def ring(self, leg: Leg, seconds: float, phase: Phase | None = Phase.RING) -> None:
        """Ring a person's leg, at once or as soon as the phone's last leg is gone."""
        leg.seconds = seconds
        if phase:
            self.phase(leg, phase)
        if next(iter(self.people[leg.agent].legs)) == leg.leg:
            self._ring(leg)

    def _ring(self, leg: Leg) -> None:
        leg.rung = True
        self.want(RingLeg(leg.leg, leg.account, leg.args, leg.seconds, leg.quick))
        self.lease(leg, leg.seconds + self.rules.lease_seconds)

    def lease(self, leg: Leg, seconds: float) -> None:
        """Take a leg for gone after so many seconds, unless something is told of it."""
        leg.lease = self.now + seconds
        self.wake(leg.lease, "leg", leg.leg)

    def hang_up(self, leg: Leg) -> None:
        """Hang up a leg; one that has not been rung is forgotten."""
        if leg.gone:
            return
        if not leg.rung:
            self.forget(leg)
        elif not leg.ending:
            leg.ending = True
            self.want(HangUpLeg(leg.leg))
            self.lease(leg, self.rules.lease_seconds)

    def forget(self, leg: Leg, outcome: str = "gone") -> None:
        """A leg is gone: end its phase, and ring what waited for the phone."""
        leg.gone = True
        self.legs.pop(leg.leg, None)
        person = self.people.get(leg.agent)
        if leg.phase and leg.phase is not Phase.REJOIN and not (person and person.note is leg):
            self.phase(leg, None, outcome)
        if person is None:
            return
        person.legs.pop(leg.leg, None)
        self.dirty[person.number] = None
        following = self.legs.get(next(iter(person.legs), ""))
        if following and not following.rung and following.seconds:
            self._ring(following)

    def phase(self, leg: Leg, following: Phase | None, outcome: str = "") -> None:
        """End a leg's phase, and begin the next one if there is one."""
        if leg.phase:
            self._leg_row(leg, max(0.0, self.now - leg.began), outcome)
        leg.phase, leg.began, leg.estimated = following, self.now, False
        if following:
            self._leg_row(leg, None, "")

    def _leg_row(self, leg: Leg, seconds: float | None, outcome: str) -> None:
        if leg.phase is None:
            return
        leg.seq += 1
        cut = leg.estimated and seconds is not None
        self.write(
            LegRow(leg.record, leg.seq, self.at, leg.call_id, leg.agent, leg.phase, seconds, outcome, cut)
        )

    # -- bridges and music --------------------------------------------------------------------

    def open_bridge(self, bridge: str) -> None:
        """Make a bridge; one that exists stays."""
        if bridge not in self.bridges:
            self.bridges[bridge] = None
            self.want(OpenBridge(bridge))

    def close_bridge(self, bridge: str) -> None:
        """End a bridge."""
        if bridge in self.bridges:
            del self.bridges[bridge]
            self.want(CloseBridge(bridge))

    def join(self, bridge: str, leg: str) -> None:
        """Put a leg into a bridge, which is made if need be."""
        known = self.legs.get(leg)
        if known is None or not known.gone:
            self.open_bridge(bridge)
            self.want(JoinBridge(bridge, leg))

    def music_on(self, visit: Visit, announced: bool = False) -> None:
        """Let the caller hear music, outside the bridge; perhaps a word first, that they are connected.

        Inside it Asterisk would still pass the caller's voice on to whoever is there, and talk time,
        which is measured by membership, would run on.
        """
        self.part(visit)
        if not visit.music:
            visit.music = True
            self.want(StartMusic(visit.leg, visit.language if announced else ""))

    def part(self, visit: Visit) -> None:
        """Take the caller out of the talk's bridge."""
        visit.inside.discard(visit.leg)
        if visit.placed:
            visit.placed = False
            self.want(PartBridge(visit.bridge, visit.leg))

    def music_off(self, visit: Visit) -> None:
        """Stop the caller's music."""
        if visit.music or visit.unsure:
            visit.music = visit.unsure = False
            self.want(StopMusic(visit.leg))

    def bring_back(self, visit: Visit) -> None:
        """Put the caller into the talk's bridge."""
        self.music_off(visit)
        visit.placed = True
        self.join(visit.bridge, visit.leg)

    # -- what is learnt of waits ----------------------------------------------------------------

    def waited(self, visit: Visit, *, answered: bool, gave_up: bool = True) -> None:
        """Count an inbound wait that ended: `answered`, or whether the caller gave up or was given up."""
        if is_outbound(self.book, visit.queue):
            return
        seconds = max(0.0, self.now - visit.since)
        if answered or gave_up:
            self.estimator.waited(seconds, not answered)
        if self.blending:
            self.blending.ended_waiting(self.now, seconds, answered)

    # -- rows ---------------------------------------------------------------------------------

    def offer_row(self, leg: Leg, outcome: str = "") -> None:
        """Record an offer, or how it ended."""
        self.write(
            OfferRow(leg.number, self.at, leg.call_id, leg.agent, leg.leg, leg.ring, leg.waited, outcome)
        )

    def entry_row(self, visit: Visit, outcome: str = "") -> None:
        """Record that a call entered, or once how it left."""
        if bool(outcome) != visit.open:
            return
        visit.open = not outcome
        if not outcome and self.recorded is not None:
            known = self.recorded.get(visit.call_id)
            if known is None or not known.outcome:
                return  # told again after a restart
        since = self.wall(visit.since)
        self.write(EntryRow(visit.call_id, self.at, visit.queue, visit.language, since, outcome))

    def wall(self, when: float) -> datetime:
        """Return the wall time of a moment on the floor's axis."""
        return self.at - timedelta(seconds=self.now - when)
