"""The work on matters in memory, over the book in memory; under the same tests as the real one."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from desk.complaint_referrals import ROWS, awaited
from desk.matters import Matter, MatterChanged, MatterKind
from desk.matters_assignment import Burden
from desk.matters_proof import AskedProof, ProofOutcome
from desk.matters_statistics import Story
from desk.matters_watch import RaisedSignal, Reached
from desk.matters_work import Signal, SignalKind
from domain.ids import new_id
from storage.matters_memory import MemoryMatters

_GRAVITY = (SignalKind.REMINDER, SignalKind.OVERDUE, SignalKind.ESCALATED)
_GIVEN = frozenset({"assign", "assigned", "take"})


class MemoryMatterWatch:
    """A `desk.matters_watch.MatterWatch` in memory."""

    def __init__(self, book: MemoryMatters) -> None:
        self._book = book
        self._signals: dict[Signal, tuple[str, datetime]] = {}
        self._seen: set[tuple[str, str]] = set()

    async def clocks(self, due_until: date, after: str = "", most: int = 1000) -> Sequence[Matter]:
        """Return open matters whose clock ends by a day, by matter_id, those after one."""
        found = [
            one
            for one in self._open()
            if one.due_on is not None and one.due_on <= due_until and one.matter_id > after
        ]
        return sorted(found, key=lambda one: one.matter_id)[:most]

    async def disposed(self, after: str = "", most: int = 1000) -> Sequence[Story]:
        """Return open complaints that were ever sent to a unit, by matter_id, those after one."""
        found = []
        for one in sorted(self._open(), key=lambda one: one.matter_id):
            trail = await self._book.trail(one.matter_id)
            rows = [replace(event, note="") for event in trail if event.what in ROWS]
            if rows and one.matter_id > after:
                found.append(Story(one, rows))
        return found[:most]

    async def raise_signals(self, signals: Sequence[Signal], at: datetime) -> Sequence[Signal]:
        """Put signals on record, each once; return those that are new."""
        new = [one for one in dict.fromkeys(signals) if one not in self._signals]
        self._signals |= {one: (new_id(), at) for one in new}
        return new

    async def standing_signals(
        self, whose: Reached, unseen_by: str | None = None, most: int = 200
    ) -> Sequence[RaisedSignal]:
        """Return the gravest signal of each clock that still stands, due first."""
        found = []
        for matter in self._open():
            if not whose.covers(matter):
                continue
            trail = await self._book.trail(matter.matter_id)
            clocks = [(one.clock, one.due_on, replace(one, question="")) for one in awaited(matter, trail)]
            for step, due_on, referral in [(matter.state, matter.due_on, None), *clocks]:
                for kind in reversed(_GRAVITY):
                    if due_on is None:
                        continue
                    signal = Signal(matter.matter_id, kind, step, due_on)
                    known = self._signals.get(signal)
                    if known is None or (known[0], unseen_by) in self._seen:
                        continue
                    found.append(RaisedSignal(known[0], signal, known[1], matter, referral))
                    break
        return sorted(found, key=lambda one: (one.signal.due_on, one.signal.matter_id))[:most]

    async def saw(self, signal_ids: Collection[str], staff_id: str, at: datetime) -> None:
        """Note that somebody has seen signals, and lesser ones of the same clocks. Idempotent."""
        clocks = {_clock(one) for one, (signal_id, _) in self._signals.items() if signal_id in signal_ids}
        same = [signal_id for one, (signal_id, _) in self._signals.items() if _clock(one) in clocks]
        self._seen |= {(signal_id, staff_id) for signal_id in same}

    async def burdens(self, today: date) -> Mapping[str, Burden]:
        """Return what everybody has to do, by staff_id."""
        last: dict[str, datetime] = {}
        for trail in self._book.trails():
            for event in trail:
                if event.what in _GIVEN:
                    whom = event.words.get("to", event.who)
                    last[whom] = max(event.at, last.get(whom, event.at))
        mine = [one for one in self._open() if one.assignee]
        opened = Counter(one.assignee for one in mine)
        late = Counter(one.assignee for one in mine if one.due_on is not None and one.due_on < today)
        people = {*last, *opened}
        return {one: Burden(opened[one], late[one], last.get(one)) for one in people}

    async def unassigned(
        self, kinds: Collection[MatterKind], opened_before: datetime, most: int = 50
    ) -> Sequence[Matter]:
        """Return open matters that nobody has, the longest waiting first."""
        found = [
            one
            for one in self._open()
            if one.kind in kinds and not one.assignee and one.since <= opened_before
        ]
        return sorted(found, key=lambda one: (one.since, one.matter_id))[:most]

    async def open_by_step(self, whose: Reached, today: date) -> Mapping[tuple[str, str], tuple[int, int]]:
        """Return (kind, state) → how many are open and how many of these are late."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for one in self._book.matters():
            if one.closed_at is None and whose.covers(one):
                known = found.get((one.kind.value, one.state), (0, 0))
                late = one.due_on is not None and one.due_on < today
                found[one.kind.value, one.state] = (known[0] + 1, known[1] + late)
        return found

    async def stories(
        self, kinds: Collection[MatterKind], since: datetime, until: datetime, team: str | None = None
    ) -> Sequence[Story]:
        """Return matters that were open at any time between, with their trails; oldest first."""
        found = [
            one
            for one in self._book.matters()
            if one.kind in kinds
            and one.opened_at < until
            and (one.closed_at is None or one.closed_at >= since)
            and team in (None, one.team)
        ]
        found.sort(key=lambda one: (one.opened_at, one.matter_id))
        return [
            Story(
                replace(one, body={}),
                [replace(event, note="") for event in await self._book.trail(one.matter_id)],
            )
            for one in found
        ]

    def _open(self) -> list[Matter]:
        return [
            replace(one, body={})
            for one in self._book.matters()
            if one.closed_at is None and one.kind is not MatterKind.PROMISE
        ]


class MemoryProofBook:
    """A `desk.matters_proof.ProofBook` in memory."""

    def __init__(self) -> None:
        self._proofs: dict[str, AskedProof] = {}

    async def add(self, proof: AskedProof) -> None:
        """Keep a proof that was asked for."""
        self._proofs[proof.proof_id] = proof

    async def decide(self, before: AskedProof, after: AskedProof) -> None:
        """Keep a try and its outcome. Raises MatterChanged: it was tried meanwhile."""
        known = self._proofs.get(before.proof_id)
        if known is None or known.tries != before.tries or known.outcome is not ProofOutcome.OPEN:
            raise MatterChanged
        self._proofs[before.proof_id] = after

    async def of_call(self, call_id: str) -> Sequence[AskedProof]:
        """Return the proofs of a call, newest first."""
        found = [one for one in self._proofs.values() if one.call_id == call_id]
        return sorted(found, key=lambda one: (-one.asked_at.timestamp(), one.proof_id))


def _clock(signal: Signal) -> tuple[str, str, date]:
    return signal.matter_id, signal.step, signal.due_on
